// Reads and completes the settings of a client.

/**
 * @typedef {object} Config
 * @property {string} url of the server: a path, or a ws, wss, http or https address. Required
 * @property {number} reconnectInterval base of the pauses between attempts, in ms. Default 1000
 * @property {number} maxReconnectAttempts failures in a row until the client gives up; -1 means never. Default Infinity
 * @property {boolean} debug logs what the client ignores to the console. Default false
 * @property {number} [timeout] for an answer, in ms, unless wx-timeout sets one. Default 0, which means none
 * @property {string} [errorText] what wx-error shows if the server sends no text for visitors. Default: one English sentence
 * @property {string[]} navigate origins other than the page's own to which the server may send visitors. Default: none
 * @property {string} [root] selector of the part of the page whose elements send here. Default: the whole page for the
 *   first element with wx-config, and the element itself for others
 */

const example = `Write wx-config='{"url":"/ws"}'.`;

/**
 * Reads the settings in an element's wx-config. A mistake is logged and does not affect the rest of the page.
 *
 * @param {Element} element
 * @returns {Config | undefined}
 */
export function readConfig(element) {
  const text = element.getAttribute("wx-config") ?? "";
  try {
    return completeConfig(JSON.parse(text));
  } catch (error) {
    console.error(`wsx: wx-config cannot be used (${/** @type {Error} */ (error).message}). ${example} Found: ${text}`);
    return undefined;
  }
}

/**
 * @param {Partial<Config>} given
 * @returns {Config}
 */
export function completeConfig(given) {
  const { url, reconnectInterval, maxReconnectAttempts, debug, navigate } = given ?? {};
  if (typeof url !== "string" || url === "") throw new Error(`"url" is missing`);
  return {
    ...given,
    url: socketURL(url),
    reconnectInterval: Number(reconnectInterval) > 0 ? Number(reconnectInterval) : 1000,
    maxReconnectAttempts:
      typeof maxReconnectAttempts === "number" && maxReconnectAttempts >= 0 ? maxReconnectAttempts : Infinity,
    debug: Boolean(debug),
    navigate: navigate ?? [],
  };
}

/**
 * Resolves the address of the server. Paths resolve against the address of the page, not a <base>, which often points at a
 * CDN.
 *
 * @param {string} given
 */
function socketURL(given) {
  const url = new URL(given, location.href);
  url.protocol = url.protocol.replace(/^http/, "ws");
  if (!/^wss?:$/.test(url.protocol)) throw new Error(`"url" must be a path or a ws: address, not ${given}`);
  url.hash = ""; // WebSocket rejects a fragment
  return url.href;
}
