// Long polling, the last transport that the client falls back to.

import { Channel } from "./channel.js";

// The pause before each retry, in ms. The first is short, for a cut that is already over, and random, so that the tabs of
// a host do not all return at once.
const pauses = [() => Math.random() * 50, () => 250, () => 500, () => 750];

/** A connection whose frames are the answers to requests that wait for them. */
export class Poll extends Channel {
  /** Names the last answer that was read completely. */
  #answer = "";

  async listen() {
    for (let failures = 0; this.readyState < 2; ) {
      try {
        const known = this.readyState === 1 ? { ...this.credentials, "Wsx-Poll": this.#answer } : undefined;
        const response = await this.ask("application/json", known);
        const frames = await response.json();
        this.#answer = response.headers.get("Wsx-Poll") ?? "";
        failures = 0;
        // An answer without frames still shows that the server is alive.
        for (const frame of frames.length > 0 ? frames : [{ type: "ping" }]) this.take(frame);
        if (frames.length === 0) await pause(100); // or a cache on the way would be asked in a busy loop
      } catch (error) {
        // The server keeps an answer until the next poll, so a lost answer loses no frames.
        if (this.readyState !== 1 || failures >= pauses.length) throw error;
        await pause(pauses[failures++]());
      }
    }
  }

  close() {
    if (this.readyState === 1) this.leave();
    super.close();
  }
}

/** @param {number} time in ms */
function pause(time) {
  return new Promise((resolve) => setTimeout(resolve, time));
}
