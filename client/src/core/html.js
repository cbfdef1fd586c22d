// The one place where text becomes HTML.

/**
 * The Trusted Types policy. It accepts everything, because HTML comes from the page's own server, which escapes what users
 * write. A page that lists its policies has to allow the name "wsx".
 *
 * It is created on first use, so that a second copy of the script, which stays idle, does not create a second policy.
 *
 * @type {{ createHTML(html: string): any } | undefined}
 */
let policy;

/** @param {string} html */
function trusted(html) {
  policy ??= /** @type {any} */ (window).trustedTypes?.createPolicy("wsx", { createHTML: (/** @type {string} */ h) => h });
  return policy ? policy.createHTML(html) : html;
}

/** @param {string} html a whole page */
export function parsePage(html) {
  return new DOMParser().parseFromString(trusted(html), "text/html");
}

// The last part of the namespaces of SVG and MathML begins with the name of their outer element.
const foreign = /\/(svg|Math)[^/]*$/;

/**
 * Parses a fragment in a template, where <tr>, <td>, <li> and <option> may stand alone and scripts do not run. Children of an
 * SVG element need its namespace, which the parser applies only inside <svg>.
 *
 * @param {string} html
 * @param {Element | null} parent the element that will contain the content
 * @returns {DocumentFragment}
 */
export function parse(html, parent) {
  const wrapper = parent?.localName !== "foreignObject" && foreign.exec(parent?.namespaceURI ?? "")?.[1];
  const template = document.createElement("template");
  const source = wrapper ? `<${wrapper}>${html}</${wrapper}>` : html;
  template.innerHTML = trusted(source);
  if (wrapper) {
    const shell = /** @type {Element} */ (template.content.firstChild);
    shell.replaceWith(...shell.childNodes);
  }
  return template.content;
}
