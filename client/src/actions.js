/**
 * Does what an update of the swap "action" asks for: a verb beyond html.
 *
 * @param {unknown} args the verb, and what belongs to it
 * @returns {boolean} false: it is no verb that we know, or not ours to do
 */
export function act(args) {
  const to = Array.isArray(args) && args[0] === "redirect" ? destination(args[1]) : undefined;
  if (to === undefined) return false;
  location.assign(to);
  return true;
}

/**
 * Where a redirection leads; undefined: out of the origin, or to a script. The server has looked too, but what leads a visitor
 * elsewhere is worth two looks.
 *
 * @param {unknown} url
 * @returns {string | undefined}
 */
export function destination(url) {
  if (typeof url !== "string" || !URL.canParse(url, document.baseURI)) return undefined;
  const { href, origin, protocol } = new URL(url, document.baseURI);
  return origin === location.origin && /^https?:$/.test(protocol) ? href : undefined;
}
