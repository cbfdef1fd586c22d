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
 * What the nearest element with the attribute says there. The empty text counts: it takes back what an ancestor says.
 *
 * @param {Element} element
 * @param {string} name
 * @returns {string | undefined}
 */
export function inherited(element, name) {
  const at = bearer(element, name);
  return (at && unclobbered(at, "getAttribute")(name)) ?? undefined;
}
