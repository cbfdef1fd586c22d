import { unclobbered } from "../shared/unclobbered.js";

/** What is pressed and not filled in. */
export const buttons = "button,[type=button],[type=submit],[type=reset],[type=image]";

/**
 * Whether an element with wx-validate may send. If not, the browser has shown why.
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
