// Reads times as attributes write them.

/**
 * Converts "300", "300ms" or "1.5s" to milliseconds. Anything else gives undefined, so that the caller can name the mistake.
 *
 * @param {string} text
 * @returns {number | undefined}
 */
export function duration(text) {
  const parts = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text);
  return parts ? Number(parts[1]) * (parts[2] === "s" ? 1000 : 1) : undefined;
}
