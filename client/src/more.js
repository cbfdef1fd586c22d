import { act } from "./actions.js";
import { holds } from "./condition.js";
import { member } from "./member.js";
import { refresh } from "./refresh.js";
import { related } from "./targets.js";
import { Watcher } from "./watcher.js";

/**
 * What the file must not have a second copy of, because it keeps state.
 *
 * @typedef {object} Core
 * @property {typeof window.fetch} fetch
 * @property {(fn: () => void) => void} then runs fn when all that arrived before has been applied
 * @property {typeof import("./html.js").parsePage} parsePage
 * @property {typeof import("./swaps.js").swaps} swaps
 * @property {typeof import("./triggers.js").triggersOf} triggersOf
 * @property {{ owns: (element: Element) => boolean }} triggers
 * @property {{ isConnected: () => boolean }} client
 */

/** What few pages need, for one client. */
export class More {
  #core;
  #watcher;

  /** @param {Core} core */
  constructor(core) {
    this.#core = core;
    this.#watcher = new Watcher(core);
  }

  act = act;

  /**
   * @param {string} url
   * @param {import("./region.js").Region[]} regions
   */
  refresh(url, regions) {
    return refresh(url, regions, this.#core);
  }

  /** @param {Parameters<typeof holds>} asked */
  holds(...asked) {
    return holds(...asked) === true;
  }

  /**
   * Whether wx-if and wx-unless let an element send.
   *
   * @param {Element} sender
   * @param {Event} event
   */
  allows(sender, event) {
    const get = member(sender, "getAttribute");
    const [needed, refused] = [get("wx-if"), get("wx-unless")];
    return (!needed || holds(needed, sender, event) === true) && (!refused || holds(refused, sender, event) === false);
  }

  /**
   * Makes a step look for its target around the sender of the request that it answers.
   *
   * @param {import("./updates.js").Step} step
   * @param {import("./requests.js").Entry} answered
   */
  relate(step, { at, base }) {
    step.related = () => related(step.update.target, at, base);
  }

  stop() {
    this.#watcher.stop();
  }
}
