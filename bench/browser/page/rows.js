/** How many rows a table has. */
const count = 1000;

/**
 * Each kind of row, given its number and a text that may change.
 *
 * @type {Record<string, (n: number, text: string) => string>}
 */
const kinds = {
  "with ids": (n, text) => row(` id="row-${n}"`, n, text, ""),
  "without ids": (n, text) => row("", n, text, ""),
  "with ids and a box each": (n, text) => row(` id="row-${n}"`, n, text, `<td><input type="checkbox" name="pick" value="${n}"></td>`),
};

/** @param {string} more */
function row(attributes, n, text, more) {
  return `<tr${attributes}><td>${n}</td><td><a href="/items/${n}">Item ${n}</a></td><td class="amount">${text}</td><td>ready</td>${more}</tr>\n`;
}

/**
 * What becomes of the numbers and texts.
 *
 * @type {Record<string, (rows: [number, string][]) => [number, string][]>}
 */
const changes = {
  "nothing": (rows) => rows,
  "10 of 1,000 rows changed": (rows) => rows.map(([n, text]) => [n, n % 100 === 50 ? `${text}.5` : text]),
  "every row changed": (rows) => rows.map(([n, text]) => [n, `${text}.5`]),
  "a row inserted on top": (rows) => [[count, "new"], ...rows],
  "a row inserted on top, 10 changed": (rows) => [[count, "new"], ...changes["10 of 1,000 rows changed"](rows)],
  "the first row removed": (rows) => rows.slice(1),
  "the last row to the top": (rows) => [rows[count - 1], ...rows.slice(0, -1)],
  "sorted the other way round": (rows) => [...rows].reverse(),
};

/** @param {[number, string][]} rows */
function table(kind, rows) {
  return `<table id="table"><thead><tr><th>No.</th><th>Item</th><th>Amount</th><th>State</th></tr></thead><tbody>
${rows.map(([n, text]) => kinds[kind](n, text)).join("")}</tbody></table>`;
}

/** Every table before and after every change. */
export function* shapes() {
  const rows = Array.from({ length: count }, (_, n) => /** @type {[number, string]} */ ([n, String((n * 7919) % 1000)]));
  for (const kind of Object.keys(kinds)) {
    for (const change of Object.keys(changes)) {
      yield { kind, change, before: table(kind, rows), after: table(kind, changes[change](rows)) };
    }
  }
}
