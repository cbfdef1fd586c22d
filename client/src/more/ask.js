import { setting } from "./attributes.js";
import { include } from "./include.js";
import { confirm } from "./confirm.js";
import { applyTimeout } from "./timeout.js";
import { isHeld, showProgress } from "./progress.js";
import { isValid } from "./validity.js";

/**
 * @typedef {import("../core/requests.js").Entry} Entry
 *
 * @typedef {(prepare: () => void) => string | undefined} Go asks the page and sends the request; in between it calls prepare.
 *   Returns the request's id, undefined if a listener refused it
 */

/**
 * Does with a request what the attributes around its sender say.
 *
 * @param {Entry} entry
 * @param {Go} go
 * @param {import("./more.js").Core} core
 * @param {import("./sync.js").Sync} sync
 * @param {import("./errors.js").Errors} errors
 * @returns {string | undefined | Promise<string | undefined>} the request's id; undefined if it is not sent
 */
export function ask(entry, go, core, sync, errors) {
  const { at, submitter, request } = entry;
  const pressed = submitter ?? at;
  // Who pressed twice while this file was on its way meant it once: see wx-disable.
  if (pressed instanceof Element && isHeld(pressed) && Object(request).trigger !== "programmatic") return undefined;
  if (!isValid(entry) || sync.refuses(entry)) return undefined;
  include(entry, core);
  const start = () =>
    sync.enter(entry, (begun) =>
      go(() => {
        errors.watch(entry);
        showProgress(entry);
        applyTimeout(entry, core);
        begun();
      }),
    );
  const question = setting(at, "wx-confirm")?.value;
  const answer = !question || confirm(entry, question);
  if (answer instanceof Promise) return answer.then((isYes) => (isYes ? start() : undefined));
  return answer ? start() : undefined;
}
