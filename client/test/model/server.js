// A server that speaks the frames about rooms, with everything between it and the browser in the hands of the model.

/** A room's messages are numbers; message n appends n to the lists of the room. */
export class Server {
  #count = 0;
  #numbers = new Map();
  #tickets = new Map();
  /** @type {Map<string, { items: number[], log: { n: number, item: number }[], evicted: number }>} */
  rooms = new Map();
  /** @type {Set<Link>} */
  links = new Set();
  epoch = 0;

  constructor(names, random, history) {
    this.random = random;
    this.history = history;
    for (const name of names) this.rooms.set(name, { items: [], log: [], evicted: 0 });
  }

  /** Positions are opaque, so nothing about them may help. */
  position(n) {
    const text = `${this.epoch}-${(Math.imul(n, 2654435761) >>> 0).toString(36)}`;
    this.#numbers.set(text, n);
    return text;
  }

  parse(text) {
    return String(text).startsWith(`${this.epoch}-`) ? this.#numbers.get(text) : undefined;
  }

  next() {
    return ++this.#count;
  }

  ticket(names, places = names.map((room) => ({ room, pos: this.position(this.#count) }))) {
    const text = `t${this.next()}`;
    this.#tickets.set(text, places);
    return text;
  }

  places(text) {
    return this.#tickets.get(text);
  }

  /** @param {(item: number, pos: string) => object} frameOf */
  publish(name, frameOf) {
    const room = this.rooms.get(name);
    const n = this.next();
    const item = room.items.length + 1;
    room.items.push(item);
    room.log.push({ n, item, frame: { ...frameOf(item), pos: this.position(n) } });
    while (room.log.length > this.history) room.evicted = room.log.shift().n;
    for (const link of this.links) {
      const member = link.members.get(name);
      if (!member || member.isLost) continue;
      member.through = member.told = n;
      link.queue({ room: name, n, frame: room.log.at(-1).frame });
    }
  }

  /** Loses all that it remembers, like a process that ends. */
  restart() {
    this.epoch++;
    for (const room of this.rooms.values()) [room.log, room.evicted] = [[], 0];
  }
}

/** One connection. What it sends waits in out, then is under way, then is at the browser. */
export class Link {
  members = new Map();
  out = [];
  under = [];
  gen = 0;
  isFull = false;
  clockIsOver = false;

  constructor(server) {
    this.server = server;
    server.links.add(this);
  }

  queue(entry) {
    this.out.push(entry);
  }

  control(frame) {
    this.queue({ frame });
  }

  close() {
    this.server.links.delete(this);
  }

  /** Some of what waits leaves. */
  flush(count) {
    this.under.push(...this.out.splice(0, count).map(({ frame }) => frame));
  }

  receive(text) {
    const frame = JSON.parse(text);
    if (frame.type === "join") this.#join(frame);
    if (frame.type === "leave") for (const room of frame.rooms) (this.members.delete(room), this.#drop(room));
    if (frame.type === "join" || frame.type === "leave") this.gen = Math.max(this.gen, frame.gen);
  }

  #drop(room) {
    this.out = this.out.filter((entry) => entry.room !== room);
  }

  #unsent(room, from) {
    const member = this.members.get(room);
    if (!member || member.isLost) return from;
    for (const entry of this.out) if (entry.room === room) from = Math.min(from, entry.n - 1);
    return from;
  }

  #join({ gen, tickets, pos = {}, starts }) {
    const { server } = this;
    const all = tickets.map((text) => server.places(text));
    const isPage = (room) => all.every((places) => places.every((place) => place.room !== room || !place.since));
    const joined = {};
    const sent = {};
    const own = all.map((places) => places.map(() => ""));
    const replays = [];
    for (const room of new Set(all.flatMap((places) => places.map((place) => place.room)))) {
      const { log, evicted } = server.rooms.get(room);
      const applied = server.parse(pos[room]) ?? 0;
      let from = Infinity;
      let known = true;
      const wanted = [];
      all.forEach((places, i) =>
        places.forEach((place, k) => {
          if (place.room !== room) return;
          let n = server.parse(place.pos);
          if (n === undefined) known = false;
          else if (place.since || isPage(room)) n = Math.max(n, applied);
          wanted.push({ i, k, n });
          from = Math.min(from, n ?? 0);
        }),
      );
      from = this.#unsent(room, from);
      const member = this.members.get(room);
      const through = member && !member.isLost ? this.#unsent(room, member.through) : undefined;
      const isUntold = this.#unsent(room, Infinity) !== Infinity;
      this.#drop(room);
      if (!known || from < evicted) {
        if (member) member.isLost = true;
        const naming = all.flatMap((places, i) => (places.some((place) => place.room === room) ? [i] : []));
        this.control({ type: "reset", gen, rooms: [room], tickets: naming, after: 1 + server.random.below(50) });
        continue;
      }
      const marks = isUntold ? (member?.marks ?? []) : [];
      if (starts && through > from) {
        sent[room] = server.position(through);
        marks.push(through);
      }
      joined[room] = server.position(from);
      for (const { i, k, n } of wanted) {
        own[i][k] = server.position(starts ? Math.max(n, from) : from);
        if (starts && n > from) marks.push(n);
      }
      const fresh = { through: from, marks: [...new Set(marks)].filter((n) => n > from).sort((a, b) => a - b) };
      this.members.set(room, fresh);
      replays.push(() => this.#replay(room, fresh, log));
    }
    const since = server.next();
    const next = all.map((places) => server.ticket([], places.map((place) => (place.room in joined ? { ...place, pos: joined[place.room], since } : place))));
    const frame = { type: "joined", gen, rooms: joined, tickets: next, each: all.map((places) => places.map(({ room }) => room)) };
    if (starts) Object.assign(frame, { starts: own, sent });
    if (Object.keys(joined).length > 0) this.control(frame);
    for (const replay of replays) replay();
  }

  #replay(room, member, log) {
    const marks = [...member.marks];
    const tell = (n) => {
      while (marks[0] <= n) {
        const mark = marks.shift();
        this.queue({ room, n: mark, frame: { type: "pos", rooms: { [room]: this.server.position(mark) } } });
      }
    };
    for (const { n, frame } of log) {
      if (n <= member.through) continue;
      tell(n - 1);
      this.queue({ room, n, frame });
      member.through = n;
    }
    tell(Infinity);
  }
}
