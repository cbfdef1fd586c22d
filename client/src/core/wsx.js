// The entry of wsx.js: gives the page its clients.

import { WSX } from "./client.js";
import { follow } from "./starter.js";

const page = /** @type {{ WSX?: typeof WSX, wsx?: unknown }} */ (/** @type {unknown} */ (window));

function start() {
  // The type is checked, because an element with that id is a property of the window too.
  if (page.wsx instanceof WSX) return;
  /** @type {WSX | undefined} */
  let ours;
  follow(
    (config, internals) => new WSX(config, internals),
    (first) => {
      if (first && (page.wsx === ours || !(page.wsx instanceof WSX))) page.wsx = ours = first;
    },
  );
}

/** Reports whether the deferred scripts of the page have run: they must be able to hear the first wsx:connected. */
function isReady() {
  if (document.readyState !== "interactive") return document.readyState === "complete";
  const [timing] = performance.getEntriesByType("navigation");
  return /** @type {PerformanceNavigationTiming | undefined} */ (timing)?.domContentLoadedEventStart !== 0;
}

// A second copy of the script would send everything twice.
if (typeof page.WSX !== "function") {
  page.WSX = WSX;
  if (isReady()) start();
  else document.addEventListener("DOMContentLoaded", start, { once: true });
}
