// The entry of wsx.js: gives the page its clients.

import { WSX } from "./client.js";
import { load, need } from "./demand.js";
import { start } from "./starter.js";

const page = /** @type {{ WSX?: typeof WSX, wsx?: unknown }} */ (/** @type {unknown} */ (window));

function begin() {
  // The type is checked, because an element with that id is a property of the window too.
  if (page.wsx instanceof WSX) return;
  start(page, WSX, () => need(load, "more"));
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
  if (isReady()) begin();
  else document.addEventListener("DOMContentLoaded", begin, { once: true });
}
