// Limits how long a request may take and how often it is sent again: wx-timeout and wx-retry.

import { setting } from "./attributes.js";
import { duration } from "../shared/duration.js";

const bareRetries = 3;
const longest = 2 ** 31 - 1; // timers with more fire at once

/**
 * Sets the retries of a request, and fails it when its time is over.
 *
 * @param {import("../core/requests.js").Entry} entry
 * @param {import("./more.js").Core} core
 */
export function applyTimeout(entry, { config, fail }) {
  const { at, ends, succeeded } = entry;
  const retry = setting(at, "wx-retry")?.value.trim();
  entry.retries = retry === undefined ? 0 : retry === "" ? bareRetries : Number.parseInt(retry) || 0;
  const timeout = setting(at, "wx-timeout")?.value.trim();
  const ms = timeout === undefined ? Number(config.timeout) : duration(timeout || "0");
  if (ms === undefined) console.warn(`wsx: wx-timeout must be a time like 10s, ignored: ${timeout}`);
  if (!ms || !(ms > 0)) return;
  const timer = setTimeout(() => fail(entry, "timeout"), Math.min(ms, longest));
  const clear = () => clearTimeout(timer);
  ends.push(clear);
  entry.succeeded = () => (clear(), succeeded?.()); // the answer is here, even if its swap waits
}
