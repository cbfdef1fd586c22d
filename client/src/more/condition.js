// Parses the conditions in wx-if, wx-unless and the brackets of wx-trigger.

import { value } from "./names.js";

/**
 * A condition such as "value.length > 2 && !checked" or "key == 'Enter' and matches('.ready')", interpreted without eval.
 * It may contain numbers, 'texts', true, false, null, names joined by dots, two calls, ! && || not and or, comparisons, and
 * parentheses.
 *
 * @typedef {{ event?: Event, element: Element }} Scope
 * @typedef {(scope: Scope) => unknown} Term
 */

const longest = 500;
const deepest = 20;

const token = /\s*(?:(?<number>-?\d+(?:\.\d+)?)(?![\w.])|'(?<single>[^']*)'|"(?<double>[^"]*)"|(?<name>[A-Za-z_]\w*)|(?<sign>&&|\|\||[=!]==?|[<>]=?|[=!().]))/y;
const literals = new Map(Object.entries({ true: true, false: false, null: null }));
// Some of these names lead to functions instead of values; and, or and not are operators.
const forbidden = /^(__.*|constructor|prototype|and|or|not)$/;
const calls = ["checkValidity", "matches"];

/** @type {Record<string, (a: any, b: any) => boolean>} */
const comparisons = {
  "=": (a, b) => a == b,
  "==": (a, b) => a == b,
  "===": (a, b) => a === b,
  "!=": (a, b) => a != b,
  "!==": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

// By text, the most recently used last. The limit keeps pages that generate texts from filling the memory.
/** @type {Map<string, Term | undefined>} */
const parsed = new Map();
const mostParsed = 1_000;

/**
 * Reports whether a condition holds now. The result is undefined if it is invalid or a value cannot be read.
 *
 * @param {string} text
 * @param {Element} element where names are looked up second
 * @param {Event} [event] where they are looked up first
 * @returns {boolean | undefined}
 */
export function holds(text, element, event) {
  try {
    const term = read(text);
    return term && Boolean(term({ event, element }));
  } catch {
    return undefined; // for example an element in a frame of another origin
  }
}

/**
 * Parses a condition. An invalid one gives undefined and a warning, once per text.
 *
 * @param {string} text
 * @returns {Term | undefined}
 */
export function read(text) {
  let term = parsed.get(text);
  if (!parsed.has(text)) {
    try {
      term = new Reader(text).whole();
    } catch (error) {
      console.warn(`wsx: invalid condition, which never holds: ${text.slice(0, longest)} (${/** @type {Error} */ (error).message})`);
    }
  }
  parsed.delete(text);
  parsed.set(text, term);
  if (parsed.size > mostParsed) parsed.delete(/** @type {string} */ (parsed.keys().next().value));
  return term;
}

/** Parses one condition from left to right. Each method consumes the part that it is named after. */
class Reader {
  #text;
  #at = 0;
  #depth = 0;
  /** @type {Record<string, string | undefined>} */
  #next = {};

  /** @param {string} text */
  constructor(text) {
    if (text.length > longest) throw new Error(`longer than ${longest}`);
    this.#text = text.trim();
    this.#advance();
  }

  whole() {
    const term = this.#either();
    if (!this.#isOver) throw new Error(`at ${this.#at}`);
    return term;
  }

  get #isOver() {
    return Object.keys(this.#next).length === 0;
  }

  #advance() {
    token.lastIndex = this.#at;
    const found = token.exec(this.#text);
    if (!found && this.#at < this.#text.length) throw new Error(`at ${this.#at}`);
    this.#next = { ...found?.groups };
    this.#at += found?.[0].length ?? 0;
  }

  /**
   * Consumes the next token if it is one of these, and returns it.
   *
   * @param {string[]} words
   */
  #take(...words) {
    const word = this.#next.sign ?? this.#next.name ?? "";
    if (!words.includes(word)) return "";
    this.#advance();
    return word;
  }

  /** @param {string} word */
  #expect(word) {
    if (!this.#take(word)) throw new Error(`no ${word} at ${this.#at}`);
  }

  /**
   * @param {() => Term} read
   * @returns {Term}
   */
  #inside(read) {
    if (++this.#depth > deepest) throw new Error(`deeper than ${deepest}`);
    const term = read();
    this.#depth--;
    return term;
  }

  /** @returns {Term} */
  #either() {
    const terms = [this.#both()];
    while (this.#take("||", "or")) terms.push(this.#both());
    return terms.length > 1 ? (scope) => terms.some((term) => term(scope)) : terms[0];
  }

  /** @returns {Term} */
  #both() {
    const terms = [this.#denial()];
    while (this.#take("&&", "and")) terms.push(this.#denial());
    return terms.length > 1 ? (scope) => terms.every((term) => term(scope)) : terms[0];
  }

  /** The word not negates a whole comparison; the sign ! only the next operand. @returns {Term} */
  #denial() {
    if (!this.#take("not")) return this.#comparison();
    const term = this.#inside(() => this.#denial());
    return (scope) => !term(scope);
  }

  /** @returns {Term} */
  #comparison() {
    const left = this.#operand();
    const sign = this.#take(...Object.keys(comparisons));
    if (!sign) return left;
    const right = this.#operand();
    return (scope) => comparisons[sign](plain(left(scope)), plain(right(scope)));
  }

  /** @returns {Term} */
  #operand() {
    if (this.#take("!")) {
      const term = this.#inside(() => this.#operand());
      return (scope) => !term(scope);
    }
    if (this.#take("(")) {
      const term = this.#inside(() => this.#either());
      this.#expect(")");
      return term;
    }
    const { number, single, double, name } = this.#next;
    if (number !== undefined) return this.#literal(Number(number));
    if (name === undefined) return this.#literal(this.#string(single ?? double));
    const literal = literals.get(name);
    return literal === undefined ? this.#path() : this.#literal(literal);
  }

  /** @param {string | undefined} text */
  #string(text) {
    if (text === undefined) throw new Error(this.#isOver ? "too short" : `at ${this.#at}`);
    return text;
  }

  /**
   * @param {string | number | boolean | null} literal
   * @returns {Term}
   */
  #literal(literal) {
    this.#advance();
    return () => literal;
  }

  /** @returns {Term} */
  #path() {
    const names = [this.#name()];
    while (this.#take(".")) names.push(this.#name());
    if (!this.#take("(")) return (scope) => value(names, scope);
    const call = /** @type {string} */ (names.pop());
    if (!calls.includes(call)) throw new Error(`no such call: ${call}`);
    const selector = call === "matches" ? this.#selector() : undefined;
    this.#expect(")");
    return (scope) => ask(names.length > 0 ? value(names, scope) : scope.element, selector);
  }

  #name() {
    const { name = "" } = this.#next;
    if (!name || forbidden.test(name)) throw new Error(`no name: ${name}`);
    this.#advance();
    return name;
  }

  #selector() {
    const selector = this.#string(this.#next.single ?? this.#next.double);
    document.createDocumentFragment().querySelector(selector); // throws if it is invalid
    this.#advance();
    return selector;
  }
}

/**
 * @param {unknown} element
 * @param {string} [selector] without one, the element is validated
 */
function ask(element, selector) {
  if (!(element instanceof Element)) return false;
  // Taken from the class, because a field of a form may have this name.
  if (selector !== undefined) return Element.prototype.matches.call(element, selector);
  const { checkValidity } = Object.getPrototypeOf(element);
  return typeof checkValidity !== "function" || checkValidity.call(element);
}

/**
 * Makes objects unequal to everything: comparing them would call their functions.
 *
 * @param {unknown} one
 */
function plain(one) {
  return typeof one === "object" && one !== null ? NaN : one;
}
