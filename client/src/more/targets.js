import { unclobbered } from "../shared/unclobbered.js";

/**
 * The elements that a relative target of an answer means: this, closest sel, find sel, next [sel], previous [sel].
 *
 * @param {string} target
 * @param {Element | Document} sender of the request that is answered
 * @param {Element} [bearer] of the target, which `this` means
 * @returns {Element[]} empty if there is none
 */
export function related(target, sender, bearer) {
  const [, word, selector] = /^(\w+)\s*(.*)$/s.exec(target.trim()) ?? [];
  const from = present(word === "this" ? bearer : sender);
  const found = from && (word === "this" ? from : search(word, selector, from));
  return found ? [found] : [];
}

/**
 * What has left the page since is, by its id, what came in its place.
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
  if (word === "closest") return unclobbered(from, "closest")(selector);
  if (word === "find") return unclobbered(from, "querySelector")(selector);
  const isNext = word === "next";
  if (!selector) return unclobbered(from, isNext ? "nextElementSibling" : "previousElementSibling");
  // Exactly that: what contains the sender or is inside it is neither before nor behind it.
  const wanted = isNext ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  const all = [...document.querySelectorAll(selector)].filter((one) => unclobbered(from, "compareDocumentPosition")(one) === wanted);
  return isNext ? all[0] : all.at(-1);
}
