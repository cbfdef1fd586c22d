// Announces texts through screen readers: the verb announce.

// A screen reader has to know the live region before its text changes, and must not lose a text that it is reading.
const noticed = 150;
const said = 10_000;
// Texts that arrive faster than speech are not worth keeping.
const most = 20;

/** @type {HTMLElement | undefined} */
let place;

/**
 * Has screen readers say a text once they have finished the current one. It stays invisible.
 *
 * @param {string} text
 */
export function announce(text) {
  // While a modal dialog is open, nothing outside it is read.
  const home = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  const isThere = place?.parentNode === home;
  if (!isThere) home.append((place ??= makePlace()));
  const line = document.createElement("p");
  line.textContent = text;
  setTimeout(() => {
    place?.append(line);
    if (place && place.childElementCount > most) place.firstElementChild?.remove();
    setTimeout(() => line.remove(), said);
  }, isThere ? 0 : noticed);
}

function makePlace() {
  const element = document.createElement("div");
  element.setAttribute("aria-live", "polite");
  element.dataset.wsxAnnounce = "";
  // Elements with display: none are not read, so this one is clipped.
  Object.assign(element.style, { position: "fixed", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)", margin: "-1px" });
  return element;
}
