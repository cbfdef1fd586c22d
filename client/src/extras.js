/**
 * What few pages need comes in a file of its own (more.js), when a page shows that it needs it.
 *
 * @typedef {import("./more.js").More} More
 */

/** What in a page shows it early, so that the file is there in time. */
export const wanted = "[wx-reset],[wx-nonce]";

export class Extras {
  #load;
  /** @type {More | undefined} */
  #here;
  /** @type {Promise<More> | undefined} */
  #coming;

  /** @param {() => Promise<More>} load */
  constructor(load) {
    this.#load = load;
  }

  /**
   * Runs fn with what the file brings: at once if it is here. Otherwise the result is a promise, which fails if it cannot be had;
   * the next use asks for it again.
   *
   * @template T
   * @param {(more: More) => T} fn
   * @returns {T | Promise<T>}
   */
  use(fn) {
    if (this.#here) return fn(this.#here);
    this.#coming ??= this.#load().then(
      (more) => (this.#here = more),
      (error) => {
        this.#coming = undefined;
        console.error("wsx: wsx-more.js could not be loaded; see wsx.Client about where it has to be", error);
        throw error;
      },
    );
    return /** @type {Promise<any>} */ (this.#coming.then(fn));
  }

  stop() {
    this.#here?.stop();
  }
}
