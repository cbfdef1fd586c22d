// Matches the nodes of the page with those of new HTML.

import { areAlike, keyed, keyOf } from "./keys.js";
import { isSame, withAncestors } from "./nodes.js";
import { dropBeside } from "./records.js";
import { unclobbered } from "../shared/unclobbered.js";

// How far lists without keys are searched for an equal node. If more rows come or go between changing rows, some rows are
// rewritten, which gives the same page.
const sight = 5;

/**
 * Decides which node of the page turns into which node of the new HTML. Each node of the page is used once.
 */
export class Matcher {
  /** The page's element with the same unique key, by new element. @type {Map<Node, Element>} */
  #twins = new Map();
  /** The new elements with a twin, and their ancestors. */
  #holders;
  /** @type {Set<Node>} */
  #taken = new Set();

  #outer;

  /**
   * @param {Iterable<Element>} page elements that may have a key
   * @param {DocumentFragment} html
   * @param {import("./keys.js").Outer} outer
   */
  constructor(page, html, outer) {
    this.#outer = outer;
    const kept = document.querySelector("[wx-ignore],[wx-preserve]") !== null;
    const olds = unique(page, outer);
    for (const [key, fresh] of unique(html.querySelectorAll(keyed), outer)) {
      const old = olds.get(key);
      if (!fresh || !old || !areAlike(fresh, old, outer, true)) continue;
      dropBeside(old, fresh);
      // Content that is kept as it is must not lose a part to another place.
      const parent = kept && unclobbered(old, "parentElement");
      if (!parent || !unclobbered(parent, "closest")("[wx-ignore],[wx-preserve]")) this.#twins.set(fresh, old);
    }
    this.#holders = withAncestors(this.#twins.keys());
  }

  /**
   * Reports whether a new node, or something inside it, has a twin in the page.
   *
   * @param {Node} fresh
   */
  holds(fresh) {
    return this.#holders.has(fresh);
  }

  /**
   * Reports whether a node of the page has been matched.
   *
   * @param {Node} old
   */
  has(old) {
    return this.#taken.has(old);
  }

  /**
   * Takes the twin of a new node, wherever it is in the page.
   *
   * @param {Node} fresh
   */
  take(fresh) {
    return this.#take(this.#twins.get(fresh));
  }

  /**
   * Matches siblings: returns the old node for each new one, and whether the two are equal, where that is known.
   *
   * @param {Node[]} olds siblings
   * @param {Node[]} news
   * @param {Map<Node | undefined, number>} places the index of each old node
   * @returns {[found: (Node | undefined)[], same: (boolean | undefined)[]]}
   */
  match(olds, news, places) {
    /** @type {(boolean | undefined)[]} */
    const same = [];
    const found = news.map((fresh) => (this.holds(fresh) ? this.take(fresh) ?? this.#take(this.#around(fresh, places)) : undefined));
    // From the end, so that inserted or removed rows do not shift the matches behind them.
    for (let i = olds.length - 1, j = news.length - 1; i >= 0 && j >= 0 && isSame(olds[i], news[j]); i--, j--) {
      found[j] ??= this.#take(olds[i]);
      if (found[j] === olds[i]) same[j] = true;
    }
    let next = 0;
    for (let j = 0; j < news.length; j++) {
      found[j] ??= this.#take(this.#like(olds, next, news, j, same));
      next = (places.get(found[j]) ?? next - 1) + 1;
    }
    return [found, same];
  }

  /**
   * @template {Node} N
   * @param {N | undefined} old
   * @returns {N | undefined}
   */
  #take(old) {
    if (!old || this.#taken.has(old)) return undefined;
    this.#taken.add(old);
    return old;
  }

  /**
   * Finds the sibling that contains the twin of an element inside the new one.
   *
   * @param {Node} fresh
   * @param {Map<Node | undefined, number>} places
   */
  #around(fresh, places) {
    for (const inner of unclobbered(/** @type {Element} */ (fresh), "querySelectorAll")(keyed)) {
      /** @type {Node | null | undefined} */
      let old = this.#twins.get(inner);
      while (old && !places.has(old)) old = unclobbered(old, "parentNode");
      if (old && !this.#taken.has(old) && areAlike(old, fresh, this.#outer)) return old;
    }
    return undefined;
  }

  /**
   * Matches a node without a key: with the next equal one or, unless the new node was just inserted, one of the same kind.
   *
   * @param {Node[]} olds
   * @param {number} next the index of the first candidate
   * @param {Node[]} news
   * @param {number} j the index of the new node
   * @param {(boolean | undefined)[]} same receives whether the two are equal
   */
  #like(olds, next, news, j, same) {
    const fresh = news[j];
    let end = next;
    for (; end < next + sight && end < olds.length && !this.#taken.has(olds[end]); end++) {
      same[j] = isSame(olds[end], fresh);
      if (same[j]) return olds[end];
    }
    if (end === next) return undefined;
    for (let i = j + 1; i < j + sight && i < news.length; i++) if (isSame(olds[next], news[i])) return undefined;
    for (let i = next; i < end; i++) if (areAlike(olds[i], fresh, this.#outer)) return olds[i];
    return undefined;
  }
}

/**
 * @param {Iterable<Element>} elements
 * @param {import("./keys.js").Outer} outer
 * @returns {Map<string, Element | undefined>} undefined where the key is not unique
 */
function unique(elements, outer) {
  /** @type {Map<string, Element | undefined>} */
  const found = new Map();
  for (const element of elements) {
    const key = keyOf(element, outer);
    const { size } = found;
    if (key && found.set(key, element).size === size) found.set(key, undefined);
  }
  return found;
}
