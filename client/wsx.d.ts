/** Settings of a client: the object for the constructor, and the JSON in `wx-config`. */
export interface Config {
  /** Where the server is: a path, or a ws:, wss:, http: or https: address. Required. */
  url: string;
  /** Base of the pauses between attempts, in ms. Default 1000. */
  reconnectInterval?: number;
  /** Failures in a row until the client gives up; -1 or none: never. */
  maxReconnectAttempts?: number;
  /** Tells the console what the client ignores. Default false. */
  debug?: boolean;
  /** Selector of the part of the page whose elements send here. Default: the whole page. */
  root?: string;
  /** How long a request may take, in ms; 0, the default, means for ever. `wx-timeout` wins. */
  timeout?: number;
  /** What `wx-error` shows when the server gave no words for visitors. Default "That did not work. Please try again." */
  errorText?: string;
  /** Origins beside the page's own to which the server may lead visitors, as in "https://pay.example". Default: none. */
  navigate?: string[];
}

/** The config of a client, complete. */
export type CompleteConfig = Readonly<Config & Required<Pick<Config, "reconnectInterval" | "maxReconnectAttempts" | "debug">>>;

export interface SendOptions {
  /** Where the answer is wanted. Default "body". */
  target?: string;
  data?: Record<string, unknown>;
  /** How the answer is wanted. Default "innerHTML". */
  swap?: Swap;
}

/** A style, then modifiers, each after a blank: "beforeend scroll:bottom". */
export type Swap = SwapStyle | `${SwapStyle} ${string}` | (string & {});

export type SwapStyle =
  | "innerHTML"
  | "outerHTML"
  | "innerMorph"
  | "outerMorph"
  | "textContent"
  | "beforebegin"
  | "afterbegin"
  | "beforeend"
  | "afterend"
  | "delete"
  | "none"
  | `x-${string}`;

/** What goes to the server. */
export interface Request {
  id: string;
  handler: string;
  target: string;
  /** The whole `wx-trigger`, else the name of the event; "programmatic" for calls. */
  trigger: string;
  data: Record<string, unknown>;
  swap: string;
}

/** One change that the server asks for. */
export interface Update {
  target: string;
  html: string;
  swap: string;
}

/**
 * Of the server: user, invalid, bad_request, unknown, denied, rate, timeout, internal. Of the client: queue (a hundred others wait
 * for the connection already), closed (it will not come back by itself), lost (cut off after it was sent: nobody knows what the server
 * did), timeout. In `wsx:afterRequest` also replaced: wx-sync gave its turn to a newer request.
 */
export type ErrorCode =
  | "user"
  | "invalid"
  | "bad_request"
  | "unknown"
  | "denied"
  | "rate"
  | "timeout"
  | "internal"
  | "queue"
  | "closed"
  | "lost"
  | "replaced"
  | (string & {});

/** stale: connected, but a region lacks something and could not be fetched yet. */
export type Status = "connecting" | "live" | "stale" | "reconnecting" | "offline";

export interface ConnectedDetail {
  /** Whether there had been a connection before. */
  reconnected: boolean;
}

export interface DisconnectedDetail {
  code: number;
  reason: string;
  willReconnect: boolean;
}

export interface RefusedDetail {
  code: number;
}

export interface BeforeRequestDetail {
  /** May be changed. */
  request: Request;
  element: Element | Document;
}

export interface ConfirmDetail {
  question: string;
  request: Request;
  element: Element;
  /** Whoever has prevented the event calls this once: with nothing or true the request is sent, with false it is dropped. */
  proceed: (ok?: boolean) => void;
}

export interface AfterRequestDetail {
  request: Request;
  element: Element | Document;
  success: boolean;
  /** If it failed. */
  code?: ErrorCode;
}

export interface ErrorDetail {
  code: ErrorCode;
  id?: string;
  handler: string;
  /** None if the server speaks of a request that is not known. */
  request?: object;
  element: Element | Document;
  /** The server's words for the visitor, escaped: with the code "user" only. */
  html?: string;
  /** The same as text. Missing where the page's Trusted Types forbid the client to parse. */
  text?: string;
}

export interface SwapDetail {
  /** May be changed in `wsx:beforeSwap`. */
  update: Update;
  target: Element;
  /** The update's html when the event was made. */
  content: string;
  /** The style of its swap. */
  swapType: string;
  /** Whether it came beside the frame's own update. */
  isOOB: boolean;
  /** The frame. */
  message: object;
  /** The target; in `wsx:afterSwap` what stands for the result. */
  element: Element | Document;
}

export interface ResetDetail {
  rooms: string[];
  element: Element;
  /** The region could not be fetched, or would need it again at once. */
  failed?: true;
}

export interface UnseenDetail {
  /** How many came in below what the reader looks at; 0 when the reader has caught up. */
  count: number;
}

export interface StatusDetail {
  status: Status;
}

/** All events bubble; those of the connection are told at the document. */
export interface WSXEventMap {
  "wsx:connected": CustomEvent<ConnectedDetail>;
  "wsx:disconnected": CustomEvent<DisconnectedDetail>;
  /** Probably the visitor has to log in again. */
  "wsx:refused": CustomEvent<RefusedDetail>;
  "wsx:status": CustomEvent<StatusDetail>;
  /** At the sender. Prevented: nothing is sent. */
  "wsx:beforeRequest": CustomEvent<BeforeRequestDetail>;
  /** At the sender. Prevented: the page asks by itself and calls `detail.proceed`. */
  "wsx:confirm": CustomEvent<ConfirmDetail>;
  /** At the sender, when the request is over. */
  "wsx:afterRequest": CustomEvent<AfterRequestDetail>;
  /** At the sender. */
  "wsx:error": CustomEvent<ErrorDetail>;
  /** At the target. Prevented: the update is not shown. */
  "wsx:beforeSwap": CustomEvent<SwapDetail>;
  /** At what stands for the result, when it has settled. */
  "wsx:afterSwap": CustomEvent<SwapDetail>;
  /** At a region whose rooms lost something. Prevented: the client does not fetch it anew. */
  "wsx:reset": CustomEvent<ResetDetail>;
  /** At a list with `wx-stick`. */
  "wsx:unseen": CustomEvent<UnseenDetail>;
}

/** Gets everything that the target matches, maybe nothing, and what the server gave. */
export type Verb = (targets: Element[], ...args: string[]) => void;

/** Puts html into the page and returns the element that stands for the result: `wsx:afterSwap` is told there. */
export type PageSwap = (target: Element, html: string) => Element | null | void;

/** One server, as the page sees it. */
export class WSX {
  /** Connects at once. Throws if the config has no url, or no element for its root. */
  constructor(config: Config);

  /** Of the client, as in "0.1.0". */
  static readonly version: string;

  /** What the server's verbs do, by name. Shared by all clients; a page may add its own and replace others. */
  static readonly verbs: Record<string, Verb>;

  /** The swap styles. Shared by all clients; a page may add its own, whose names begin with x-. */
  static readonly swaps: Record<string, PageSwap>;

  readonly config: CompleteConfig;

  /** Connects after disconnect(), or when the client has given up. Twice does nothing. */
  connect(): void;

  /** Stays away until connect(). Requests made meanwhile wait, a hundred at most. */
  disconnect(): void;

  /** Connects anew. */
  reconnect(): void;

  isConnected(): boolean;

  /** Ends it: it sends, shows and watches nothing any more. */
  destroy(): void;

  /**
   * Asks a handler without an element. A string as options is the target.
   *
   * @returns the request's id; undefined if a listener refused it
   */
  send(handler: string, options?: SendOptions | string | null): string | undefined;

  /**
   * Sends an object as the frame, as it is.
   *
   * @returns its id, if that is a string
   */
  send(frame: Record<string, unknown>): string | undefined;

  /**
   * Sends what the first element that matches would send, with more data.
   *
   * @returns the request's id; undefined if it was refused, if it waits for something first (an answer to `wx-confirm`, its turn in
   *   `wx-sync`), or if there is no such element
   */
  trigger(selector: string, data?: Record<string, unknown>): string | undefined;

  /** Shows developers what goes on, in a panel that comes in a file of its own; false closes it. Fails if the file cannot be had. */
  debug(shown?: boolean): Promise<void>;
}

declare global {
  interface Window {
    /** Only where the script is in the page: a module exports the class instead. */
    WSX: typeof WSX;
    /** The client of the first element with `wx-config`. */
    wsx: WSX;
  }

  /** The client of the first element with `wx-config`. */
  var wsx: WSX;

  interface DocumentEventMap extends WSXEventMap {}
  interface ElementEventMap extends WSXEventMap {}
  interface WindowEventMap extends WSXEventMap {}
}
