// The client as a module, for pages that a bundler packs: it imports on demand what wsx.js would fetch from its own address.

import { WSX as Client } from "./core/client.js";

/** @type {Record<string, () => Promise<any>>} */
const files = {
  http: () => import("./http/http.js"),
  more: () => import("./more/more.js"),
  morph: () => import("./morph/morph.js"),
  debug: () => import("./debug/debug.js"),
};

/** The client, whose rarely used parts a bundler splits off by itself. */
export class WSX extends Client {
  /** @param {Partial<import("./core/config.js").Config>} config */
  constructor(config) {
    super(config, { load: (name) => files[name]() });
  }
}
