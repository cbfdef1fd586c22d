import { areAlike, keyed, keyOf } from "./keys.js";
import { unclobbered } from "../shared/unclobbered.js";
import { isSame, withAncestors } from "./nodes.js";

// How far two lists without keys are compared where they differ. Where more rows come or go, between others that change, rows
// are written anew, which is right as well.
const sight = 5;

/**
 * Decides which node of the page turns into which node of the new html. Each is given away once.
 */
export class Matcher {
  /** By the new element, the one in the page that alone has the same key. @type {Map<Node, Element>} */
  #twins = new Map();
  /** Those elements, and the new ones around them. */
  #holders;
  /** @type {Set<Node>} */
  #taken = new Set();

  #outer;

  /**
   * @param {Iterable<Element>} page those that may have a key
   * @param {DocumentFragment} html
   * @param {Element | null} outer the form that all of it is in
   */
  constructor(page, html, outer) {
    this.#outer = outer;
    const kept = document.querySelector("[wx-ignore],[wx-preserve]") !== null;
    const olds = unique(page, outer);
    for (const [key, fresh] of unique(html.querySelectorAll(keyed), outer)) {
      const old = olds.get(key);
      if (!fresh || !old || !areAlike(fresh, old, outer, true)) continue;
      // What is kept as it is must not lose a part of itself to another place.
      const parent = kept && unclobbered(old, "parentElement");
      if (!parent || !unclobbered(parent, "closest")("[wx-ignore],[wx-preserve]")) this.#twins.set(fresh, old);
    }
    this.#holders = withAncestors(this.#twins.keys());
  }

  /**
   * Whether there may be a counterpart, somewhere in the page, of a new node or of something inside it.
   *
   * @param {Node} fresh
   */
  holds(fresh) {
    return this.#holders.has(fresh);
  }

  /**
   * Whether a node of the page is the counterpart of a new one.
   *
   * @param {Node} old
   */
  has(old) {
    return this.#taken.has(old);
  }

  /**
   * The element that has the same key, wherever it is.
   *
   * @param {Node} fresh
   */
  take(fresh) {
    return this.#take(this.#twins.get(fresh));
  }

  /**
   * For each of the new nodes the one that turns into it, and whether they are the same already, as far as that is known.
   *
   * @param {Node[]} olds siblings
   * @param {Node[]} news
   * @param {Map<Node | undefined, number>} places where the old ones are
   * @returns {[found: (Node | undefined)[], same: (boolean | undefined)[]]}
   */
  match(olds, news, places) {
    /** @type {(boolean | undefined)[]} */
    const same = [];
    const found = news.map((fresh) => (this.holds(fresh) ? this.take(fresh) ?? this.#take(this.#around(fresh, places)) : undefined));
    // The end first: a block that was inserted or removed then shifts nothing behind it.
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
   * The sibling that holds something with a key which the new element holds, too.
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
   * Without a key: the next one that is the same or, if the new node was not just inserted before that, of the same kind.
   *
   * @param {Node[]} olds
   * @param {number} next the first that may be it
   * @param {Node[]} news
   * @param {number} j where the new node is
   * @param {(boolean | undefined)[]} same is told whether it is the same
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
 * @param {Element | null} outer see keyOf
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
