/**
 * What few pages need comes in a file of its own (more.js), when a page shows that it needs it.
 *
 * @typedef {import("./more.js").More} More
 */

/** What makes the requests of an element, or of those inside it, need the file. */
export const asking =
  "[wx-confirm],[wx-validate],[wx-include],[wx-headers],[wx-disable],[wx-indicator],[wx-loading],[wx-loading-class]," +
  "[wx-timeout],[wx-retry],[wx-error],[wx-sync]";

/** What in a page shows early that it will be needed, so that it is there in time. */
export const wanted =
  "[wx-reset],[wx-status],[wx-stick],[wx-limit],[wx-unseen],[wx-transition],[wx-swap*=settle],[wx-if],[wx-unless],[wx-target=this]," +
  asking;

// Networks fail; a page that shows the hour should not stand still for ever because of a moment.
const retryPause = 30_000;

export class Extras {
  #load;
  /** @type {More | undefined} */
  here;
  /** @type {Promise<More> | undefined} */
  #coming;
  /** @type {Promise<unknown> | undefined} */
  #expected;

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
   * @param {() => any} [failed] then the promise does not fail
   * @returns {T | Promise<Awaited<T>>}
   */
  use(fn, failed) {
    if (this.here) return fn(this.here);
    this.#coming ??= this.#load().then(
      (more) => (this.here = more),
      (error) => {
        this.#coming = undefined;
        console.error("wsx: wsx-more.js could not be loaded; see wsx.Client about where it has to be", error);
        throw error;
      },
    );
    return /** @type {Promise<any>} */ (this.#coming.then(fn).catch(failed));
  }

  /**
   * Swaps, with what belongs around it if the file is here. No animation is worth waiting for the file: later ones have it.
   *
   * @param {Parameters<More["around"]>} args
   * @returns {unknown} a promise if it is done later
   */
  around(...args) {
    if (/ (settle:[1-9]|transition:)/.test(args[1])) this.expect();
    return this.here ? this.here.around(...args) : args[2]();
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
      (more) => more.stop(),
      () => {},
    );
  }
}
