/**
 * Fetches a file of what few pages need: "http", "more" or "debug".
 *
 * @typedef {(name: string) => Promise<any>} Load
 */

// Where the script came from is known only while it runs for the first time. Markup that hides currentScript, such as
// <img name="currentScript" src="...">, is not listened to.
const script = globalThis.document?.currentScript; // none on a server, which may import the module
const source = script && script instanceof HTMLScriptElement && script.src;

// An address that failed is not asked again by browsers, as long as the page lives.
let failures = 0;

/**
 * From where the script itself came: with a query for the handler of the Go library, which has but one path, and beside it from
 * servers that know nothing but files and answer with the script again.
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
