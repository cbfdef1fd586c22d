// Watches the page for elements that match a selector.

import { unclobbered } from "../shared/unclobbered.js";

/**
 * Calls found for each matching element: at once for those in the page, and in a microtask for those that are added or whose
 * attributes or children change. It may be called several times for one element.
 *
 * @param {string} selector
 * @param {string[]} attributes to watch
 * @param {(element: Element) => void} found
 * @returns {() => void} stops watching
 */
export function watch(selector, attributes, found) {
  const look = (/** @type {Element | Document} */ node) => unclobbered(node, "querySelectorAll")(selector).forEach(found);
  const observer = new MutationObserver((records) => {
    for (const { target, addedNodes } of records) {
      if (target instanceof Element && unclobbered(target, "matches")(selector)) found(target);
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        if (unclobbered(node, "matches")(selector)) found(node);
        look(node);
      }
    }
  });
  look(document);
  observer.observe(document, { childList: true, subtree: true, attributeFilter: attributes });
  return () => observer.disconnect();
}
