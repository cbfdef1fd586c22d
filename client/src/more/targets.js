// Resolves targets that are relative to the sender of a request.

import { closest } from "../shared/inherited.js";
import { near } from "./near.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * Returns the elements that a relative target matches: this, closest sel, find sel, next [sel], previous [sel].
 *
 * @param {string} target
 * @param {Element | Document} sender of the request that is answered
 * @param {Element} [bearer] has the attribute with the target; `this` means it
 * @returns {Element[]} empty if nothing matches
 */
export function related(target, sender, bearer) {
  const [, word, selector] = /^(\w+)\s*(.*)$/s.exec(target.trim()) ?? [];
  if (word === "near") return selector.startsWith("all ") ? near(selector.slice(4), bearer ?? sender) : near(selector, bearer ?? sender).slice(0, 1);
  const from = present(word === "this" ? bearer : sender);
  const found = from && (word === "this" ? from : search(word, selector, from));
  return found ? [found] : [];
}

/**
 * Returns the element if it is still in the page, or else the one that has taken over its id.
 *
 * @param {Element | Document | undefined} element
 */
function present(element) {
  if (!(element instanceof Element) || unclobbered(element, "isConnected")) return element instanceof Element ? element : undefined;
  const id = unclobbered(element, "getAttribute")("id");
  return id ? (document.getElementById(id) ?? undefined) : undefined;
}

/**
 * @param {string} word
 * @param {string} selector
 * @param {Element} from
 * @returns {Element | null | undefined}
 */
function search(word, selector, from) {
  if (word === "closest") return closest(from, selector);
  if (word === "find") return unclobbered(from, "querySelector")(selector);
  const isNext = word === "next";
  if (!selector) return unclobbered(from, isNext ? "nextElementSibling" : "previousElementSibling");
  // An exact match: ancestors and descendants of the sender set further bits, and are neither before nor behind it.
  const wanted = isNext ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  const all = near(selector, from).filter((one) => unclobbered(from, "compareDocumentPosition")(one) === wanted);
  return isNext ? all[0] : all.at(-1);
}
