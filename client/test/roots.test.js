import * as starter from "../src/core/starter.js";
import { WSX } from "../src/core/client.js";
import { captured, cleanup, equal, ok, soon, test, until } from "./harness.js";
import { $, client, FakeSocket, handlers, show } from "./page.js";

// Elements with wx-config that come and go while the page lives.

const config = (path) => `wx-config='{"url":"${path}"}'`;
const more = () => import("../src/more/more.js");
const morph = () => import("../src/morph/morph.js");

/** Follows the elements of a page, whose servers are the test; returns what window.wsx would be. */
function start(html) {
  FakeSocket.all = [];
  show(html);
  const page = {};
  class Client extends WSX {
    constructor(config, internals) {
      super(config, { ...internals, WebSocket: FakeSocket, random: () => 0, page: "p1", more, morph });
    }
  }
  const { entries, observer, part } = starter.start(page, Client, more);
  cleanup(() => {
    observer.disconnect();
    part.stop();
    for (const { wsx } of entries) wsx?.destroy();
  });
  return page;
}

/** The newest socket of a path; it is open. */
async function at(path) {
  const find = () => FakeSocket.all.findLast(({ url }) => url.endsWith(path));
  const socket = await until(find, `a client of ${path}`);
  return socket.readyState ? socket : socket.accept();
}

const settled = async () => {
  for (let i = 0; i < 3; i++) await soon();
};

test("roots: a wx-config that comes later starts a client, by a script or with a part of the page", async () => {
  const page = start(`<main><button wx-send="a"></button></main>`);
  equal([FakeSocket.all.length, page.wsx], [0, undefined]);
  $("main").setAttribute("wx-config", `{"url":"/late"}`);
  const first = await at("/late");
  ok(page.wsx.isConnected(), "it is the client of the page");
  $("main button").click();
  const part = document.createElement("section");
  part.setAttribute("wx-config", `{"url":"/part"}`);
  part.append(Object.assign(document.createElement("button"), { id: "p" }));
  $("main").after(part);
  $("#p").setAttribute("wx-send", "b");
  const second = await at("/part");
  $("#p").click();
  equal([handlers(first), handlers(second)], [["a"], ["b"]]);
});

test("roots: an element that goes ends its client, and one that only moves within a task keeps it", async () => {
  const page = start(`<main ${config("/a")}></main><section ${config("/b")}></section>`);
  const [first, second] = [await at("/a"), await at("/b")];
  const section = $("section");
  section.remove();
  await Promise.resolve();
  $("main").append(section);
  await settled();
  equal([first.readyState, second.readyState, FakeSocket.all.length], [1, 1, 2]);
  section.remove();
  await until(() => second.readyState === 3, "the client of the section has ended");
  equal([first.readyState, FakeSocket.all.length], [1, 2]);
  $("main").removeAttribute("wx-config");
  await until(() => first.readyState === 3, "the client of the page has ended");
  $("main").setAttribute("wx-config", `{"url":"/c"}`);
  await at("/c");
  ok(page.wsx.isConnected(), "there is another client of the page");
});

test("roots: an element that takes the place of one with the same config keeps the connection", async () => {
  const html = `<main ${config("/a")}><button id="a" wx-send="a"></button><section ${config("/b")}><button id="b" wx-send="b"></button></section></main>`;
  const page = start(html);
  const [first, second] = [await at("/a"), await at("/b")];
  const { wsx } = page;
  $("main").replaceWith($("main").cloneNode(true)); // the first time, wsx-more.js has to be loaded
  await import("../src/more/more.js");
  await settled();
  for (let i = 0; i < 3; i++) {
    const copy = $("main").cloneNode(true);
    $("main").replaceWith(copy);
    await Promise.resolve();
    $("#a").click();
    $("#b").click();
    await settled();
  }
  equal([handlers(first), handlers(second)], [["a", "a", "a"], ["b", "b", "b"]]);
  equal([FakeSocket.all.length, page.wsx === wsx], [2, true]);
});

test("roots: an element with another config ends the old client and starts a new one", async () => {
  const page = start(`<main ${config("/a")}><button wx-send="a"></button></main>`);
  const old = await at("/a");
  const copy = $("main").cloneNode(true);
  copy.setAttribute("wx-config", `{"url":"/c"}`);
  $("main").replaceWith(copy);
  $("button").click();
  const fresh = await at("/c");
  await until(() => old.readyState === 3);
  $("button").click();
  equal([handlers(old), handlers(fresh), page.wsx.config.url.endsWith("/c")], [[], ["a"], true]);
  copy.setAttribute("wx-config", `{"url":"/d"}`);
  const last = await at("/d");
  equal([fresh.readyState, last.readyState], [3, 1]);
});

test("roots: senders inside a wx-config that no client has belong to none", async () => {
  const errors = captured("error");
  const page = start(`<main ${config("/a")}><section wx-config="{url:'/b'}"><button id="b" wx-send="b"></button></section></main>`);
  const socket = await at("/a");
  $("#b").click();
  equal([handlers(socket), errors.length], [[], 1]);
  $("section").setAttribute("wx-config", `{"url":"/b"}`);
  const second = await at("/b");
  $("#b").click();
  equal([handlers(socket), handlers(second)], [[], ["b"]]);
  page.wsx.destroy();
  $("main").append(Object.assign(document.createElement("i"), { id: "i" }));
  $("#i").setAttribute("wx-send", "i");
  $("#i").click();
  equal([handlers(socket), handlers(second)], [[], ["b"]], "the page ended the other one");
});

test("roots: what every, load and status belong to follows the element's client", async () => {
  const html = `<i id="e" wx-send="e" wx-trigger="every:100ms"></i><i id="l" wx-send="l" wx-trigger="load"></i><p wx-status></p>`;
  start(`<main ${config("/a")}><section>${html}</section></main>`);
  const first = await at("/a");
  await until(() => handlers(first).filter((name) => name === "e").length > 1);
  $("section").setAttribute("wx-config", `{"url":"/b"}`);
  const second = await at("/b");
  const before = handlers(first).length;
  await until(() => handlers(second).filter((name) => name === "e").length > 2);
  equal([handlers(first).length, handlers(second).filter((name) => name === "l").length], [before, 1]);
  const times = second.requests.length;
  $("section").removeAttribute("wx-config");
  await until(() => handlers(first).length > before + 2, "they are the first client's again");
  equal(second.requests.length, times);
  await until(() => $("[wx-status]").textContent === "live");
});

test("roots: rooms go from one client to the other with their region", async () => {
  start(`<main ${config("/a")}><section><p wx-ticket="T"></p></section></main>`);
  const joins = (socket) => socket.sent.map((text) => JSON.parse(text)).filter(({ type }) => type === "join").map(({ tickets }) => tickets);
  const first = await at("/a");
  equal(joins(first), [["T"]]);
  $("section").setAttribute("wx-config", `{"url":"/b"}`);
  equal(joins(await at("/b")), [["T"]]);
  $("section").removeAttribute("wx-config");
  await until(() => joins(first).length === 2, "it joins again");
});

test("roots: nothing inside wx-ignore starts a client, and what is put there ends", async () => {
  start(`<div id="x" wx-ignore><main ${config("/a")}></main></div><div id="y"></div>`);
  await settled();
  equal(FakeSocket.all.length, 0);
  $("#x").insertAdjacentElement("beforeend", $("main").cloneNode());
  await settled();
  equal(FakeSocket.all.length, 0);
  $("#x").removeAttribute("wx-ignore");
  const socket = await at("/a");
  $("#x").setAttribute("wx-ignore", "");
  await until(() => socket.readyState === 3);
});

test("roots: a root that a selector names may be replaced too", () => {
  show(`<main id="part"><button wx-send="a"></button></main>`);
  client({ root: "#part" });
  const socket = FakeSocket.last.accept();
  $("#part").replaceWith($("#part").cloneNode(true));
  $("#part button").click();
  equal(handlers(socket), ["a"]);
  $("#part").remove();
  show(`<button id="out" wx-send="b"></button>`);
  $("#out").click();
  equal(handlers(socket), ["a"]);
});

test("roots: a root that is not in the page is told, and others start", async () => {
  const errors = captured("error");
  start(`<i wx-config='{"url":"/a","root":"#none"}'></i><main ${config("/b")}></main>`);
  await at("/b");
  ok(errors[0].includes("no element for root #none"), errors.join());
});
