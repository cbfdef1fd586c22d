import { unclobbered } from "../shared/unclobbered.js";

const selector = "[wx-ticket]";

/** Watches for the regions of the page: the elements with a ticket. */
export class Tickets {
  #owns;
  #changed;
  #isDue = false;
  #observer = new MutationObserver((records) => {
    if (this.#isDue || !records.some(concernsTickets)) return;
    this.#isDue = true;
    // In a task of its own: what a task moves through the document has neither gone nor come.
    setTimeout(() => {
      this.#isDue = false;
      this.#changed();
    });
  });

  /**
   * @param {(element: Element) => boolean} owns whether an element is this client's
   * @param {() => void} changed regions may have come, gone or got another ticket
   */
  constructor(owns, changed) {
    this.#owns = owns;
    this.#changed = changed;
    this.#observer.observe(document, { childList: true, subtree: true, attributeFilter: ["wx-ticket"] });
  }

  stop() {
    this.#observer.disconnect();
  }

  /** @returns {Map<Element, string>} the regions that there are now, with their tickets */
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
