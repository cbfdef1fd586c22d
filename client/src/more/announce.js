// A screen reader has to know the place before something is said there, and what it has begun to say must not go away.
const noticed = 150;
const said = 10_000;
// What is told faster than anybody speaks is not worth keeping.
const most = 20;

/** @type {HTMLElement | undefined} */
let place;

/**
 * Has a screen reader say a text when it has finished what it is saying. Nothing is to be seen of it.
 *
 * @param {string} text
 */
export function announce(text) {
  // Outside an open modal dialog nothing is read.
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
  // What is hidden altogether is not read.
  Object.assign(element.style, { position: "fixed", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)", margin: "-1px" });
  return element;
}
