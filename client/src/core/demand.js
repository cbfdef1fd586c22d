// Loads the bundles that few pages need, from where the script itself came.

/**
 * Loads a bundle by its name: "http", "more", "morph" or "debug".
 *
 * @typedef {(name: string) => Promise<any>} Load
 */

// The address is known only while the script runs for the first time. Markup can replace currentScript, as in
// <img name="currentScript" src="...">, so its type is checked.
const script = globalThis.document?.currentScript; // undefined on a server, which may import the module
// A module has no currentScript, and may be imported without an element, but the trace of an error names its file. A bundle that
// contains this module must not be loaded again under another name, so the file has to be called wsx.
const source =
  script && script instanceof HTMLScriptElement ? script.src : /\bhttps?:\/\/\S*\/wsx\b[^/\s]*?(?=:\d+:\d)/.exec(String(Error().stack))?.[0];

// Browsers do not retry an address that failed while the page lives, so later attempts change it.
let failures = 0;

/**
 * The handler of the Go library has one path and takes the name as a query. A server of plain files ignores the query and
 * answers with the script, so the file beside it is loaded then.
 *
 * @type {Load | null}
 */
export const load = source ? (name) => fetchFile(source, name).catch((error) => Promise.reject((failures++, error))) : null;

/**
 * @param {string} source
 * @param {string} name
 */
async function fetchFile(source, name) {
  const again = failures ? "&" + failures : "";
  const file = await import(source.replace(/[?#].*|$/, `?${name}${again}`));
  return Object.keys(file).length > 0 ? file : import(new URL(`wsx-${name}.js`, source).href + again.replace("&", "?"));
}

/**
 * @param {Load | null} load
 * @param {string} name
 * @returns {Promise<any>}
 */
export function need(load, name) {
  return load?.(name) ?? Promise.reject("its own address is unknown");
}
