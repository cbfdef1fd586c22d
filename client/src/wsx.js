import { WSX } from "./client.js";
import { readConfig } from "./config.js";

const page = /** @type {{ WSX?: typeof WSX, wsx?: unknown }} */ (/** @type {unknown} */ (window));

function start() {
  const element = document.querySelector("[wx-config]");
  // Not just "is there a wsx": an element with that id is a property of the window, too.
  if (!element || page.wsx instanceof WSX) return;
  const config = readConfig(element);
  if (config) page.wsx = new WSX(config);
}

/** Whether the page's deferred scripts have run: those behind this one must be able to hear the first wsx:connected. */
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
