// Finds the regions of the page by their tickets, and notices when they change.

import { hostOf } from "../shared/inherited.js";
import { concernsTickets, withTicket } from "../shared/tickets.js";
import { unclobbered } from "../shared/unclobbered.js";

/** Watches the regions of the page, the elements with a ticket. */
export class Tickets {
  #core;
  #changed;
  /** Hosts whose shadow roots have had regions. One that has left the page may return. @type {Set<WeakRef<Element>>} */
  #hosts = new Set();
  /** @type {WeakSet<ShadowRoot>} */
  #noted = new WeakSet();
  #isDue = false;
  /** Whether regions may have changed since the last look. */
  #isNews = false;
  /** Elements whose ticket was set since the last look, if only to the same value: so a morph says that it brings the content of then. */
  #set = new Set();
  #observer = new MutationObserver((records) => this.#note(records));

  /**
   * @param {Pick<import("../more/more.js").Core, "owns" | "trees">} core
   * @param {() => void} changed called in a task of its own when regions may have come, left or changed
   */
  constructor(core, changed) {
    this.#core = core;
    this.#changed = changed;
    for (const tree of core.trees()) this.#watch(tree);
  }

  /** @param {Document | ShadowRoot} tree a part of the page that is new, or was not known */
  enter(tree) {
    this.#watch(tree);
    if (tree.querySelector(withTicket)) this.#expect();
  }

  /** @param {Document | ShadowRoot} tree */
  #watch(tree) {
    this.#observer.observe(tree, { childList: true, subtree: true, attributeFilter: ["wx-ticket", "wx-at"] });
  }

  stop() {
    this.#observer.disconnect();
  }

  /** Reports whether regions may have changed since the last look. */
  get isNews() {
    this.#note(this.#observer.takeRecords());
    return this.#isNews;
  }

  /**
   * Looks at the page.
   *
   * @returns {{ found: Map<Element, string>, set: Set<Node> }} the current regions with their tickets, and those whose ticket was set
   */
  look() {
    this.#note(this.#observer.takeRecords());
    const set = this.#set;
    this.#set = new Set();
    this.#isNews = false;
    const found = new Map();
    for (const tree of this.#core.trees()) {
      const elements = tree.querySelectorAll(withTicket);
      if (elements.length > 0 && tree instanceof ShadowRoot && !this.#noted.has(tree)) {
        this.#noted.add(tree);
        this.#hosts.add(new WeakRef(tree.host));
      }
      for (const element of elements) {
        const ticket = unclobbered(element, "getAttribute")("wx-ticket");
        if (ticket && this.#core.owns(element)) found.set(element, ticket);
      }
    }
    return { found, set };
  }

  /**
   * Reports whether a ticket was set since the last look.
   *
   * @param {{ element?: Element }} region
   */
  wasSet({ element }) {
    return this.#set.has(element);
  }

  /**
   * Runs fn, whose changes of attributes are the client's own.
   *
   * @param {() => void} fn
   */
  unseen(fn) {
    this.#note(this.#observer.takeRecords());
    fn();
    this.#observer.takeRecords();
  }

  /** @param {MutationRecord[]} records */
  #note(records) {
    for (const { attributeName, target } of records) if (attributeName === "wx-ticket") this.#set.add(target);
    if (records.some(concernsTickets) || (this.#hosts.size > 0 && records.some((record) => this.#concernsHosts(record)))) this.#expect();
  }

  /**
   * Reports whether a change concerns an element that hosts regions in its shadow root.
   *
   * @param {MutationRecord} record
   */
  #concernsHosts({ addedNodes, removedNodes }) {
    const nodes = [...addedNodes, ...removedNodes].filter((node) => node instanceof Element);
    if (nodes.length === 0) return false;
    return [...this.#hosts].some((ref) => {
      const host = ref.deref();
      if (!host) this.#hosts.delete(ref);
      return host && nodes.some((node) => holds(node, host));
    });
  }

  #expect() {
    this.#isNews = true;
    if (this.#isDue) return;
    this.#isDue = true;
    // In a task of its own, so that elements which a task only moves have neither left nor come.
    setTimeout(() => {
      this.#isDue = false;
      this.#changed();
    });
  }
}

/**
 * Reports whether an element contains another one or is it, also through shadow roots.
 *
 * @param {Element} element
 * @param {Element} inner
 */
export function holds(element, inner) {
  const contains = unclobbered(element, "contains");
  for (let at = /** @type {Element | undefined} */ (inner); at; at = hostOf(at)) if (contains(at)) return true;
  return false;
}
