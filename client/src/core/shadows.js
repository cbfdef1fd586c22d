// The open shadow roots of the page. Elements in them send, although queries of the document do not find them.

/** Those that are known and in the page. @type {Set<ShadowRoot>} */
export const shadows = new Set();

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
