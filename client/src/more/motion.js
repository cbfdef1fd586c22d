// Honors the wish for less motion.

/** Reports whether the visitor asks for reduced motion. */
export function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * The scroll behavior: that of the style sheet, or none if the visitor asks for reduced motion.
 *
 * @returns {ScrollBehavior}
 */
export function behavior() {
  return isStill() ? "instant" : "auto";
}
