// Divides tickets among joins, so that each position counts for those that show it, and no join is too long.

/**
 * @typedef {import("./regions.js").Entry} Entry
 *
 * @typedef {object} Join
 * @property {"followed" | "fresh" | "page" | "new"} kind
 * @property {Map<string, Entry[]>} groups the entries, by ticket
 * @property {Record<string, unknown>} pos
 * @property {Set<string>} rooms the rooms that its entries name, as far as they are known
 * @property {number} size in bytes
 */

// The most tickets that servers accept in a join.
const mostTickets = 4096;
// For what a join has beside tickets and positions.
const frame = 200;

const encoder = new TextEncoder();

/**
 * What an entry may be joined with. The server counts a position for all tickets of the room that are like it: from joins, or from
 * the page.
 *
 * @param {Entry} entry
 * @returns {Join["kind"]}
 */
function kindOf({ rooms, isFresh, element }) {
  const all = [...rooms.values()];
  if (all.some(({ since }) => since !== undefined)) return "followed"; // in the page all the time
  if (isFresh || !element) return "fresh"; // it was away
  return all.some(({ pos }) => pos !== undefined) ? "page" : "new"; // a copy that carries positions, or without
}

/**
 * @param {Entry[]} entries
 * @param {number} max the longest message that the server takes, in bytes
 * @returns {Join[]} those of entries that have been followed come first
 */
export function divide(entries, max) {
  /** @type {Join[]} */
  const joins = [];
  const kinds = new Map(entries.map((entry) => [entry, kindOf(entry)]));
  const order = ["followed", "new", "fresh", "page"];
  const sorted = [...entries].sort((a, b) => order.indexOf(kinds.get(a) ?? "") - order.indexOf(kinds.get(b) ?? ""));
  for (const entry of sorted) {
    const kind = /** @type {Join["kind"]} */ (kinds.get(entry));
    let pos = kind === "new" ? {} : positionsOf(entry);
    const least = frame + lengthOf(entry.ticket) + lengthOf(pos);
    if (least > max) pos = {};
    const fits = (/** @type {Join} */ join) => join.size + added(join, entry, pos) <= max && join.groups.size < mostTickets;
    let join = joins.find((join) => isOfKind(join, kind) && agrees(join, entry, pos, kind) && fits(join));
    if (!join) joins.push((join = { kind, groups: new Map(), pos: {}, rooms: new Set(), size: frame }));
    join.size += added(join, entry, pos);
    join.groups.set(entry.ticket, [...(join.groups.get(entry.ticket) ?? []), entry]);
    Object.assign(join.pos, pos);
    if (kind !== "new") for (const name of entry.rooms.keys()) join.rooms.add(name);
  }
  return joins;
}

/**
 * A position counts for no ticket of a page that has come beside one from a join, so these two may be together.
 *
 * @param {Join} join
 * @param {Join["kind"]} kind
 */
function isOfKind(join, kind) {
  return join.kind === kind || (join.kind === "followed" && kind === "new");
}

/**
 * @param {Join} join
 * @param {Entry} entry
 * @param {Record<string, unknown>} pos
 * @param {Join["kind"]} kind
 */
function agrees(join, { rooms }, pos, kind) {
  return kind === "new" || [...rooms.keys()].every((name) => !join.rooms.has(name) || join.pos[name] === pos[name]);
}

/**
 * @param {Join} join
 * @param {Entry} entry
 * @param {Record<string, unknown>} pos
 */
function added(join, { ticket }, pos) {
  let size = join.groups.has(ticket) ? 0 : lengthOf(ticket);
  for (const name of Object.keys(pos)) if (!(name in join.pos)) size += lengthOf(name) + lengthOf(pos[name]);
  return size;
}

/** @param {Entry} entry */
function positionsOf({ rooms }) {
  return Object.fromEntries([...rooms].flatMap(([name, { pos }]) => (pos === undefined ? [] : [[name, pos]])));
}

/** @param {unknown} value */
function lengthOf(value) {
  return encoder.encode(JSON.stringify(value)).length + 1;
}
