/** Matches targets that are relative to the sender of a request, see targets.js; near is our own word for the shadow root that it is in. */
export const relative = /^(this|(closest|find|next|previous|near)(\s.*)?)$/s;
