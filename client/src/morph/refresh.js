// Fetches a page and morphs its regions into the current one.

import { hostOf } from "../shared/inherited.js";
import { idOf } from "../shared/region.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * @typedef {import("../shared/region.js").Region} Region
 * @typedef {import("../more/more.js").Core} Core
 */

// Regions that a morph of the whole page renews.
const changeable = "[wx-ticket]:not([wx-preserve],[wx-preserve] *)";
// A server that never answers must not keep a region from failing.
const patience = 30_000;

/**
 * Fetches a page and morphs the regions that it contains.
 *
 * @param {string} url
 * @param {Region[]} regions
 * @param {Core} core
 * @param {() => boolean} isWanted called before anything is shown
 * @returns {Promise<Element[]>} the renewed regions, which may be more than requested; it rejects if the page cannot be had
 */
export async function refresh(url, regions, { fetch, then, parsePage, swaps }, isWanted) {
  const signal = AbortSignal.timeout(patience);
  const response = await fetch(new URL(url, location.href), { headers: { Accept: "text/html" }, cache: "no-cache", signal });
  const isHTML = response.headers.get("Content-Type")?.startsWith("text/html");
  const isOurs = new URL(response.url).origin === location.origin;
  if (response.status !== 200 || !isHTML || !isOurs) throw new Error(`no page: ${url}`);
  const page = parsePage(await response.text());
  return new Promise((resolve, reject) =>
    then(() => {
      try {
        resolve(isWanted() ? show(page, regions, swaps) : []);
      } catch (error) {
        reject(error);
      }
    }),
  );
}

/**
 * @param {Document} page
 * @param {Region[]} regions
 * @param {Core["swaps"]} swaps
 */
function show(page, regions, swaps) {
  const isInside = (/** @type {Element} */ element) => hostOf(element) !== undefined;
  const isWhole = regions.some(({ element }) => element === document.body || !(idOf(element) || isInside(element)));
  if (isWhole) {
    swaps.innerMorph(document.body, page.body.innerHTML);
    if (page.title) Reflect.set(Document.prototype, "title", page.title, document); // through the setter, as an element may hide it
    for (const name of /** @type {const} */ (["body", "documentElement"])) follow(document[name], page[name]);
  }
  /** @type {Element[]} */
  const renewed = isWhole ? [document.body, ...document.querySelectorAll(changeable)] : [];
  for (const { element } of regions) {
    if (!isWhole || isInside(element)) {
      const fresh = find(page, idOf(element));
      if (!fresh) continue;
      if (unclobbered(element, "isConnected")) swaps.outerMorph(element, unclobbered(fresh, "outerHTML"));
    }
    renewed.push(element);
  }
  return renewed;
}

/**
 * Gives the page's own elements what the fetched page says of them. What that does not mention may be a script's.
 *
 * @param {Element} element
 * @param {Element} fresh
 */
function follow(element, fresh) {
  for (const name of fresh.getAttributeNames()) {
    if (/^(class|lang|dir|wx-ticket|data-.*)$/.test(name)) element.setAttribute(name, fresh.getAttribute(name) ?? "");
  }
}

/**
 * Finds an element by its id, also where the page declares a shadow root.
 *
 * @param {Document | DocumentFragment} page
 * @param {string} id
 * @returns {Element | undefined}
 */
function find(page, id) {
  if (!id) return undefined;
  const found = page.getElementById(id);
  if (found) return found;
  for (const { content } of page.querySelectorAll("template")) {
    const inner = find(content, id);
    if (inner) return inner;
  }
  return undefined;
}
