import { Poll } from "./poll.js";
import { Stream } from "./stream.js";

/**
 * What is below WebSocket, by its rung; in a file of its own because most pages never need it.
 *
 * @type {Record<number, typeof Poll | typeof Stream>}
 */
export const transports = { 1: Stream, 2: Poll };
