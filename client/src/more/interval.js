import { Timer } from "../shared/retry.js";

// What browsers take for a time; more would be none at all.
const longest = 2 ** 31 - 1;

/** Calls fn again and again while the page can be seen. What fell due in a hidden tab is done, once, when it is shown again. */
export class Interval {
  #fn;
  #time;
  #timer = new Timer();
  /** By performance.now. */
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
    this.#fn(); // last, because it may stop this
  }

  #turned = () => {
    if (document.hidden) this.#timer.clear();
    else this.#wait(Math.max(0, this.#due - performance.now()));
  };
}
