/** Matches targets that are relative to the sender of a request, see targets.js. */
export const relative = /^(this|(closest|find|next|previous)(\s.*)?)$/s;
