import { unclobbered } from "../shared/unclobbered.js";

/**
 * Tells of each element of the page that matches: of those that are there, at once, of those that come, and of those whose
 * attributes or children change, in the microtask after. The same one may be told more than once.
 *
 * @param {string} selector
 * @param {string[]} attributes which
 * @param {(element: Element) => void} found
 * @returns {() => void} stops it
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
