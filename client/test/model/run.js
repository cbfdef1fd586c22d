// Runs the model without a browser: node test/model/run.js [rounds] [seed]

import { JSDOM } from "jsdom";

const { window } = new JSDOM(`<!doctype html><body><div id="stage"></div></body>`, { url: "http://localhost/", pretendToBeVisual: true });
const shared = ["document", "location", "MutationObserver", "DOMParser", "CustomEvent", "Event", "Node", "Text", "Comment", "Headers", "sessionStorage", "getSelection"];
const put = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
for (const name of Object.getOwnPropertyNames(window)) if (/^(HTML|SVG|Element|Document|Character|Shadow|NodeList|Range|Custom)/.test(name)) put(name, window[name]);
for (const name of shared) if (window[name]) put(name, window[name]);
put("window", window);
put("navigator", window.navigator);
window.fetch = globalThis.fetch;
window.WebSocket = class {};

const { WSX } = await import("../../src/core/client.js");
const { ways } = await import("../../src/core/swaps.js");
const morph = await import("../../src/morph/morph.js");
Object.assign(ways, morph);
const { Round } = await import("./round.js");

const [rounds = 10_000, first = Date.now() % 1e9] = process.argv.slice(2).map(Number);
console.log(`    ${rounds} rounds of the model from seed ${first}`);
const stage = document.getElementById("stage");
const began = process.hrtime.bigint();
let bad = 0;
for (let seed = first; seed < first + rounds; seed++) {
  const round = new Round(seed, WSX, { morph: async () => morph }, [globalThis, window], stage);
  let problems;
  try {
    problems = await round.run();
  } catch (error) {
    problems = [String(error?.stack ?? error)];
  }
  if (problems.length === 0) continue;
  console.log(`seed ${seed}${round.hasIDs ? " with ids" : ""}: ${problems.join("; ")}`);
  if (rounds === 1) console.log(round.log.join("\n"));
  if (++bad === 10) break;
}
console.log(`    ${bad} bad, ${Number((process.hrtime.bigint() - began) / 1_000_000n)} ms`);
process.exit(bad > 0 ? 1 : 0);
