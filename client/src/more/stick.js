// A list that stays scrolled to its end: wx-stick.

import { emit } from "../shared/events.js";
import { behavior } from "./motion.js";
import { holdRows, isAtEnd, scrollerOf } from "./scroller.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * A list that stays scrolled to its end until the reader scrolls up. From then on new rows are counted, and the rows in view
 * stay in place.
 */
export class Stick {
  element;
  count = 0;
  /** @type {"there" | "left"} left: the reader scrolled up */
  #reader = "there";
  /** The last known scroll position. */
  #top = 0;
  #isDue = false;
  #changed;
  #sizes = new ResizeObserver(() => this.#follow("instant"));

  /**
   * @param {Element} element
   * @param {(stick: Stick) => void} changed called when the count changes
   */
  constructor(element, changed) {
    this.element = element;
    this.#changed = changed;
    for (const at of new Set([element, this.scroller])) this.#sizes.observe(at);
    this.#follow("instant");
  }

  stop() {
    this.#sizes.disconnect();
  }

  get scroller() {
    return scrollerOf(this.element);
  }

  /** The element whose children are the rows. If the attribute is on the scroller, that is often its only child. */
  get list() {
    const { children } = this.element;
    return children.length === 1 && this.element === this.scroller ? children[0] : this.element;
  }

  /** Scrolls to the end. */
  toEnd() {
    this.#reader = "there";
    this.#follow(behavior());
  }

  /** Reports whether the reader has scrolled up. */
  get hasLeft() {
    return this.#reader === "left";
  }

  /**
   * Notes the rows in view before a change that may move them.
   *
   * @returns {() => void} scrolls them back
   */
  hold() {
    const scroller = this.scroller;
    const putBack = holdRows(scroller, this.list);
    return () => {
      putBack();
      this.#top = scroller.scrollTop;
    };
  }

  /** Called when the scroller was scrolled, by the reader or a script. */
  scrolled() {
    const scroller = this.scroller;
    const { scrollTop } = scroller;
    // Only upwards: rows that were added below also move the end away from the reader.
    if (isAtEnd(scroller)) this.#arrive();
    else if (scrollTop < this.#top) this.#reader = "left";
    this.#top = scrollTop;
  }

  /**
   * Called when something inside has changed.
   *
   * @param {MutationRecord[]} records
   */
  mutated(records) {
    if (this.hasLeft) this.#set(this.count + newBelow(this.list, records));
    if (this.#isDue) return;
    this.#isDue = true;
    // Once before the next paint, for all changes until then.
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#follow(behavior());
    });
  }

  /** @param {ScrollBehavior} how */
  #follow(how) {
    const scroller = this.scroller;
    const { style } = /** @type {HTMLElement} */ (scroller);
    // Scroll anchoring is missing in some browsers, and at the top in all of them, so the client does it instead.
    if (style.overflowAnchor !== "none") style.overflowAnchor = "none";
    if (!this.hasLeft) scroller.scrollTo({ top: scroller.scrollHeight, behavior: how });
    if (isAtEnd(scroller)) this.#arrive();
    this.#top = scroller.scrollTop;
  }

  #arrive() {
    this.#reader = "there";
    this.#set(0);
  }

  /** @param {number} count */
  #set(count) {
    if (count === this.count) return;
    this.count = count;
    if (count > 0) unclobbered(this.element, "setAttribute")("data-wsx-unseen", String(count));
    else unclobbered(this.element, "removeAttribute")("data-wsx-unseen");
    emit(this.element, "wsx:unseen", { count });
    this.#changed(this);
  }
}

/**
 * Counts the new rows at the end of a list. A row that replaced one with the same id is not new.
 *
 * @param {Element} list
 * @param {MutationRecord[]} records
 */
function newBelow(list, records) {
  const own = records.filter(({ target }) => target === list);
  const added = new Set(own.flatMap(({ addedNodes }) => [...addedNodes]));
  const removed = own.flatMap(({ removedNodes }) => [...removedNodes]).filter((node) => node instanceof Element);
  const ids = new Set(removed.map(({ id }) => id).filter(Boolean));
  const old = [...list.children].filter((row) => !added.has(row));
  // In a list that was rewritten, only ids tell which rows are old.
  const isRewritten = old.length === 0 && removed.length > 0;
  const isNew = (/** @type {Element} */ { id }) => !ids.has(id) && (!isRewritten || (id !== "" && ids.size > 0));
  let count = 0;
  for (let row = list.lastElementChild; row && added.has(row); row = row.previousElementSibling) {
    if (!removed.includes(row) && isNew(row)) count++;
  }
  return count;
}
