import { captured, equal, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, page, reply, show } from "./page.js";

const list = `<section id="box" class="box"><h2>0</h2><ul id="list" wx-target="this" wx-swap="beforeend">
    <li id="one"><button id="b1" wx-send="go" wx-swap="innerHTML">1</button><p class="out">1</p></li>
    <li id="two"><p class="out">2</p><button id="b2" wx-send="go" wx-swap="innerHTML"></button><p class="out" id="x">3</p></li></ul><p class="out">4</p></section>`;

/** Where the answer to a request of #b2 with this target ends up; the request as it was sent. */
async function answered(target, html = list, sender = "#b2", change = () => {}) {
  show(html);
  if (target !== undefined) $(sender).setAttribute("wx-target", target);
  const socket = connected();
  $(sender).click();
  const request = socket.requests[0];
  change();
  socket.push({ id: request.id, target: request.target, html: "<mark>new</mark>", swap: request.swap });
  socket.push({ target: "#stage", html: "<i id=end></i>", swap: "beforeend" });
  await until(() => $("#end"));
  const at = $("mark")?.parentElement;
  return [request.target, at && (at.id || at.textContent.replace("new", "") || at.localName || "")];
}

for (const [target, want] of [
  ["this", "b2"], ["closest li", "two"], ["closest .box", "box"], ["next", "x"], ["previous", "p"], ["next .out", "x"], ["previous .out", "p"], ["previous button", "b1"],
  ["previous h2", "h2"], ["next #list", undefined], ["previous #list", undefined], ["closest .none", undefined], ["next <", undefined], ["find .none", undefined], ["closest", undefined],
]) {
  test(`targets: ${target} means ${want ?? "nothing"}`, async () => equal(await answered(target), [target, want]));
}

test("targets: find looks inside the sender", async () => {
  show(`<p class="out"></p><form id="f" wx-send="x" wx-target="find .out"><p class="out" id="in"></p><button id="b"></button></form>`);
  const socket = connected();
  $("#b").click();
  socket.push({ id: socket.requests[0].id, target: "find .out", html: "new" });
  await until(() => $("#in").textContent === "new");
});

test("1.8: wx-target and wx-swap are inherited, this is the element that says it", async () => {
  show(`<ul id="list" wx-target="this" wx-swap="beforeend"><li><button wx-send="go"></button></li></ul>`);
  const socket = connected();
  $("button").click();
  const { id, target, swap } = socket.requests[0];
  equal([target, swap], ["this", "beforeend"]);
  socket.push({ id, target, html: "<li>new</li>", swap });
  await until(() => $("#list").children.length === 2);
});

test("targets: an empty attribute takes back what an ancestor says, for a form with fields called like members too", () => {
  show(`<div wx-target="#a" wx-swap="beforeend"><form id="f" wx-send="f" wx-target=""><input name="closest"><button></button></form></div>`);
  const socket = connected();
  $("button").click();
  equal(socket.requests.map(({ target, swap }) => [target, swap]), [["body", "beforeend"]]);
});

test("targets: a sender that was replaced is its successor with the same id", async () => {
  const replace = () => ($("#b2").outerHTML, $("#b2").replaceWith($("#b2").cloneNode()));
  equal(await answered("next", list, "#b2", replace), ["next", "x"]);
});

test("targets: this outlives the sender that was in it, and its own replacement", async () => {
  const gone = () => {
    $("#two").remove();
    const ul = $("#list").cloneNode();
    $("#list").replaceWith(ul);
  };
  equal(await answered(undefined, list, "#b2", gone), ["this", "list"]);
});

test("targets: a sender that is gone for good gets nothing, and what follows goes on", async () => {
  const debug = captured("debug");
  equal(await answered("closest li", `<ul><li><button id="b2" wx-send="x" ></button></li></ul>`, "#b2", () => $("li").remove()), ["closest li", undefined]);
  equal(debug.length, 0, "nothing is said without debug");
});

test("targets: a relative target in a frame that answers nothing is told to who debugs", () => {
  show(list);
  const debug = captured("debug");
  client({ debug: true });
  FakeSocket.last.accept().push({ target: "closest li", html: "x" });
  FakeSocket.last.push({ id: "broadcast_1", target: "this", html: "x" });
  equal([debug.length, debug.every((line) => line.includes("no element for target"))], [2, true]);
});

test("targets: an answer's further updates and a batch are relative to the sender, too", async () => {
  show(list);
  const socket = connected();
  $("#b1").click();
  $("#b2").click();
  const [first, second] = socket.requests;
  socket.push({ id: first.id, target: "#x", html: "main", oob: [{ target: "next", html: "oob" }] });
  socket.push({ type: "batch", id: second.id, updates: [{ target: "previous .out", html: "batch" }] });
  await until(() => $("#two > p").textContent === "batch");
  equal([$("#x").textContent, $("#one > p").textContent], ["main", "oob"]);
});

test("targets: an answer that waits for the file keeps its place", async () => {
  show(list);
  let arrive;
  client({}, { more: () => new Promise((resolve) => (arrive = resolve)) });
  const socket = FakeSocket.last.accept();
  $("#b1").setAttribute("wx-target", "next");
  $("#b1").click();
  socket.push({ id: socket.requests[0].id, target: "next", html: "first" });
  socket.push({ target: "#one > p", html: "second" });
  equal($("#one > p").textContent, "1");
  arrive(await import("../src/more/more.js"));
  await until(() => $("#one > p").textContent === "second");
});

test("targets: if the file cannot be had the answer is left out and the next one shown", async () => {
  captured("error");
  show(list);
  client({}, { more: () => Promise.reject(new Error("offline")) });
  const socket = FakeSocket.last.accept();
  $("#b1").setAttribute("wx-target", "next");
  $("#b1").click();
  socket.push({ id: socket.requests[0].id, target: "next", html: "first" });
  socket.push({ target: "#x", html: "second" });
  await until(() => $("#x").textContent === "second");
  equal($("#one > p").textContent, "1");
});

test("targets: an element whose name begins like a relative target is none", async () => {
  const { socket } = await page(`<next-step></next-step><b id="b" wx-send="f" wx-target="next-step"></b>`);
  $("#b").click();
  reply(socket, 1, "yes", "next-step");
  equal($("#stage next-step").textContent, "yes");
});
