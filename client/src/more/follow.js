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
  let html = document.documentElement;

  /** Passes clients on to elements that replace theirs. @returns the elements without a client, and the entries without an element */
  const passOn = () => {
    const found = new Map([...document.querySelectorAll(selector)].map((element) => [element, unclobbered(element, "getAttribute")("wx-config")]));
    const lost = [...entries].filter(({ element, text }) => found.get(element) !== text || !found.delete(element));
    // After document.open the client would hear nothing.
    const isSamePage = html === document.documentElement;
    for (const [element, text] of isSamePage ? found : []) {
      const i = lost.findIndex((entry) => entry.wsx && entry.text === text && !unclobbered(entry.element, "isConnected"));
      if (i < 0) continue;
      lost.splice(i, 1)[0].element = element;
      found.delete(element);
    }
    return { found, lost };
  };

  const look = () => {
    isDue = false;
    if (document.readyState === "loading") return document.addEventListener("DOMContentLoaded", look, { once: true });
    const { found, lost } = passOn();
    html = document.documentElement;
    for (const entry of lost) {
      entries.delete(entry);
      entry.wsx?.destroy();
    }
    for (const element of found.keys()) begin(element, ![...entries].some(({ isWhole, wsx }) => isWhole && wsx));
    if (lost.some(({ wsx }) => wsx === page.wsx)) page.wsx = [...entries].find(({ wsx }) => wsx)?.wsx ?? page.wsx;
    tellAll();
  };

  const observer = new MutationObserver((records) => {
    if (!records.some(concernsConfigs)) return;
    passOn();
    tellAll();
    if (isDue) return;
    isDue = true;
    // In a task of its own, so that an element which a task only moves keeps its client.
    setTimeout(look);
  });
  observer.observe(document, { childList: true, subtree: true, attributeFilter: ["wx-config", "wx-ignore"] });
  look();
  return { stop: () => observer.disconnect() };
}

/** @param {MutationRecord} record */
function concernsConfigs({ type, addedNodes, removedNodes }) {
  if (type === "attributes") return true;
  return [...addedNodes, ...removedNodes].some(
    (node) => node instanceof Element && (unclobbered(node, "matches")("[wx-config]") || unclobbered(node, "querySelector")("[wx-config]")),
  );
}
