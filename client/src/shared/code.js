// The codes with which a connection closes, see docs/protocol.md.
export const bye = 1000;
export const lostPeer = 1006;
export const policy = 1008;
export const idle = 4001;
export const expired = 4401;
export const refused = 4403;
