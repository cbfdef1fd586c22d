// Finds the regions of the page by their tickets.

import { unclobbered } from "../shared/unclobbered.js";

const selector = "[wx-ticket]";

/** Watches the regions of the page, the elements with a ticket. */
export class Tickets {
  #owns;
  #changed;
  #isDue = false;
  #observer = new MutationObserver((records) => {
    if (this.#isDue || !records.some(concernsTickets)) return;
    this.#isDue = true;
    // In a task of its own, so that elements which a task only moves have neither left nor come.
    setTimeout(() => {
      this.#isDue = false;
      this.#changed();
    });
  });

  /**
   * @param {(element: Element) => boolean} owns reports whether an element belongs to this client
   * @param {() => void} changed called when regions may have come, left or changed their ticket
   */
  constructor(owns, changed) {
    this.#owns = owns;
    this.#changed = changed;
    this.#observer.observe(document, { childList: true, subtree: true, attributeFilter: ["wx-ticket"] });
  }

  stop() {
    this.#observer.disconnect();
  }

  /** @returns {Map<Element, string>} the current regions with their tickets */
  find() {
    const found = new Map();
    for (const element of document.querySelectorAll(selector)) {
      const ticket = unclobbered(element, "getAttribute")("wx-ticket");
      if (ticket && this.#owns(element)) found.set(element, ticket);
    }
    return found;
  }
}

/** @param {MutationRecord} record */
function concernsTickets({ type, addedNodes, removedNodes }) {
  if (type === "attributes") return true;
  return [...addedNodes, ...removedNodes].some(
    (node) => node instanceof Element && (unclobbered(node, "matches")(selector) || unclobbered(node, "querySelector")(selector)),
  );
}
