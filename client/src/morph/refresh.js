// Fetches a page and morphs its regions into the current one.

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
  const isWhole = regions.some(({ element }) => element === document.body || !idOf(element));
  if (isWhole) {
    swaps.innerMorph(document.body, page.body.innerHTML);
    for (const name of /** @type {const} */ (["body", "documentElement"])) {
      const ticket = page[name].getAttribute("wx-ticket");
      if (ticket) document[name].setAttribute("wx-ticket", ticket);
    }
  }
  /** @type {Element[]} */
  const renewed = isWhole ? [document.body, ...document.querySelectorAll(changeable)] : [];
  for (const region of regions) {
    const fresh = page.getElementById(idOf(region.element));
    if (!isWhole && !fresh) continue;
    if (!isWhole && fresh && unclobbered(region.element, "isConnected")) swaps.outerMorph(region.element, unclobbered(fresh, "outerHTML"));
    renewed.push(region.element);
  }
  return renewed;
}
