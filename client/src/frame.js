/**
 * An object from the server: with `type` it is control, without it an update. Nothing about its keys is sure.
 *
 * @typedef {Record<string, unknown>} Frame
 */

/**
 * @param {string} text
 * @returns {Frame | undefined}
 */
export function parseFrame(text) {
  try {
    const frame = JSON.parse(text);
    return frame && typeof frame === "object" && !Array.isArray(frame) ? frame : undefined;
  } catch {
    return undefined;
  }
}
