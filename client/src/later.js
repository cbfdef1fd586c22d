/**
 * Makes a setTimeout that has one timer for all that wait as long as each other: a thousand timers a second are work for a page.
 *
 * @returns {(fn: () => void, time: number) => void} fn must not throw; time is in ms
 */
export function makeLater() {
  /** By their time, soonest first. @type {Map<number, { due: number, fn: () => void }[]>} */
  const waiting = new Map();
  return (fn, time) => {
    const queue = waiting.get(time) ?? [];
    waiting.set(time, queue);
    const run = () => {
      do {
        queue[0].fn();
        queue.shift(); // not earlier: while there is one, nobody else starts a timer
      } while (queue[0]?.due <= performance.now());
      if (queue[0]) setTimeout(run, queue[0].due - performance.now());
    };
    if (queue.push({ due: performance.now() + time, fn }) === 1) setTimeout(run, time);
  };
}
