// Makes players take new sources, which browsers read once.

/**
 * Remembers the sources of a player.
 *
 * @param {Element} element
 * @returns {(() => void) | undefined} to be called after the markup has changed
 */
export function holdMedia(element) {
  if (!(element instanceof HTMLMediaElement)) return undefined;
  const before = sourcesOf(element);
  return () => before === sourcesOf(element) || element.load();
}

/** @param {HTMLMediaElement} player */
function sourcesOf(player) {
  const of = (/** @type {Element} */ element) => ["src", "type", "media"].map((name) => element.getAttribute(name)).join("\n");
  return [player, ...player.querySelectorAll("source")].map(of).join("\n\n");
}
