// The entry of wsx.js: starts a client for each element with wx-config.

import { WSX } from "./client.js";
import { readConfig } from "./config.js";

const page = /** @type {{ WSX?: typeof WSX, wsx?: unknown }} */ (/** @type {unknown} */ (window));

function start() {
  // The type is checked, because an element with that id is a property of the window too.
  if (page.wsx instanceof WSX) return;
  // The first element gets the whole page, others what is inside them.
  document.querySelectorAll("[wx-config]").forEach((element, i) => {
    const config = readConfig(element);
    const wsx = config && new WSX(config, i ? { part: element } : {});
    if (!(page.wsx instanceof WSX)) page.wsx = wsx;
  });
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
