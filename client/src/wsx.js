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

// A second copy of the script would send everything twice.
if (typeof page.WSX !== "function") {
  page.WSX = WSX;
  // A script that is deferred or added later runs after the elements are there.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start, { once: true });
  else start();
}
