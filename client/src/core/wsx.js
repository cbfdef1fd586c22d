import { WSX } from "./client.js";
import { readConfig } from "./config.js";

const page = /** @type {{ WSX?: typeof WSX, wsx?: unknown }} */ (/** @type {unknown} */ (window));

function start() {
  // Not just "is there a wsx": an element with that id is a property of the window, too.
  if (page.wsx instanceof WSX) return;
  // The first has the whole page, others what is inside of them.
  document.querySelectorAll("[wx-config]").forEach((element, i) => {
    const config = readConfig(element);
    const wsx = config && new WSX(config, i ? { part: element } : {});
    if (!(page.wsx instanceof WSX)) page.wsx = wsx;
  });
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
