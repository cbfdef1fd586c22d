// Loads a bundle when the page needs it, and runs what waits for it.

// How soon a bundle that failed to load is tried again. A short failure must not stop a page forever.
const retryPause = 30_000;
// How long to wait for an answer. A bundle that arrives later is still used.
const patience = 10_000;

/**
 * A part of the client that few pages need, in a bundle of its own.
 *
 * @template {{ stop?: () => void }} T
 */
export class Part {
  #name;
  #load;
  /** The loaded part, once the file is here. @type {T | undefined} */
  here;
  /** @type {Promise<T> | undefined} */
  #coming;
  /** @type {Promise<unknown> | undefined} */
  #expected;

  /**
   * @param {string} name
   * @param {() => Promise<T>} load
   */
  constructor(name, load) {
    this.#name = name;
    this.#load = load;
  }

  /**
   * Calls fn with the loaded part: at once if it is here. Otherwise the result is a promise, which rejects if the file cannot be
   * loaded; the next use tries again.
   *
   * @template R
   * @param {(part: T) => R} fn
   * @param {() => any} [failed] called in that case; then the promise resolves
   * @returns {R | Promise<Awaited<R>>}
   */
  use(fn, failed) {
    if (this.here) return fn(this.here);
    this.#coming ??= new Promise((resolve, reject) => {
      const fail = (/** @type {unknown} */ error) => {
        console.error(`wsx: wsx-${this.#name}.js could not be loaded, see wsx.Script:`, error);
        reject(error);
      };
      const timer = setTimeout(() => this.here ?? fail("no answer"), patience);
      this.#load().then(
        (part) => (clearTimeout(timer), resolve((this.here = part))),
        (error) => (clearTimeout(timer), (this.#coming = undefined), fail(error)),
      );
    });
    return /** @type {Promise<any>} */ (this.#coming.then(fn).catch(failed));
  }

  /** Loads it early, because the page will need it. */
  expect() {
    this.#expected ??= Promise.resolve(this.use(() => {})).catch(() => setTimeout(() => this.#expectAgain(), retryPause));
  }

  #expectAgain() {
    this.#expected = undefined;
    this.expect();
  }

  stop() {
    this.expect = () => {};
    this.#coming?.then(
      (part) => part.stop?.(),
      () => {},
    );
  }
}
