import { keyed, keyOf, kindOf } from "./keys.js";
import { member } from "./member.js";

// How far two lists without keys are compared where they differ: rows that come or go in larger numbers between others that
// change, too, are written anew, which takes longer and is right as well.
const sight = 5;

/**
 * Decides which node of the page turns into which node of the new html. Each is given away once.
 */
export class Pairs {
  /** What both sides have exactly once. @type {Map<string, Element>} */
  #known = new Map();
  /** @type {Set<Node>} */
  #taken = new Set();

  /**
   * @param {Iterable<Element>} page those that may turn into something
   * @param {DocumentFragment} html
   */
  constructor(page, html) {
    const fresh = unique(html.querySelectorAll(keyed));
    for (const [key, old] of unique(page)) {
      const twin = old && fresh.get(key);
      if (twin && kindOf(twin) === kindOf(old) && !isKept(member(old, "parentElement"))) this.#known.set(key, old);
    }
  }

  /** @param {Node} old */
  has(old) {
    return this.#taken.has(old);
  }

  /**
   * The element that has the same key, wherever it is.
   *
   * @param {Node} fresh
   */
  take(fresh) {
    return fresh instanceof Element ? this.#take(this.#known.get(keyOf(fresh))) : undefined;
  }

  /**
   * For each of the new nodes the old one that turns into it.
   *
   * @param {Node[]} olds siblings
   * @param {Node[]} news
   * @returns {(Node | undefined)[]}
   */
  of(olds, news) {
    const places = new Map(olds.map((old, place) => [old, place]));
    const found = news.map((fresh) => this.take(fresh) ?? this.#take(this.#around(fresh, places)));
    // The end first: a block that was inserted or removed then shifts nothing behind it.
    for (let i = olds.length - 1, j = news.length - 1; i >= 0 && j >= 0 && isSame(olds[i], news[j]); i--, j--) {
      if (!found[j] && !this.#take(olds[i])) break;
      found[j] ??= olds[i];
    }
    let next = 0;
    news.forEach((fresh, j) => {
      found[j] ??= this.#take(this.#like(fresh, olds.slice(next, next + sight), news.slice(j + 1, j + sight)));
      const place = places.get(/** @type {Node} */ (found[j]));
      if (place !== undefined) next = place + 1;
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
   * @param {Map<Node, number>} places
   */
  #around(fresh, places) {
    if (!(fresh instanceof Element)) return undefined;
    for (const inner of member(fresh, "querySelectorAll")(keyed)) {
      /** @type {Node | null | undefined} */
      let old = this.#known.get(keyOf(inner));
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
   * @param {Node[]} following what comes after the new node
   */
  #like(fresh, olds, following) {
    const end = olds.findIndex((old) => this.#taken.has(old));
    const near = end < 0 ? olds : olds.slice(0, end);
    const same = near.find((old) => isSame(old, fresh));
    if (same || near.length === 0 || following.some((other) => isSame(near[0], other))) return same;
    const kind = kindOf(fresh);
    return near.find((old) => kindOf(old) === kind);
  }
}

/**
 * What is kept as it is must not lose a part of itself to another place.
 *
 * @param {Element | null} parent
 */
function isKept(parent) {
  return parent && member(parent, "closest")("[wx-ignore],[wx-preserve]");
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
