// Runs the scripts of fragments, on pages that opt in with wx-nonce.

// Marks the scripts of a fragment that may run. It is random, so that no fragment can contain it already.
const mark = `data-wsx-${crypto.getRandomValues(new Uint32Array(2)).join("")}`;

const script = /<script(?=\s[^>]*\bnonce=)/gi;

/** @type {{ createScript(text: string): any, createScriptURL(url: string): any } | undefined} */
let policy;

/** Updates that a client on this page has marked. */
const seen = new WeakSet();

/**
 * Runs scripts that have the nonce of the page's own scripts, which only its server knows. An element with wx-nonce opts in.
 * Scripts that a morph brings don't run, because each morph would run them again; nor do those of refetched pages.
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
    // Run them after the swap, which this task completes.
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
 * Returns a copy that will run. The parser disables the scripts of a fragment.
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
  script.nonce = inert.nonce; // browsers hide it from the attribute
  script.async = inert.hasAttribute("async");
  const { src, text } = inert;
  if (src) script.src = policy ? policy.createScriptURL(src) : src;
  else script.text = policy ? policy.createScript(text) : text;
  return script;
}
