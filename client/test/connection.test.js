import { pause } from "../src/retry.js";
import { captured, equal, heard, manualTimers, ok, stub, test, until } from "./harness.js";
import { client, connected, FakeSocket } from "./page.js";

const details = (events) => events.map((event) => event.detail);

/** A page whose connection has just ended with the code, on a clock that stands still; random is 1, so pauses are full. */
function after(code, config = {}) {
  const timers = manualTimers();
  const wsx = client({ reconnectInterval: 1000, ...config }, { random: () => 1 });
  FakeSocket.last.accept().drop(code);
  return { wsx, timers };
}

test("connection: pauses grow to 30 s and are random from 0", () => {
  equal([0, 1, 2, 3, 4, 5, 100].map((n) => pause(n, 1000, () => 1)), [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  equal(pause(3, 1000, () => 0), 0);
  equal(pause(3, 1000, () => 0.5), 4000);
});

test("connection: attempts go on without an end", () => {
  const { timers } = after(1006);
  const delays = [];
  for (let i = 0; i < 12; i++) {
    delays.push(timers.delays.at(-1));
    timers.ring(delays.at(-1));
    FakeSocket.last.drop();
  }
  equal(delays.slice(0, 7), [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  equal(FakeSocket.all.length, 13);
});

test("connection: a connection that held starts the pauses afresh, one that fell at once does not", () => {
  const { timers } = after(1006);
  timers.ring(1000);
  FakeSocket.last.accept().drop(1011);
  equal(timers.delays.at(-1), 2000);
  timers.ring(2000);
  FakeSocket.last.accept();
  const now = performance.now();
  stub(performance, "now", () => now + 60_000);
  FakeSocket.last.drop();
  equal(timers.delays.at(-1), 1000);
});

test("connection: maxReconnectAttempts ends the attempts and says so", () => {
  const events = heard("wsx:disconnected");
  const { timers } = after(1006, { maxReconnectAttempts: 2 });
  timers.ring(1000);
  FakeSocket.last.drop();
  timers.ring(2000);
  FakeSocket.last.drop();
  equal(timers.delays, []);
  equal(details(events).map((d) => d.willReconnect), [true, false]);
});

for (const code of [1000, 4403]) {
  test(`connection: after ${code} it stays away`, () => {
    const events = heard("wsx:disconnected");
    const { timers } = after(code);
    for (const event of ["online", "pointerdown"]) window.dispatchEvent(new Event(event));
    document.dispatchEvent(new Event("visibilitychange"));
    equal([timers.delays, FakeSocket.all.length], [[], 1]);
    equal(details(events), [{ code, reason: "", willReconnect: false }]);
  });
}

for (const code of [1001, 1002, 1006, 1007, 1009, 1011, 1012, 4008, 4029, 4401]) {
  test(`connection: after ${code} it comes back`, () => {
    const { timers } = after(code);
    timers.ring(1000);
    equal(FakeSocket.all.length, 2);
  });
}

test("connection: after 1008 it comes back after 30 s", () => {
  const { timers } = after(1008);
  equal(timers.delays, [30000]);
});

for (const event of ["pointerdown", "keydown", "visibilitychange"]) {
  test(`connection: after 4001 it comes back when the page is used or shown (${event})`, () => {
    const events = heard("wsx:disconnected");
    const { timers } = after(4001);
    equal([timers.delays, FakeSocket.all.length, events[0].detail.willReconnect], [[], 1, true]);
    (event === "visibilitychange" ? document : window).dispatchEvent(new Event(event));
    equal(FakeSocket.all.length, 2);
  });
}

test("connection: after 4001 a request brings it back and is sent", () => {
  const { wsx } = after(4001);
  wsx.send("a");
  equal(FakeSocket.last.accept().requests.length, 1);
});

test("connection: the online event tries at once, and shown again too", () => {
  after(1006);
  window.dispatchEvent(new Event("online"));
  equal(FakeSocket.all.length, 2);
  FakeSocket.last.drop();
  document.dispatchEvent(new Event("visibilitychange"));
  equal(FakeSocket.all.length, 3);
  window.dispatchEvent(new Event("online"));
  equal(FakeSocket.all.length, 3, "one attempt at a time");
});

test("connection: a hidden page is not 'shown again'", () => {
  after(1006);
  stub(document, "hidden", true);
  document.dispatchEvent(new Event("visibilitychange"));
  equal(FakeSocket.all.length, 1);
});

test("connection: offline it waits", () => {
  stub(navigator, "onLine", false);
  const { timers } = after(1006);
  equal(timers.delays, [30000]);
});

test("connection: going offline while it waits makes it wait for the network", () => {
  const { timers } = after(1006);
  window.dispatchEvent(new Event("offline"));
  equal(timers.delays, [30000]);
});

test("connection: leaving the page closes with 1000, a page from the cache connects again", () => {
  connected();
  const socket = FakeSocket.last;
  window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
  equal(socket.closedWith, 1000);
  window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false }));
  equal(FakeSocket.all.length, 1);
  window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  equal(FakeSocket.all.length, 2);
});

test("connection: a page that disconnected stays so when it comes from the cache", () => {
  const wsx = client();
  FakeSocket.last.accept();
  wsx.disconnect();
  window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  equal(FakeSocket.all.length, 1);
});

test("connection: a server that falls silent is left for a new connection", () => {
  const timers = manualTimers();
  const wsx = client();
  const socket = FakeSocket.last.accept();
  equal(timers.delays, [55000]);
  socket.push({ type: "ping", t: "t2" });
  timers.ring(55000);
  equal([socket.closedWith, wsx.isConnected()], [1000, false]);
  timers.ring(0);
  equal(FakeSocket.all.length, 2);
});

test("connection: wsx:connected and wsx:disconnected are told once per change", async () => {
  const up = heard("wsx:connected");
  const down = heard("wsx:disconnected");
  client();
  FakeSocket.last.drop(1006);
  await until(() => FakeSocket.all.length === 2);
  FakeSocket.last.drop(1006);
  await until(() => FakeSocket.all.length === 3);
  FakeSocket.last.accept().drop(1012, "restart");
  equal([details(up), details(down)], [[{ reconnected: true }], [{ code: 1006, reason: "", willReconnect: true }, { code: 1012, reason: "restart", willReconnect: true }]]);
});

test("connection: an address that the browser refuses is told once, without attempts", () => {
  const errors = captured("error");
  const events = heard("wsx:disconnected");
  const timers = manualTimers();
  class Refusing {
    constructor() {
      throw new DOMException("mixed content", "SecurityError");
    }
  }
  client({}, { WebSocket: Refusing });
  equal([timers.delays, errors.length, events[0].detail.willReconnect], [[], 1, false]);
});

test("hand-over: on reconnect the successor opens before the old connection closes", () => {
  const timers = manualTimers();
  const wsx = client();
  const old = FakeSocket.last.accept();
  old.push({ type: "reconnect", after: 500 });
  equal(FakeSocket.all.length, 1);
  timers.ring(500);
  equal([FakeSocket.all.length, old.readyState], [2, 1]);
  FakeSocket.last.accept();
  equal([old.closedWith, wsx.isConnected()], [1000, true]);
});

test("hand-over: answers still come over the old connection, other frames do not", () => {
  const timers = manualTimers();
  const wsx = client();
  const events = heard("wsx:error");
  const swaps = heard("wsx:beforeSwap");
  const old = FakeSocket.last.accept();
  wsx.send("slow");
  old.push({ type: "reconnect", after: 0 });
  timers.ring(0);
  FakeSocket.last.accept();
  equal(old.readyState, 1);
  old.push({ id: "b-1", target: "#stage", html: "again" });
  old.push({ id: "p1-1", target: "#stage", html: "" });
  equal([swaps.length, old.closedWith, events.length], [1, 1000, 0]);
});

test("hand-over: an answer that never comes is lost after two seconds", () => {
  const timers = manualTimers();
  const wsx = client();
  const events = heard("wsx:error");
  const old = FakeSocket.last.accept();
  wsx.send("slow");
  old.push({ type: "reconnect", after: 0 });
  timers.ring(0);
  FakeSocket.last.accept();
  timers.ring(2000);
  equal([old.closedWith, details(events).map((d) => d.code)], [1000, ["lost"]]);
});

test("hand-over: what the new connection carries is not lost with the old one", () => {
  const timers = manualTimers();
  const wsx = client();
  const events = heard("wsx:error");
  const old = FakeSocket.last.accept();
  wsx.send("old");
  old.push({ type: "reconnect", after: 0 });
  timers.ring(0);
  FakeSocket.last.accept();
  wsx.send("new");
  equal(FakeSocket.last.requests.map((r) => r.handler), ["new"]);
  old.drop(1012);
  equal(details(events).map((d) => [d.handler, d.code]), [["old", "lost"]]);
});

test("hand-over: a successor that fails leaves the old connection in place", () => {
  const timers = manualTimers();
  const wsx = client();
  const old = FakeSocket.last.accept();
  old.push({ type: "reconnect", after: 0 });
  timers.ring(0);
  FakeSocket.last.drop();
  equal([wsx.isConnected(), old.readyState], [true, 1]);
  old.drop(1012);
  equal(FakeSocket.all.length, 2);
  timers.ring(0);
  equal(FakeSocket.all.length, 3);
});

test("hand-over: if the old connection ends first, the successor takes over", () => {
  const timers = manualTimers();
  const wsx = client();
  const old = FakeSocket.last.accept();
  old.push({ type: "reconnect", after: 0 });
  timers.ring(0);
  old.drop(1012);
  FakeSocket.last.accept();
  equal([FakeSocket.all.length, FakeSocket.alive, wsx.isConnected()], [2, 1, true]);
});

test("api: connect and disconnect may be called twice", () => {
  const events = heard("wsx:disconnected");
  const wsx = client();
  wsx.connect();
  FakeSocket.last.accept();
  wsx.connect();
  equal([FakeSocket.all.length, wsx.isConnected()], [1, true]);
  wsx.disconnect();
  wsx.disconnect();
  equal([FakeSocket.alive, wsx.isConnected(), events.length], [0, false, 1]);
  wsx.connect();
  ok(FakeSocket.alive === 1, "connects again");
});
