// Starts a client for each element with wx-config. What comes and goes later is followed by wsx-more.js.

import { readConfig } from "./config.js";
import { Part } from "./part.js";
import { tellAll } from "./triggers.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * An element with wx-config.
 *
 * @typedef {object} Entry
 * @property {Element} element the one that has it now: a page that is replaced by another one with the same text keeps the client
 * @property {string | null} text
 * @property {boolean} isWhole whether its client covers the whole page, unless the config names a root
 * @property {import("./client.js").WSX} [wsx] undefined if the text cannot be used
 *
 * @typedef {object} Started what the other bundle gets
 * @property {Set<Entry>} entries
 * @property {(element: Element, isWhole: boolean) => void} begin
 * @property {{ wsx?: unknown }} page the window
 * @property {typeof tellAll} tellAll
 */

// Nothing inside wx-ignore starts.
const selector = "[wx-config]:not([wx-ignore] *)";

/**
 * @param {Started["page"]} page
 * @param {typeof import("./client.js").WSX} Client
 * @param {() => Promise<any>} more loads the other bundle
 * @returns what a test has to end
 */
export function start(page, Client, more) {
  /** @type {Set<Entry>} */
  const entries = new Set();
  /** @type {Started["begin"]} */
  const begin = (element, isWhole) => {
    /** @type {Entry} */
    const entry = { element, text: element.getAttribute("wx-config"), isWhole };
    entries.add(entry);
    const config = readConfig(element);
    if (!config) return;
    try {
      entry.wsx = new Client(config, { entry });
    } catch (error) {
      console.error(error); // for example, its root is not in the page
    }
    if (!(page.wsx instanceof Client)) page.wsx = entry.wsx;
  };
  document.querySelectorAll(selector).forEach((element, i) => begin(element, i < 1));
  const part = new Part("more", async () => (await more()).follow({ entries, begin, page, tellAll }));
  const observer = new MutationObserver((records) => {
    const concerns = (/** @type {Node} */ node) => node instanceof Element && (unclobbered(node, "matches")("[wx-config]") || unclobbered(node, "querySelector")("[wx-config]"));
    if (!records.some(({ type, addedNodes, removedNodes }) => type === "attributes" || [...addedNodes, ...removedNodes].some(concerns))) return;
    observer.disconnect();
    part.expect();
  });
  observer.observe(document, { childList: true, subtree: true, attributeFilter: ["wx-config", "wx-ignore"] });
  return { entries, observer, part };
}
