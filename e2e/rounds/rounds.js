// Drives pages with other libraries through random changes, in frames, and tells the server what each list showed in the end.

const query = new URLSearchParams(location.search);
const parts = (await (await fetch("/rounds/libraries")).json());

/** A small generator of random numbers (mulberry32), so that a round can be had again by its seed. */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One round: a page in a frame, some actions while messages come, and a comparison. */
class Round {
  constructor(library, seed) {
    this.library = library;
    this.seed = seed;
    this.random = generator(seed);
    this.name = `${library}-${seed}`;
    this.log = [];
  }

  upTo(n) {
    return Math.floor(this.random() * n);
  }

  pick(list) {
    return list[this.upTo(list.length)];
  }

  get window() {
    return this.frame.contentWindow;
  }

  get document() {
    return this.frame.contentDocument;
  }

  ask(path) {
    return fetch(`/rounds/${path}?room=${this.name}`, { method: "POST" });
  }

  async fetchPart() {
    return (await fetch(`/rounds/part?room=${this.name}`)).text();
  }

  async run() {
    this.frame = document.createElement("iframe");
    this.frame.src = `/rounds/page?library=${this.library}&room=${this.name}&at=a`; // first, or Firefox loads an empty page before it
    document.body.append(this.frame);
    while (!this.window?.wsx) await pause(5);
    await this.ask("busy");
    for (let i = 0; i < 8; i++) {
      const all = actions[this.library];
      const name = this.pick(Object.keys(this.random() < 0.3 && this.library !== "alpine" ? common : all));
      this.log.push(name);
      this.window.note?.(name);
      try {
        // Some wait for something that the next change makes impossible.
        await Promise.race([({ ...common, ...all })[name](this), pause(400)]);
      } catch (error) {
        if (!/aborted|removed|null/i.test(String(error))) this.log.push(String(error)); // the page has changed meanwhile
      }
      await pause(this.upTo(3) ? this.upTo(40) : this.upTo(250));
    }
    const rows = await (await this.ask("quiet")).json();
    const shown = await this.settle(rows);
    const { resets, travelled, wsx } = this.window;
    const told = shown === "right" ? [] : [...travelled.slice(-80), `connected ${wsx?.isConnected()}`, ...this.regions()];
    this.frame.remove();
    return { name: this.name, seed: this.seed, log: this.log, rows, shown, resets, told };
  }

  /** The regions, without their content. */
  regions() {
    return [...this.document.querySelectorAll("[wx-ticket],[wx-config]")].map((element) => element.cloneNode().outerHTML);
  }

  /** Waits until both lists are what the server has, and stay so while late changes arrive; otherwise for as long as it takes a slow page. */
  async settle(rows) {
    const want = rows.join(" ");
    const lists = () => ["list", "plain"].map((id) => [...(this.document.getElementById(id)?.children ?? [])].map((li) => li.textContent).join(" "));
    const isRight = () => lists().every((text) => text === want);
    const end = performance.now() + 15_000;
    for (let right = 0; right < 15 && performance.now() < end; right = isRight() ? right + 1 : 0) {
      if (!this.document.getElementById("list")) await this.show?.(this);
      await pause(20);
    }
    return isRight() ? "right" : lists();
  }
}

const region = (round) => round.document.getElementById("region");
const click = (round, id) => round.document.getElementById(id)?.click();

/** What any script may do. */
const common = {
  cut: (round) => round.window.cut(round.upTo(30)),
  reconnect: (round) => round.window.wsx.reconnect(),
  // Cut now, changed while there is no connection.
  cutAndCopy: (round) => (round.window.cut(0), region(round).replaceWith(region(round).cloneNode(true))),
  copy: (round) => region(round).replaceWith(region(round).cloneNode(true)),
  save: (round) => {
    const holder = region(round).parentElement;
    holder.innerHTML = holder.innerHTML;
  },
  move: (round) => region(round).parentElement.append(region(round)),
  outAndIn: async (round) => {
    const [node, parent] = [region(round), region(round).parentElement];
    node.remove();
    await pause(round.upTo(60));
    if (parent.isConnected && !region(round)) parent.append(node);
  },
  older: async (round) => {
    const html = await round.fetchPart();
    await pause(round.upTo(80));
    region(round).outerHTML = html;
  },
  wait: () => {},
};

// All frames share one history, so this may change another one. It never leaves the page of the rounds.
const back = (round) => round.window.depth > 0 && round.window.history.back();
const forward = (round) => round.window.history.forward();
const toA = (round) => click(round, "to-a");
const toB = (round) => click(round, "to-b");

const stream = (action, attributes = "", wrap = (html) => html) => async (round) => {
  const html = await round.fetchPart();
  round.window.Turbo.renderStreamMessage(`<turbo-stream action="${action}" ${attributes}><template>${wrap(html)}</template></turbo-stream>`);
};

const ajax = (swap, target = "#region", path = "part") => (round) =>
  round.window.htmx.ajax("GET", `/rounds/${path}?room=${round.name}`, { target, swap });

const actions = {
  plain: common,
  turbo: {
    toA, toB, back, forward,
    refresh: (round) => round.window.Turbo.visit(round.window.location.href, { action: "replace" }),
    replace: stream("replace", `target="region"`),
    update: stream("update", `target="holder"`),
    morph: stream("replace", `target="region" method="morph"`),
    frame: (round) => round.document.getElementById("frame").reload(),
  },
  htmx2: {
    toA, toB, back, forward,
    outer: ajax("outerHTML"),
    inner: ajax("innerHTML", "#holder"),
    late: ajax("outerHTML swap:120ms"),
    settling: ajax("innerHTML settle:100ms", "#holder"),
  },
  htmx4: {
    toA, toB, back, forward,
    outer: ajax("outerHTML"),
    inner: ajax("innerHTML", "#holder"),
    outerMorph: ajax("outerMorph"),
    innerMorph: ajax("innerMorph", "#holder"),
  },
  idiomorph: {
    outer: async (round) => {
      const html = await round.fetchPart();
      await pause(round.upTo(60));
      round.window.Idiomorph.morph(region(round), html, { morphStyle: "outerHTML" });
    },
    inner: async (round) => round.window.Idiomorph.morph(round.document.getElementById("holder"), await round.fetchPart(), { morphStyle: "innerHTML" }),
  },
  // A copy would be none of its own: with it and the next one, there would be two lists of one id.
  alpine: {
    cut: common.cut,
    reconnect: common.reconnect,
    move: common.move,
    toggle: async (round) => {
      click(round, "toggle");
      await pause(round.upTo(80));
      if (!region(round)) click(round, "toggle");
    },
  },
};

async function series(library, from, count) {
  const results = [];
  for (let i = 0; i < count; i++) {
    const round = new Round(library, from + i);
    if (library === "alpine") {
      round.show = async () => {
        click(round, "toggle");
        await pause(100);
      };
    }
    try {
      results.push(await round.run());
    } catch (error) {
      results.push({ name: round.name, seed: round.seed, log: round.log, failed: `${error} ${error.stack}` });
      round.frame?.remove();
    }
  }
  return results;
}

const [from, count] = [Number(query.get("from")), Number(query.get("count"))];
const only = query.get("library");
const all = await Promise.all(parts.filter((library) => !only || library === only).map((library) => series(library, from, count)));
await fetch("/rounds/report", { method: "POST", body: JSON.stringify(all.flat()) });
