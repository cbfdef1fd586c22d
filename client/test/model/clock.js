// A clock that stands still until the model lets it go on.

/** Takes the timers from a window; they ring when the model says so. */
export class Clock {
  now = 1e6;
  #timers = new Map();
  #count = 1e6;
  #restore = [];

  /** @param {object[]} places objects whose setTimeout, clearTimeout are replaced, and performance.now */
  take(places) {
    const put = (object, name, value) => {
      const own = Object.getOwnPropertyDescriptor(object, name);
      Object.defineProperty(object, name, { value, configurable: true, writable: true });
      this.#restore.push(() => (own ? Object.defineProperty(object, name, own) : delete object[name]));
    };
    for (const place of places) {
      put(place, "setTimeout", (fn, delay = 0) => (this.#timers.set(++this.#count, { fn, due: this.now + Math.max(0, delay) }), this.#count));
      put(place, "clearTimeout", (id) => this.#timers.delete(id));
    }
    put(performance, "now", () => this.now);
  }

  give() {
    for (const undo of this.#restore.reverse()) undo();
    this.#restore = [];
    this.#timers.clear();
  }

  /**
   * Lets the next timer ring that is due within ms.
   *
   * @returns {boolean} false if there is none
   */
  ring(ms) {
    let next;
    for (const [id, timer] of this.#timers) if (!next || timer.due < next[1].due) next = [id, timer];
    if (!next || next[1].due > this.now + ms) return false;
    this.now = Math.max(this.now, next[1].due);
    this.#timers.delete(next[0]);
    next[1].fn();
    return true;
  }
}
