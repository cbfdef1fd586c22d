import * as Code from "./code.js";

export const policyPause = 30_000;
export const offlinePause = 30_000;
const longestPause = 30_000;

/**
 * The pause before attempt n (from 0): anything up to base·2ⁿ, so that browsers that lost the same server do not come back
 * in the same instant.
 *
 * @param {number} attempt
 * @param {number} base in ms
 * @param {() => number} random
 */
export function pause(attempt, base, random) {
  return random() * Math.min(longestPause, base * 2 ** attempt);
}

/**
 * What to do after a close, by its code (docs/protocol.md).
 *
 * @param {number} code
 * @param {number} attempt
 * @param {{ reconnectInterval: number, maxReconnectAttempts: number, random: () => number }} settings
 * @returns {number | "idle" | "refused"} a number: try again after so many ms
 */
export function planAfter(code, attempt, { reconnectInterval, maxReconnectAttempts, random }) {
  if (code === Code.bye || code === Code.refused || isRefusal(code) || attempt >= maxReconnectAttempts) return "refused";
  if (code === Code.idle) return "idle";
  const delay = pause(attempt, reconnectInterval, random);
  // Offline the event tells when to try; but a server on this machine answers without a network too.
  return navigator.onLine ? delay : Math.max(delay, offlinePause);
}

/**
 * Whether the server does not want this visitor. Only over HTTP do scripts get to know: there it is the status.
 *
 * @param {number} code
 */
export function isRefusal(code) {
  return code === 401 || code === 403;
}

/** One pending call at a time: setting it again forgets the one before. */
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
