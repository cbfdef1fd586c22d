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
  /** Elements that have lost their position since the last look, and nothing else. @type {Set<Node>} */
  #stripped = new Set();
  #observer = new MutationObserver((records) => this.#note(records));
  /** Elements whose classes or style the server has changed. @type {WeakSet<Node>} */
  #dressed = new WeakSet();
  /** Sees attributes and texts change in regions. After the other one, so that it still has the changes of the same task. */
  #inside = new MutationObserver(() => {});

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
    this.#inside.disconnect();
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
   * @returns {{ found: Map<Element, string>, set: Set<Node>, stripped: Set<Node> }} the current regions with their tickets, those whose
   *   ticket was set, and those that have only lost their position
   */
  look() {
    this.#note(this.#observer.takeRecords());
    const [set, stripped] = [this.#set, this.#stripped];
    [this.#set, this.#stripped] = [new Set(), new Set()];
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
    return { found, set, stripped };
  }

  /**
   * Watches what changes inside a region.
   *
   * @param {Element} element
   */
  watchInside(element) {
    this.#inside.observe(element, { subtree: true, attributes: true, characterData: true });
  }

  /** Called when an update has just been applied: what has changed in this task, the server has probably changed. */
  noteOwn() {
    for (const { attributeName, target } of this.#inside.takeRecords()) if (isDress(attributeName)) this.#dressed.add(target);
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
    this.#inside.takeRecords();
  }

  /** @param {MutationRecord[]} records */
  #note(records) {
    for (const { attributeName, target } of records) if (attributeName === "wx-ticket") this.#set.add(target);
    this.#noteStripped(records);
    if (records.some(concernsTickets) || (this.#hosts.size > 0 && records.some((record) => this.#concernsHosts(record)))) this.#expect();
  }

  /**
   * Libraries that set the attributes of an element again after a while, as they were in the html, take the position away although the
   * element shows what it did. Whatever else changes with it says that it may not, except its classes and style, which they use
   * meanwhile.
   *
   * @param {MutationRecord[]} records
   */
  #noteStripped(records) {
    if (!records.some(isOfPosition)) return;
    const changes = [...records, ...this.#inside.takeRecords()].filter((record) => !isOfPosition(record));
    for (const element of new Set(records.filter(isOfPosition).map(({ target }) => /** @type {Element} */ (target)))) {
      const counts = (/** @type {MutationRecord} */ { target, attributeName }) =>
        unclobbered(element, "contains")(target) && !(target === element && isDress(attributeName) && !this.#dressed.has(element));
      const isSame = !changes.some(counts) && !unclobbered(element, "hasAttribute")("wx-at");
      if (isSame) this.#stripped.add(element);
      else this.#stripped.delete(element);
    }
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

/** @param {MutationRecord} record */
function isOfPosition({ attributeName }) {
  return attributeName === "wx-at";
}

/** @param {string | null} name of an attribute */
function isDress(name) {
  return name === "class" || name === "style";
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
