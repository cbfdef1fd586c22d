/** Whether the visitor wants things to move as little as possible. */
export function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * How to scroll: as the style sheet says (scroll-behavior), unless the visitor wants no motion.
 *
 * @returns {ScrollBehavior}
 */
export function behavior() {
  return isStill() ? "instant" : "auto";
}
