// Starts a client for each element with wx-config, and ends it when the element goes.

import { readConfig } from "./config.js";
import { setClaims } from "./triggers.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * An element with wx-config.
 *
 * @typedef {object} Entry
 * @property {Element} element the one that has it now: a page that is replaced by another one with the same text keeps the client
 * @property {string | null} text
 * @property {boolean} isWhole whether its client covers the whole page
 * @property {import("./client.js").WSX} [wsx] undefined if the text cannot be used, or the page has ended it
 *
 * @typedef {(config: import("./config.js").Config, internals: Pick<import("./client.js").Internals, "part" | "ended">) =>
 *   import("./client.js").WSX} Make
 */

// An element that wx-ignore excludes starts nothing.
const selector = "[wx-config]:not([wx-ignore] *)";

/**
 * Follows the elements with wx-config from now on.
 *
 * @param {Make} make
 * @param {(first: Entry["wsx"]) => void} told called with the client of the page after each change
 * @returns {() => void} ends all clients, and follows no more
 */
export function follow(make, told) {
  /** @type {Entry[]} */
  let entries = [];
  let isDue = false;
  let html = document.documentElement;

  /** Passes clients on to elements that replace theirs. @returns the elements that have no entry, with their texts */
  const passOn = () => {
    const found = new Map([...document.querySelectorAll(selector)].map((element) => [element, unclobbered(element, "getAttribute")("wx-config")]));
    const lost = entries.filter(({ element, text }) => found.get(element) !== text || !found.delete(element));
    for (const [element, text] of found) {
      const i = lost.findIndex((entry) => entry.wsx && entry.text === text && !unclobbered(entry.element, "isConnected") && html === document.documentElement);
      if (i < 0) continue;
      lost.splice(i, 1)[0].element = element;
      found.delete(element);
    }
    return { found, lost };
  };

  /** @type {(element: Element, text: string | null) => void} */
  const begin = (element, text) => {
    const isWhole = !entries.some((entry) => entry.isWhole && entry.wsx);
    /** @type {Entry} */
    const entry = { element, text, isWhole };
    if (isWhole) entries.unshift(entry);
    else entries.push(entry);
    const config = readConfig(element);
    try {
      entry.wsx = config && make(config, { part: () => (isWhole ? document : entry.element), ended: () => (entry.wsx = undefined) });
    } catch (error) {
      console.error(error); // such as a root that is not in the page
    }
  };

  const look = () => {
    isDue = false;
    if (document.readyState === "loading") return document.addEventListener("DOMContentLoaded", look, { once: true });
    const { found, lost } = passOn();
    html = document.documentElement;
    entries = entries.filter((entry) => !lost.includes(entry));
    for (const { wsx } of lost) wsx?.destroy();
    for (const [element, text] of found) begin(element, text);
    told(entries.find(({ wsx }) => wsx)?.wsx);
  };

  const observer = new MutationObserver((records) => {
    if (isDue || !records.some(concernsConfigs)) return;
    isDue = true;
    // In a task of its own, so that an element which a task only moves keeps its client.
    setTimeout(look);
  });
  observer.observe(document, { childList: true, subtree: true, attributeFilter: ["wx-config", "wx-ignore"] });
  const isClaimed = (/** @type {Element} */ at) => entries.some(({ element, wsx }) => wsx && element === at);
  setClaims((element) => isClaimed(element) || (passOn(), isClaimed(element)));
  look();
  return () => {
    observer.disconnect();
    setClaims(() => true);
    for (const { wsx } of entries) wsx?.destroy();
  };
}

/** @param {MutationRecord} record */
function concernsConfigs({ type, addedNodes, removedNodes }) {
  if (type === "attributes") return true;
  return [...addedNodes, ...removedNodes].some(
    (node) => node instanceof Element && (unclobbered(node, "matches")("[wx-config]") || unclobbered(node, "querySelector")("[wx-config]")),
  );
}
