// Recognizes changes of the page that concern tickets.

import { unclobbered } from "./unclobbered.js";

export const withTicket = "[wx-ticket]";

/** @param {MutationRecord} record */
export function concernsTickets({ type, addedNodes, removedNodes }) {
  if (type === "attributes") return true;
  return [...addedNodes, ...removedNodes].some(
    (node) => node instanceof Element && (unclobbered(node, "matches")(withTicket) || unclobbered(node, "querySelector")(withTicket)),
  );
}
