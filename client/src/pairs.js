import { keyed, keyOf, kindOf } from "./keys.js";
import { member } from "./member.js";

// How far two lists without keys are compared where they differ. Where more rows come or go, between others that change, rows
// are written anew, which is right as well.
const sight = 5;

/**
 * Decides which node of the page turns into which node of the new html. Each is given away once.
 */
export class Pairs {
  /** By the new element, the one in the page that alone has the same key. @type {Map<Node, Element>} */
  #twins = new Map();
  /** @type {Set<Node>} */
  #taken = new Set();

  /**
   * @param {Iterable<Element>} page those that may have a key
   * @param {DocumentFragment} html
   */
  constructor(page, html) {
    const kept = document.querySelector("[wx-ignore],[wx-preserve]") !== null;
    const olds = unique(page);
    for (const [key, fresh] of unique(html.querySelectorAll(keyed))) {
      const old = olds.get(key);
      if (!fresh || !old || kindOf(fresh, key) !== kindOf(old, key)) continue;
      // What is kept as it is must not lose a part of itself to another place.
      const parent = kept && member(old, "parentElement");
      if (!parent || !member(parent, "closest")("[wx-ignore],[wx-preserve]")) this.#twins.set(fresh, old);
    }
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
   * For each of the new nodes the one that turns into it.
   *
   * @param {Node[]} olds siblings
   * @param {Node[]} news
   * @param {Map<Node | undefined, number>} places where the old ones are
   * @returns {(Node | undefined)[]}
   */
  of(olds, news, places) {
    const found = news.map((fresh) => this.take(fresh) ?? this.#take(this.#around(fresh, places)));
    // The end first: a block that was inserted or removed then shifts nothing behind it.
    for (let i = olds.length - 1, j = news.length - 1; i >= 0 && j >= 0 && isSame(olds[i], news[j]); i--, j--) {
      found[j] ??= this.#take(olds[i]);
    }
    let next = 0;
    news.forEach((fresh, j) => {
      found[j] ??= this.#take(this.#like(fresh, olds, next, news, j));
      next = (places.get(found[j]) ?? next - 1) + 1;
    });
    return found;
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
    if (!(fresh instanceof Element) || this.#twins.size === 0) return undefined;
    for (const inner of member(fresh, "querySelectorAll")(keyed)) {
      /** @type {Node | null | undefined} */
      let old = this.#twins.get(inner);
      while (old && !places.has(old)) old = member(old, "parentNode");
      if (old && !this.#taken.has(old) && kindOf(old) === kindOf(fresh)) return old;
    }
    return undefined;
  }

  /**
   * Without a key: the next one that is the same or, if the new node was not just inserted before that, of the same kind.
   *
   * @param {Node} fresh
   * @param {Node[]} olds
   * @param {number} next the first that may be it
   * @param {Node[]} news
   * @param {number} j where the new node is
   */
  #like(fresh, olds, next, news, j) {
    /** @type {Node[]} */
    const near = [];
    for (let i = next; i < next + sight && i < olds.length && !this.#taken.has(olds[i]); i++) {
      if (isSame(olds[i], fresh)) return olds[i];
      near.push(olds[i]);
    }
    if (near.length === 0 || news.slice(j + 1, j + sight).some((other) => isSame(near[0], other))) return undefined;
    const kind = kindOf(fresh);
    return near.find((old) => kindOf(old) === kind);
  }
}

/**
 * @param {Iterable<Element>} elements
 * @returns {Map<string, Element | undefined>} undefined where the key is not unique
 */
function unique(elements) {
  /** @type {Map<string, Element | undefined>} */
  const found = new Map();
  for (const element of elements) {
    const key = keyOf(element);
    if (key) found.set(key, found.has(key) ? undefined : element);
  }
  return found;
}

/**
 * @param {Node} a
 * @param {Node} b
 */
export function isSame(a, b) {
  return member(a, "isEqualNode")(b);
}
