import { emit } from "./events.js";
import { member } from "./member.js";
import { fail, idOf } from "./region.js";
import { Timer } from "./retry.js";

// A region that needs a reset again so soon would need one for ever.
const tooSoon = 10_000;

/** Fetches regions anew whose rooms have lost something. */
export class Resets {
  #refresh;
  /** @type {Map<Element, string[]>} */
  #due = new Map();
  #timer = new Timer();
  /** When a region was fetched last, by its id. @type {Map<string, number>} */
  #last = new Map();

  /** @param {(url: string, regions: import("./region.js").Region[]) => Promise<void>} refresh */
  constructor(refresh) {
    this.#refresh = refresh;
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
    /** @type {Map<string, import("./region.js").Region[]>} */
    const pages = new Map();
    for (const [element, rooms] of due) {
      const region = { rooms, element };
      if (!member(element, "isConnected") || !emit(element, "wsx:reset", region, true)) continue;
      const url = member(element, "getAttribute")("wx-reset") || location.href;
      pages.set(url, [...(pages.get(url) ?? []), region]);
    }
    for (const [url, regions] of pages) {
      for (const { element } of regions) this.#last.set(idOf(element), performance.now());
      this.#refresh(url, regions).catch(() => regions.forEach(fail));
    }
  }
}
