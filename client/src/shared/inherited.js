// Looks up attributes that apply to an element and everything inside it.

import { unclobbered } from "./unclobbered.js";

/**
 * The nearest element that has the attribute: the element itself or an ancestor.
 *
 * @param {Element} element
 * @param {string} name
 * @returns {Element | undefined}
 */
export function bearer(element, name) {
  return unclobbered(element, "closest")(`[${name}]`) ?? undefined;
}

/**
 * The value on the nearest element that has the attribute. An empty value counts: it cancels what an ancestor says.
 *
 * @param {Element} element
 * @param {string} name
 * @returns {string | undefined}
 */
export function inherited(element, name) {
  const at = bearer(element, name);
  return (at && unclobbered(at, "getAttribute")(name)) ?? undefined;
}
