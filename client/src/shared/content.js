/**
 * Where an element's content is: a template keeps it apart.
 *
 * @param {Element} element
 */
export function contentOf(element) {
  return element instanceof HTMLTemplateElement ? element.content : element;
}
