import { Channel } from "./channel.js";

// Before each repetition, in ms. The first is for a cut that has passed: at once, but not all tabs of a host in one instant.
const pauses = [() => Math.random() * 50, () => 250, () => 500, () => 750];

/** Frames as the answers to requests that wait for them. */
export class Poll extends Channel {
  /** The last answer that was read completely. */
  #answer = "";

  async listen() {
    for (let failures = 0; this.readyState < 2; ) {
      try {
        const known = this.readyState === 1 ? { ...this.credentials, "Wsx-Poll": this.#answer } : undefined;
        const response = await this.ask("application/json", known);
        const frames = await response.json();
        this.#answer = response.headers.get("Wsx-Poll") ?? "";
        failures = 0;
        // Even an answer without frames says that the server is there.
        for (const frame of frames.length > 0 ? frames : [{ type: "ping" }]) this.take(frame);
        if (frames.length === 0) await pause(100); // or a cache between would be asked without end
      } catch (error) {
        // The server keeps what it answered until the next poll, so that nothing is lost with an answer.
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
