// Finds the regions of the page by their tickets, and notices when they change.

import { concernsTickets, withTicket } from "../shared/tickets.js";
import { unclobbered } from "../shared/unclobbered.js";

/** Watches the regions of the page, the elements with a ticket. */
export class Tickets {
  #owns;
  #changed;
  #isDue = false;
  /** Whether regions may have changed since the last look. */
  #isNews = false;
  /** Elements whose ticket was set since the last look, if only to the same value: so a morph says that it brings the content of then. */
  #set = new Set();
  #observer = new MutationObserver((records) => this.#note(records));

  /**
   * @param {(element: Element) => boolean} owns reports whether an element belongs to this client
   * @param {() => void} changed called in a task of its own when regions may have come, left or changed
   */
  constructor(owns, changed) {
    this.#owns = owns;
    this.#changed = changed;
    this.#observer.observe(document, { childList: true, subtree: true, attributeFilter: ["wx-ticket", "wx-at"] });
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
    for (const element of document.querySelectorAll(withTicket)) {
      const ticket = unclobbered(element, "getAttribute")("wx-ticket");
      if (ticket && this.#owns(element)) found.set(element, ticket);
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
    if (!records.some(concernsTickets)) return;
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
