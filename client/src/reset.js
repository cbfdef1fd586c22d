import { emit } from "./events.js";
import { parsePage } from "./html.js";
import { member } from "./member.js";
import { Timer } from "./retry.js";
import { swaps } from "./swaps.js";

/** @typedef {{ rooms: string[], element: Element }} Region */

// A region that needs a reset again so soon would need one for ever.
const tooSoon = 10_000;

/** Fetches regions anew whose rooms have lost something. */
export class Resets {
  #fetch;
  #then;
  #renewed;
  /** @type {Map<Element, string[]>} */
  #due = new Map();
  #timer = new Timer();
  /** When a region was fetched last, by its id. @type {Map<string, number>} */
  #last = new Map();

  /**
   * @param {typeof window.fetch} fetch
   * @param {(fn: () => void) => void} then runs fn when all that arrived before has been applied
   * @param {(regions: Element[]) => void} renewed
   */
  constructor(fetch, then, renewed) {
    this.#fetch = fetch;
    this.#then = then;
    this.#renewed = renewed;
  }

  /**
   * @param {Element | undefined} region undefined for rooms that no element shows: the whole page
   * @param {string[]} rooms
   * @param {number} after in ms
   */
  add(region = document.body, rooms, after) {
    if (performance.now() - (this.#last.get(idOf(region)) ?? -Infinity) < tooSoon) return fail({ rooms, element: region });
    this.#due.set(region, [...new Set([...(this.#due.get(region) ?? []), ...rooms])]);
    if (this.#due.size === 1) this.#timer.set(() => this.#run(), after);
  }

  stop() {
    this.#timer.clear();
  }

  #run() {
    const due = [...this.#due];
    this.#due.clear();
    /** @type {Map<string, Region[]>} */
    const pages = new Map();
    for (const [element, rooms] of due) {
      const region = { rooms, element };
      if (!member(element, "isConnected") || !emit(element, "wsx:reset", region, true)) continue;
      const url = member(element, "getAttribute")("wx-reset") || location.href;
      pages.set(url, [...(pages.get(url) ?? []), region]);
    }
    for (const [url, regions] of pages) void this.#load(url, regions);
  }

  /**
   * @param {string} url
   * @param {Region[]} regions
   */
  async #load(url, regions) {
    /** @type {Document | undefined} */
    let page;
    try {
      const response = await this.#fetch(new URL(url, location.href), { headers: { Accept: "text/html" }, cache: "no-cache" });
      const isHTML = response.headers.get("Content-Type")?.startsWith("text/html");
      const isOurs = new URL(response.url).origin === location.origin;
      if (response.status === 200 && isHTML && isOurs) page = parsePage(await response.text());
    } catch {
      // told below, like every other answer that is no page
    }
    this.#then(() => this.#show(page, regions));
  }

  /**
   * @param {Document | undefined} page
   * @param {Region[]} regions
   */
  #show(page, regions) {
    const isWhole = regions.some(({ element }) => element === document.body || !idOf(element));
    if (page && isWhole) swaps.innerMorph(document.body, page.body.innerHTML);
    /** @type {Element[]} */
    const renewed = [];
    for (const region of regions) {
      const id = idOf(region.element);
      const fresh = page?.getElementById(id);
      this.#last.set(id, performance.now());
      if (!page || !(isWhole || fresh)) {
        fail(region);
        continue;
      }
      const isThere = member(region.element, "isConnected");
      if (!isWhole && fresh && isThere) swaps.outerMorph(region.element, member(fresh, "outerHTML"));
      renewed.push(region.element);
    }
    this.#renewed(renewed);
  }
}

/** @param {Region} region */
function fail(region) {
  emit(region.element, "wsx:reset", { ...region, failed: true });
}

/** @param {Element} element */
function idOf(element) {
  return member(element, "getAttribute")("id") ?? "";
}
