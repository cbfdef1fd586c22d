// One round of the model: a page whose regions come, go, are copied and restored, over a connection that is cut at any moment.
// In the end the page must show what the server has.

import { Clock } from "./clock.js";
import { randomOf } from "./random.js";
import { Link, Server } from "./server.js";

const names = ["a", "b", "c"];
const steps = 60;

class ModelSocket {
  static all = [];
  readyState = 0;
  sent = [];
  constructor() {
    ModelSocket.all.push(this);
  }
  send(text) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
    this.link?.close();
  }
}

export class Round {
  log = [];
  #random;
  #clock = new Clock();
  #server;
  #fetches = [];
  #regions = new Map();
  #detached = [];
  #saved = [];
  #failed = new Set();
  #count = 0;
  #last = "";

  constructor(seed, WSX, options, places, stage) {
    this.#random = randomOf(seed);
    this.hasIDs = this.#random.chance(0.3);
    this.#server = new Server(names, this.#random, this.#random.chance(0.3) ? 6 : 1000);
    this.WSX = WSX;
    this.options = options;
    this.places = places;
    this.stage = stage;
  }

  async run() {
    ModelSocket.all = [];
    this.#clock.take(this.places);
    const hear = ({ detail, target }) => detail.failed && this.#failed.add(target);
    document.addEventListener("wsx:reset", hear);
    this.stage.innerHTML = `<div class="x"></div><div class="y"></div>${names.map((name) => `<ul class="out ${name}"></ul>`).join("")}`;
    const before = this.#random.below(3);
    for (let i = 0; i < 1 + this.#random.below(2); i++) this.#add();
    for (let i = 0; i < before; i++) this.#publish();
    const wsx = new this.WSX({ url: "/ws", reconnectInterval: 10 }, { WebSocket: ModelSocket, random: () => this.#random.next(), page: "p1", fetch: () => this.#fetch(), load: null, ...this.options });
    try {
      for (let i = 0; i < steps; i++) {
        const before = this.log.length;
        this.#step();
        // Pages change in tasks of their own, with or without others between; the client has written its positions then.
        if (this.#random.chance(0.7) || this.log.slice(before).some((line) => line.startsWith("deliver"))) await settled();
      }
      await this.#quiesce();
      for (const name of names) this.#publish(name);
      await this.#quiesce();
      return this.#check();
    } finally {
      wsx.destroy();
      for (const link of this.#server.links) link.close();
      this.#clock.give();
      document.removeEventListener("wsx:reset", hear);
      this.stage.replaceChildren();
    }
  }

  #note(...words) {
    this.log.push(words.join(" "));
  }

  // The page as the server renders it.

  #lists(rooms) {
    const item = (name, i) => `<li${this.hasIDs ? ` id="${name}${i}"` : ""}>${i}</li>`;
    return rooms.map((name) => `<ul class="list ${name}">${this.#server.rooms.get(name).items.map((i) => item(name, i)).join("")}</ul>`).join("");
  }

  #html(id) {
    const { rooms, inner } = this.#regions.get(id);
    const nested = inner ? this.#html(inner) : "";
    return `<div class="region" id="${id}" wx-ticket="${this.#server.ticket(rooms)}">${this.#lists(rooms)}${nested}</div>`;
  }

  #fetch() {
    return new Promise((resolve, reject) => {
      this.#fetches.push(() => {
        if (this.#random.chance(0.1)) return reject(new Error("lost"));
        const html = `<!doctype html><body>${[...this.#regions].filter(([, region]) => !region.isInner).map(([id]) => this.#html(id)).join("")}</body>`;
        const response = { status: 200, url: location.href, headers: new Headers({ "Content-Type": "text/html" }), text: async () => html };
        resolve(response);
      });
    });
  }

  // What happens.

  #step() {
    const deeds = [
      [20, () => this.#publish()],
      [10, () => this.#link?.flush(1 + this.#random.below(5))],
      [20, () => this.#deliver()],
      [12, () => this.#up()],
      [12, () => this.#clock.ring(this.#random.pick([0, 0, 20, 1000]))],
      [5, () => this.#accept()],
      [3, () => this.#cut()],
      [1, () => this.#handOver()],
      [4, () => this.#fetches.splice(0, 1).forEach((answer) => answer())],
      [20, () => this.#change()],
      [0.3, () => (this.#note("restart"), this.#server.restart(), this.#cut())],
    ];
    let at = this.#random.next() * deeds.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, deed] of deeds) if ((at -= weight) < 0) return deed();
  }

  get #socket() {
    return ModelSocket.all.findLast((socket) => socket.link && socket.readyState === 1);
  }

  get #link() {
    return this.#socket?.link;
  }

  #publish(name = this.#random.pick(names)) {
    this.#note("publish", name);
    const inBatch = this.#random.chance(0.2);
    this.#server.publish(name, (i) => {
      const html = `<li${this.hasIDs ? ` id="${name}${i}"` : ""}>${i}</li>`;
      const update = { target: `all .list.${name}`, html, swap: "beforeend", room: name };
      const out = { target: `.out.${name}`, html: `<li>${i}</li>`, swap: "beforeend" };
      return inBatch ? { ...update, oob: [out] } : update;
    });
  }

  #deliver() {
    const open = ModelSocket.all.filter((socket) => socket.readyState === 1 && socket.link?.under.length > 0);
    const socket = this.#random.pick(open);
    for (let i = 1 + this.#random.below(4); socket && i > 0 && socket.link.under.length > 0; i--) {
      const frame = socket.link.under.shift();
      this.#note("deliver", JSON.stringify(frame));
      socket.onmessage?.({ data: JSON.stringify(frame) });
    }
  }

  #up() {
    const socket = this.#random.pick(ModelSocket.all.filter((socket) => socket.readyState === 1 && socket.sent.length > 0));
    if (!socket) return;
    const text = socket.sent.shift();
    this.#note("up", text);
    socket.link.receive(text);
  }

  #accept() {
    const socket = ModelSocket.all.find((socket) => socket.readyState === 0);
    if (!socket) return;
    this.#note("accept");
    socket.readyState = 1;
    socket.link = new Link(this.#server);
    socket.link.control({ type: "hello", v: 1, conn: "c", ping: 0, t: "" });
    socket.onopen?.({});
  }

  #cut(socket = this.#random.pick(ModelSocket.all.filter((socket) => socket.readyState === 1))) {
    if (!socket) return;
    this.#note("cut");
    socket.readyState = 3;
    socket.link.close();
    socket.onclose?.({ code: 1006, reason: "" });
  }

  #handOver() {
    this.#note("hand-over");
    this.#link?.control({ type: "reconnect", after: 0 });
  }

  #fresh(isInner) {
    const id = `r${++this.#count}`;
    const used = [...this.stage.querySelectorAll(".list"), ...this.#detached.flatMap((node) => [...node.querySelectorAll(".list")])].map((list) => list.classList[1]);
    const free = this.hasIDs ? names.filter((name) => !used.includes(name)) : names;
    if (free.length === 0) return undefined;
    const rooms = this.#random.chance(0.3) && free.length > 1 ? free.slice(0, 2) : [this.#random.pick(free)];
    const inner = !this.hasIDs && !isInner && this.#random.chance(0.2) ? this.#fresh(true) : undefined;
    this.#regions.set(id, { rooms, inner, isInner });
    return id;
  }

  #box() {
    return this.stage.querySelector(this.#random.pick([".x", ".y"]));
  }

  /** Puts a region as it is rendered now, or was rendered some time ago, into the page. */
  #add() {
    const id = this.#fresh();
    if (id) this.#box().append(this.#parse(this.#html(id)));
    this.#note("add", id);
  }

  #parse(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.firstElementChild;
  }

  #change() {
    const region = this.#random.pick([...this.stage.querySelectorAll(".region")]);
    const way = this.#random.pick(Object.keys(this.#ways));
    this.#note("change", way, region?.id);
    if (region || way === "add" || way === "back") this.#ways[way](region);
  }

  /** By id: what it is replaced with. */
  #ways = {
    add: () => this.stage.querySelectorAll(".region").length < 4 && this.#add(),
    remove: (region) => region.remove(),
    move: (region) => this.#moveTo(region, this.#box()),
    away: (region) => (region.remove(), this.#detached.push(region)),
    back: () => {
      const node = this.#detached.shift();
      if (!node || (this.hasIDs && this.#isTaken(node)) || document.getElementById(node.id)) return;
      this.#box().append(node);
    },
    // A copy with what it shows, in place of it.
    clone: (region) => region.replaceWith(region.cloneNode(true)),
    // Another one beside it.
    second: (region) => {
      if (this.hasIDs) return;
      const copy = region.cloneNode(true);
      for (const node of [copy, ...copy.querySelectorAll(".region")]) this.#rename(node);
      region.after(copy);
    },
    save: (region) => this.#saved.push(region.outerHTML),
    render: (region) => this.#saved.push(this.#html(region.id)),
    // A page from a cache, a template, a fragment that was fetched before.
    restore: (region) => this.#restored(region, (node) => region.replaceWith(node)),
    // As morphs of others do it.
    morph: (region) =>
      this.#restored(region, (node) => {
        region.setAttribute("wx-ticket", node.getAttribute("wx-ticket"));
        if (node.hasAttribute("wx-at")) region.setAttribute("wx-at", node.getAttribute("wx-at"));
        else region.removeAttribute("wx-at");
        region.replaceChildren(...node.childNodes);
      }),
    inner: () => {
      const box = this.#box();
      box.innerHTML = box.innerHTML;
    },
    // An answer of the server, rendered some time before.
    answer: (region) =>
      this.#restored(region, (node) => {
        const swap = this.#random.pick(["outerHTML", "outerMorph"]);
        this.#link?.control({ target: `#${node.id}`, html: node.outerHTML, swap });
      }),
  };

  #restored(region, put) {
    const mine = this.#saved.filter((html) => html.startsWith(`<div class="region" id="${region.id}"`));
    const html = this.#random.pick(mine);
    if (html) put(this.#parse(html));
  }

  #moveTo(region, box) {
    if (!region.contains(box)) box.append(region);
  }

  #isTaken(node) {
    const here = [...this.stage.querySelectorAll(".list")].map((list) => list.classList[1]);
    return [...node.querySelectorAll(".list")].some((list) => here.includes(list.classList[1]));
  }

  #rename(node) {
    const id = `r${++this.#count}`;
    const { rooms, isInner } = this.#regions.get(node.id);
    const inner = node.querySelector(".region") ? `r${this.#count + 1}` : undefined;
    this.#regions.set(id, { rooms, inner, isInner });
    node.id = id;
  }

  // The end.

  async #quiesce() {
    // Regions that the page of the server does not have are fetched again for ever, so there is an end to the timers.
    for (let quiet = 0, rings = 0; quiet < 3; ) {
      let isBusy = false;
      const did = (deed) => (isBusy = deed || isBusy);
      if (ModelSocket.all.some((socket) => socket.readyState === 0)) did((this.#accept(), true));
      for (const socket of ModelSocket.all.filter((socket) => socket.readyState === 1)) {
        if (socket.sent.length > 0) did((this.#up(), true));
        if (socket.link.out.length > 0) did((socket.link.flush(1000), true));
        if (socket.link.under.length > 0) did((this.#deliver(), true));
      }
      if (this.#fetches.length > 0) did((this.#fetches.shift()(), true));
      await settled();
      if (!isBusy && rings++ < 60) did(this.#clock.ring(700_000));
      await settled();
      quiet = isBusy ? 0 : quiet + 1;
    }
  }

  #check() {
    const problems = [];
    for (const region of this.stage.querySelectorAll(".region")) {
      const { rooms } = this.#regions.get(region.id);
      for (const name of rooms) {
        const list = [...region.children].find((child) => child.matches(`.list.${name}`));
        const got = [...list.children].map((li) => li.textContent).join(" ");
        const want = this.#server.rooms.get(name).items.join(" ");
        if (got !== want && !this.#failed.has(region)) problems.push(`${region.id} ${name}: got ${got}, want ${want}`);
      }
    }
    return problems;
  }
}

/** Waits for what is due within the task. */
async function settled() {
  for (let i = 0; i < 4; i++) await null;
}
