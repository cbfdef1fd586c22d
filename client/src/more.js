import { act } from "./actions.js";
import { refresh } from "./refresh.js";
import { Scripts } from "./scripts.js";

/**
 * What the file must not have a second copy of, because it keeps state.
 *
 * @typedef {object} Core
 * @property {typeof window.fetch} fetch
 * @property {(fn: () => void) => void} then runs fn when all that arrived before has been applied
 * @property {typeof import("./html.js").parsePage} parsePage
 * @property {typeof import("./swaps.js").swaps} swaps
 */

/** What few pages need, for one client. */
export class More {
  #core;
  #scripts = new Scripts();

  /** @param {Core} core */
  constructor(core) {
    this.#core = core;
  }

  act = act;

  /**
   * @param {string} url
   * @param {import("./region.js").Region[]} regions
   */
  refresh(url, regions) {
    return refresh(url, regions, this.#core);
  }

  stop() {
    this.#scripts.stop();
  }
}
