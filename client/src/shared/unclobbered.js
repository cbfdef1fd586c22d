// Reads members of nodes that fields of a form may have clobbered.

/**
 * Returns a property of a node, or a method bound to it. Fields hide the members of their form: with
 * <input name="remove"> inside, form.remove is that field.
 *
 * @template {Node} N
 * @template {keyof N} K
 * @param {N} node
 * @param {K} name
 * @returns {N[K]}
 */
export function unclobbered(node, name) {
  /** @type {any} */
  const value = node instanceof HTMLFormElement ? Reflect.get(HTMLFormElement.prototype, name, node) : node[name];
  return typeof value === "function" ? value.bind(node) : value;
}
