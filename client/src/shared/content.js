// Finds the node that holds the content of an element.

/**
 * The node whose children are the element's content. A template keeps it in a fragment of its own.
 *
 * @param {Element} element
 */
export function contentOf(element) {
  return element instanceof HTMLTemplateElement ? element.content : element;
}
