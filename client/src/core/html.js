/**
 * The one place where text becomes HTML. What arrives here comes from the page's own server, which escapes what users wrote,
 * so the Trusted Types policy lets it through; under a policy list the name to allow is "wsx".
 *
 * Made when it is first needed: a second copy of the script, which stays idle, must not ask for a second policy.
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

// The last part of their namespaces begins with the names of the elements that hold SVG and MathML.
const foreign = /\/(svg|Math)[^/]*$/;

/**
 * Parses in a template, where <tr>, <td>, <li> and <option> may stand alone and where scripts have lost the right to run.
 * Children of an SVG element only draw if they are made in its namespace, which the parser does inside <svg> alone.
 *
 * @param {string} html
 * @param {Element | null} parent the element that is going to hold the content
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
