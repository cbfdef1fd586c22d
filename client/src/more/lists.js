// Drives wx-stick, wx-limit and wx-unseen for the whole page.

import { insertOf, sideOf, tooMany } from "./limit.js";
import { write } from "./own-text.js";
import { holdRows, scrollerOf } from "./scroller.js";
import { Stick } from "./stick.js";
import { unclobbered } from "../shared/unclobbered.js";
import { watch } from "./watch.js";

const marked = "[wx-stick],[wx-limit]";
const hasAnchors = CSS.supports("overflow-anchor", "auto");

/** The lists of a page. All clients share them, because any client may fill a list. */
export class Lists {
  #users = 0;
  /** @type {Map<Element, Stick>} */
  #sticks = new Map();
  /** The end at which the last swap inserted, by list. @type {WeakMap<Element, "start" | "end">} */
  #sides = new WeakMap();
  #observer = new MutationObserver((records) => this.#mutated(records));
  /** @type {(() => void)[]} */
  #stops = [];

  /** Called once per client; the first call starts it. */
  start() {
    if (this.#users++ > 0) return;
    this.#stops = [
      watch(marked, ["wx-stick", "wx-limit"], (element) => this.#take(element)),
      watch("[wx-unseen]", ["wx-unseen"], (element) => this.#showCount(/** @type {HTMLElement} */ (element))),
      listen("scroll", ({ target }) => this.#scrolled(target)),
      listen("load", ({ target }) => this.#loaded(target)),
      listen("click", ({ target }) => this.#clicked(target)),
    ];
  }

  stop() {
    if (--this.#users > 0) return;
    for (const stop of this.#stops) stop();
    this.#observer.disconnect();
    for (const stick of this.#sticks.values()) stick.stop();
    this.#sticks.clear();
  }

  /**
   * Notes, before a swap, where it inserts.
   *
   * @param {Element[]} targets
   * @param {string} style
   */
  expect(targets, style) {
    for (const target of targets) {
      const [list, side] = insertOf(target, style);
      if (list && side) this.#sides.set(list, side);
    }
  }

  /**
   * Notes, before a swap, the rows in view that it may move.
   *
   * @param {Element[]} targets
   * @param {string} style
   * @returns {() => void} scrolls them back
   */
  hold(targets, style) {
    /** @type {(() => void)[]} */
    const puts = [];
    for (const [element, stick] of this.#sticks) {
      if (!stick.hasLeft) continue; // reading the layout is expensive
      const moves = targets.filter((target) => style !== "beforeend" || target !== stick.list);
      if (moves.some((target) => unclobbered(target, "contains")(element) || unclobbered(stick.scroller, "contains")(target))) puts.push(stick.hold());
    }
    if (!hasAnchors && /^(before|after)begin$/.test(style)) {
      for (const target of targets) puts.push(this.#holdOther(style === "afterbegin" ? target : unclobbered(target, "parentElement")));
    }
    return () => puts.forEach((put) => put());
  }

  /**
   * Keeps the rows of a list without wx-stick in view, in browsers without scroll anchoring.
   *
   * @param {Element | null} list
   */
  #holdOther(list) {
    if (!list) return () => {};
    const scroller = scrollerOf(list);
    const isTaken = [...this.#sticks.values()].some((stick) => stick.scroller === scroller);
    return isTaken || scroller.scrollTop <= 0 ? () => {} : holdRows(scroller, list);
  }

  /** @param {Element} element */
  #take(element) {
    for (const stick of this.#sticks.values()) if (!stick.element.isConnected) this.#drop(stick);
    const stick = this.#sticks.get(element);
    if (stick && !unclobbered(element, "hasAttribute")("wx-stick")) this.#drop(stick);
    if (!stick && unclobbered(element, "hasAttribute")("wx-stick")) this.#sticks.set(element, new Stick(element, () => this.#showCounts()));
    // Observing an element twice has no further effect.
    this.#observer.observe(element, { childList: true, subtree: true, characterData: true });
  }

  /** @param {Stick} stick */
  #drop(stick) {
    stick.stop();
    this.#sticks.delete(stick.element);
    this.#showCounts();
  }

  /** @param {MutationRecord[]} records */
  #mutated(records) {
    for (const list of new Set(records.map(({ target }) => target))) {
      if (list instanceof Element && unclobbered(list, "hasAttribute")("wx-limit")) this.#trim(list, records.filter(({ target }) => target === list));
    }
    for (const [element, stick] of this.#sticks) {
      if (!element.isConnected) this.#drop(stick);
      else if (records.some(({ target }) => unclobbered(element, "contains")(target))) stick.mutated(records);
    }
  }

  /**
   * @param {Element} list
   * @param {MutationRecord[]} records about its children
   */
  #trim(list, records) {
    // A morph may restore trimmed rows at the other end, so the side of the last swap decides.
    const side = this.#sides.get(list) ?? sideOf(records);
    if (!side) return;
    const rows = tooMany(list, side);
    if (rows.length === 0) return;
    const putBack = this.hold([list], "afterbegin"); // removing rows at the start moves the others
    for (const row of rows) {
      // Blank text between rows would accumulate.
      for (let next; (next = unclobbered(row, "nextSibling")) instanceof CharacterData && (next instanceof Comment || !next.data.trim()); ) next.remove();
      unclobbered(row, "remove")();
    }
    putBack();
  }

  /** @param {EventTarget | null} target */
  #scrolled(target) {
    const scroller = target === document ? document.scrollingElement : target;
    for (const stick of this.#sticks.values()) if (stick.scroller === scroller) stick.scrolled();
  }

  /** @param {EventTarget | null} target most often an image, which now has its size */
  #loaded(target) {
    for (const stick of this.#sticks.values()) if (target instanceof Node && stick.element.contains(target)) stick.mutated([]);
  }

  /** @param {EventTarget | null} target */
  #clicked(target) {
    const button = target instanceof Element && target.closest("[wx-unseen]");
    if (button) this.#of(button)?.toEnd();
  }

  /**
   * Returns the list that an element with wx-unseen refers to.
   *
   * @param {Element} element
   */
  #of(element) {
    try {
      const named = document.querySelector(element.getAttribute("wx-unseen") ?? "");
      return [...this.#sticks.values()].find(({ element }) => element.contains(named) || named?.contains(element));
    } catch {
      return undefined; // invalid selector
    }
  }

  #showCounts() {
    for (const element of document.querySelectorAll("[wx-unseen]")) this.#showCount(/** @type {HTMLElement} */ (element));
  }

  /** @param {HTMLElement} element */
  #showCount(element) {
    const count = this.#of(element)?.count ?? 0;
    const text = String(count);
    if (element.hidden !== (count === 0)) element.hidden = count === 0;
    if (element.dataset.count !== text) element.dataset.count = text;
    for (const place of element.querySelectorAll("[wx-count]")) write(place, text);
  }
}

/**
 * Listens in the capturing phase, because some of these events do not bubble.
 *
 * @param {string} event
 * @param {(event: Event) => void} heard
 */
function listen(event, heard) {
  document.addEventListener(event, heard, true);
  return () => document.removeEventListener(event, heard, true);
}
