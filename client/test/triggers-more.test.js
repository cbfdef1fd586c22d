import { captured, equal, manualTimers, ok, soon, stub, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, show, type } from "./page.js";

const handlers = (socket) => socket.requests.map((request) => request.handler);

function page(html) {
  show(html);
  return connected();
}

test("1.9: load sends once when the element comes into the page", async () => {
  const socket = page(`<div id="a" wx-send="a" wx-trigger="load"></div><div id="t"></div>`);
  await until(() => socket.requests.length === 1);
  equal([socket.requests[0].handler, socket.requests[0].trigger], ["a", "load"]);
  socket.push({ target: "#t", html: `<p wx-send="b" wx-trigger="load delay:1ms"><i wx-send="c" wx-trigger="load, click"></i></p>` });
  await until(() => socket.requests.length === 3);
  $("#stage").append($("#a"));
  $("#t i").dispatchEvent(new Event("load"));
  $("#t i").click();
  await soon();
  equal(handlers(socket), ["a", "c", "b", "c"]);
});

test("triggers: load of an image is that it came, not that it was fetched", async () => {
  const socket = page(`<img alt="" wx-send="i" wx-trigger="load">`);
  await until(() => socket.requests.length === 1);
  $("img").dispatchEvent(new Event("load"));
  await soon();
  equal(socket.requests.length, 1);
});

test("triggers: load of an element that a morph keeps does not come again", async () => {
  const socket = page(`<div id="t"><p id="p" wx-send="a" wx-trigger="load">1</p></div>`);
  await until(() => socket.requests.length === 1);
  socket.push({ target: "#t", html: `<b></b><p id="p" wx-send="a" wx-trigger="load">2</p>`, swap: "innerMorph" });
  await soon();
  equal([$("#p").textContent, socket.requests.length], ["2", 1]);
});

const below = (html) => `<div id="s" class="scroller"><p class="tall"></p>${html}</div>`;

test("1.9: revealed sends the first time the element is in view", async () => {
  const socket = page(below(`<i id="r" wx-send="r" wx-trigger="revealed">x</i>`) + `<b wx-send="at once" wx-trigger="revealed">x</b>`);
  $("#stage").scrollIntoView();
  await until(() => socket.requests.length === 1);
  for (let i = 0; i < 2; i++) {
    $("#s").scrollTop = 1e6;
    await until(() => socket.requests.length === 2);
    await seen(true);
    $("#s").scrollTop = 0;
    await seen(false);
  }
  equal(handlers(socket), ["at once", "r"]);
});

/** Waits until an observer of its own sees #r, or sees it no more, which is after those that were there before have been told. */
function seen(wanted) {
  return new Promise((resolve) => {
    const observer = new IntersectionObserver((entries) => {
      if (entries.at(-1).isIntersecting !== wanted) return;
      observer.disconnect();
      setTimeout(resolve);
    });
    observer.observe($("#r"));
  });
}

test("1.9: intersect sends each time the element comes into view, once only once", async () => {
  const socket = page(below(`<i id="r" wx-send="r" wx-trigger="intersect">x</i><i wx-send="once" wx-trigger="intersect once">x</i>`));
  $("#stage").scrollIntoView();
  for (let i = 1; i < 3; i++) {
    $("#s").scrollTop = 1e6;
    await until(() => handlers(socket).filter((name) => name === "r").length === i);
    await seen(true);
    $("#s").scrollTop = 0;
    await seen(false);
  }
  equal(handlers(socket).sort(), ["once", "r", "r"]);
});

test("1.9: intersect:0.5 wants half of it, in what was swapped in", async () => {
  const socket = page(`<div id="t"></div>`);
  $("#stage").scrollIntoView();
  socket.push({ target: "#t", html: below(`<p id="r" class="tall" wx-send="r" wx-trigger="intersect:0.01"></p><p class="tall" wx-send="whole" wx-trigger="intersect:1"></p>`) });
  await soon();
  $("#s").scrollTop = 1e6;
  $("#s").scrollTop = $("#r").offsetTop - $("#s").offsetTop;
  await until(() => socket.requests.length === 1);
  await seen(true);
  equal(handlers(socket), ["r"]);
});

test("1.9: every 5s, every:5s and interval:5s send again and again", async () => {
  const timers = manualTimers();
  show(`<i wx-send="a" wx-trigger="every 5s"></i><i wx-send="b" wx-trigger="every:6s, click"></i><i wx-send="c" wx-trigger="interval:7s"></i><i wx-send="d" wx-trigger="interval 8000 once"></i>`);
  const socket = connected();
  await until(() => [5000, 6000, 7000, 8000].every((delay) => timers.delays.includes(delay)));
  for (const delay of [5000, 6000, 7000, 8000, 5000, 8000]) timers.ring(delay);
  equal(handlers(socket), ["a", "b", "c", "d", "a"]);
});

test("triggers: an interval without end is none, one that is too short is made longer", async () => {
  const warnings = captured("warn");
  const timers = manualTimers();
  show(`<i wx-send="a" wx-trigger="every"></i><i wx-send="b" wx-trigger="every:soon"></i><i wx-send="c" wx-trigger="every:0"></i><i wx-send="d" wx-trigger="every:1ms"></i>
    <i wx-send="e" wx-trigger="every:99999999s"></i><i wx-send="f" wx-trigger="intersect:2"></i>`);
  connected();
  await until(() => timers.delays.includes(100) && warnings.length === 4);
  equal(timers.delays.filter((delay) => delay === 100 || delay > 1e8), [100, 2 ** 31 - 1]);
});

/** Whether the page can be seen, as far as it knows. */
function setHidden(hidden) {
  stub(document, "hidden", hidden);
  document.dispatchEvent(new Event("visibilitychange"));
}

test("1.9: every is paused in a hidden tab, and what is overdue goes when it is shown", async () => {
  let now = 0;
  stub(performance, "now", () => now);
  const timers = manualTimers();
  show(`<i wx-send="a" wx-trigger="every 5s"></i>`);
  const socket = connected();
  await untilCounted(() => timers.delays.includes(5000));
  setHidden(true);
  equal(timers.delays.includes(5000), false);
  now = 2000;
  setHidden(false);
  ok(timers.delays.includes(3000), "the rest of the time");
  setHidden(true);
  now = 60_000;
  setHidden(false);
  timers.ring(0);
  equal([socket.requests.length, timers.delays.includes(5000)], [1, true]);
});

/** Like until, where the page's clock stands still. */
async function untilCounted(condition) {
  for (let i = 0; i < 200 && !condition(); i++) await import("../src/more/more.js").then(() => fetch("test.css"));
  ok(condition(), String(condition));
}

test("triggers: without a connection an interval asks for one thing, not for hundreds", async () => {
  const timers = manualTimers();
  show(`<i wx-send="a" wx-trigger="every 5s"></i>`);
  client();
  await until(() => timers.delays.includes(5000));
  for (let i = 0; i < 5; i++) timers.ring(5000);
  const socket = FakeSocket.last.accept();
  equal(socket.requests.length, 1);
  timers.ring(5000);
  equal(socket.requests.length, 2);
});

for (const [how, end] of [
  ["the element is gone", () => $("#e").remove()],
  ["what it is in is gone", () => $("#stage").replaceChildren()],
  ["it does not send any more", () => $("#e").removeAttribute("wx-send")],
  ["it has another trigger", () => $("#e").setAttribute("wx-trigger", "click")],
  ["it has none", () => $("#e").removeAttribute("wx-trigger")],
  ["the client is gone", (wsx) => wsx.destroy()],
]) {
  test(`triggers: timers and observers end when ${how}`, async () => {
    const timers = manualTimers();
    const live = observers();
    show(`<div><p id="e" wx-send="a" wx-trigger="every 5s, intersect:0.25, revealed"></p></div>`);
    const wsx = client();
    await until(() => timers.delays.includes(5000) && live.size === 2);
    end(wsx);
    await until(() => !timers.delays.includes(5000));
    equal(live.size, 0);
  });
}

/** The intersection observers that still observe something. */
function observers() {
  const live = new Set();
  const Original = window.IntersectionObserver;
  class Counted extends Original {
    observe(element) {
      live.add(this);
      super.observe(element);
    }
    disconnect() {
      live.delete(this);
      super.disconnect();
    }
  }
  stub(window, "IntersectionObserver", Counted);
  return live;
}

test("triggers: a trigger that a script changes counts as it is now", async () => {
  const timers = manualTimers();
  const div = show(`<p wx-send="a" wx-trigger="every 5s"></p>`);
  const socket = connected();
  await until(() => timers.delays.includes(5000));
  div.setAttribute("wx-trigger", "every 6s");
  await until(() => timers.delays.includes(6000));
  timers.ring(6000);
  equal([timers.delays.includes(5000), handlers(socket)], [false, ["a"]]);
});

test("triggers: conditions and wx-if hold for load, revealed and every", async () => {
  const timers = manualTimers();
  show(`<p class="no" wx-send="load" wx-trigger="load[matches('.yes')]"></p><p wx-send="if" wx-trigger="load" wx-if="matches('.yes')"></p>
    <p id="e" wx-send="every" wx-trigger="every[matches('.yes')] 5s"></p><p id="f" wx-send="every too" wx-trigger="every:6s[matches('.yes')]"></p><p wx-send="end" wx-trigger="load"></p>`);
  const socket = connected();
  await until(() => timers.delays.includes(5000) && socket.requests.length > 0);
  timers.ring(5000);
  timers.ring(6000);
  for (const id of ["#e", "#f"]) $(id).className = "yes";
  timers.ring(5000);
  timers.ring(6000);
  equal(handlers(socket), ["end", "every", "every too"]);
});

test("triggers: of two clients the one that owns an element makes its events", async () => {
  show(`<div id="root"><p wx-send="in" wx-trigger="load"></p></div><p wx-send="out" wx-trigger="load"></p><div wx-ignore><p wx-send="never" wx-trigger="load"></p></div>`);
  client({ root: "#root" });
  const inner = FakeSocket.last;
  client();
  const outer = FakeSocket.last;
  for (const socket of [inner, outer]) socket.accept();
  await until(() => inner.requests.length > 0 && outer.requests.length > 0);
  await soon();
  equal([handlers(inner), handlers(outer)], [["in"], ["out"]]);
});

test("triggers: what needs the file and comes later brings it, once, and what does not need it never does", async () => {
  show(`<div id="t"><input wx-send="i" wx-trigger="input changed delay:1ms, keyup[Enter]" wx-target="#t"></div>`);
  let count = 0;
  client({}, { more: () => (count++, import("../src/more/more.js")) });
  const socket = FakeSocket.last.accept();
  await soon();
  equal(count, 0);
  for (const html of [`<p wx-if="value"></p>`, `<p><b wx-send="x" wx-trigger="every 5s"></b></p>`, `<p wx-reset></p>`]) {
    socket.push({ target: "#t", html });
    await soon();
  }
  equal(count, 1);
});

test("triggers: an expected file that could not be had is asked for again", async () => {
  captured("error");
  const timers = manualTimers();
  show(`<p wx-send="x" wx-trigger="load"></p>`);
  let count = 0;
  client({}, { more: () => (count++ ? import("../src/more/more.js") : Promise.reject(new Error("offline"))) });
  const socket = FakeSocket.last.accept();
  await until(() => timers.delays.includes(30_000));
  timers.ring(30_000);
  await until(() => socket.requests.length === 1);
});

const mice = ["mouseenter", "mouseleave", "mousemove", "dblclick", "contextmenu", "keypress", "focusin", "user-logged-in"];
for (const name of mice) {
  test(`1.9: ${name} works`, async () => {
    const button = show(`<button wx-send="b" wx-trigger="${name}">x</button>`);
    const socket = connected();
    await soon();
    button.dispatchEvent(new Event(name, { bubbles: !/enter|leave/.test(name) }));
    button.dispatchEvent(new Event("keyup", { bubbles: true }));
    equal(handlers(socket), ["b"]);
  });
}

test("1.9: consume keeps an event from nobody who would not get it anyway", async () => {
  show(`<div wx-send="outer"><button wx-send="inner" wx-trigger="click consume"></button></div>`);
  const socket = connected();
  let others = 0;
  $("#stage").addEventListener("click", () => others++, { once: true });
  $("button").click();
  equal([handlers(socket), others], [["inner"], 1]);
});

test("1.9: target may be a selector with blanks", () => {
  show(`<div wx-send="d" wx-trigger="click target:(.row .yes)"><p class="row"><b class="yes"></b></p><b class="yes" id="no"></b></div>`);
  const socket = connected();
  $("#no").click();
  $(".row .yes").click();
  equal(handlers(socket), ["d"]);
});

test("1.9: of delay and throttle the delay counts, and queue is one", () => {
  const timers = manualTimers();
  const input = show(`<input wx-send="q" wx-trigger="input throttle:1s delay:40ms">`);
  const socket = connected();
  type(input, "a");
  type(input, "b");
  equal(socket.requests.length, 0);
  timers.ring(40);
  equal(socket.requests.map(({ data }) => data.value), ["b"]);
});
