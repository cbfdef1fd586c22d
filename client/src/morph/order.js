/**
 * Which of the numbers can stay where they are if the others are moved between them: the longest rising sequence.
 *
 * @param {(number | undefined)[]} numbers undefined takes no part
 * @returns {Set<number>} indexes
 */
export function rising(numbers) {
  /** @type {number[]} by length: where the sequence of that length with the smallest last number ends */
  const ends = [];
  /** @type {number[]} what comes before each in its sequence */
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
