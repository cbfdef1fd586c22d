// Runs swaps in a view transition: wx-transition.

import { isStill } from "./motion.js";
import { unclobbered } from "../shared/unclobbered.js";

// Browsers do not start a transition where nothing is painted, such as in a frame out of view.
const patience = 500;
let isRunning = false;

/**
 * Swaps in a view transition if wx-transition or transition:true asks for one and the browser can. Swaps during a
 * transition take part in it, because waiting for each would hold up the page.
 *
 * @param {Element[]} targets
 * @param {string} modifiers the swap with its modifiers
 * @param {() => void} swap
 * @returns {Promise<void> | void} a promise if the swap is still to come; it resolves after the swap, before the animation ends
 */
export function transition(targets, modifiers, swap) {
  const start = /** @type {any} */ (document).startViewTransition;
  if (isRunning || document.hidden || !start || !targets.some((target) => isWanted(target, modifiers)) || isStill()) return swap();
  isRunning = true;
  const running = start.call(document, swap);
  const { ready, updateCallbackDone, finished } = running;
  const timer = setTimeout(() => running.skipTransition(), patience);
  ready.catch(() => {}); // the transition was skipped, but the swap ran
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
