// Follows the elements with wx-config while the page lives: starts, keeps and ends clients.

import { unclobbered } from "../shared/unclobbered.js";

/** @typedef {import("../core/starter.js").Entry} Entry */

// Nothing inside wx-ignore starts.
const selector = "[wx-config]:not([wx-ignore] *)";

/**
 * Follows them from now on.
 *
 * @param {import("../core/starter.js").Started} started
 * @returns {{ stop: () => void }}
 */
export function follow({ entries, begin, page, tellAll }) {
  let isDue = false;
  /** @type {WeakSet<object>} */
  const ended = new WeakSet();

  /** Passes clients on to elements that replace theirs. @returns elements without a client, and entries without an element */
  const passOn = () => {
    const found = new Map([...document.querySelectorAll(selector)].map((element) => [element, unclobbered(element, "getAttribute")("wx-config")]));
    let isPassed = false;
    const lost = [...entries].filter(({ element, text }) => found.get(element) !== text || !found.delete(element));
    for (const [element, text] of found) {
      const i = lost.findIndex((entry) => entry.wsx && entry.text === text && hasLeft(entry.element));
      if (i < 0) continue;
      lost.splice(i, 1)[0].element = element;
      isPassed = found.delete(element);
    }
    return { found, lost, isPassed };
  };

  const look = () => {
    isDue = false;
    if (document.readyState === "loading") return document.addEventListener("DOMContentLoaded", look, { once: true });
    const { found, lost } = passOn();
    for (const entry of lost) {
      entries.delete(entry);
      if (!entry.wsx) continue;
      entry.wsx.destroy();
      ended.add(entry.wsx);
    }
    for (const element of found.keys()) begin(element, ![...entries].some(({ isWhole, wsx }) => isWhole && wsx));
    if (ended.has(Object(page.wsx))) page.wsx = [...entries].find(({ wsx }) => wsx)?.wsx ?? page.wsx;
    tellAll();
  };

  const observer = new MutationObserver((records) => {
    if (!records.some(concernsConfigs)) return;
    if (passOn().isPassed) tellAll();
    if (isDue) return;
    isDue = true;
    // In a task of its own, so that an element which a task only moves keeps its client.
    setTimeout(look);
  });
  observer.observe(document, { childList: true, subtree: true, attributeFilter: ["wx-config", "wx-ignore"] });
  look();
  return { stop: () => observer.disconnect() };
}

/**
 * Reports whether an element has left the page, but not with the whole document: after document.open a client hears nothing.
 *
 * @param {Element} element
 */
function hasLeft(element) {
  const top = unclobbered(element, "getRootNode")();
  return top !== document && !(top instanceof HTMLHtmlElement);
}

/** @param {MutationRecord} record */
function concernsConfigs({ type, addedNodes, removedNodes }) {
  if (type === "attributes") return true;
  return [...addedNodes, ...removedNodes].some(
    (node) => node instanceof Element && (unclobbered(node, "matches")("[wx-config]") || unclobbered(node, "querySelector")("[wx-config]")),
  );
}
