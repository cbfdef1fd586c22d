// Parses wx-trigger.

import { duration } from "../shared/duration.js";
import { split } from "../shared/split.js";

/** Matches the events that only more.js fires. */
export const rare = /^(wsx:load|revealed|intersect|every|interval)/;

/**
 * One entry of a wx-trigger list.
 *
 * @typedef {object} Trigger
 * @property {string} event
 * @property {Keys} [keys]
 * @property {string} [condition] the text in brackets unless it names keys; condition.js parses it
 * @property {number} [delay] wait until the events have paused this long, in ms
 * @property {number} [throttle] at most once in this time, in ms; the last event in between also counts
 * @property {boolean} [changed] only if the value of the field differs from the last one sent
 * @property {boolean} [once]
 * @property {string} [from] listen to elements that match this selector instead of the sender
 * @property {string} [target] only events whose target matches this selector
 * @property {string[]} [problems] the invalid parts; watcher.js warns about them
 *
 * @typedef {{ modifiers: ("ctrlKey" | "shiftKey" | "altKey" | "metaKey")[], key?: string }} Keys
 */

const debounceOfQueue = 300;

// By text, the most recently used last. The limit keeps pages that generate texts from filling the memory.
/** @type {Map<string, Trigger[]>} */
const parsed = new Map();
const mostParsed = 1_000;

/**
 * Parses "keyup[Enter] changed delay:300ms, my-event from:(#a .b)". Invalid parts are ignored. A trigger whose event or
 * source is invalid has no event, because never firing is better than firing always.
 *
 * @param {string} text
 * @returns {Trigger[]} the same objects each time, so that they can be keys of state
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
  if (problems.some((modifier) => /^(from|target)\b/.test(modifier))) trigger.event = ""; // or it would listen to the wrong elements
  // Elements fire no load event when they come into the page, and that of images means something else.
  if (event === "load" && !trigger.from) trigger.event = "wsx:load";
  return trigger;
}

/**
 * @param {Trigger} trigger
 * @param {string} text
 * @returns {boolean} false if it is invalid
 */
function addModifier(trigger, text) {
  const [name, value = ""] = text.split(/:(.*)/);
  switch (name) {
    case "once":
    case "changed":
      trigger[name] = true;
      return value === "";
    case "consume":
      return true; // an event starts at most one sender, so there is nothing to stop
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
      trigger.event += `:${text}`; // such as a time; watcher.js warns if it is invalid
      return true;
  }
}

/**
 * Parses "Enter", "ctrlKey+Enter", "shiftKey" or "Space". Names of keys begin with a capital letter; other words are
 * conditions.
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
  if (pressed.isComposing || pressed.keyCode === 229) return false; // Enter then confirms a word of an input method, in Safari just after it
  if (!modifiers.every((modifier) => pressed[modifier])) return false;
  if (key === undefined) return true;
  // Shift and caps lock change the case of a letter, which should not matter to [ctrlKey+s].
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
