// Decides when to connect again after a close, and holds the timer that everything with a pause uses.

import * as Code from "./code.js";

export const policyPause = 30_000;
export const offlinePause = 30_000;
const longestPause = 30_000;

/**
 * The pause before attempt n, counted from 0: a random time up to base·2ⁿ, so that browsers that lost the same server do
 * not all return at once.
 *
 * @param {number} attempt
 * @param {number} base in ms
 * @param {() => number} random
 */
export function pause(attempt, base, random) {
  return random() * Math.min(longestPause, base * 2 ** attempt);
}

/**
 * Decides what to do after a close with this code, see docs/protocol.md.
 *
 * @param {number} code
 * @param {number} attempt
 * @param {{ reconnectInterval: number, maxReconnectAttempts: number, random: () => number }} settings
 * @returns {number | "idle" | "refused"} a number is the pause before the next attempt, in ms
 */
export function planAfter(code, attempt, { reconnectInterval, maxReconnectAttempts, random }) {
  if (code === Code.bye || code === Code.refused || isRefusal(code) || attempt >= maxReconnectAttempts) return "refused";
  if (code === Code.idle) return "idle";
  const delay = pause(attempt, reconnectInterval, random);
  // The online event starts the next attempt. This one is for servers on the same machine, which need no network.
  return navigator.onLine ? delay : Math.max(delay, offlinePause);
}

/**
 * Reports whether the server rejected the visitor. Scripts learn that over HTTP only, from the status.
 *
 * @param {number} code
 */
export function isRefusal(code) {
  return code === 401 || code === 403;
}

/** A timer with at most one pending call: setting it again cancels the previous one. */
export class Timer {
  #id = 0;

  /**
   * @param {() => void} fn
   * @param {number} delay
   */
  set(fn, delay) {
    clearTimeout(this.#id);
    this.#id = setTimeout(fn, delay);
  }

  clear() {
    clearTimeout(this.#id);
  }
}
