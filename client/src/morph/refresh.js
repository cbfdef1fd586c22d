import { unclobbered } from "../shared/unclobbered.js";
import { idOf } from "../shared/region.js";

/**
 * @typedef {import("../shared/region.js").Region} Region
 * @typedef {import("../more/more.js").Core} Core
 */

// The regions that a morph of the whole page reaches.
const changeable = "[wx-ticket]:not([wx-preserve],[wx-preserve] *)";
// A server that never answers must not keep a region from being told as failed.
const patience = 30_000;

/**
 * Fetches a page and shows the regions as they are there, as far as they are.
 *
 * @param {string} url
 * @param {Region[]} regions
 * @param {Core} core
 * @param {() => boolean} isWanted asked before anything is shown
 * @returns {Promise<Element[]>} those that are new, which may be more; the promise fails if there is no such page
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
