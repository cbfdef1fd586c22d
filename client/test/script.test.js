import { captured, cleanup, equal, test, until } from "./harness.js";
import { client, show } from "./page.js";

// The bundle, loaded in the ways that pages do, against a server that is not there.

const hasStarted = ({ WSX, wsx }) => WSX && wsx instanceof WSX;

// wsx-more.js shows it, which the script loads from its own address.
const hasStatus = (inside) => hasStarted(inside) && inside.document.querySelector("[wx-status]").dataset.wsxStatus;

for (const [what, page, isReady = hasStarted] of [
  ["deferred in the head", "deferred.html"],
  ["deferred before a script that wants to hear it connect", "behind.html", (inside) => hasStarted(inside) && inside.early === false],
  ["at the end of the body", "atend.html"],
  ["added after the page was ready", "later.html"],
  ["as a module, before a classic one", "module.html", hasStatus],
  ["imported by a module", "imported.html", hasStatus],
  ["twice, beside an element with the id wsx", "twice.html", (inside) => hasStarted(inside) && inside.loaded === 2],
]) {
  test(`script: it starts ${what}`, async () => {
    const inside = load(page);
    await until(() => isReady(inside()), "the client has started");
    equal(inside().wsx.config.url, `${location.origin.replace("http", "ws")}/nowhere`);
    equal(inside().complaints, []);
  });
}

test("script: it says why it cannot load a file if it does not know its address", async () => {
  const complaints = captured("error");
  show(`<p wx-status></p>`);
  client({}, { load: null, more: undefined });
  await until(() => complaints.length > 0);
  equal(complaints, ["wsx: wsx-more.js could not be loaded, see wsx.Script: its own address is unknown"]);
});

test("script: it does not start with a config that is no JSON", async () => {
  const inside = load("badconfig.html");
  await until(() => inside().WSX && inside().document.readyState === "complete");
  equal(inside().wsx, undefined);
  equal(inside().complaints.map((text) => text.slice(0, 31)), ["wsx: wx-config cannot be used ("]);
});

test("script: each element with wx-config has its own server, the first one the rest of the page", async () => {
  const inside = load("two.html");
  await until(() => inside().wsx?.isConnected?.());
  const { document, wsx, sent } = inside();
  await until(() => sent[2].length > 0, "the second has connected");
  equal(wsx.config.url.at(-1), "1");
  for (const id of ["in-first", "in-second", "outside"]) document.getElementById(id).click();
  equal([1, 2].map((at) => sent[at].map(({ handler }) => handler).filter(Boolean)), [["in-first", "outside"], ["in-second"]]);
  equal(inside().complaints.length, 1, "only the one that is no JSON");
});

/** Shows one of the pages for one case; returns what gives its window. */
function load(page) {
  const frame = document.createElement("iframe");
  frame.src = `pages/${page}`;
  document.body.append(frame);
  cleanup(() => frame.remove());
  return () => frame.contentWindow;
}
