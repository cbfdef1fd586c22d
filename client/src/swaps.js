import { parse } from "./html.js";

/**
 * A verb puts html into the page and returns the element that stands for the result: wsx:afterSwap is told there.
 *
 * @typedef {(target: Element, html: string) => Element | null} Verb
 */

/** @type {Record<string, Verb>} */
export const swaps = {
  innerHTML: replaceContent,
  outerHTML: replaceElement,
  innerMorph: replaceContent,
  outerMorph: replaceElement,
  // Parsed first, so that text which the server escaped reads as it was typed.
  textContent(target, html) {
    target.textContent = parse(html, null).textContent;
    return target;
  },
  beforebegin: (target, html) => insert(target, target.parentElement, html, (mark) => target.before(mark)),
  afterbegin: (target, html) => insert(target, target, html, (mark) => target.prepend(mark)),
  beforeend: (target, html) => insert(target, target, html, (mark) => target.append(mark)),
  afterend: (target, html) => insert(target, target.parentElement, html, (mark) => target.after(mark)),
  delete(target) {
    const parent = target.parentElement;
    target.remove();
    return parent;
  },
  none: (target) => target,
};

/** @type {Verb} */
function replaceContent(target, html) {
  // These two hold text only: elements inside them would show nothing.
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLTitleElement) return swaps.textContent(target, html);
  const into = target instanceof HTMLTemplateElement ? target.content : target;
  into.replaceChildren(parse(html, target));
  return target;
}

/** @type {Verb} */
function replaceElement(target, html) {
  // The parser drops <html>, <head> and <body> in a fragment: replacing one would leave the document without it.
  if (target === document.documentElement || target === document.body || target === document.head) {
    return replaceContent(target, html);
  }
  const parent = target.parentElement;
  const content = parse(html, parent);
  const first = content.firstElementChild;
  target.replaceWith(content);
  return first ?? parent;
}

/**
 * Inserts at a mark, because the target itself may be replaced by a twin among what is inserted.
 *
 * @param {Element} target
 * @param {Element | null} parent
 * @param {string} html
 * @param {(mark: Text) => void} place
 */
function insert(target, parent, html, place) {
  if (!parent) return target;
  const content = parse(html, parent);
  const mark = document.createTextNode("");
  place(mark);
  replaceTwins(parent, content);
  mark.replaceWith(content);
  return target;
}

/**
 * A fragment may arrive although the page already has it (it was rendered with it, or the connection resumed a little too
 * early). An element whose id is already there therefore takes its place instead of appearing twice.
 *
 * @param {Element} parent
 * @param {DocumentFragment} content
 */
function replaceTwins(parent, content) {
  for (const fresh of [...content.children]) {
    const old = fresh.id ? document.getElementById(fresh.id) : null;
    if (!old || old.contains(parent)) continue;
    if (old.parentNode === parent) old.replaceWith(fresh);
    else old.remove();
  }
}
