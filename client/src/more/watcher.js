// Fires the events that browsers do not have, such as every and revealed, and warns about wx-trigger.

import { read } from "./condition.js";
import { duration } from "../shared/duration.js";
import { Interval } from "./interval.js";
import { unclobbered } from "../shared/unclobbered.js";
import { Views } from "./views.js";

/** @typedef {import("../core/trigger-spec.js").Trigger} Trigger */

// A slip such as every:5 must not flood the server.
const shortest = 100;

/**
 * Fires events for elements that come into the page (wsx:load) or into view (revealed, intersect), and when time has passed
 * (every, interval). Triggers handles them like all others. It also warns about mistakes in wx-trigger.
 */
export class Watcher {
  #core;
  /** With the wx-trigger that each is watched for. @type {Map<Element, { text: string, ends: (() => void)[] }>} */
  #watched = new Map();
  /** Elements that have had an event that fires once, by its name. @type {Map<string, WeakSet<Element>>} */
  #had = new Map(["wsx:load", "revealed"].map((name) => [name, new WeakSet()]));
  /** @type {WeakSet<Trigger[]>} */
  #warned = new WeakSet();
  #views = new Views();
  #observer = new MutationObserver((records) => this.#observe(records));

  /** @param {import("./more.js").Core} core */
  constructor(core) {
    this.#core = core;
    for (const tree of core.trees()) this.enter(tree);
  }

  /** @param {Document | ShadowRoot} tree */
  enter(tree) {
    this.#scan(tree);
    this.#observer.observe(tree, { childList: true, subtree: true, attributeFilter: ["wx-trigger", "wx-send"] });
  }

  look() {
    for (const tree of this.#core.trees()) this.#scan(tree);
  }

  stop() {
    this.#observer.disconnect();
    for (const element of [...this.#watched.keys()]) this.#end(element);
  }

  /** @param {MutationRecord[]} records */
  #observe(records) {
    for (const element of [...this.#watched.keys()]) if (!unclobbered(element, "isConnected")) this.#end(element);
    for (const { type, target, addedNodes } of records) {
      if (type === "attributes") this.#watch(/** @type {Element} */ (target));
      for (const node of addedNodes) if (node instanceof Element) this.#scan(node);
    }
  }

  /** @param {Document | ShadowRoot | Element} node */
  #scan(node) {
    if (node instanceof Element) this.#watch(node);
    for (const element of unclobbered(node, "querySelectorAll")("[wx-send][wx-trigger]")) this.#watch(element);
  }

  /** @param {Element} element */
  #watch(element) {
    const get = unclobbered(element, "getAttribute");
    const text = get("wx-send") === null || !unclobbered(element, "isConnected") ? "" : (get("wx-trigger") ?? "");
    if ((this.#watched.get(element)?.text ?? "") === text) return;
    this.#end(element);
    if (text === "" || !this.#core.owns(element)) return;
    /** @type {(() => void)[]} */
    const ends = [];
    const triggers = this.#core.triggersOf(element);
    const problems = triggers.flatMap((trigger) => trigger.problems ?? []);
    for (const { event, condition, from } of triggers) {
      if (condition !== undefined) read(condition); // warns about mistakes before the first event
      const end = from ? undefined : this.#begin(element, event);
      if (typeof end === "string") problems.push(end);
      else if (end) ends.push(end);
    }
    this.#warn(triggers, text, problems);
    if (ends.length > 0) this.#watched.set(element, { text, ends });
  }

  /** @param {Element} element */
  #end(element) {
    for (const end of this.#watched.get(element)?.ends ?? []) end();
    this.#watched.delete(element);
  }

  /**
   * @param {Element} element
   * @param {string} event
   * @returns {(() => void) | string | undefined} a function ends the watch; a text is an invalid event
   */
  #begin(element, event) {
    const [name, argument] = event.split(/:(.*)/s);
    const tell = (/** @type {object} */ detail = {}) => {
      // It may belong to another client by now.
      if (!unclobbered(element, "isConnected") || !this.#core.owns(element) || !this.#isFirst(element, event)) return;
      unclobbered(element, "dispatchEvent")(new CustomEvent(event, { detail }));
    };
    if (event === "wsx:load") {
      queueMicrotask(tell); // after everything that was added has been scanned
    } else if (name === "every" || name === "interval") {
      const time = duration(argument ?? "");
      if (!time) return event;
      return this.#every(Math.max(time, shortest), tell);
    } else if (name === "intersect" || event === "revealed") {
      const share = Number(argument ?? 0);
      if (!(share >= 0 && share <= 1)) return event;
      return this.#views.add(element, share, tell);
    }
    return undefined;
  }

  /**
   * Fires at intervals. While the page is offline only the first event fires, so that hours offline leave one request, not
   * hundreds.
   *
   * @param {number} time
   * @param {() => void} tell
   */
  #every(time, tell) {
    let waits = false;
    const interval = new Interval(() => {
      const isConnected = this.#core.connection().isOpen;
      const isSuperfluous = waits && !isConnected;
      waits = !isConnected;
      if (!isSuperfluous) tell();
    }, time);
    return () => interval.stop();
  }

  /**
   * @param {Element} element
   * @param {string} event
   */
  #isFirst(element, event) {
    const had = this.#had.get(event);
    if (had?.has(element)) return false;
    had?.add(element);
    return true;
  }

  /**
   * Warns about mistakes, once per text: the same text gives the same triggers.
   *
   * @param {Trigger[]} triggers
   * @param {string} text
   * @param {string[]} problems
   */
  #warn(triggers, text, problems) {
    if (problems.length > 0 && !this.#warned.has(triggers)) {
      console.warn(`wsx: wx-trigger="${text}": invalid: ${problems.join(", ")}`);
    }
    this.#warned.add(triggers);
  }
}
