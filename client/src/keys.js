// Called as often as a page has elements, so without the detour through member.
const { closest, getAttribute } = Element.prototype;

/** Finds everything that may have a key. */
export const keyed = "[id],[name]";

/**
 * What tells an element from its like: the id or, for what a form sends, the name. The form is a part of it, so that what
 * somebody typed into one form never turns up in another.
 *
 * @param {Element} element
 * @returns {string} empty if nothing does
 */
export function keyOf(element) {
  const id = getAttribute.call(element, "id");
  if (id) return `#${id}`;
  const name = getAttribute.call(element, "name");
  if (!name) return "";
  const form = closest.call(element, "form");
  // The boxes of a group share a name.
  const value = /^(checkbox|radio)$/.test(getAttribute.call(element, "type") ?? "") && getAttribute.call(element, "value");
  return [name, value, form && purposeOf(form)].join("\n");
}

/** @param {Element} form */
function purposeOf(form) {
  return getAttribute.call(form, "id") || getAttribute.call(form, "wx-send");
}

/**
 * Only nodes of one kind can turn into each other. A script never turns into another one, because a script that has not run
 * yet would.
 *
 * @param {Node} node
 * @param {string} [key] if it is known
 */
export function kindOf(node, key) {
  if (!(node instanceof Element)) return node.nodeName;
  if (node instanceof HTMLFormElement) return `form ${purposeOf(node)}`;
  return /^script$/i.test(node.nodeName) ? node.outerHTML : `${node.nodeName} ${key ?? keyOf(node)}`;
}
