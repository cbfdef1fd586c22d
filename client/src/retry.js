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
