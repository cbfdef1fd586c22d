// Takes a request through everything that the attributes around its sender ask for, in order.

import { setting } from "./attributes.js";
import { confirm } from "./confirm.js";
import { include } from "./include.js";
import { lookNear } from "./near.js";
import { isHeld, showProgress } from "./progress.js";
import { applyTimeout } from "./timeout.js";
import { isValid } from "./validity.js";

/**
 * @typedef {import("../core/requests.js").Entry} Entry
 *
 * @typedef {(prepare: () => void) => string | undefined} Go fires wsx:beforeRequest, calls prepare and sends the request.
 *   Returns the id of the request, undefined if a listener refused it
 */

/**
 * Sends a request as the attributes around its sender say: validated, confirmed, in turn, with its data and a timeout.
 *
 * @param {Entry} entry
 * @param {Go} go
 * @param {import("./more.js").Core} core
 * @param {import("./sync.js").Sync} sync
 * @param {import("./errors.js").Errors} errors
 * @returns {string | undefined | Promise<string | undefined>} the id of the request; undefined if it is not sent
 */
export function ask(entry, go, core, sync, errors) {
  const { at, submitter, request } = entry;
  const pressed = submitter ?? at;
  // While this file was loading, wx-disable could not stop a second press. This does.
  if (pressed instanceof Element && isHeld(pressed) && Object(request).trigger !== "programmatic") return undefined;
  if (!isValid(entry) || sync.refuses(entry)) return undefined;
  include(entry, core);
  lookNear(entry);
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
