import { emit } from "../shared/events.js";
import { unclobbered } from "../shared/unclobbered.js";
import { behavior } from "./motion.js";
import { holdRows, isAtEnd, scrollerOf } from "./scroller.js";

/**
 * A list that stays at its end, unless the reader has scrolled up: then what comes in is counted, and what the reader looks at
 * stays where it is.
 */
export class Stick {
  element;
  count = 0;
  /** @type {"there" | "left"} left: the reader scrolled up */
  #reader = "there";
  /** Where the scroller was when we last looked. */
  #top = 0;
  #isDue = false;
  #changed;
  #sizes = new ResizeObserver(() => this.#follow("instant"));

  /**
   * @param {Element} element
   * @param {(stick: Stick) => void} changed told when the count is another
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

  /** Whose children are the rows: where the scroller was marked, that is often not the list itself. */
  get list() {
    const { children } = this.element;
    return children.length === 1 && this.element === this.scroller ? children[0] : this.element;
  }

  /** Leads the reader to the end. */
  toEnd() {
    this.#reader = "there";
    this.#follow(behavior());
  }

  /** Whether the reader scrolled up. */
  get hasLeft() {
    return this.#reader === "left";
  }

  /**
   * Before a change that may be above of what the reader looks at.
   *
   * @returns {() => void} puts it back
   */
  hold() {
    const scroller = this.scroller;
    const putBack = holdRows(scroller, this.list);
    return () => {
      putBack();
      this.#top = scroller.scrollTop;
    };
  }

  /** The scroller was scrolled, by whomever. */
  scrolled() {
    const scroller = this.scroller;
    const { scrollTop } = scroller;
    // Upwards only: what came in below since the end was reached makes it look as if the reader had left, too.
    if (isAtEnd(scroller)) this.#arrive();
    else if (scrollTop < this.#top) this.#reader = "left";
    this.#top = scrollTop;
  }

  /**
   * Something inside has changed.
   *
   * @param {MutationRecord[]} records
   */
  mutated(records) {
    if (this.hasLeft) this.#set(this.count + newBelow(this.list, records));
    if (this.#isDue) return;
    this.#isDue = true;
    // Before the next paint, and once for all that comes until then.
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#follow(behavior());
    });
  }

  /** @param {ScrollBehavior} how */
  #follow(how) {
    const scroller = this.scroller;
    const { style } = /** @type {HTMLElement} */ (scroller);
    // We do it ourselves: not every browser can, and none does at the top.
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
 * How many of a list's last rows are new. What took the place of a row with its id is not.
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
  // Of a list that was written anew only ids tell which rows it had.
  const isRewritten = old.length === 0 && removed.length > 0;
  const isNew = (/** @type {Element} */ { id }) => !ids.has(id) && (!isRewritten || (id !== "" && ids.size > 0));
  let count = 0;
  for (let row = list.lastElementChild; row && added.has(row); row = row.previousElementSibling) {
    if (!removed.includes(row) && isNew(row)) count++;
  }
  return count;
}
