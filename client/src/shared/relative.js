/** Targets that only the sender of a request can say the meaning of: see targets.js. */
export const relative = /^(this|(closest|find|next|previous)(\s.*)?)$/s;
