import { unclobbered } from "../shared/unclobbered.js";

/** The last swap of each. @type {WeakMap<Element, object>} */
const turns = new WeakMap();
const tick = 16;

/**
 * Gives style sheets something to animate by: wsx-settling until the time is over, then wsx-settled for as long and a frame. While
 * an element is swapped again and again the former stays.
 *
 * @param {Element} element
 * @param {number} time in ms; 0: none of it
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
