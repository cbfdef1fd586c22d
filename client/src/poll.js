import { Channel } from "./channel.js";

const mostFailures = 3;

/** Frames as the answers to requests that wait for them. */
export class Poll extends Channel {
  rung = 2;
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
        if (this.readyState !== 1 || ++failures > mostFailures) throw error;
        await pause(failures * 250);
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
