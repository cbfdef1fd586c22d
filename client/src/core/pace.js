// Decides when the events of a trigger lead to a request.

import { current } from "../shared/field-value.js";
import { initial } from "./initial-value.js";

/**
 * Sends a request; the result is falsy if it was refused.
 *
 * @typedef {() => string | boolean | undefined | Promise<string | undefined>} Send
 */

/**
 * Applies the modifiers delay, throttle, once and changed. There is one per element and trigger.
 */
export class Pace {
  #trigger;
  #timer = 0;
  #done = false;
  /** @type {(() => void) | undefined} */
  #next;
  /** @type {WeakMap<Element, unknown>} */
  #sent = new WeakMap();

  /** @param {import("./trigger-spec.js").Trigger} trigger */
  constructor(trigger) {
    this.#trigger = trigger;
  }

  /**
   * @param {Element} field its value is what "changed" compares
   * @param {Send} send
   */
  event(field, send) {
    const { delay, throttle } = this.#trigger;
    const fire = () => this.#fire(field, send);
    if (delay) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(fire, delay);
    } else if (throttle) {
      this.#throttle(fire, throttle);
    } else {
      fire();
    }
  }

  /**
   * Handles the first event at once. Of the events within the time that follows, it handles the last one when the time is over,
   * because it has the newest value.
   *
   * @param {() => boolean} fire
   * @param {number} time
   */
  #throttle(fire, time) {
    if (this.#timer) {
      this.#next = fire;
      return;
    }
    if (!fire()) return;
    this.#timer = setTimeout(() => {
      const next = /** @type {(() => boolean) | undefined} */ (this.#next);
      this.#timer = 0;
      this.#next = undefined;
      if (next) this.#throttle(next, time);
    }, time);
  }

  /**
   * @param {Element} field
   * @param {Send} send
   * @returns {boolean} whether the page was asked to send
   */
  #fire(field, send) {
    const { once, changed } = this.#trigger;
    if (this.#done) return false;
    const value = changed && current(field);
    const last = changed && (this.#sent.has(field) ? this.#sent.get(field) : initial(field));
    if (changed && value === last) return false;
    this.#done = Boolean(once); // before sending, which may fire the next event
    if (changed) this.#sent.set(field, value);
    const refused = () => {
      this.#done = false; // a refused request does not count
      if (changed) this.#sent.set(field, last);
    };
    const sent = send();
    if (sent instanceof Promise) sent.then((id) => id || refused());
    else if (!sent) refused();
    return true;
  }
}
