import * as morph from "../src/morph/morph.js";
import { captured, cleanup, equal, heard, manualTimers, ok, soon, stub, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, page, show } from "./page.js";

const word = () => $("[wx-status]").dataset.wsxStatus;

test("status: it says that it connects, and then that it is live", async () => {
  const element = show(`<p wx-status></p>`);
  client();
  await until(() => element.textContent === "connecting");
  equal([word(), element.getAttribute("role")], ["connecting", "status"]);
  const told = heard("wsx:status");
  FakeSocket.last.accept();
  equal([element.textContent, word(), told.map((e) => e.detail.status)], ["live", "live", ["live"]]);
});

test("status: an interruption is shown when it lasts a second", async () => {
  show(`<p wx-status></p>`);
  client({}, { random: () => 1 });
  FakeSocket.last.accept();
  await until(() => word() === "live");
  const told = heard("wsx:status");
  const timers = manualTimers();
  FakeSocket.last.drop();
  equal(word(), "live");
  timers.ring(1000);
  equal(word(), "reconnecting");
  timers.ring(10); // the pause before the next attempt
  FakeSocket.last.accept();
  equal([word(), told.map((e) => e.detail.status)], ["live", ["reconnecting", "live"]]);
});

test("status: a shorter interruption is not shown", async () => {
  show(`<p wx-status></p>`);
  client({}, { random: () => 1 });
  FakeSocket.last.accept();
  await until(() => word() === "live");
  const timers = manualTimers();
  FakeSocket.last.drop();
  timers.ring(10);
  FakeSocket.last.accept();
  equal([word(), timers.delays.includes(1000)], ["live", false]);
});

test("status: it is offline when the page wants no connection, or the server none", async () => {
  show(`<p wx-status></p>`);
  const wsx = client({ maxReconnectAttempts: 0 });
  await until(() => word() === "connecting");
  FakeSocket.last.drop();
  equal(word(), "offline");
  wsx.connect();
  FakeSocket.last.accept();
  equal(word(), "live");
  const timers = manualTimers();
  wsx.disconnect();
  timers.ring(1000);
  equal(word(), "offline");
});

test("status: it is offline when the browser is, without waiting for the socket, but not on this machine", async () => {
  show(`<p wx-status></p>`);
  client({ url: "wss://other.test/" });
  FakeSocket.last.accept();
  await until(() => word() === "live");
  const timers = manualTimers();
  stub(navigator, "onLine", false);
  window.dispatchEvent(new Event("offline"));
  timers.ring(1000);
  equal(word(), "offline");
  stub(navigator, "onLine", true);
  window.dispatchEvent(new Event("online"));
  equal(word(), "live");
});

test("status: on this machine no network is needed", async () => {
  show(`<p wx-status></p>`);
  connected({ url: "ws://localhost/" });
  await until(() => word() === "live");
  const timers = manualTimers();
  stub(navigator, "onLine", false);
  window.dispatchEvent(new Event("offline"));
  equal([word(), timers.delays.includes(1000)], ["live", false]);
});

test("status: the page may have its own words, its own markup and its own role", async () => {
  show(`<p wx-status='{"live":"Verbunden"}'></p><p wx-status role="alert"><b>!</b></p><p wx-status="{live:1}"></p>`);
  const warnings = captured("warn");
  connected();
  await until(() => word() === "live");
  const [words, markup, broken] = document.querySelectorAll("[wx-status]");
  equal([words.textContent, markup.innerHTML, markup.getAttribute("role"), broken.textContent], ["Verbunden", "<b>!</b>", "alert", "live"]);
  equal(warnings.length > 0, true);
});

/** Wraps a text as translators do. */
function translate(element, text) {
  const wrap = (...content) => {
    const font = document.createElement("font");
    font.append(...content);
    return font;
  };
  element.replaceChildren(wrap(wrap(text)));
}

test("status: a text that a translator or an extension has wrapped is still ours to change", async () => {
  show(`<p wx-status='{"live":"Connected","offline":"Gone"}'></p><p wx-status>…</p>`);
  const [element, early] = document.querySelectorAll("[wx-status]");
  translate(early, "…");
  const wsx = client();
  FakeSocket.last.accept();
  await until(() => element.textContent === "Connected");
  equal(early.textContent, "live");
  const timers = manualTimers();
  translate(element, "Verbunden");
  early.replaceChildren(Object.assign(document.createElement("span"), { textContent: "live" }));
  await Promise.resolve();
  equal(element.innerHTML, "<font><font>Verbunden</font></font>", "the same word is left to the translator");
  wsx.disconnect();
  timers.ring(1000);
  equal([element.innerHTML, early.innerHTML], ["Gone", "offline"]);
  translate(element, "Fort");
  wsx.connect();
  FakeSocket.last.accept();
  equal(element.innerHTML, "Connected");
});

test("status: an element that comes later, or is written anew, shows it", async () => {
  show(`<div id="t"><p wx-status></p></div>`);
  const socket = connected();
  await until(() => word() === "live");
  socket.push({ target: "#t", html: `<div id="t"><p wx-status>…</p></div>`, swap: "outerMorph settle:0" });
  await until(() => word() === "live" && $("[wx-status]").textContent === "live");
  socket.push({ target: "#t", html: `<b wx-status></b>` });
  await until(() => word() === "live" && $("b").textContent === "live");
});

test("status: with two servers each has its own", async () => {
  show(`<p wx-status></p><div id="part"><p wx-status></p></div>`);
  connected();
  await until(() => word() === "live");
  client({ root: "#part" });
  await until(() => $("#part p").textContent === "connecting");
  equal(word(), "live");
});

test("status: a client that is gone leaves it alone", async () => {
  show(`<p wx-status></p>`);
  const wsx = client();
  const socket = FakeSocket.last.accept();
  await until(() => word() === "live");
  wsx.destroy();
  const told = heard("wsx:status");
  $("[wx-status]").textContent = "mine";
  document.dispatchEvent(new CustomEvent("wsx:disconnected"));
  await Promise.resolve();
  equal([$("[wx-status]").textContent, told.length, socket.readyState], ["mine", 0, 3]);
});

test("wx-status: words that are no text are shown as text, once", async () => {
  const { socket } = await page(`<div id="t" wx-status></div>`);
  await until(() => $("#t").dataset.wsxStatus === "live");
  let n = 0;
  const { replaceChildren } = Element.prototype;
  stub(Element.prototype, "replaceChildren", function (...content) {
    if (++n > 10) throw new Error("for ever");
    replaceChildren.apply(this, content);
  });
  socket.push({ target: "#t", html: `<p wx-status='{"live":5}'></p>`, swap: "outerHTML" });
  await until(() => $("#stage p").textContent === "5");
  await soon();
  ok(n < 5, `written ${n} times`);
});

test("status: it is stale while a region lacks something that could not be fetched", async () => {
  show(`<p wx-status></p><div id="a" wx-ticket="A"></div>`);
  const page = new Response(`<div id="a" wx-ticket="N">new</div>`, { headers: { "Content-Type": "text/html" } });
  Object.defineProperty(page, "url", { value: location.href });
  const answers = [new Response("", { status: 502 }), page];
  client({}, { fetch: async () => answers.shift(), morph: async () => morph });
  const socket = FakeSocket.last.accept();
  await until(() => word() === "live");
  const told = heard("wsx:status");
  const resets = heard("wsx:reset");
  const timers = manualTimers();
  let now = 1e6;
  stub(performance, "now", () => now);
  socket.push({ type: "reset", gen: 1, ticket: 0, after: 0 });
  while (timers.delays.includes(0)) timers.ring(0);
  await until(() => resets.length === 2);
  await until(() => timers.delays.includes(1000));
  timers.ring(1000);
  equal([word(), $("[wx-status]").textContent], ["stale", "stale"]);
  now += 10_000;
  timers.ring(10_000);
  while (timers.delays.includes(0)) timers.ring(0);
  await until(() => word() === "live");
  equal(told.map((e) => e.detail.status), ["stale", "live"]);
});
