// The entry of wsx-morph.js: turns content into new HTML while keeping the nodes of the page.

import { contentOf } from "../shared/content.js";
import { dirty, isDirty } from "../shared/dirty.js";
import { isAsWritten } from "../shared/field-value.js";
import { holdField, holdRadios } from "./fields.js";
import { holdFocus, holdView } from "./focus.js";
import { keyed } from "./keys.js";
import { Matcher } from "./matcher.js";
import { childrenOf, isSame, nameOf, withAncestors } from "./nodes.js";
import { holdMedia } from "./media.js";
import { rising } from "./order.js";
import { dropDrafts } from "./records.js";
import { unclobbered } from "../shared/unclobbered.js";

// Resets morph the regions that they refetch, so the rooms are in this bundle.
export { Rooms } from "./rooms.js";

const fields = "input,textarea,select";
// Elements that need care even if nothing about them changes.
const others = "template,noscript,[wx-ignore],[wx-preserve]";

/**
 * Turns the children of the parent into the content, keeping every node that has a counterpart there. Inside wx-ignore
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
 * @returns {Element | undefined} the node in the page for the first element of the content; undefined if it has none
 */
export function morphElement(target, content) {
  const parent = /** @type {Element | DocumentFragment | null} */ (unclobbered(target, "parentNode"));
  const nodes = parent ? morph(parent, target, content, [target], unclobbered(target, "nextSibling")) : [];
  return nodes.find((node) => node instanceof Element);
}

/**
 * @param {Element | DocumentFragment} parent
 * @param {Element | DocumentFragment} root the parent, or the child that changes
 * @param {DocumentFragment} content
 * @param {[olds?: Node[], end?: Node | null]} part some children of the parent and the node behind them; by default all children
 * @returns {Node[]} the nodes that the part has become
 */
function morph(parent, root, content, ...part) {
  const closest = parent instanceof Element && unclobbered(parent, "closest");
  if (closest && (closest("[wx-ignore]") || isClosed(closest("[contenteditable]") ?? parent))) return part[0] ?? [];
  const holds = [holdRadios(), holdFocus()];
  const find = unclobbered(root, "querySelectorAll");
  const own = part[0] ? [/** @type {Element} */ (root), ...find(keyed)] : find(keyed);
  const outer = { form: closest ? closest("form") : null, roots: [root, part[0] ? content.firstElementChild : null] };
  const nodes = new Morph(new Matcher(own, content, outer), root).run(parent, content, ...part);
  for (const putBack of holds) putBack();
  return nodes;
}

class Morph {
  #matcher;
  /** Nodes to remove at the end, because something inside may still move elsewhere. @type {Node[]} */
  #left = [];
  /** @type {(() => void) | undefined} */
  #view;
  /** Nodes that need care even if they are equal in the new HTML, and their ancestors. @type {Set<Node>} */
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
   * @returns {Node[]} the nodes that the old ones have become
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
    // What is new comes to life from the first to the last, as when a page is parsed. So each is put before the next that stays.
    const stops = nodes.map(() => end);
    for (let i = nodes.length - 2; i >= 0; i--) stops[i] = stay.has(i + 1) ? nodes[i + 1] : stops[i + 1];
    for (let i = 0; i < nodes.length; i++) {
      if (!found[i]) this.#insert(parent, news[i], stops[i]);
      else if (!stay.has(i)) this.#move(parent, nodes[i], stops[i]);
    }
    for (const old of olds) if (!this.#matcher.has(old)) this.#left.push(old);
    for (let i = 0; i < news.length; i++) {
      const old = found[i];
      if (old) this.#node(old, news[i], same[i]);
    }
    return nodes;
  }

  /**
   * Inserts a new node. Nodes of the page with a counterpart inside it move to their place there.
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
   * Moves a node, with moveBefore if possible: taking it out of the page would reload frames and lose the focus.
   *
   * @param {Element | DocumentFragment} parent
   * @param {Node} node
   * @param {Node | null} next
   */
  #move(parent, node, next) {
    const move = unclobbered(node, "isConnected") && unclobbered(parent, "isConnected") && unclobbered(parent, "moveBefore");
    // Needed for moveBefore too: browsers scroll to the focus and lose the caret, and Firefox loses scroll positions.
    this.#view ??= holdView();
    (move || unclobbered(parent, "insertBefore"))(node, next);
  }

  /**
   * @param {Node} old
   * @param {Node} fresh a node of the same kind
   * @param {boolean} [same] whether the two are equal, if known
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
    if (same && !fresh.shadowRoot && (!isSpecial || settleFields(old))) return;
    if (isSpecial && unclobbered(old, "matches")("[wx-preserve][id]")) return;
    dropDrafts(old, fresh);
    const closed = isClosed(old, isSpecial);
    const reload = holdMedia(old);
    const settle = /^(input|textarea|select)$/i.test(nameOf(old)) && holdField(old);
    if (!takeAttributes(old, fresh)) {
      this.#insert(/** @type {Element} */ (unclobbered(old, "parentNode")), fresh, old);
      unclobbered(old, "remove")();
      return;
    }
    if (closed) return;
    if (old.shadowRoot && fresh.shadowRoot) this.children(old.shadowRoot, fresh.shadowRoot);
    const content = contentOf(old);
    if (content !== old) for (const node of withAncestors(unclobbered(content, "querySelectorAll")(others))) this.#special.add(node);
    this.children(content, contentOf(fresh));
    if (settle) settle();
    reload?.();
  }
}

/**
 * Reports whether the content of an element stays as it is: in wx-ignore, in editable content that the visitor changed, or in
 * a noscript, which contains text in a page with scripts but elements in new HTML.
 *
 * @param {Element} element
 * @param {boolean} [isSpecial]
 */
function isClosed(element, isSpecial = true) {
  if (isSpecial && unclobbered(element, "matches")("[wx-ignore],noscript")) return true;
  return isDirty(element) && unclobbered(/** @type {HTMLElement} */ (element), "isContentEditable");
}

/**
 * Resets the fields in an element whose markup is equal already, except dirty ones.
 *
 * @param {Element} element
 * @returns {boolean} false if more than its fields may differ
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
 * @returns {boolean} false if the new element has to replace the old one
 */
function takeAttributes(old, fresh) {
  const isPending = unclobbered(old, "classList").contains("wx-pending");
  const isSender = getAttribute.call(old, "aria-busy") === "true"; // other pending elements are indicators, which may have been hidden
  // Details that a visitor has opened or closed stay so, as does a dialog that a visitor has closed or a script has opened. Event
  // handlers of dirty fields stay, because a new one would replace the field. Changes of a pending request are undone when it is over.
  // A nonce is of the document, not of the response that brought the element.
  const isFree = (/** @type {string} */ name) =>
    name === "open"
      ? isDirty(old) || unclobbered(old, "matches")("dialog:modal")
      : name === "nonce" || (isPending && name === (isSender ? "aria-busy" : "hidden")) || (isDirty(old) && /^on/.test(name));
  for (const name of getAttributeNames.call(old)) {
    // A request under way disabled it, see progress.js.
    if (name === "disabled" && getAttribute.call(old, name) === "wx-pending") continue;
    if (!hasAttribute.call(fresh, name) && !isFree(name)) removeAttribute.call(old, name);
  }
  for (const name of getAttributeNames.call(fresh)) {
    if (getAttribute.call(old, name) === getAttribute.call(fresh, name) || isFree(name)) continue;
    // Under Trusted Types only the parser can set these.
    if (/^(on|srcdoc$)/.test(name)) return false;
    // setAttribute rejects names that the parser accepts.
    const attribute = /** @type {Attr} */ (getAttributeNode.call(fresh, name));
    setAttributeNode.call(old, /** @type {Attr} */ (attribute.cloneNode()));
  }
  if (isPending) unclobbered(old, "classList").add("wx-pending");
  if (unclobbered(old, "matches")("details,dialog") && hasAttribute.call(old, "open") === hasAttribute.call(fresh, "open")) dirty.delete(old);
  return true;
}

/**
 * Replaces only the characters that differ, so that a caret or selection elsewhere in the text stays in place.
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
