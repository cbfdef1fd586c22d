// Refetches regions whose rooms have lost messages, and paces the retries.

import { emit } from "../shared/events.js";
import { refresh } from "./refresh.js";
import { fail, idOf } from "../shared/region.js";
import { Timer } from "../shared/retry.js";
import { unclobbered } from "../shared/unclobbered.js";

// A region that soon needs another reset may need them forever, so the pause grows.
const shortest = 10_000;
const longest = 600_000;

/** @typedef {{ at: number, pause: number, hasFailed?: boolean }} Last */

/** The resets of one client. */
export class Resets {
  #core;
  #rooms;
  /** @type {Map<Element, string[]>} */
  #due = new Map();
  #timer = new Timer();
  /** Regions being fetched, and whether to fetch them again because more was lost meanwhile. @type {Map<Element, boolean>} */
  #running = new Map();
  /** The last fetch of a region, by its id, and the pause after it, which is longer after a failure. @type {Map<string, Last>} */
  #last = new Map();
  /** @type {Map<Element, number>} */
  #retries = new Map();
  #isOver = false;

  /**
   * @param {import("../more/more.js").Core} core
   * @param {import("./rooms.js").Rooms} rooms
   */
  constructor(core, rooms) {
    this.#core = core;
    this.#rooms = rooms;
  }

  /** Reports whether a region is stale because its refetch failed. */
  get hasFailed() {
    return [...this.#retries.keys()].some((region) => unclobbered(region, "isConnected") && this.#rooms.isStale(region));
  }

  /**
   * @param {Element | undefined} region undefined, for rooms that no element shows, means the whole page
   * @param {string[]} rooms
   * @param {number} after in ms
   */
  add(region = document.body, rooms, after) {
    if (this.#isOver) return;
    if (this.#running.has(region)) return void this.#running.set(region, true);
    if (this.#wait(region) > 0) return this.#fail({ element: region, rooms });
    if (this.#due.size === 0) this.#timer.set(() => this.#run(), after);
    this.#due.set(region, [...new Set([...(this.#due.get(region) ?? []), ...rooms])]);
  }

  stop() {
    this.#isOver = true;
    this.#timer.clear();
    for (const retry of this.#retries.values()) clearTimeout(retry);
  }

  #run() {
    const due = [...this.#due];
    this.#due.clear();
    /** @type {Map<string, import("../shared/region.js").Region[]>} */
    const pages = new Map();
    for (const [element, rooms] of due) {
      const region = { rooms, element };
      if (!unclobbered(element, "isConnected") || !emit(element, "wsx:reset", region, true)) continue;
      const url = unclobbered(element, "getAttribute")("wx-reset") || location.href;
      pages.set(url, [...(pages.get(url) ?? []), region]);
    }
    for (const [url, regions] of pages) this.#fetch(url, regions);
  }

  /**
   * @param {string} url
   * @param {import("../shared/region.js").Region[]} regions
   */
  async #fetch(url, regions) {
    const { positions } = this.#rooms;
    for (const { element } of regions) {
      this.#running.set(element, false);
      const { at, pause, hasFailed } = this.#lastOf(element);
      const now = performance.now();
      const next = hasFailed ? Math.min(2 * pause, longest) : pause;
      this.#last.set(idOf(element), { at: now, pause: now - at > 2 * pause && !hasFailed ? shortest : next });
    }
    /** @type {Element[]} */
    let renewed = [];
    const isWanted = () => !this.#isOver;
    await refresh(url, regions, this.#core, isWanted).then((elements) => (renewed = elements), () => {});
    if (this.#isOver) return;
    const again = regions.some(({ element }) => this.#running.get(element));
    for (const { element } of regions) this.#running.delete(element);
    if (again) return void this.#fetch(url, regions);
    for (const region of regions) {
      if (renewed.includes(region.element)) this.#retries.delete(region.element);
      else {
        this.#lastOf(region.element).at = performance.now(); // a server that is slow to fail needs the pause most
        this.#fail(region);
      }
    }
    if (renewed.length > 0) this.#rooms.renew(renewed, positions);
    this.#core.renewed?.();
  }

  /** @param {import("../shared/region.js").Region} region */
  #fail(region) {
    const { element, rooms } = region;
    this.#lastOf(element).hasFailed = true;
    clearTimeout(this.#retries.get(element));
    const retry = () => this.#rooms.isStale(element) && this.add(element, rooms, 0);
    // Regions that have left the page need no retry.
    for (const each of this.#retries.keys()) if (!unclobbered(each, "isConnected")) this.#retries.delete(each);
    this.#retries.set(element, setTimeout(retry, Math.ceil(this.#wait(element))));
    fail(region);
  }

  /**
   * Returns how long a region has to wait for its next fetch, in ms.
   *
   * @param {Element} region
   */
  #wait(region) {
    const { at, pause } = this.#lastOf(region);
    return at + pause - performance.now();
  }

  /**
   * @param {Element} region
   * @returns {Last}
   */
  #lastOf(region) {
    return this.#last.get(idOf(region)) ?? { at: -Infinity, pause: shortest };
  }
}
