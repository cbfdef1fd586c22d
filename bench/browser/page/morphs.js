import { Idiomorph } from "../node_modules/idiomorph/dist/idiomorph.esm.js";
import morphdom from "../node_modules/morphdom/dist/morphdom-esm.js";
import * as morph from "../src/morph/morph.js";
import { swaps, ways } from "../src/core/swaps.js";
import { shapes } from "./rows.js";

Object.assign(ways, morph); // as the client does when the file has come

const stage = document.querySelector("#stage");

/**
 * Each turns the table into the html, once by itself and once as what is inside the stage, if it can.
 *
 * @type {Record<string, (html: string) => unknown>}
 */
const contenders = {
  "wsx outerMorph": (html) => swaps.outerMorph(stage.firstElementChild, html),
  "wsx innerMorph": (html) => swaps.innerMorph(stage, html),
  "idiomorph": (html) => Idiomorph.morph(stage.firstElementChild, html, { morphStyle: "outerHTML" }),
  "morphdom": (html) => morphdom(stage.firstElementChild, html),
};

/**
 * Measures every contender with every shape, in turns: each round begins with another contender, so that whatever disturbs the machine
 * disturbs all.
 *
 * @param {number} rounds
 * @param {number} warmup rounds that do not count
 * @returns what each needed in ms, by shape and contender
 */
window.morphs = async (rounds, warmup) => {
  const results = [];
  const names = Object.keys(contenders);
  for (const { kind, change, before, after } of shapes()) {
    /** @type {Record<string, number[]>} */
    const took = Object.fromEntries(names.map((name) => [name, []]));
    for (let round = -warmup; round < rounds; round++) {
      for (let turn = 0; turn < names.length; turn++) {
        const name = names[(turn + round + warmup) % names.length];
        const ms = measure(contenders[name], before, after);
        if (round >= 0) took[name].push(ms);
        await new Promise((resolve) => setTimeout(resolve)); // the garbage of one is not on the bill of the next
      }
    }
    results.push({ kind, change, took });
  }
  return results;
};

function measure(morph, before, after) {
  stage.innerHTML = before;
  stage.offsetHeight; // laid out, as a page that is shown
  const began = performance.now();
  morph(after);
  const took = performance.now() - began;
  if (stage.innerHTML !== after) throw new Error("it did not become the new table");
  return took;
}
