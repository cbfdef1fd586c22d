// Reads what a field holds according to its markup.

import { current } from "../shared/field-value.js";
import { parse } from "./html.js";

/**
 * What a field holds initially, in the form that current returns. For editable content it is undefined, because its markup
 * changes with it.
 *
 * @param {Element} field
 */
export function initial(field) {
  if (field instanceof HTMLElement && field.isContentEditable) return undefined;
  // Browsers adapt values to the type of a field and choose among all options, so a fresh copy is parsed and read.
  return current(/** @type {Element} */ (parse(field.outerHTML, null).firstElementChild));
}
