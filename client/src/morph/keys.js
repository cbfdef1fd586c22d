// Decides which elements of the page and of new HTML are the same: by id, name and form.

import { nameOf } from "./nodes.js";
import { unclobbered } from "../shared/unclobbered.js";

// Called once per element of a page, so without the detour through unclobbered.
const { closest, getAttribute } = Element.prototype;

/** Matches all elements that may have a key. */
export const keyed = "[id],[name]";

/**
 * @typedef {object} Outer what is around the whole morph, or changes as a whole: it is no part of any key, because the new HTML does
 *   not contain it, or under another id
 * @property {Element | null} form
 * @property {(Node | null)[]} roots that of the page, and that of the new HTML
 */

/** Matches what tells the records of a page apart. */
const rows = "[id],[data-id],[data-key]";

/**
 * The key of an element: its id or, for fields, its name. The key of a field includes its form and its row, the nearest element around
 * it with a key of its own, so that text typed into one form or record never appears in another.
 *
 * @param {Element} element
 * @param {Outer} outer
 * @returns {string} empty if it has no key
 */
export function keyOf(element, outer) {
  const id = getAttribute.call(element, "id");
  return id ? `#${id}` : nameKeyOf(element, outer);
}

/**
 * @param {Element} element
 * @param {Outer} outer
 */
function nameKeyOf(element, outer) {
  const name = getAttribute.call(element, "name");
  if (!name) return "";
  const form = closest.call(element, "form");
  // The boxes or radio buttons of a group share a name.
  const value = /^(checkbox|radio)$/.test(getAttribute.call(element, "type") ?? "") && getAttribute.call(element, "value");
  const row = rowOf(element, outer);
  // Names that number the rows of a form change when a row comes or goes.
  return `${row ? name.replace(/\d+/g, "#") : name}\n${value}\n${(form && form !== outer.form && purposeOf(form)) || ""}\n${row}`;
}

/**
 * @param {Element} element
 * @param {Outer} outer
 */
function rowOf(element, { roots }) {
  const row = closest.call(element.parentElement ?? element, rows);
  if (!row || row === element || roots.some((root) => root && unclobbered(row, "contains")(root))) return "";
  return ["id", "data-id", "data-key"].map((name) => getAttribute.call(row, name)).join("\n");
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
 * @param {Outer} outer
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
 * @param {Outer} outer
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
