// Which of the scripts in a fragment may run. Nobody can guess it, or write it into a fragment before it is known.
const mark = `data-wsx-${crypto.getRandomValues(new Uint32Array(2)).join("")}`;

const script = /<script(?=\s[^>]*\bnonce=)/gi;

/** @type {{ createScript(text: string): any, createScriptURL(url: string): any } | undefined} */
let policy;

/** Updates that another client on the page has seen. */
const seen = new WeakSet();

/**
 * Runs the scripts of fragments, if the page has opted in: with wx-nonce on an element, and a nonce on its own scripts. Then a script
 * runs that bears the same nonce, which only the page's server knows. Nothing runs that a morph brings, since a page would run it
 * again with each, and nothing of pages that are fetched anew.
 */
export class Scripts {
  #nonce = document.querySelector("[wx-nonce]") && /** @type {HTMLElement | null} */ (document.querySelector("script[nonce]"))?.nonce;

  constructor() {
    if (this.#nonce) document.addEventListener("wsx:beforeSwap", this.#note);
  }

  stop() {
    document.removeEventListener("wsx:beforeSwap", this.#note);
  }

  /** @param {Event} event */
  #note = (event) => {
    const { update, swapType } = /** @type {CustomEvent} */ (event).detail;
    if (seen.has(update) || /Morph/.test(swapType) || !update.html.match(script)) return;
    seen.add(update);
    update.html = update.html.replace(script, `$& ${mark}`);
    // After the swap, which is done in this task.
    queueMicrotask(() => this.#run());
  };

  #run() {
    for (const inert of document.querySelectorAll(`script[${mark}]`)) {
      inert.removeAttribute(mark);
      if (inert instanceof HTMLScriptElement && inert.nonce === this.#nonce) inert.replaceWith(live(inert));
    }
  }
}

/**
 * The same script as one that will run: the parser takes that from scripts in a fragment.
 *
 * @param {HTMLScriptElement} inert
 */
function live(inert) {
  policy ??= /** @type {any} */ (window).trustedTypes?.createPolicy("wsx-scripts", {
    createScript: (/** @type {string} */ text) => text,
    createScriptURL: (/** @type {string} */ url) => url,
  });
  const script = document.createElement("script");
  for (const { name, value } of inert.attributes) if (name !== "src") script.setAttribute(name, value);
  script.nonce = inert.nonce; // which browsers hide from the attribute
  script.async = inert.hasAttribute("async");
  const { src, text } = inert;
  if (src) script.src = policy ? policy.createScriptURL(src) : src;
  else script.text = policy ? policy.createScript(text) : text;
  return script;
}
