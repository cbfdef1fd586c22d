import { current } from "../shared/field-value.js";
import { parse } from "./html.js";

/**
 * The same of a field as its markup says. Of editable content nobody knows.
 *
 * @param {Element} field
 */
export function initial(field) {
  if (field instanceof HTMLElement && field.isContentEditable) return undefined;
  // What a browser makes of a value depends on the type, and which option is chosen on all of them: another one tells.
  return current(/** @type {Element} */ (parse(field.outerHTML, null).firstElementChild));
}
