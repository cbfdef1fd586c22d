import { unclobbered } from "../shared/unclobbered.js";
import { isStill } from "./motion.js";

// Browsers do not begin where nothing is drawn, as in a frame out of sight.
const patience = 500;
let isRunning = false;

/**
 * Swaps within a view transition, if one is wanted (wx-transition, transition:true) and possible. What comes while one runs takes
 * part in it: to wait for each of many would hold up the page.
 *
 * @param {Element[]} targets
 * @param {string} modifiers the whole swap
 * @param {() => void} swap
 * @returns {Promise<void> | void} a promise if it is not done yet; kept when it is, not when the animation is over
 */
export function transition(targets, modifiers, swap) {
  const start = /** @type {any} */ (document).startViewTransition;
  if (isRunning || document.hidden || !start || !targets.some((target) => isWanted(target, modifiers)) || isStill()) return swap();
  isRunning = true;
  const running = start.call(document, swap);
  const { ready, updateCallbackDone, finished } = running;
  const timer = setTimeout(() => running.skipTransition(), patience);
  ready.catch(() => {}); // it was skipped; the swap was not
  finished.catch(() => {}).then(() => (isRunning = false));
  return updateCallbackDone.finally(() => clearTimeout(timer));
}

/**
 * @param {Element} target
 * @param {string} modifiers
 */
function isWanted(target, modifiers) {
  const [, own] = /\stransition:(\S*)/.exec(modifiers) ?? [];
  return /^(|true)$/.test(own ?? unclobbered(target, "closest")("[wx-transition]")?.getAttribute("wx-transition") ?? "false");
}
