import { WSX as Client } from "./client.js";

/** @type {Record<string, () => Promise<any>>} */
const files = { http: () => import("./http.js"), more: () => import("./more.js"), morph: () => import("./morph.js"), debug: () => import("./debug.js") };

/** The client as a module, for pages that are bundled: what few of them need is imported when it is, not fetched by an address. */
export class WSX extends Client {
  /** @param {Partial<import("./config.js").Config>} config */
  constructor(config) {
    super(config, { load: (name) => files[name]() });
  }
}
