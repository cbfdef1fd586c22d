/**
 * Where an address that the server gave leads; undefined: to a script, or out of the origin to one that is not among the others.
 * The server has looked too, but what leads a visitor elsewhere is worth two looks.
 *
 * @param {unknown} url
 * @param {string[]} [others] origins
 * @returns {string | undefined}
 */
export function destination(url, others = []) {
  if (typeof url !== "string" || !URL.canParse(url, document.baseURI)) return undefined;
  const { href, origin, protocol } = new URL(url, document.baseURI);
  return /^https?:$/.test(protocol) && [location.origin, ...others].includes(origin) ? href : undefined;
}
