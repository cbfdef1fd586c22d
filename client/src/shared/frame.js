/**
 * An object from the server: with `type` it is control, without it an update. Nothing about its keys is sure.
 *
 * @typedef {Record<string, unknown>} Frame
 */

/**
 * @param {unknown} data text, or what has been decoded already
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
