// The verbs: what a server can ask for besides showing HTML.

import { destination } from "./address.js";
import { announce } from "./announce.js";
import { emit } from "../shared/events.js";
import { behavior } from "./motion.js";
import { unclobbered } from "../shared/unclobbered.js";

/**
 * A verb changes something without swapping HTML. `this` is the core of the client, which verbs of a page don't need.
 *
 * @typedef {import("./more.js").Core} Core
 * @typedef {(this: Core, targets: Element[], ...args: string[]) => void} Verb
 */

/** The verbs that verb.go names. @type {Record<string, Verb>} */
const known = {
  value(targets, value) {
    for (const target of targets) {
      setValue(target, value);
      this.carriedBy(target)(); // the field is no longer dirty
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
  // Through the setter, because an element named "title" hides the property.
  title: (_, text) => void Reflect.set(Document.prototype, "title", text, document),
  push(_, url) {
    const to = address(url, []);
    history.replaceState(marked(history.state), "");
    history.pushState(marked(null), "", to);
    window.addEventListener("popstate", returned); // once, however often it is called
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
 * Adds the known verbs to those of the page, which win.
 *
 * @param {Record<string, Verb>} verbs
 */
export function fill(verbs) {
  Object.assign(verbs, { ...known, ...verbs });
}

/**
 * Runs the verb of an update whose swap is "action".
 *
 * @param {Core} core
 * @param {Element[]} targets
 * @param {unknown[]} args the verb and its arguments
 * @returns {boolean} false if there is no such verb
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
 * Marks an entry of the history as one that this script has made, or left.
 *
 * @param {unknown} state
 */
function marked(state) {
  return { ...Object(state), wsx: true };
}

/**
 * Shows what the address shows, after Back or Forward: the page has the content of another entry.
 *
 * @param {PopStateEvent} event
 */
function returned({ state }) {
  if (Object(state).wsx === true) location.reload();
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
 * Reports whether an attribute with this value could run a script. Browsers skip blanks and control characters in a scheme.
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
 * Checks a box or radio button that has this value; editable content gets the value as its text.
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
  // Headings and messages cannot take the focus by themselves, but readers are often led to them.
  unclobbered(target, "setAttribute")("tabindex", "-1");
  take();
}
