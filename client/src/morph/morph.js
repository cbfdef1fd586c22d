import { isDirty } from "../shared/dirty.js";
import { isAsWritten } from "../shared/field-value.js";
import { holdField, holdRadios } from "./fields.js";
import { holdFocus, holdView } from "./focus.js";
import { contentOf } from "../shared/content.js";
import { keyed } from "./keys.js";
import { unclobbered } from "../shared/unclobbered.js";
import { childrenOf, isSame, nameOf, withAncestors } from "./nodes.js";
import { rising } from "./order.js";
import { Matcher } from "./matcher.js";

// Which only morphs, so that it comes in the same file.
export { Resets } from "./reset.js";

const fields = "input,textarea,select";
// What may not just turn into its counterpart.
const others = "template,noscript,[wx-ignore],[wx-preserve]";

/**
 * Turns what is inside the parent into the content and keeps every node that has a counterpart there. Inside wx-ignore
 * nothing changes.
 *
 * @param {Element | DocumentFragment} parent
 * @param {DocumentFragment} content is used up
 */
export function morphContent(parent, content) {
  const field = parent instanceof Element && unclobbered(parent, "closest")("select,textarea");
  const settle = field ? holdField(field) : undefined;
  morph(parent, parent, content);
  settle?.();
}

/**
 * Turns the target itself into the content.
 *
 * @param {Element} target
 * @param {DocumentFragment} content is used up
 * @returns {Element | undefined} what has become the first element of the content; undefined if it has none
 */
export function morphElement(target, content) {
  const parent = /** @type {Element | DocumentFragment | null} */ (unclobbered(target, "parentNode"));
  const nodes = parent ? morph(parent, target, content, [target], unclobbered(target, "nextSibling")) : [];
  return nodes.find((node) => node instanceof Element);
}

/**
 * @param {Element | DocumentFragment} parent
 * @param {Element | DocumentFragment} root the parent, or which part of it changes
 * @param {DocumentFragment} content
 * @param {[olds?: Node[], end?: Node | null]} part which children of the parent, and what follows them; all if not given
 * @returns {Node[]} what the part has become
 */
function morph(parent, root, content, ...part) {
  const closest = parent instanceof Element && unclobbered(parent, "closest");
  if (closest && (closest("[wx-ignore]") || isClosed(closest("[contenteditable]") ?? parent))) return part[0] ?? [];
  const holds = [holdRadios(), holdFocus()];
  const find = unclobbered(root, "querySelectorAll");
  const own = part[0] ? [/** @type {Element} */ (root), ...find(keyed)] : find(keyed);
  const nodes = new Morph(new Matcher(own, content, closest ? closest("form") : null), root).run(parent, content, ...part);
  for (const putBack of holds) putBack();
  return nodes;
}

class Morph {
  #matcher;
  /** Until the end, because something inside may still move to its new place. @type {Node[]} */
  #left = [];
  /** @type {(() => void) | undefined} */
  #view;
  /** What has to be handled with care though it is the same in the new html, and what that is in. @type {Set<Node>} */
  #special;

  /**
   * @param {Matcher} matcher
   * @param {Element | DocumentFragment} root
   */
  constructor(matcher, root) {
    this.#matcher = matcher;
    const find = unclobbered(root, "querySelectorAll");
    const changed = [...find(fields)].filter((field) => isDirty(field) || !isAsWritten(field));
    this.#special = withAncestors([root, ...find(others), ...changed]);
  }

  /** @param {Parameters<Morph["children"]>} args */
  run(...args) {
    const nodes = this.children(...args);
    for (const old of this.#left) if (!this.#matcher.has(old)) unclobbered(/** @type {Element} */ (old), "remove")();
    this.#view?.();
    return nodes;
  }

  /**
   * @param {Element | DocumentFragment} parent
   * @param {Element | DocumentFragment} source
   * @param {Node[]} [olds]
   * @param {Node | null} [end]
   * @returns {Node[]} what the old ones have become
   */
  children(parent, source, olds = childrenOf(parent), end = null) {
    const news = childrenOf(source);
    if (olds.length === 1 && news.length === 1 && olds[0] instanceof Text && news[0] instanceof Text) {
      write(olds[0], news[0].data);
      return olds;
    }
    /** @type {Map<Node | undefined, number>} */
    const places = new Map();
    for (let i = 0; i < olds.length; i++) places.set(olds[i], i);
    const [found, same] = this.#matcher.match(olds, news, places);
    const stay = rising(found.map((old) => places.get(old)));
    const nodes = news.map((fresh, i) => found[i] ?? fresh);
    for (let i = nodes.length - 1, next = end; i >= 0; next = nodes[i--]) {
      if (!found[i]) this.#insert(parent, news[i], next);
      else if (!stay.has(i)) this.#move(parent, nodes[i], next);
    }
    for (const old of olds) if (!this.#matcher.has(old)) this.#left.push(old);
    for (let i = 0; i < news.length; i++) {
      const old = found[i];
      if (old) this.#node(old, news[i], same[i]);
    }
    return nodes;
  }

  /**
   * Inserts a new node. What it holds of the page's own takes its place there.
   *
   * @param {Element | DocumentFragment} parent
   * @param {Node} fresh
   * @param {Node | null} next
   */
  #insert(parent, fresh, next) {
    /** @type {[Element, Element, Comment][]} */
    const moving = [];
    for (const inner of this.#matcher.holds(fresh) ? unclobbered(/** @type {Element} */ (fresh), "querySelectorAll")(keyed) : []) {
      const old = unclobbered(fresh, "contains")(inner) && this.#matcher.take(inner);
      if (!old) continue;
      const mark = new Comment();
      unclobbered(inner, "replaceWith")(mark);
      moving.push([old, inner, mark]);
    }
    unclobbered(parent, "insertBefore")(fresh, next);
    for (const [old, inner, mark] of moving) {
      this.#move(/** @type {Element} */ (mark.parentNode), old, mark);
      mark.remove();
      this.#node(old, inner);
    }
  }

  /**
   * If the browser can, without taking the node out of the page: a frame would load anew, the focus would be lost.
   *
   * @param {Element | DocumentFragment} parent
   * @param {Node} node
   * @param {Node | null} next
   */
  #move(parent, node, next) {
    const move = unclobbered(node, "isConnected") && unclobbered(parent, "isConnected") && unclobbered(parent, "moveBefore");
    // Also with moveBefore: browsers bring the focus into view when it has moved and forget the caret, and Firefox forgets what
    // a node was scrolled to.
    this.#view ??= holdView();
    (move || unclobbered(parent, "insertBefore"))(node, next);
  }

  /**
   * @param {Node} old
   * @param {Node} fresh of the same kind
   * @param {boolean} [same] if that is known
   */
  #node(old, fresh, same) {
    if (old instanceof Element) this.#element(old, /** @type {Element} */ (fresh), same ?? isSame(old, fresh));
    else if (!same) write(/** @type {CharacterData} */ (old), /** @type {CharacterData} */ (fresh).data);
  }

  /**
   * @param {Element} old
   * @param {Element} fresh
   * @param {boolean} same
   */
  #element(old, fresh, same) {
    const isSpecial = this.#special.has(old);
    if (same && (!isSpecial || settleFields(old))) return;
    if (isSpecial && unclobbered(old, "matches")("[wx-preserve][id]")) return;
    const closed = isClosed(old, isSpecial);
    const settle = /^(input|textarea|select)$/i.test(nameOf(old)) && holdField(old);
    if (!takeAttributes(old, fresh)) {
      this.#insert(/** @type {Element} */ (unclobbered(old, "parentNode")), fresh, old);
      unclobbered(old, "remove")();
      return;
    }
    if (closed) return;
    const content = contentOf(old);
    if (content !== old) for (const node of withAncestors(unclobbered(content, "querySelectorAll")(others))) this.#special.add(node);
    this.children(content, contentOf(fresh));
    if (settle) settle();
  }
}

/**
 * Whether what is inside stays as it is: nothing of ours, something that a visitor wrote, or a noscript, which holds text where
 * scripts run but elements in new html.
 *
 * @param {Element} element
 * @param {boolean} [isSpecial]
 */
function isClosed(element, isSpecial = true) {
  if (isSpecial && unclobbered(element, "matches")("[wx-ignore],noscript")) return true;
  return isDirty(element) && unclobbered(/** @type {HTMLElement} */ (element), "isContentEditable");
}

/**
 * Makes the fields in an element that looks as it should what the markup says.
 *
 * @param {Element} element
 * @returns {boolean} false if it may differ in more than that
 */
function settleFields(element) {
  if (unclobbered(element, "matches")(fields + "," + others) || unclobbered(element, "querySelector")(others)) return false;
  for (const field of unclobbered(element, "querySelectorAll")(fields)) holdField(field)();
  return true;
}

const { getAttribute, getAttributeNames, getAttributeNode, hasAttribute, removeAttribute, setAttributeNode } = Element.prototype;

/**
 * @param {Element} old
 * @param {Element} fresh
 * @returns {boolean} false if the new element has to take the place of the old one
 */
function takeAttributes(old, fresh) {
  const isPending = unclobbered(old, "classList").contains("wx-pending");
  const isSender = getAttribute.call(old, "aria-busy") === "true"; // the others are indicators, which were hidden
  // Whether they are open is up to the visitor, or to the script that showed the dialog. What was typed is worth more than a handler.
  // What a request under way has changed, it changes back.
  const isFree = (/** @type {string} */ name) =>
    name === "open"
      ? unclobbered(old, "matches")("details,dialog")
      : (isPending && name === (isSender ? "aria-busy" : "hidden")) || (isDirty(old) && /^on/.test(name));
  for (const name of getAttributeNames.call(old)) {
    // Of a request under way, see progress.js.
    if (name === "disabled" && getAttribute.call(old, name) === "wx-pending") continue;
    if (!hasAttribute.call(fresh, name) && !isFree(name)) removeAttribute.call(old, name);
  }
  for (const name of getAttributeNames.call(fresh)) {
    if (getAttribute.call(old, name) === getAttribute.call(fresh, name) || isFree(name)) continue;
    // Under Trusted Types only the parser may set these.
    if (/^(on|srcdoc$)/.test(name)) return false;
    // Not setAttribute, which refuses names that the parser accepts.
    const attribute = /** @type {Attr} */ (getAttributeNode.call(fresh, name));
    setAttributeNode.call(old, /** @type {Attr} */ (attribute.cloneNode()));
  }
  if (isPending) unclobbered(old, "classList").add("wx-pending");
  return true;
}

/**
 * Changes only what differs, so that a caret or a selection around it stays where it is.
 *
 * @param {CharacterData} node
 * @param {string} text
 */
function write(node, text) {
  const { data } = node;
  if (data === text) return;
  const most = Math.min(data.length, text.length);
  let start = 0;
  while (start < most && data[start] === text[start]) start++;
  let end = 0;
  while (end < most - start && data.at(-1 - end) === text.at(-1 - end)) end++;
  node.replaceData(start, data.length - start - end, text.slice(start, text.length - end));
}
