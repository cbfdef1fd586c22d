import { act } from "./actions.js";
import { ask } from "./ask.js";
import { Complaints } from "./complaints.js";
import { refresh } from "./refresh.js";
import { Turns } from "./turns.js";

/**
 * What the file must not have a second copy of, because it keeps state.
 *
 * @typedef {object} Core
 * @property {import("./config.js").Config} config
 * @property {typeof window.fetch} fetch
 * @property {(fn: () => void) => void} then runs fn when all that arrived before has been applied
 * @property {typeof import("./html.js").parsePage} parsePage
 * @property {typeof import("./swaps.js").swaps} swaps
 * @property {typeof import("./dirty.js").carriedBy} carriedBy
 * @property {typeof import("./requests.js").end} end
 * @property {typeof import("./requests.js").fail} fail
 */

/** What few pages need, for one client. */
export class More {
  #core;
  #turns;
  #complaints;

  /** @param {Core} core */
  constructor(core) {
    this.#core = core;
    this.#turns = new Turns(core);
    this.#complaints = new Complaints(core.config.errorText);
  }

  act = act;

  /**
   * @param {import("./requests.js").Entry} entry
   * @param {import("./ask.js").Go} go
   */
  ask(entry, go) {
    return ask(entry, go, this.#core, this.#turns, this.#complaints);
  }

  /**
   * @param {string} url
   * @param {import("./region.js").Region[]} regions
   */
  refresh(url, regions) {
    return refresh(url, regions, this.#core);
  }

  stop() {}
}
