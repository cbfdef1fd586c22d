import { duration } from "../shared/duration.js";
import { split } from "../shared/split.js";

/** Begins the events that exist only where the file on demand makes them. */
export const rare = /^(wsx:load|revealed|intersect|every|interval)/;

/**
 * One entry of a wx-trigger list.
 *
 * @typedef {object} Trigger
 * @property {string} event
 * @property {Keys} [keys]
 * @property {string} [condition] what is in brackets and is no keys, for condition.js
 * @property {number} [delay] waits until the events have paused so long
 * @property {number} [throttle] at most once in so long; the last event in between counts too
 * @property {boolean} [changed] only if the field's value differs from the one sent last
 * @property {boolean} [once]
 * @property {string} [from] listens to what this selector matches instead of the element
 * @property {string} [target] only events of what this selector matches
 * @property {string[]} [problems] what makes no sense in it; watcher.js tells
 *
 * @typedef {{ modifiers: ("ctrlKey" | "shiftKey" | "altKey" | "metaKey")[], key?: string }} Keys
 */

const debounceOfQueue = 300;

// By text, the one used last at the end. Pages that make up texts without end must not fill the memory.
/** @type {Map<string, Trigger[]>} */
const parsed = new Map();
const mostParsed = 1_000;

/**
 * Reads "keyup[Enter] changed delay:300ms, my-event from:(#a .b)". Parts that make no sense are left out; a
 * trigger whose event or source makes no sense has no event, because firing always would be worse than never.
 *
 * @param {string} text
 * @returns {Trigger[]} the same objects each time, so that state can hang on them
 */
export function parseTriggers(text) {
  const triggers = parsed.get(text) ?? split(text, ",").map(parseTrigger);
  parsed.delete(text);
  parsed.set(text, triggers);
  if (parsed.size > mostParsed) parsed.delete(/** @type {string} */ (parsed.keys().next().value));
  return triggers;
}

/**
 * @param {string} entry
 * @returns {Trigger}
 */
function parseTrigger(entry) {
  const [head = "", ...modifiers] = split(entry, " ");
  const [, event = "", brackets] = /^([^\s[\]()]+)(?:\[(.+)\])?$/.exec(head) ?? [];
  const keys = brackets === undefined ? undefined : parseKeys(brackets);
  /** @type {Trigger} */
  const trigger = { event, keys, condition: keys ? undefined : brackets };
  const problems = event ? modifiers.filter((modifier) => !addModifier(trigger, modifier)) : [entry];
  if (problems.length > 0) trigger.problems = problems;
  if (problems.some((modifier) => /^(from|target)\b/.test(modifier))) trigger.event = ""; // it would listen to the wrong elements
  // Elements have no such event when they come into the page, and the one of images is another thing.
  if (event === "load" && !trigger.from) trigger.event = "wsx:load";
  return trigger;
}

/**
 * @param {Trigger} trigger
 * @param {string} text
 * @returns {boolean} false if it makes no sense
 */
function addModifier(trigger, text) {
  const [name, value = ""] = text.split(/:(.*)/);
  switch (name) {
    case "once":
    case "changed":
      trigger[name] = true;
      return value === "";
    case "consume":
      return true; // an event starts one sender at most, so nothing is left to stop
    case "delay":
    case "throttle":
      trigger[name] = duration(value);
      return trigger[name] !== undefined;
    case "queue":
      trigger.delay = duration(value) ?? debounceOfQueue;
      return value === "" || duration(value) !== undefined;
    case "from":
    case "target":
      trigger[name] = value.replace(/^\((.*)\)$/, "$1");
      return isSelector(trigger[name]);
    default:
      if (!rare.test(trigger.event)) return false;
      trigger.event += `:${text}`; // such as a time; watcher.js tells what it cannot read
      return true;
  }
}

/**
 * "Enter", "ctrlKey+Enter", "shiftKey", "Space". Named keys begin with a capital letter; other words are conditions.
 *
 * @param {string} text
 * @returns {Keys | undefined}
 */
function parseKeys(text) {
  /** @type {Keys} */
  const keys = { modifiers: [] };
  for (const part of text.split(/\+(?=.)/)) {
    if (/^(ctrl|shift|alt|meta)Key$/.test(part)) keys.modifiers.push(/** @type {Keys["modifiers"][number]} */ (part));
    else if (keys.key === undefined && /^(.|[A-Z][A-Za-z0-9]+)$/u.test(part)) keys.key = part === "Space" ? " " : part;
    else return undefined;
  }
  return keys;
}

/**
 * @param {Keys} keys
 * @param {Event} event
 */
export function keysMatch({ modifiers, key }, event) {
  const pressed = /** @type {Partial<KeyboardEvent>} */ (event);
  if (pressed.isComposing) return false; // Enter then chooses a word
  if (!modifiers.every((modifier) => pressed[modifier])) return false;
  if (key === undefined) return true;
  // Shift and caps lock change a letter's case, which nobody means who writes [ctrlKey+s].
  return pressed.key === key || (key.length === 1 && pressed.key?.toLowerCase() === key.toLowerCase());
}

/** @param {string | undefined} text */
function isSelector(text) {
  if (text === "document" || text === "window") return true;
  try {
    return Boolean(text) && document.createDocumentFragment().querySelector(/** @type {string} */ (text)) === null;
  } catch {
    return false;
  }
}
