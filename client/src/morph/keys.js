import { nameOf } from "./nodes.js";

// Called as often as a page has elements, so without the detour through member.
const { closest, getAttribute } = Element.prototype;

/** Finds everything that may have a key. */
export const keyed = "[id],[name]";

/**
 * What tells an element from its like: the id or, for what a form sends, the name. The form is a part of it, so that what
 * somebody typed into one form never turns up in another; but not the form that all of it is in, which new html does not show.
 *
 * @param {Element} element
 * @param {Element | null} outer that form
 * @returns {string} empty if nothing does
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
  // The boxes of a group share a name.
  const value = /^(checkbox|radio)$/.test(getAttribute.call(element, "type") ?? "") && getAttribute.call(element, "value");
  return `${name}\n${value}\n${(form && form !== outer && purposeOf(form)) || ""}`;
}

/** @param {Element} form */
function purposeOf(form) {
  return getAttribute.call(form, "id") || getAttribute.call(form, "wx-send");
}

/**
 * Only nodes of one kind can turn into each other. A script never turns into another one, because a script that has not run
 * yet would.
 *
 * @param {Node} a
 * @param {Node} b
 * @param {Element | null} outer see keyOf
 * @param {boolean} [haveOneKey] if it is known
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
  // A field may get an id, or lose it.
  const name = nameKeyOf(a, outer);
  return name !== "" && !(hasId(a) && hasId(b)) && name === nameKeyOf(b, outer);
}

/** @param {Element} element */
function hasId(element) {
  return Boolean(getAttribute.call(element, "id"));
}
