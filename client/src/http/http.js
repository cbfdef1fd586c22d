// The entry of wsx-http.js: the transports for pages that WebSocket does not reach the server from.

import { Poll } from "./poll.js";
import { Stream } from "./stream.js";

/**
 * The transports below WebSocket, by rung.
 *
 * @type {Record<number, typeof Poll | typeof Stream>}
 */
export const transports = { 1: Stream, 2: Poll };
