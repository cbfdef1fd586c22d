// Parses what a server sends.

/**
 * An object from the server: a control frame if it has a `type`, otherwise an update. Its keys may hold anything.
 *
 * @typedef {Record<string, unknown>} Frame
 */

/**
 * @param {unknown} data text, or an object that has been decoded already
 * @returns {Frame | undefined}
 */
export function parseFrame(data) {
  try {
    const frame = typeof data === "string" ? JSON.parse(data) : data;
    return frame && typeof frame === "object" && !Array.isArray(frame) ? frame : undefined;
  } catch {
    return undefined;
  }
}
