// The entry of wsx-more.js: attributes, verbs and triggers that few pages need.

import { ask } from "./ask.js";
import { holds } from "./condition.js";
import { Errors } from "./errors.js";
import { Lists } from "./lists.js";
import { Scripts } from "./scripts.js";
import { scrollAfterSwap } from "./scroll.js";
import { settle } from "./settle.js";
import { Status } from "./status.js";
import { parseSwap } from "../shared/swap-spec.js";
import { Sync } from "./sync.js";
import { related } from "./targets.js";
import { transition } from "./transition.js";
import { unclobbered } from "../shared/unclobbered.js";
import { act, fill } from "./verbs.js";
import { Watcher } from "./watcher.js";

/**
 * What the other bundles get from a client: its state, and functions that keep state, which must not exist twice.
 *
 * @typedef {object} Core
 * @property {import("../core/config.js").Config} config
 * @property {typeof window.fetch} fetch
 * @property {(fn: () => void) => void} then runs fn once everything that arrived earlier has been applied
 * @property {typeof import("../core/html.js").parsePage} parsePage
 * @property {typeof import("../core/swaps.js").swaps} swaps
 * @property {typeof import("../core/tracking.js").carriedBy} carriedBy
 * @property {typeof import("../core/requests.js").end} end
 * @property {typeof import("../core/requests.js").fail} fail
 * @property {Record<string, import("./verbs.js").Verb>} verbs of the page
 * @property {(element: Element) => boolean} owns reports whether the element is in this client's part of the page
 * @property {() => import("../core/connection.js").Connection} connection
 * @property {typeof import("../core/triggers.js").triggersOf} triggersOf
 * @property {typeof import("../core/shadows.js").trees} trees
 * @property {() => boolean} [hasFailed] reports whether a region is stale because its refetch failed
 * @property {() => void} [renewed] called when a refetch has succeeded or failed
 */

// One for all clients, because any of them may fill a list.
const lists = new Lists();

export { follow } from "./follow.js";

/** The features of this bundle, for one client. */
export class More {
  #core;
  #sync;
  #errors;
  #status;
  #watcher;
  #scripts = new Scripts();

  /** @param {Core} core */
  constructor(core) {
    this.#core = core;
    this.#sync = new Sync(core);
    this.#errors = new Errors(core.config.errorText);
    this.#status = new Status(core);
    fill(core.verbs);
    lists.start();
    this.#status.start();
    this.#watcher = new Watcher(core);
  }

  /**
   * @param {Element[]} targets
   * @param {unknown[]} args
   */
  act(targets, args) {
    return act(this.#core, targets, args);
  }

  /**
   * Runs a swap together with its view transition, list handling and classes.
   *
   * @param {Element[]} targets
   * @param {string} text the swap, with its modifiers
   * @param {() => (Element | null | void)[]} swap returns what the targets have become
   * @returns {Promise<void> | void} a promise if the swap is still to come
   */
  around(targets, text, swap) {
    return transition(targets, text, () => {
      const { style, settle: time } = parseSwap(text);
      lists.expect(targets, style);
      const putBack = lists.hold(targets, style);
      const results = swap();
      putBack();
      // The classes are for swaps that are animated: those with an explicit time.
      if (!text.includes(" settle:") || style === "delete") return;
      for (const result of results) if (result?.isConnected) settle(result, time);
    });
  }

  /** @param {Parameters<typeof scrollAfterSwap>} swapped */
  scroll(...swapped) {
    scrollAfterSwap(...swapped);
  }

  /**
   * @param {import("../core/requests.js").Entry} entry
   * @param {import("./ask.js").Go} go
   */
  ask(entry, go) {
    return ask(entry, go, this.#core, this.#sync, this.#errors);
  }

  /** @param {Parameters<typeof holds>} asked */
  holds(...asked) {
    return holds(...asked) === true;
  }

  /**
   * Reports whether wx-if and wx-unless let an element send.
   *
   * @param {Element} sender
   * @param {Event} event
   */
  allows(sender, event) {
    const get = unclobbered(sender, "getAttribute");
    const [needed, refused] = [get("wx-if"), get("wx-unless")];
    return (!needed || holds(needed, sender, event) === true) && (!refused || holds(refused, sender, event) === false);
  }

  /**
   * Resolves the relative target of an answer.
   *
   * @param {string} target
   * @param {import("../core/requests.js").Entry} answered
   */
  related(target, { at, base }) {
    return related(target, at, base);
  }

  /** @param {ShadowRoot} root in which elements send from now on */
  enter(root) {
    this.#watcher.enter(root);
  }

  /** Called when elements may have come to this client from another one, or left it. */
  look() {
    this.#watcher.look();
    this.#status.show();
  }

  stop() {
    lists.stop();
    this.#status.stop();
    this.#watcher.stop();
    this.#scripts.stop();
  }
}
