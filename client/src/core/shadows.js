// The open shadow roots of the page. Elements in them send, although queries of the document do not find them.

/** Weak, because components come and go. @type {Set<WeakRef<ShadowRoot>>} */
const known = new Set();
/** @type {WeakSet<Node>} */
const seen = new WeakSet();

/** Returns those that are known. @returns {ShadowRoot[]} */
export function shadows() {
  return [...known].flatMap((ref) => ref.deref() ?? (known.delete(ref), []));
}

/**
 * Notes a root if it is open: of a closed one the window hears too little.
 *
 * @param {unknown} node
 * @returns {node is ShadowRoot} whether it is a root, and new
 */
export function isNew(node) {
  if (!(node instanceof ShadowRoot) || node.mode !== "open" || seen.has(node)) return false;
  seen.add(node);
  known.add(new WeakRef(node));
  return true;
}
