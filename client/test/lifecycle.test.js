import { captured, equal, heard, manualTimers, ok, soon, stub, test, until } from "./harness.js";
import { $, ack, client, codes, connected, FakeSocket, handlers, outcomes, page, reply, show, type } from "./page.js";

const isPending = (selector) => [$(selector).classList.contains("wx-pending"), $(selector).getAttribute("aria-busy")];

/** Answers the page's window.confirm; returns the questions. */
function answering(...answers) {
  const asked = [];
  stub(window, "confirm", (question) => (asked.push(question), answers.shift()));
  return asked;
}

// Pending.

test("lifecycle: while a request is under way its sender has wx-pending and aria-busy, then nothing is left", () => {
  show(`<button id="b" wx-send="a"></button>`);
  const socket = connected();
  $("#b").click();
  equal(isPending("#b"), [true, "true"]);
  ack(socket, 1);
  equal($("#b").outerHTML, `<button id="b" wx-send="a"></button>`);
});

test("lifecycle: a request that waits for the connection is pending", () => {
  show(`<button id="b" wx-send="a"></button>`);
  client();
  $("#b").click();
  equal(isPending("#b"), [true, "true"]);
  ack(FakeSocket.last.accept(), 1);
  equal(isPending("#b"), [false, null]);
});

test("lifecycle: of two requests at once the last one ends the waiting, and aria-busy is what it was", () => {
  show(`<button id="b" class="x" wx-send="a" aria-busy="false"></button>`);
  const socket = connected();
  $("#b").click();
  $("#b").click();
  ack(socket, 2);
  equal(isPending("#b"), [true, "true"]);
  ack(socket, 1);
  equal([$("#b").className, $("#b").getAttribute("aria-busy")], ["x", "false"]);
});

test("lifecycle: a morph leaves what shows that a request is under way, and takes the rest", async () => {
  const html = (rest) => `<div id="d"><button id="b" wx-send="a" wx-indicator="#s" ${rest}</button><p id="s" hidden>…</p></div>`;
  const { socket } = await page(html(">one"));
  $("#b").click();
  socket.push({ target: "#d", html: html(`class="new" title="t">two`), swap: "outerMorph" });
  equal([isPending("#b"), $("#b").title, $("#b").textContent, $("#s").hidden], [[true, "true"], "t", "two", false]);
  ack(socket, 1);
  equal($("#d").outerHTML.includes("pending"), false);
  equal([isPending("#b"), $("#b").className, $("#s").hidden], [[false, null], "new", true]);
});

test("lifecycle: an answer may hide its sender", async () => {
  const { socket } = await page(`<button id="b" wx-send="a"></button>`);
  $("#b").click();
  socket.push({ id: socket.requests[0].id, target: "#b", html: `<button id="b" wx-send="a" hidden></button>`, swap: "outerMorph" });
  equal($("#b").outerHTML, `<button id="b" wx-send="a" hidden=""></button>`);
});

test("lifecycle: a form whose fields are called like members is pending as any other", () => {
  const names = "classList setAttribute removeAttribute closest attributes".split(" ");
  show(`<form id="f" wx-send="a">${names.map((name) => `<input name="${name}">`).join("")}<button></button></form>`);
  const socket = connected();
  $("#f button").click();
  ok($("#f").matches(".wx-pending[aria-busy]"), "not pending");
  ack(socket, 1);
  ok(!$("#f").matches(".wx-pending,[aria-busy]"), "still pending");
});

test("lifecycle: what a handler sends before it returns is shown at once while the request stays pending", () => {
  show(`<button id="b" wx-send="a"></button><p id="t"></p>`);
  const socket = connected();
  $("#b").click();
  for (const html of ["10 %", "90 %"]) {
    socket.push({ id: "n1-7", target: "#t", html, swap: "innerHTML" });
    equal([$("#t").textContent, ...isPending("#b")], [html, true, "true"]);
  }
  reply(socket, 1, "done");
  equal([$("#t").textContent, ...isPending("#b")], ["done", false, null]);
});

test("lifecycle: an error, a lost connection and destroy end the waiting", async () => {
  show(`<button id="b" wx-send="a"></button>`);
  const wsx = client();
  const socket = FakeSocket.last.accept();
  const over = heard("wsx:afterRequest");
  $("#b").click();
  socket.push({ type: "error", id: "p1-1", code: "denied" });
  equal(isPending("#b"), [false, null], "error");
  $("#b").click();
  socket.drop();
  equal(isPending("#b"), [false, null], "lost");
  $("#b").click();
  equal(isPending("#b"), [true, "true"], "waiting");
  wsx.destroy();
  equal(isPending("#b"), [false, null], "destroyed");
  equal(outcomes(over), ["denied", "lost", "closed"]);
});

test("lifecycle: a sender that the answer or another fragment morphs or replaces is left clean", () => {
  show(`<div id="t"><button id="b" wx-send="a">old</button></div>`);
  const socket = connected();
  const fresh = (text) => `<button id="b" wx-send="a">${text}</button>`;
  for (const [n, swap] of ["innerMorph", "outerHTML", "innerHTML"].entries()) {
    $("#b").click();
    socket.push({ id: "n1-1", target: "#t", html: fresh("meanwhile"), swap: "innerMorph" });
    if (swap === "outerHTML") reply(socket, n + 1, fresh(swap), "#b", swap);
    else reply(socket, n + 1, fresh(swap), "#t", swap);
    equal($("#t").innerHTML, fresh(swap));
  }
});

test("lifecycle: with an original server a request is over when it is sent, and its late answers are known", () => {
  const timers = manualTimers();
  show(`<button id="b" wx-send="a"></button><p id="t"></p>`);
  client();
  const over = heard("wsx:afterRequest");
  const socket = FakeSocket.last.accept({ hello: false });
  for (let i = 0; i < 3; i++) $("#b").click();
  equal([over.length, ...isPending("#b")], [0, true, "true"]);
  timers.ring(1000);
  equal([outcomes(over), ...isPending("#b")], [["success", "success", "success"], false, null]);
  reply(socket, 2, "two");
  reply(socket, 1, "one");
  equal($("#t").textContent, "two");
  reply(socket, 3, "three");
  equal($("#t").textContent, "three");
});

// wsx:afterRequest.

test("lifecycle: wsx:afterRequest is told at the sender when the answer has been shown", async () => {
  show(`<button id="b" wx-send="a"></button><p id="t"></p>`);
  const socket = connected();
  const seen = [];
  heard("wsx:afterRequest").push = ({ target, detail }) => seen.push([target.id, detail.request.handler, detail.success, "code" in detail && detail.code, $("#t").textContent, ...isPending("#b")]);
  $("#b").click();
  reply(socket, 1, "done", "#t", "innerHTML swap:20ms");
  equal(isPending("#b"), [true, "true"], "not shown yet");
  await until(() => seen.length > 0);
  equal(seen, [["b", "a", true, undefined, "done", false, null]]);
});

test("lifecycle: wsx:afterRequest follows wsx:error, once for each request", () => {
  show(`<button id="b" wx-send="a"></button>`);
  const wsx = client();
  const socket = FakeSocket.last.accept();
  const told = [];
  for (const name of ["wsx:error", "wsx:afterRequest"]) heard(name).push = (event) => told.push(name + event.detail.code);
  $("#b").click();
  wsx.send("elsewhere");
  socket.push({ type: "error", id: "p1-1", code: "user", html: "No" });
  socket.push({ type: "error", id: "p1-1", code: "user", html: "No" });
  ack(socket, 2);
  equal(told, ["wsx:erroruser", "wsx:afterRequestuser", "wsx:erroruser", "wsx:afterRequestundefined"]);
});

// Late answers.

test("lifecycle: a late answer does not overwrite a newer one of the same sender", () => {
  show(`<input id="i" wx-send="a"><p id="t"></p><p id="o"></p>`);
  const socket = connected();
  type($("#i"), "a");
  type($("#i"), "ab");
  socket.push({ id: "p1-2", target: "#t", html: "ab", swap: "innerHTML" });
  socket.push({ id: "p1-1", target: "#t", html: "a", swap: "innerHTML", oob: [{ target: "#o", html: "aside", swap: "innerHTML" }] });
  equal([$("#t").textContent, $("#o").textContent], ["ab", "aside"]);
  equal(isPending("#i"), [false, null]);
});

test("lifecycle: a late answer that only adds is shown, and so is one for another target", () => {
  show(`<button id="a" wx-send="a"></button><p id="t"></p><p id="o"></p>`);
  const socket = connected();
  for (let i = 0; i < 3; i++) $("#a").click();
  reply(socket, 3, "new");
  reply(socket, 2, " more", "#t", "beforeend");
  equal($("#t").textContent, "new more");
  reply(socket, 1, "other target", "#o");
  equal($("#o").textContent, "other target");
});

test("lifecycle: of two senders that show something in one place the last one pressed wins", () => {
  show(`<button id="a" wx-send="a"></button><button id="b" wx-send="b"></button><p id="t"></p>`);
  const socket = connected();
  $("#a").click();
  $("#b").click();
  reply(socket, 2, "b");
  reply(socket, 1, "a");
  equal($("#t").textContent, "b");
  $("#a").click();
  reply(socket, 3, "a again");
  equal($("#t").textContent, "a again");
});

// wx-confirm.

test("wx-confirm: the visitor's no keeps the request, the yes sends it", async () => {
  const { socket } = await page(`<div wx-confirm="Really?"><button id="b" wx-send="a"></button></div>`);
  const asked = answering(false, true);
  $("#b").click();
  equal([asked, handlers(socket), ...isPending("#b")], [["Really?"], [], false, null]);
  $("#b").click();
  equal(handlers(socket), ["a"]);
});

test("wx-confirm: an empty one nearer by asks nothing", async () => {
  const { socket } = await page(`<div wx-confirm="Really?"><button id="b" wx-send="a" wx-confirm=""></button></div>`);
  const asked = answering();
  $("#b").click();
  equal([asked, handlers(socket)], [[], ["a"]]);
});

test("wx-confirm: a page's own dialog answers later, once, and the data is that of the click", async () => {
  const { socket } = await page(`<form id="f" wx-send="a" wx-confirm="Sure?"><input name="n" value="1"><button></button></form>`);
  const asked = answering();
  const events = heard("wsx:confirm");
  $("#f").addEventListener("wsx:confirm", (event) => event.preventDefault());
  $("#f button").click();
  $("#f input").value = "2";
  await soon();
  const { question, request, element, proceed } = events[0].detail;
  equal([asked, socket.requests, question, request.handler, element.id], [[], [], "Sure?", "a", "f"]);
  proceed();
  proceed();
  await soon();
  equal(socket.requests.map((r) => r.data), [{ n: "1" }]);
  $("#f button").click();
  events[1].detail.proceed(false);
  events[1].detail.proceed(true);
  await soon();
  equal(socket.requests.length, 1);
});

test("wx-confirm: a listener may answer at once without preventing anything", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-confirm="Sure?"></button>`);
  const asked = answering();
  $("#b").addEventListener("wsx:confirm", ({ detail }) => (detail.proceed(true), detail.proceed(false)));
  $("#b").click();
  equal([asked, handlers(socket)], [[], ["a"]]);
});

test("wx-confirm: after a no, a trigger with once is still there", async () => {
  const { socket } = await page(`<button id="b" wx-send="a" wx-trigger="click once" wx-confirm="Sure?"></button>`);
  answering(false);
  $("#b").click();
  $("#b").addEventListener("wsx:confirm", (event) => (event.preventDefault(), setTimeout(event.detail.proceed, 0, event.target.dataset.yes)));
  $("#b").click();
  await soon();
  await soon();
  $("#b").dataset.yes = "1";
  $("#b").click();
  await until(() => socket.requests.length === 1);
  await soon();
  $("#b").click();
  await soon();
  equal(handlers(socket), ["a"]);
});

test("wx-confirm: trigger() returns the id where nothing has to wait", async () => {
  const { wsx, socket } = await page(`<button id="b" wx-send="a" wx-confirm="Sure?"></button>`);
  answering(true);
  equal(wsx.trigger("#b"), "p1-1");
  $("#b").addEventListener("wsx:confirm", (event) => (event.preventDefault(), setTimeout(event.detail.proceed)));
  equal(wsx.trigger("#b"), undefined);
  await until(() => socket.requests.length === 2);
});

// The file that does this.

test("lifecycle: what needs wsx-more.js waits for it with the data of its event", async () => {
  let bring;
  const more = () => new Promise((resolve) => (bring = () => resolve(import("../src/more/more.js"))));
  show(`<form id="f" wx-send="a" wx-disable><input name="n" value="1"><button></button></form>`);
  const socket = connected({}, { more });
  $("#f button").click();
  $("#f input").value = "2";
  equal(socket.requests, []);
  bring();
  await until(() => socket.requests.length === 1);
  equal(socket.requests[0].data, { n: "1" });
});

test("lifecycle: without wsx-more.js nothing is sent that needs it, and the sender is told", async () => {
  const complaints = captured("error");
  show(`<button id="b" wx-send="a" wx-confirm="Sure?"></button><button id="c" wx-send="c"></button>`);
  const socket = connected({}, { more: () => Promise.reject(new Error("gone")) });
  const events = heard("wsx:error");
  $("#b").click();
  $("#c").click();
  await until(() => events.length > 0);
  equal([handlers(socket), codes(events), events[0].target.id, ...isPending("#b")], [["c"], ["closed"], "b", false, null]);
  ok(complaints[0].includes("wsx-more.js"), complaints[0]);
});

test("lifecycle: a relative target of one sender is another place than that of the next", async () => {
  const { socket } = await page(`<b id="a" wx-send="x" wx-target="this"></b><b id="b" wx-send="x" wx-target="this"></b>`);
  for (const id of ["#a", "#b", "#b"]) $(id).click();
  reply(socket, 3, "3", "this");
  reply(socket, 2, "2", "this");
  reply(socket, 1, "1", "this");
  equal([$("#a").textContent, $("#b").textContent], ["1", "3"]);
});
