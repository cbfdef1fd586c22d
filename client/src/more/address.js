// Checks the addresses that a server sends the visitor to.

/**
 * Resolves an address from the server. It must use http or https and stay at this origin or one of the others. The server
 * checks this too, but a mistake would send the visitor elsewhere, so the client checks it again.
 *
 * @param {unknown} url
 * @param {string[]} [others] origins
 * @returns {string | undefined} undefined if the address is not allowed
 */
export function destination(url, others = []) {
  if (typeof url !== "string" || !URL.canParse(url, document.baseURI)) return undefined;
  const { href, origin, protocol } = new URL(url, document.baseURI);
  return /^https?:$/.test(protocol) && [location.origin, ...others].includes(origin) ? href : undefined;
}
