// Fast access to nodes, for what a morph asks of every node.

// Like unclobbered, these are safe from fields that clobber members of a form, but without its cost per call.
const { isEqualNode } = Node.prototype;
const [firstChild, nextSibling, parentNode, nodeName] = ["firstChild", "nextSibling", "parentNode", "nodeName"].map(
  (name) => /** @type {{ get(): any }} */ (Object.getOwnPropertyDescriptor(Node.prototype, name)).get,
);

/**
 * @param {Node} node
 * @returns {Node[]}
 */
export function childrenOf(node) {
  const found = [];
  for (let child = firstChild.call(node); child; child = nextSibling.call(child)) found.push(child);
  return found;
}

/**
 * @param {Iterable<Node>} nodes
 * @returns {Set<Node>} the nodes and all their ancestors
 */
export function withAncestors(nodes) {
  const found = new Set();
  for (let node of nodes) for (; node && !found.has(node); node = parentNode.call(node)) found.add(node);
  return found;
}

/**
 * @param {Node} node
 * @returns {string}
 */
export function nameOf(node) {
  return nodeName.call(node);
}

/**
 * @param {Node} a
 * @param {Node} b
 */
export function isSame(a, b) {
  return isEqualNode.call(a, b);
}
