// Decides which elements of the page and of new HTML are the same: by id, name and form.

import { nameOf } from "./nodes.js";

// Called once per element of a page, so without the detour through unclobbered.
const { closest, getAttribute } = Element.prototype;

/** Matches all elements that may have a key. */
export const keyed = "[id],[name]";

/**
 * The key of an element: its id or, for fields, its name. The key of a field includes its form, so that text typed into one
 * form never appears in another. The form around the whole morph is left out, because the new HTML does not contain it.
 *
 * @param {Element} element
 * @param {Element | null} outer the form around the whole morph
 * @returns {string} empty if it has no key
 */
export function keyOf(element, outer) {
  const id = getAttribute.call(element, "id");
  return id ? `#${id}` : nameKeyOf(element, outer);
}

/**
 * @param {Element} element
 * @param {Element | null} outer
 */
function nameKeyOf(element, outer) {
  const name = getAttribute.call(element, "name");
  if (!name) return "";
  const form = closest.call(element, "form");
  // The boxes or radio buttons of a group share a name.
  const value = /^(checkbox|radio)$/.test(getAttribute.call(element, "type") ?? "") && getAttribute.call(element, "value");
  return `${name}\n${value}\n${(form && form !== outer && purposeOf(form)) || ""}`;
}

/** @param {Element} form */
function purposeOf(form) {
  return getAttribute.call(form, "id") || getAttribute.call(form, "wx-send");
}

/**
 * Reports whether one node can turn into the other: both are of the same kind. A script never turns into a different one,
 * because a script that has not run yet would run.
 *
 * @param {Node} a
 * @param {Node} b
 * @param {Element | null} outer see keyOf
 * @param {boolean} [haveOneKey] whether the keys are known to be equal
 */
export function areAlike(a, b, outer, haveOneKey) {
  const name = nameOf(a);
  if (name !== nameOf(b)) return false;
  if (!(a instanceof Element && b instanceof Element)) return true;
  if (a instanceof HTMLFormElement) return purposeOf(a) === purposeOf(b);
  return /^script$/i.test(name) ? a.outerHTML === b.outerHTML : haveOneKey || haveSameKey(a, b, outer);
}

/**
 * @param {Element} a
 * @param {Element} b
 * @param {Element | null} outer see keyOf
 */
function haveSameKey(a, b, outer) {
  if (keyOf(a, outer) === keyOf(b, outer)) return true;
  // A field may gain or lose an id.
  const name = nameKeyOf(a, outer);
  return name !== "" && !(hasId(a) && hasId(b)) && name === nameKeyOf(b, outer);
}

/** @param {Element} element */
function hasId(element) {
  return Boolean(getAttribute.call(element, "id"));
}
