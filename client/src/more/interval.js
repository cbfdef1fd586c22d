// An interval that pauses while the page is hidden: the triggers every and interval.

import { Timer } from "../shared/retry.js";

// The longest delay that browsers support; a longer one would fire at once.
const longest = 2 ** 31 - 1;

/** Calls fn at intervals while the page is visible. If calls fall due in a hidden tab, fn is called once when it is shown. */
export class Interval {
  #fn;
  #time;
  #timer = new Timer();
  /** On the clock of performance.now. */
  #due = 0;

  /**
   * @param {() => void} fn
   * @param {number} time in ms
   */
  constructor(fn, time) {
    this.#fn = fn;
    this.#time = Math.min(time, longest);
    document.addEventListener("visibilitychange", this.#turned);
    this.#wait(this.#time);
  }

  stop() {
    document.removeEventListener("visibilitychange", this.#turned);
    this.#timer.clear();
  }

  /** @param {number} delay */
  #wait(delay) {
    this.#due = performance.now() + delay;
    if (!document.hidden) this.#timer.set(() => this.#tick(), delay);
  }

  #tick() {
    this.#wait(this.#time);
    this.#fn(); // last, because fn may stop the interval
  }

  #turned = () => {
    if (document.hidden) this.#timer.clear();
    else this.#wait(Math.max(0, this.#due - performance.now()));
  };
}
