/**
 * A property or method of a node. A form's fields hide its own: with <input name="remove"> inside, form.remove is that field.
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
