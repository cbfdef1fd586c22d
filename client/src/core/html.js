// The one place where text becomes HTML.

import { contentOf } from "../shared/content.js";
import { unclobbered } from "../shared/unclobbered.js";

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

/**
 * Parses a fragment as its parent would, in a document where scripts do not run and nothing is loaded.
 *
 * @param {string} html
 * @param {Element | null} parent the element that will contain the content. Without one, <tr>, <td> and <li> may stand alone
 * @returns {DocumentFragment}
 */
export function parse(html, parent) {
  const template = document.createElement("template");
  const { content } = template;
  const context = parent ? content.ownerDocument.createElementNS(parent.namespaceURI, parent.localName) : template;
  const text = trusted(html);
  // The other way is quicker, but ignores declared shadow roots.
  if (/shadowroot/.test(html) && context.setHTMLUnsafe) context.setHTMLUnsafe(text);
  else context.innerHTML = text;
  content.append(...unclobbered(contentOf(context), "childNodes"));
  // A page with scripts has text there, which shows and loads nothing.
  for (const element of content.querySelectorAll("noscript")) if (element.firstElementChild) element.textContent = element.innerHTML;
  // The tags of a form in a form count for nothing.
  if (parent && unclobbered(parent, "closest")("form")) for (const form of content.querySelectorAll("form")) unclobbered(form, "replaceWith")(...unclobbered(form, "childNodes"));
  return content;
}
