import { equal, heard, ok, test } from "./harness.js";
import { $, client, connected, FakeSocket, show } from "./page.js";

// The frames in testdata/frames, which the server's tests read too: so both sides agree to the byte.

const files = await (await fetch("/frames/")).json();
const frames = Object.fromEntries(
  await Promise.all(files.map(async (name) => [name, (await (await fetch(`/frames/${name}`)).text()).trimEnd()])),
);

test("frames: there are some of both directions", () => {
  ok(files.some((name) => name.startsWith("up-")) && files.some((name) => name.startsWith("down-")), files.join());
});

test("frames: up-hello.json is what the client says first", () => {
  equal(connected().sent[0], frames["up-hello.json"]);
});

test("frames: up-request.json is what a form sends", () => {
  const form = show(`<form wx-send="chat/send" wx-target="#messages" wx-swap="beforeend scroll:bottom" wx-trigger="submit throttle:1s"
    wx-data='{"room":42}' data-user-id="7"><input name="text" value="1 &lt; 2 &amp; &quot;ü&quot;"><input type="checkbox" name="tag" value="a" checked>
    <input type="checkbox" name="tag" value="b" checked></form>`);
  const socket = connected();
  form.requestSubmit();
  equal(socket.sent[1], frames["up-request.json"]);
});

test("frames: up-request-minimal.json is what a bare button sends", () => {
  show(`<button wx-send="refresh"></button>`);
  const socket = connected();
  $("button").click();
  equal(socket.sent[1], frames["up-request-minimal.json"]);
});

for (const name of files.filter((file) => file.startsWith("down-"))) {
  test(`frames: ${name} is understood, whole or cut off`, () => {
    show(`<ul id="messages"></ul><p id="count"></p><p id="errors"></p>`);
    const socket = connected();
    socket.push(frames[name]);
    socket.push(frames[name].slice(0, -1));
    socket.push(frames[name]);
  });
}

/** Shows the targets that the frame names, feeds it and returns the updates that were applied. */
function apply(name) {
  const frame = JSON.parse(frames[name]);
  const updates = frame.updates ?? [frame, ...(frame.oob ?? [])];
  const ids = [...new Set(updates.map((update) => update.target.slice(1)))];
  show(`<div>${ids.map((id) => `<div id="${id}"></div>`).join("")}</div>`);
  const applied = heard("wsx:beforeSwap");
  connected().push(frames[name]);
  equal(applied.map((e) => [e.detail.update.target, e.detail.update.html]), updates.map((u) => [u.target, u.html ?? ""]), name);
}

for (const name of ["down-update.json", "down-reply-oob.json", "down-batch.json", "down-plain-error.json"]) {
  test(`frames: ${name} changes the page`, () => apply(name));
}

for (const name of ["down-error-user.json", "down-error-internal.json"]) {
  test(`frames: ${name} is told with its code`, () => {
    const events = heard("wsx:error");
    connected().push(frames[name]);
    const { id, code, html } = JSON.parse(frames[name]);
    equal([events.length, events[0].detail.id, events[0].detail.code, events[0].detail.html], [1, id, code, html]);
  });
}

test("frames: down-ack.json answers its request", () => {
  const { id } = JSON.parse(frames["down-ack.json"]);
  const wsx = client();
  const events = heard("wsx:error");
  const socket = FakeSocket.last.accept();
  wsx.send({ id, handler: "a" });
  wsx.send({ id: "other", handler: "a" });
  socket.push(frames["down-ack.json"]);
  socket.drop();
  equal(events.map((e) => e.detail.id), ["other"]);
});
