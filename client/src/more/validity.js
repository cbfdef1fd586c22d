// Checks fields before a request is sent: wx-validate.

import { unclobbered } from "../shared/unclobbered.js";

/** Matches fields that are pressed, not filled in. */
export const buttons = "button,[type=button],[type=submit],[type=reset],[type=image]";

/**
 * Reports whether an element may send. If wx-validate forbids it, the browser has shown why.
 *
 * @param {import("../core/requests.js").Entry} entry
 */
export function isValid({ at, submitter }) {
  if (!(at instanceof Element) || !unclobbered(at, "hasAttribute")("wx-validate")) return true;
  if (submitter?.hasAttribute("formnovalidate")) return true;
  const { form } = /** @type {Partial<HTMLInputElement>} */ (at);
  const isField = "reportValidity" in at && !unclobbered(at, "matches")(buttons);
  const checked = /** @type {HTMLFormElement | null} */ (isField ? at : (form ?? unclobbered(at, "closest")("form")));
  return !checked || unclobbered(checked, "reportValidity")();
}
