// Looks up attributes that apply to an element and everything inside it.

import { unclobbered } from "./unclobbered.js";

/**
 * The element that hosts the shadow root of an element.
 *
 * @param {Element} element
 * @returns {Element | undefined}
 */
export function hostOf(element) {
  return /** @type {Partial<ShadowRoot>} */ (unclobbered(element, "getRootNode")()).host;
}

/**
 * The nearest match: the element itself or an ancestor, also outside the shadow root that it is in.
 *
 * @param {Element} element
 * @param {string} selector
 * @returns {Element | undefined}
 */
export function closest(element, selector) {
  const host = hostOf(element);
  return unclobbered(element, "closest")(selector) ?? (host && closest(host, selector));
}

/**
 * The nearest element that has the attribute: the element itself or an ancestor.
 *
 * @param {Element} element
 * @param {string} name
 * @returns {Element | undefined}
 */
export function bearer(element, name) {
  return closest(element, `[${name}]`);
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
