import { cleanup, equal, ok, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, show } from "./page.js";

const load = (name) => import(`../src/${name}/${name}.js`);
const shadow = () => $("[data-wsx-debug]")?.shadowRoot;
const items = (kind = "li") => [...shadow().querySelectorAll(kind === "li" ? kind : `li.${kind}`)];
const texts = (kind) => items(kind).map((item) => item.querySelector(".what").textContent.trim());
const button = (name) => [...shadow().querySelectorAll("button")].find(({ textContent }) => textContent === name);

/** A client with its panel, and what is in it so far cleared. */
async function opened() {
  const wsx = client({}, { load });
  cleanup(() => wsx.debug(false));
  const socket = FakeSocket.last.accept();
  await wsx.debug();
  return { wsx, socket };
}

test("debug: frames are shown as they come and go, with their size", async () => {
  show(`<p id="a"></p>`);
  const { wsx, socket } = await opened();
  wsx.send("say", { target: "#a", data: { text: "hi" } });
  socket.push({ target: "#a", html: "ü", swap: "beforeend" });
  equal([texts("out"), texts("in")], [["say #1"], ["#a beforeend"]]);
  const length = new TextEncoder().encode(`{"target":"#a","html":"ü","swap":"beforeend"}`).length;
  equal(items("in")[0].querySelector(".size").textContent, `${length} B`);
  const details = items("in")[0].querySelector("details");
  details.open = true;
  await until(() => details.querySelector("pre").textContent.includes(`"html": "ü"`));
});

test("debug: a request has its duration, and why it failed", async () => {
  const { wsx, socket } = await opened();
  const [good, bad] = [wsx.send("a"), wsx.send("b")];
  socket.push({ type: "ack", id: good });
  socket.push({ type: "error", id: bad, code: "user", html: "Not &amp; never" });
  equal(texts("request"), ["a #1 was answered"]);
  ok(/^[\d.]+ ms$/.test(items("request")[0].querySelector(".size").textContent), "its duration");
  equal(texts("problem"), ["b #2 failed: user: Not & never"]);
});

test("debug: an update without a target stands out", async () => {
  const { socket } = await opened();
  socket.push({ target: "#nowhere", html: "x" });
  equal(texts("problem"), ["no element for target #nowhere"]);
  const { backgroundColor } = getComputedStyle(items("problem")[0]);
  ok(backgroundColor !== getComputedStyle(items("in")[0]).backgroundColor, backgroundColor);
});

test("debug: rooms have their positions, from before the panel too", async () => {
  show(`<ol id="list" wx-ticket="t1"></ol>`);
  const wsx = client({}, { load });
  cleanup(() => wsx.debug(false));
  const socket = FakeSocket.last.accept();
  socket.push({ type: "joined", gen: 1, rooms: { news: "e.4" }, tickets: [""], each: [["news"]] });
  await wsx.debug();
  const rooms = () => shadow().querySelector(".rooms").textContent;
  equal(rooms(), "news at e.4");
  socket.push({ target: "#list", html: "x", room: "news", pos: "e.5" });
  await until(() => rooms() === "news at e.5");
});

test("debug: it keeps the last 200, and clear forgets them", async () => {
  const { socket } = await opened();
  for (let i = 0; i < 205; i++) socket.push({ type: "pos", rooms: {}, id: `n${i}` });
  equal([items().length, texts()[0], texts().at(-1)], [200, "pos n5", "pos n204"]);
  button("Clear").click();
  equal(items().length, 0);
});

test("debug: what comes in a pause is shown behind it", async () => {
  const { socket } = await opened();
  button("Pause").click();
  equal(button("Pause").getAttribute("aria-pressed"), "true");
  socket.push({ type: "ack", id: "1" });
  equal(texts("in"), []);
  button("Pause").click();
  equal(texts("in"), ["ack 1"]);
});

test("debug: a filter leaves what has its words, whenever it came", async () => {
  const { socket } = await opened();
  const visible = () => items().filter(({ hidden }) => !hidden).map((item) => item.querySelector(".what").textContent);
  socket.push({ type: "ack", id: "one" });
  const filter = shadow().querySelector("input");
  filter.value = "TWO";
  filter.dispatchEvent(new Event("input"));
  socket.push({ type: "ack", id: "two" });
  equal(visible(), ["ack two"]);
  filter.value = "";
  filter.dispatchEvent(new Event("input"));
  equal(visible(), ["ack one", "ack two"]);
  const kind = shadow().querySelector("select");
  kind.value = "problem";
  kind.dispatchEvent(new Event("change"));
  equal(visible(), []);
});

test("debug: it is closed by its button, by Escape and by wsx.debug(false), and comes once", async () => {
  const { wsx } = await opened();
  await wsx.debug();
  equal(document.querySelectorAll("[data-wsx-debug]").length, 1);
  button("Close").click();
  await until(() => !shadow());
  await wsx.debug();
  shadow().querySelector("ol").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  await until(() => !shadow());
  await wsx.debug();
  await wsx.debug(false);
  equal(shadow(), undefined);
});

test("debug: it says whether there is a connection", async () => {
  const { socket } = await opened();
  const status = () => shadow().querySelector(".status").textContent.split(",")[0];
  equal(status(), "connected");
  socket.drop(1011, "why");
  equal([status(), texts("note").at(-1)], ["disconnected", "disconnected: 1011 why"]);
});

test("debug: everything in the panel is reached by the keyboard and has a name", async () => {
  const { socket } = await opened();
  socket.push({ type: "ack", id: "1" });
  const controls = [...shadow().querySelectorAll("button, input, select, ol, summary, section")];
  for (const element of controls) ok(element.ariaLabel || element.textContent.trim(), element.outerHTML);
  for (const element of controls.slice(1)) {
    element.focus();
    ok(shadow().activeElement === element, `focus on ${element.outerHTML}`);
  }
});

test("debug: without the panel nothing of it is loaded", () => {
  const asked = [];
  connected({}, { load: (name) => (asked.push(name), load(name)) });
  equal(asked, []);
});
