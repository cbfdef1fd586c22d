import { cleanup, equal, ok, stub, test, until } from "./harness.js";
import { $, connected, show } from "./page.js";
import { swaps, ways } from "../src/core/swaps.js";

// The morphs come in a file of their own.

const plain = {
  morphContent: (parent, content) => parent.replaceChildren(content),
  morphElement(target, content) {
    const first = content.firstElementChild;
    target.replaceWith(content);
    return first;
  },
};

/** A page that has not morphed yet. */
function fresh() {
  const all = { ...ways };
  delete ways.Rooms;
  Object.assign(ways, plain);
  cleanup(() => Object.assign(ways, all));
  return all;
}

test("morph: the first one waits for its file, and what follows waits for it", async () => {
  const file = fresh();
  show(`<div id="a"><input id="i" value="1"></div><p id="b"></p>`);
  let bring;
  const socket = connected({}, { morph: () => new Promise((resolve) => (bring = resolve)) });
  $("#i").value = "typed";
  $("#i").dispatchEvent(new Event("input", { bubbles: true }));
  const field = $("#i");
  socket.push({ target: "#a", html: `<div id="a"><input id="i" value="2"></div>`, swap: "morph" });
  socket.push({ target: "#b", html: "later" });
  equal([$("#b").textContent, field.isConnected], ["", true]);
  bring(file);
  await until(() => $("#b").textContent === "later");
  ok($("#i") === field, "the field is the same");
  equal(field.value, "typed");
});

test("morph: where its file cannot be had, it replaces", async () => {
  fresh();
  show(`<div id="a">old</div>`);
  const told = [];
  stub(console, "error", (...words) => told.push(words.join(" ")));
  const socket = connected({}, { morph: () => Promise.reject(new Error("gone")) });
  socket.push({ target: "#a", html: `<div id="a">new</div>`, swap: "outerMorph" });
  await until(() => $("#a").textContent === "new");
  ok(told[0].includes("wsx-morph.js could not be loaded"), told[0]);
});

test("morph: a page with a ticket has the file before it needs it", async () => {
  const file = fresh();
  show(`<div id="a" wx-ticket="t">old</div>`);
  let asked = 0;
  connected({}, { morph: () => (asked++, Promise.resolve(file)) });
  equal(asked, 1);
  await until(() => ways.Rooms !== undefined);
  ok(swaps.innerMorph($("#a"), "new") === $("#a"));
});
