import { destination } from "./address.js";
import { announce } from "./announce.js";
import { emit } from "../shared/events.js";
import { unclobbered } from "../shared/unclobbered.js";
import { behavior } from "./motion.js";

/**
 * A verb does something else than show html. `this` is what more.js has of the client; pages' own verbs have no use for it.
 *
 * @typedef {import("./more.js").Core} Core
 * @typedef {(this: Core, targets: Element[], ...args: string[]) => void} Verb
 */

/** What the server has names for, see verb.go. @type {Record<string, Verb>} */
const known = {
  value(targets, value) {
    for (const target of targets) {
      setValue(target, value);
      this.carriedBy(target)(); // not the visitor's any more
    }
  },
  attr(targets, name, value) {
    if (/^(on|srcdoc$)/i.test(name)) throw new Error(`the attribute ${name} can run scripts`);
    if (value !== undefined && runsScript(value)) throw new Error(`the value of ${name} can run scripts`);
    for (const target of targets) {
      if (value === undefined) unclobbered(target, "removeAttribute")(name);
      else unclobbered(target, "setAttribute")(name, value);
    }
  },
  addClass(targets, ...names) {
    for (const target of targets) unclobbered(target, "classList").add(...apart(names));
  },
  removeClass(targets, ...names) {
    for (const target of targets) unclobbered(target, "classList").remove(...apart(names));
  },
  toggleClass(targets, ...names) {
    for (const target of targets) for (const name of apart(names)) unclobbered(target, "classList").toggle(name);
  },
  focus: ([target]) => focus(/** @type {HTMLElement} */ (target)),
  scroll: ([target]) => unclobbered(target, "scrollIntoView")({ block: "nearest", behavior: behavior() }),
  dispatch(targets, name, detail) {
    for (const target of targets) emit(target, name, JSON.parse(detail));
  },
  // The setter itself: an element with the name "title" hides it.
  title: (_, text) => void Reflect.set(Document.prototype, "title", text, document),
  push(_, url) {
    history.pushState(null, "", address(url, []));
  },
  replace(_, url) {
    history.replaceState(history.state, "", address(url, []));
  },
  redirect(_, url) {
    location.assign(address(url, this.config.navigate));
  },
  reload: () => location.reload(),
  announce: (_, text) => announce(text),
};

/**
 * Adds what is known to the page's own verbs, which have the say.
 *
 * @param {Record<string, Verb>} verbs
 */
export function fill(verbs) {
  Object.assign(verbs, { ...known, ...verbs });
}

/**
 * Does what an update of the swap "action" asks for.
 *
 * @param {Core} core
 * @param {Element[]} targets
 * @param {unknown[]} args the verb, and what belongs to it
 * @returns {boolean} false: there is no such verb
 */
export function act(core, targets, [name, ...args]) {
  if (typeof name !== "string" || !Object.hasOwn(core.verbs, name)) return false;
  try {
    if (targets.length > 0) core.verbs[name].call(core, targets, ...args.map(String));
  } catch (error) {
    console.error(`wsx: the verb ${name} failed`, error, args);
  }
  return true;
}

/**
 * @param {string} url
 * @param {string[]} others
 */
function address(url, others) {
  const to = destination(url, others);
  if (to === undefined) throw new Error(`not an address of the same origin: ${url}`);
  return to;
}

/**
 * Browsers skip blanks and control characters before and inside the scheme.
 *
 * @param {string} value
 */
function runsScript(value) {
  return /^(javascript|vbscript|data):/i.test(value.replace(/[\0- \x7f]/g, ""));
}

/** @param {string[]} names */
function apart(names) {
  return names.flatMap((name) => name.split(/\s+/).filter(Boolean));
}

/**
 * A box is checked by its own value; what has no value, but can be written into, has its text.
 *
 * @param {Element} target
 * @param {string} value
 */
function setValue(target, value) {
  if (target instanceof HTMLInputElement && /^(checkbox|radio)$/.test(target.type)) target.checked = target.value === value;
  else if (target instanceof HTMLElement && target.isContentEditable) unclobbered(target, "replaceChildren")(value);
  else if ("value" in target) target.value = value;
}

/** @param {HTMLElement} target */
function focus(target) {
  const take = () => (unclobbered(target, "focus")(), unclobbered(target, "matches")(":focus, :focus-within"));
  if (take() || unclobbered(target, "hasAttribute")("tabindex")) return;
  // A heading or a message cannot have the focus, but is often what readers should be led to.
  unclobbered(target, "setAttribute")("tabindex", "-1");
  take();
}
