// Counts how many requests want a change of an element, so that it is undone when the last one is over.

import { unclobbered } from "../shared/unclobbered.js";

/** @typedef {{ count: number, undo: () => void }} Hold */

// Several requests may hold the same change at once, even those of two clients.
/** @type {WeakMap<Element, Map<string, Hold>>} */
const counts = new WeakMap();

/**
 * Changes an element until the last holder of the change releases it.
 *
 * @param {Element} element
 * @param {string} what names the change
 * @param {() => () => void} change may run again while the change is in place; returns a function that undoes it
 * @returns {() => void} releases the change; to be called once
 */
export function hold(element, what, change) {
  const own = counts.get(element) ?? new Map();
  const undo = change(); // each time, because a morph may have undone it
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
 * @param {string} name a class; if the element has it already, it stays
 */
export function holdClass(element, name) {
  return hold(element, `.${name}`, () => {
    const list = unclobbered(element, "classList");
    const isOurs = !list.contains(name);
    list.add(name);
    return () => isOurs && list.remove(name);
  });
}
