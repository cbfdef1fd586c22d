import { WSX } from "../src/core/client.js";
import { cleanup, equal, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, handlers, page, reply, show, type } from "./page.js";
import { parse } from "../src/core/html.js";

// Elements in open shadow roots.

/** Puts a host with html in its shadow root into the page. */
function host(html, mode = "open") {
  const element = document.createElement("div");
  $("#stage").append(element);
  cleanup(() => element.remove());
  const root = element.attachShadow({ mode });
  root.append(parse(html, element));
  return root;
}

const find = (root, selector) => root.querySelector(selector);
const fire = (element, name, init = {}) => element.dispatchEvent(new Event(name, { bubbles: true, ...init }));

/** Submits the form if the client leaves that to the browser, but stays on the page. */
function watchLeaving() {
  let left = 0;
  const note = (event) => {
    if (!event.defaultPrevented) left++;
    event.preventDefault();
  };
  return { watch: (root) => root.addEventListener("submit", note), count: () => left };
}

const login = `<form wx-send="login" wx-target="#out"><input name="secret" value="1"><button>s</button></form><p id="out"></p>`;

test("shadows: a form sends, by its button and by a script, and the page is never left", async () => {
  const socket = connected();
  for (const [n, submit] of [(root) => find(root, "button").click(), (root) => (find(root, "input").focus(), find(root, "form").requestSubmit())].entries()) {
    const root = host(login);
    const leaving = watchLeaving();
    leaving.watch(root);
    if (n) WSX.process(root); // Firefox focuses nothing in a window in the background
    submit(root);
    await until(() => handlers(socket).length > n);
    equal([handlers(socket).length, leaving.count(), socket.requests[n].data], [n + 1, 0, { secret: "1" }]);
  }
});

test("shadows: what is there at the start sends at once", async () => {
  const root = host(`<select wx-send="a"><option>1</option></select><i wx-send="l" wx-trigger="load"></i><input wx-send="k" wx-trigger="keyup">`);
  const socket = connected();
  fire(find(root, "select"), "change");
  fire(find(root, "input"), "keyup", { composed: true });
  await until(() => handlers(socket).length === 3);
  equal(handlers(socket).sort(), ["a", "k", "l"]);
});

test("shadows: process() takes a root that comes later, with load, every and what is put into it", async () => {
  const { socket, wsx } = await page(`<p wx-status></p>`);
  const root = host(`<form wx-send="f"></form><i wx-send="l" wx-trigger="load"></i><input wx-send="k" wx-trigger="my-key">`);
  fire(find(root, "input"), "my-key", { composed: true });
  equal(handlers(socket), []);
  wsx.process(root);
  wsx.process(root);
  await until(() => handlers(socket).includes("l"));
  find(root, "form").requestSubmit();
  fire(find(root, "input"), "my-key", { composed: true });
  root.append(parse(`<i wx-send="later" wx-trigger="load"></i><b wx-send="own" wx-trigger="my-event"></b>`, $("p")));
  await until(() => handlers(socket).includes("later"));
  fire(find(root, "b"), "my-event");
  equal(handlers(socket), ["l", "f", "k", "later", "own"]);
});

test("shadows: the first click or input inside is enough for all that follows", async () => {
  const { socket } = await page(`<p wx-status></p>`);
  const root = host(`<input wx-send="c" wx-trigger="change"><i wx-send="l" wx-trigger="load"></i>`);
  type(find(root, "input"), "x"); // not composed here
  fire(find(root, "input"), "input", { composed: true });
  fire(find(root, "input"), "change");
  await until(() => handlers(socket).includes("l"));
  equal(handlers(socket), ["c", "l"]);
});

test("shadows: one event starts one sender once, also in nested roots and through slots", async () => {
  const { socket, wsx } = await page(`<p wx-status></p>`);
  const outer = host(`<div id="inner"></div><section wx-send="around" wx-trigger="change"><slot></slot></section>`);
  const inner = find(outer, "#inner").attachShadow({ mode: "open" });
  inner.append(parse(`<button wx-send="b">b</button><input wx-send="c" wx-trigger="change">`, $("p")));
  outer.host.append(Object.assign(document.createElement("input"), { id: "slotted" }));
  wsx.process(document);
  find(inner, "button").click();
  fire(find(inner, "input"), "change");
  equal(handlers(socket), ["b", "c"]);
  fire($("#slotted"), "change");
  equal(handlers(socket), ["b", "c", "around"]);
});

test("shadows: an answer finds targets beside its sender first, then in the document", async () => {
  const { socket } = await page(`<p id="out">page</p><p id="far"></p><i wx-status></i>`);
  const roots = [host(login), host(login)];
  for (const root of roots) find(root, "button").click();
  reply(socket, 2, "two", "#out");
  socket.push({ id: "p1-1", target: "#out", html: "one", oob: [{ target: "#far", html: "far" }, { target: "#nowhere", html: "" }] });
  await until(() => $("#far").textContent === "far");
  equal([...roots.map((root) => find(root, "#out").textContent), $("#out").textContent], ["one", "two", "page"]);
  find(roots[0], "button").click();
  reply(socket, 3, `<p id="row">x</p>`, "#out", "beforeend");
  await until(() => find(roots[0], "#row"));
  find(roots[0], "button").click();
  reply(socket, 4, `<p id="row">y</p>`, "#out", "beforeend");
  await until(() => find(roots[0], "#row").textContent === "y");
  equal(roots[0].querySelectorAll("#row").length, 1);
});

test("shadows: attributes around the host count, and selectors find what is inside", async () => {
  const { socket, wsx } = await page(`<section wx-confirm="" wx-headers='{"a":"1"}' wx-swap="beforeend" wx-ignore></section><main wx-headers='{"a":"1"}' wx-swap="beforeend"></main>`);
  const root = host(`<input id="i" name="n" value="v"><button wx-send="a" wx-include="#i" wx-indicator="#w" wx-if="target.id == 'b'" id="b">b</button><p id="w" hidden></p>`);
  $("main").append(root.host);
  wsx.process(root);
  find(root, "button").click();
  equal([socket.requests[0].data, socket.requests[0].swap], [{ n: "v", headers: { a: "1" } }, "beforeend"]);
  equal(find(root, "#w").hidden, false);
  $("section").append(root.host);
  find(root, "button").click();
  equal(socket.requests.length, 1, "inside wx-ignore");
});

test("shadows: events that do not bubble, targets and sources inside are heard", async () => {
  const { socket, wsx } = await page(`<p wx-status></p>`);
  const root = host(`<input wx-send="f" wx-trigger="focus" id="i"><div wx-send="d" wx-trigger="click target:b"><b><i>x</i></b></div><i wx-send="r" wx-trigger="my-event from:#i"></i>`);
  wsx.process(root);
  find(root, "input").dispatchEvent(new FocusEvent("focus", { composed: true }));
  find(root, "div").click();
  find(root, "b").click();
  fire(find(root, "input"), "my-event");
  equal(handlers(socket), ["f", "d", "r"]);
});

test("shadows: what is in a closed root does not send", async () => {
  const { socket, wsx } = await page(`<p wx-status></p>`);
  const root = host(`<button wx-send="a">a</button><input wx-send="c" wx-trigger="change">`, "closed");
  wsx.process(root);
  wsx.process(document);
  find(root, "button").click();
  fire(find(root, "input"), "change");
  equal(handlers(socket), []);
});

test("shadows: a second client and one that ends keep to their part", async () => {
  show(`<main id="part"></main>`);
  const first = connected();
  const second = client({ root: "#part" });
  const other = FakeSocket.last.accept();
  const root = host(`<input wx-send="c" wx-trigger="change">`);
  $("#part").append(root.host);
  second.process(root);
  fire(find(root, "input"), "change");
  await until(() => handlers(other).length > 0);
  equal([handlers(first), handlers(other)], [[], ["c"]]);
  second.destroy();
  fire(find(root, "input"), "change");
  await until(() => handlers(first).length > 0);
  equal([handlers(first), handlers(other)], [["c"], ["c"]]);
});
