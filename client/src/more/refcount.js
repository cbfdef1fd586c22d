import { unclobbered } from "../shared/unclobbered.js";

/** @typedef {{ count: number, undo: () => void }} Hold */

// Requests at once may hold the same, and those of two clients on a page, too.
/** @type {WeakMap<Element, Map<string, Hold>>} */
const counts = new WeakMap();

/**
 * Changes something about an element until the last one who wants that lets go.
 *
 * @param {Element} element
 * @param {string} what names the change
 * @param {() => () => void} change may find it done already; returns what undoes it
 * @returns {() => void} lets go; to be called once
 */
export function hold(element, what, change) {
  const own = counts.get(element) ?? new Map();
  const undo = change(); // again each time, because a morph may have taken it away
  const held = own.get(what) ?? { count: 0, undo };
  counts.set(element, own.set(what, held));
  held.count++;
  return () => {
    if (--held.count) return;
    own.delete(what);
    held.undo();
  };
}

/**
 * @param {Element} element
 * @param {string} name what was there before stays
 */
export function holdClass(element, name) {
  return hold(element, `.${name}`, () => {
    const list = unclobbered(element, "classList");
    const isOurs = !list.contains(name);
    list.add(name);
    return () => isOurs && list.remove(name);
  });
}
