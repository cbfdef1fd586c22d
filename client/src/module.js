import { WSX as Client } from "./core/client.js";

/** @type {Record<string, () => Promise<any>>} */
const files = { http: () => import("./http/http.js"), more: () => import("./more/more.js"), morph: () => import("./morph/morph.js"), debug: () => import("./debug/debug.js") };

/** The client as a module, for pages that are bundled: what few of them need is imported when it is, not fetched by an address. */
export class WSX extends Client {
  /** @param {Partial<import("./core/config.js").Config>} config */
  constructor(config) {
    super(config, { load: (name) => files[name]() });
  }
}
