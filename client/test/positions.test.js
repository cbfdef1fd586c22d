import { captured, equal, heard, manualTimers, ok, soon, test, until } from "./harness.js";
import { $, client, connected, FakeSocket, show } from "./page.js";

// A position belongs to the element that shows it.

const frames = (socket, ...types) => socket.sent.map((text) => JSON.parse(text)).filter((frame) => types.includes(frame.type));
const joins = (socket) => frames(socket, "join");
const item = (n) => `<li id="m${n}">m${n}</li>`;
const region = (ticket, ...items) => `<div id="region" wx-ticket="${ticket}"><ul id="list">${items.map(item).join("")}</ul></div>`;
const message = (n) => ({ target: "#list", html: item(n), swap: "beforeend", room: "r", pos: `r.${n}` });
const bare = (n) => ({ ...message(n), html: `<li>m${n}</li>` });
const joined = (socket, at, join = joins(socket).at(-1)) =>
  socket.push({ type: "joined", gen: join.gen, rooms: { r: at }, each: join.tickets.map(() => ["r"]), tickets: join.tickets.map((_, i) => `fresh${join.gen}${i}`) });
const shown = () => [...$("#list").children].map((li) => li.textContent).join(" ");
const parsed = (html) => document.importNode(new Range().createContextualFragment ? $("#stage").cloneNode() : null, true) && fragment(html);

function fragment(html) {
  const policy = $("#stage").ownerDocument.createElement("template");
  show.call(null, ""); // the stage is the only place that parses here
  return [policy, html];
}

/** The socket after the present one was lost. */
async function comeBack() {
  const count = FakeSocket.all.length;
  FakeSocket.last.drop();
  await until(() => FakeSocket.all.length > count);
  return FakeSocket.last.accept();
}
