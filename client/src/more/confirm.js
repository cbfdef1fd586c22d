// Asks the visitor before a request is sent: wx-confirm.

import { emit } from "../shared/events.js";

/**
 * Asks the visitor. A page that prevents the event shows its own dialog and calls proceed with the answer. Only the first
 * call counts.
 *
 * @param {import("../core/requests.js").Entry} entry
 * @param {string} question
 * @returns {boolean | Promise<boolean>}
 */
export function confirm({ at, request }, question) {
  /** @type {boolean | undefined} */
  let answer;
  /** @type {(isYes: boolean) => void} */
  let tell;
  /** @type {Promise<boolean>} */
  const later = new Promise((resolve) => (tell = resolve));
  const proceed = (/** @type {unknown} */ ok = true) => tell((answer ??= Boolean(ok)));
  const isLeft = emit(at, "wsx:confirm", { question, request, element: at, proceed }, true);
  return answer ?? (isLeft ? window.confirm(question) : later);
}
