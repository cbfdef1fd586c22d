/**
 * Milliseconds of "300", "300ms" or "1.5s"; undefined for anything else, so that the caller can say what was wrong.
 *
 * @param {string} text
 * @returns {number | undefined}
 */
export function duration(text) {
  const parts = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text);
  return parts ? Number(parts[1]) * (parts[2] === "s" ? 1000 : 1) : undefined;
}
