/**
 * A test runner small enough to read. Cases run one after another; their results stand in the page, and go to the address that
 * the page's own has in ?report=. With ?only= just the cases run whose names contain that.
 */

/** @type {{ name: string, fn: () => unknown }[]} */
const cases = [];
/** @type {(() => void)[]} */
let cleanups = [];

const realTimeout = window.setTimeout.bind(window);

class LeftOut extends Error {}

export function test(name, fn) {
  cases.push({ name, fn });
}

/** Runs fn when the current case is over, the last one registered first. */
export function cleanup(fn) {
  cleanups.push(fn);
}

export async function run() {
  const query = new URLSearchParams(location.search);
  const results = [];
  for (const { name, fn } of cases) {
    if (name.includes(query.get("only") ?? "")) results.push(await runOne(name, fn));
  }
  for (const { name, error, leftOut } of results) {
    const line = document.createElement("pre");
    line.textContent = `${error ? "FAIL" : leftOut ? "left out" : "ok  "} ${name}${error || leftOut ? `\n     ${error || leftOut}` : ""}`;
    document.body.append(line);
  }
  await pause(0); // a rejection that nobody handled is told after the task that made it
  const report = query.get("report");
  if (report) await fetch(report, { method: "POST", body: JSON.stringify({ results, complaints: window.complaints }) });
}

async function runOne(name, fn) {
  let [error, leftOut] = ["", ""];
  try {
    await Promise.race([fn(), pause(20_000).then(() => Promise.reject("hangs"))]);
  } catch (thrown) {
    if (thrown instanceof LeftOut) leftOut = thrown.message;
    else error = `${thrown}\n${thrown?.stack ?? ""}`; // the message is not in every engine's stack
  }
  for (const undo of cleanups.reverse()) undo();
  cleanups = [];
  return { name, error, leftOut };
}

/** Leaves the case out in an engine that cannot do what the case is about. Ask for the feature, never for the engine. */
export function needs(what, isThere) {
  if (!isThere) throw new LeftOut(`needs ${what}`);
}

export function equal(got, want, what = "") {
  const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
  if (a !== b) throw new Error(`${what} got ${a}, want ${b}`);
}

export function ok(condition, what) {
  if (!condition) throw new Error(what);
}

/** On the real clock, whatever the case has done to the page's. */
function pause(ms) {
  return new Promise((resolve) => realTimeout(resolve, ms));
}

/** Waits until the condition holds and returns its value. */
export async function until(condition, what = String(condition)) {
  const deadline = performance.now() + 5000;
  for (;;) {
    const value = condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await pause(2);
  }
}

/**
 * Collects the events of a name, wherever in the page they are told. With `about` only those of the frame with that id: what
 * a case before this one settles late does not count.
 */
export function heard(name, about) {
  const events = [];
  const listen = (event) => {
    if (!about || event.detail.message.id === about) events.push(event);
  };
  document.addEventListener(name, listen);
  cleanup(() => document.removeEventListener(name, listen));
  return events;
}

/** Collects what goes to a console method instead of printing it. */
export function captured(method) {
  const lines = [];
  const original = console[method];
  console[method] = (...words) => lines.push(words.join(" "));
  cleanup(() => (console[method] = original));
  return lines;
}

/** Replaces a property for the duration of the case. */
export function stub(object, name, value) {
  const own = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
  cleanup(() => (own ? Object.defineProperty(object, name, own) : delete object[name]));
}

/** Takes the clock from the page: timers wait in the returned object until the test lets them ring. */
export function manualTimers() {
  const timers = new Map();
  let count = 1e6; // no real timer has such an id
  stub(window, "setTimeout", (fn, delay = 0) => (timers.set(++count, { fn, delay }), count));
  stub(window, "clearTimeout", (id) => timers.delete(id));
  return {
    get delays() {
      return [...timers.values()].map((timer) => timer.delay);
    },
    /** Rings the timer of this delay, or the nearest one: delays that count from an arrival are shorter by the time since. */
    ring(delay) {
      const off = ([, timer]) => Math.abs(timer.delay - delay);
      const [id, timer] = [...timers].filter((each) => off(each) < 20).sort((a, b) => off(a) - off(b))[0] ?? [];
      if (!timer) throw new Error(`no timer of ${delay} ms, only ${this.delays}`);
      timers.delete(id);
      timer.fn();
    },
  };
}

/** Ends the current task and the timers that are due. */
export function soon() {
  return new Promise((resolve) => setTimeout(resolve));
}
