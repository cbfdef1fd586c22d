/**
 * @typedef {object} Config
 * @property {string} url where the server is: a path, or a ws, wss, http or https address. Required
 * @property {number} reconnectInterval base of the pauses between attempts, in ms. Default 1000
 * @property {number} maxReconnectAttempts failures in a row until the client gives up; -1 or none: never. Default Infinity
 * @property {boolean} debug tells the console what the client ignores. Default false
 * @property {number} [timeout] for an answer, in ms, where no wx-timeout says otherwise. Default 0: none
 * @property {string} [errorText] what wx-error shows when the server has no words for visitors. Default: one English sentence
 * @property {string[]} navigate origins besides the page's own that the server may lead visitors to. Default: none
 * @property {string} [root] selector of the part of the page whose elements send here. Default: the whole page, for
 *   all but the first element with wx-config that element
 */

const example = `Write wx-config='{"url":"/ws"}', double quotes inside single ones.`;

/**
 * The settings in an element's wx-config. A mistake there is told and leaves the rest of the page alone.
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
 * Paths resolve against the page's address and not against a <base>, which often points at a CDN.
 *
 * @param {string} given
 */
function socketURL(given) {
  const url = new URL(given, location.href);
  url.protocol = url.protocol.replace(/^http/, "ws");
  if (!/^wss?:$/.test(url.protocol)) throw new Error(`"url" must be a path or a ws: address, not ${given}`);
  url.hash = ""; // WebSocket refuses a fragment
  return url.href;
}
