// The open shadow roots of the page. What is in them sends, is a target and follows rooms, although queries of the document do not
// find it.

/** Those that are known and in the page. @type {Set<ShadowRoot>} */
export const shadows = new Set();

/** The trees of the page: the document and the known roots. A query looks through one. @returns {(Document | ShadowRoot)[]} */
export function trees() {
  return [document, ...[...shadows].filter((root) => root.isConnected)];
}

/**
 * Notes a root if it is open: of a closed one the window hears too little.
 *
 * @param {unknown} node
 * @returns {node is ShadowRoot} whether it is a root, and new
 */
export function isNew(node) {
  if (!(node instanceof ShadowRoot) || node.mode !== "open" || shadows.has(node)) return false;
  for (const root of shadows) if (!root.isConnected) shadows.delete(root); // or they would never be freed
  shadows.add(node);
  return true;
}
