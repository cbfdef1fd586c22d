// Adds the classes wsx-settling and wsx-settled after a swap, for animations.

import { unclobbered } from "../shared/unclobbered.js";

/** The last swap of each element. @type {WeakMap<Element, object>} */
const turns = new WeakMap();
const tick = 16;

/**
 * Gives an element wsx-settling for the time, then wsx-settled for the time plus a frame. While further swaps arrive,
 * wsx-settling stays.
 *
 * @param {Element} element
 * @param {number} time in ms; 0 adds no classes
 */
export function settle(element, time) {
  if (time === 0) return;
  const turn = {};
  const classes = unclobbered(element, "classList");
  const later = (/** @type {() => void} */ fn, /** @type {number} */ ms) => setTimeout(() => turns.get(element) === turn && fn(), ms);
  turns.set(element, turn);
  classes.remove("wsx-settled");
  classes.add("wsx-settling");
  later(() => {
    classes.replace("wsx-settling", "wsx-settled");
    later(() => {
      classes.remove("wsx-settled");
      if (!classes.length) unclobbered(element, "removeAttribute")("class");
    }, time + tick);
  }, time);
}
