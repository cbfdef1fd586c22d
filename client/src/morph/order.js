// Finds the fewest moves that bring nodes into order.

/**
 * Returns the longest rising sequence: these can stay in place while the others move between them.
 *
 * @param {(number | undefined)[]} numbers undefined values are skipped
 * @returns {Set<number>} indexes
 */
export function rising(numbers) {
  /** @type {number[]} by length: the index of the smallest last number of a sequence of that length */
  const ends = [];
  /** @type {number[]} the index of the predecessor of each in its sequence */
  const before = [];
  numbers.forEach((number, index) => {
    if (number === undefined) return;
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (/** @type {number} */ (numbers[ends[middle]]) < number) low = middle + 1;
      else high = middle;
    }
    before[index] = ends[low - 1];
    ends[low] = index;
  });
  const stay = new Set();
  for (let at = ends.at(-1); at !== undefined; at = before[at]) stay.add(at);
  return stay;
}
