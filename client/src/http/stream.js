// Server-sent events, the transport that the client tries after WebSocket.

import { Channel } from "./channel.js";
import { parseFrame } from "../shared/frame.js";

/** A connection whose frames are server-sent events. EventSource would hide why it failed and reconnect on its own terms. */
export class Stream extends Channel {
  async listen() {
    const { body } = await this.ask("text/event-stream");
    if (!body) return;
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = (rest + value).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        const frame = event.startsWith("data:") && parseFrame(event.slice(5));
        if (frame) this.take(frame);
      }
    }
  }
}
