import { cleanup, equal, test, until } from "./harness.js";

// The bundle, loaded in the ways that pages do, against a server that is not there.

const hasStarted = ({ WSX, wsx }) => WSX && wsx instanceof WSX;

for (const [what, page, isReady = hasStarted] of [
  ["deferred in the head", "deferred.html"],
  ["deferred before a script that wants to hear it connect", "behind.html", (inside) => hasStarted(inside) && inside.early === false],
  ["at the end of the body", "atend.html"],
  ["added after the page was ready", "later.html"],
  ["twice, beside an element with the id wsx", "twice.html", (inside) => hasStarted(inside) && inside.loaded === 2],
]) {
  test(`script: it starts ${what}`, async () => {
    const inside = load(page);
    await until(() => isReady(inside()), "the client has started");
    equal(inside().wsx.config.url, `${location.origin.replace("http", "ws")}/nowhere`);
    equal(inside().complaints, []);
  });
}

test("script: it does not start with a config that is no JSON", async () => {
  const inside = load("badconfig.html");
  await until(() => inside().WSX && inside().document.readyState === "complete");
  equal(inside().wsx, undefined);
  equal(inside().complaints.map((text) => text.slice(0, 31)), ["wsx: wx-config cannot be used ("]);
});

/** Shows one of the pages for one case; returns what gives its window. */
function load(page) {
  const frame = document.createElement("iframe");
  frame.src = `pages/${page}`;
  document.body.append(frame);
  cleanup(() => frame.remove());
  return () => frame.contentWindow;
}
