// Networks fail; a page that shows the hour should not stand still for ever because of a moment.
const retryPause = 30_000;
// Nor because of one that is never answered. What comes later is taken all the same.
const patience = 10_000;

/**
 * A part of the client that few pages need, in a file of its own.
 *
 * @template {{ stop?: () => void }} T
 */
export class Part {
  #name;
  #load;
  /** What the file brings, once it is here. @type {T | undefined} */
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
   * Runs fn with what the file brings: at once if it is here. Otherwise the result is a promise, which fails if it cannot be had;
   * the next use asks for it again.
   *
   * @template R
   * @param {(part: T) => R} fn
   * @param {() => any} [failed] then the promise does not fail
   * @returns {R | Promise<Awaited<R>>}
   */
  use(fn, failed) {
    if (this.here) return fn(this.here);
    this.#coming ??= new Promise((resolve, reject) => {
      const fail = (/** @type {unknown} */ error) => {
        console.error(`wsx: wsx-${this.#name}.js could not be loaded, see wsx.Client`, error);
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

  /** The page will need it. */
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
