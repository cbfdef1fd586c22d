import { equal, heard, manualTimers, test } from "./harness.js";
import { $, client, FakeSocket, show } from "./page.js";

const details = (events) => events.map((event) => event.detail);

/** A client whose server has told it to change, and whose new connection has just opened; the clock stands still. */
function handedOver(before = () => {}) {
  const timers = manualTimers();
  const wsx = client();
  const old = FakeSocket.last.accept();
  before(wsx);
  old.push({ type: "reconnect", after: 0 });
  timers.ring(0);
  return { timers, wsx, old, next: FakeSocket.last.accept() };
}

test("hand-over: on reconnect the successor opens before the old connection closes", () => {
  const timers = manualTimers();
  const wsx = client();
  const old = FakeSocket.last.accept();
  old.push({ type: "reconnect", after: 500 });
  equal(FakeSocket.all.length, 1);
  timers.ring(500);
  equal([FakeSocket.all.length, old.readyState], [2, 1]);
  FakeSocket.last.accept();
  equal([old.readyState, wsx.isConnected()], [1, true]);
  timers.ring(2000);
  equal([old.closedWith, wsx.isConnected()], [1000, true]);
});

test("hand-over: what was still under way on the old connection is shown, for two seconds", () => {
  show(`<ul id="t"></ul>`);
  const { timers, old, next } = handedOver();
  old.push({ target: "#t", html: `<li id="a">a</li>`, swap: "beforeend" });
  old.push({ type: "batch", updates: [{ target: "#t", html: `<li id="b">b</li>`, swap: "beforeend" }] });
  next.push({ target: "#t", html: `<li id="b">b</li>`, swap: "beforeend" });
  next.push({ target: "#t", html: `<li id="c">c</li>`, swap: "beforeend" });
  equal($("#t").textContent, "abc", "what came twice is there once");
  timers.ring(2000);
  equal(old.closedWith, 1000);
  old.push({ target: "#t", html: "late" });
  equal($("#t").textContent, "abc");
});

test("hand-over: answers still come over the old connection, orders do not", () => {
  const events = heard("wsx:error");
  const { timers, old, wsx } = handedOver((wsx) => wsx.send("slow"));
  old.push({ type: "hello", v: 1, conn: "c1", ping: 1 });
  old.push({ type: "reconnect", after: 123 });
  old.push({ type: "error", id: "stranger", code: "internal" });
  equal([timers.delays.includes(123), timers.delays.includes(5002), events.length], [false, false, 0]);
  old.push({ type: "error", id: "p1-1", code: "user", html: "no" });
  timers.ring(2000);
  equal([events.map((e) => e.detail.code), wsx.isConnected()], [["user"], true]);
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

test("hand-over: an order to change is forgotten with the connection that it was about", () => {
  const timers = manualTimers();
  client();
  FakeSocket.last.accept().push({ type: "reconnect", after: 5000 });
  FakeSocket.last.drop(1012);
  equal(timers.delays, [0]);
});

test("hand-over: a successor that nobody answers is given up, the old connection stays", () => {
  const timers = manualTimers();
  const wsx = client();
  FakeSocket.last.accept().push({ type: "reconnect", after: 0 });
  timers.ring(0);
  timers.ring(10000);
  equal([FakeSocket.last.closedWith, FakeSocket.alive, wsx.isConnected()], [1000, 1, true]);
});
