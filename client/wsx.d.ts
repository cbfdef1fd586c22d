/** Settings of a client: the object for the constructor, and the JSON in `wx-config`. */
export interface Config {
  /** The address of the server: a path, or a URL with ws:, wss:, http: or https:. Required. */
  url: string;
  /** The base delay between attempts to connect, in ms. Default 1000. */
  reconnectInterval?: number;
  /** The number of failures in a row after which the client gives up. By default, and with -1, it never does. */
  maxReconnectAttempts?: number;
  /** Logs to the console whatever the client ignores. Default false. */
  debug?: boolean;
  /** Selector of the part of the page that this client covers. Default: the whole page. */
  root?: string;
  /** The time limit of a request, in ms. 0, the default, means no limit. `wx-timeout` overrides it. */
  timeout?: number;
  /** The text that `wx-error` shows if the server sends none for the visitor. Default "That did not work. Please try again." */
  errorText?: string;
  /** Origins other than the page's own to which the server may send visitors, such as "https://pay.example". Default: none. */
  navigate?: string[];
}

/** The config of a client with all defaults filled in. */
export type CompleteConfig = Readonly<Config & Required<Pick<Config, "reconnectInterval" | "maxReconnectAttempts" | "debug">>>;

export interface SendOptions {
  /** The target of the reply. Default "body". */
  target?: string;
  data?: Record<string, unknown>;
  /** The swap of the reply. Default "innerHTML". */
  swap?: Swap;
}

/** A style, then modifiers, separated by spaces: "beforeend scroll:bottom". */
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

/** A request as it is sent to the server. */
export interface Request {
  id: string;
  handler: string;
  target: string;
  /** The whole `wx-trigger`, otherwise the name of the event; "programmatic" for requests made by calls. */
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
 * From the server: user, invalid, bad_request, unknown, denied, rate, timeout, internal.
 *
 * From the client: queue (a hundred requests are already waiting), closed (the connection will not reopen on its own, or a file
 * that the request needs cannot be loaded), lost (the connection was cut after the request was sent, so the server may have
 * handled it) and timeout. `wsx:afterRequest` may also have replaced: `wx-sync` replaced the request with a newer one.
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

/** The state of the connection. "stale" means connected, but a region is incomplete and could not be refetched yet. */
export type Status = "connecting" | "live" | "stale" | "reconnecting" | "offline";

export interface ConnectedDetail {
  /** Whether the client was connected before. */
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
  /** Call it once, after preventDefault: without an argument or with true it sends the request, with false it drops it. */
  proceed: (ok?: boolean) => void;
}

export interface AfterRequestDetail {
  request: Request;
  element: Element | Document;
  success: boolean;
  /** The reason, if the request failed. */
  code?: ErrorCode;
}

export interface ErrorDetail {
  code: ErrorCode;
  id?: string;
  handler: string;
  /** Undefined if the client does not know the request that the server names. */
  request?: object;
  element: Element | Document;
  /** The server's text for the visitor as escaped HTML, only with the code "user". */
  html?: string;
  /** The same as plain text. Undefined if the page's Trusted Types forbid the client to parse HTML. */
  text?: string;
}

export interface SwapDetail {
  /** May be changed in `wsx:beforeSwap`. */
  update: Update;
  target: Element;
  /** The HTML of the update when the event was created. */
  content: string;
  /** The style of its swap. */
  swapType: string;
  /** Whether the update came as an additional fragment of another one. */
  isOOB: boolean;
  /** The frame that contained the update. */
  message: object;
  /** The target; in `wsx:afterSwap` the element that is the result. */
  element: Element | Document;
}

export interface ResetDetail {
  rooms: string[];
  element: Element;
  /** Set if the refetch has failed, or the region needed a second reset too soon. */
  failed?: true;
}

export interface UnseenDetail {
  /** How many entries were added below the visible ones; 0 once all have been seen. */
  count: number;
}

export interface StatusDetail {
  status: Status;
}

/** The events. All of them bubble. Those of the connection are fired at the document. */
export interface WSXEventMap {
  "wsx:connected": CustomEvent<ConnectedDetail>;
  "wsx:disconnected": CustomEvent<DisconnectedDetail>;
  /** The visitor probably has to log in again. */
  "wsx:refused": CustomEvent<RefusedDetail>;
  "wsx:status": CustomEvent<StatusDetail>;
  /** At the sender. preventDefault cancels the request. */
  "wsx:beforeRequest": CustomEvent<BeforeRequestDetail>;
  /** At the sender. To ask in its own way, a page calls preventDefault and later `detail.proceed`. */
  "wsx:confirm": CustomEvent<ConfirmDetail>;
  /** At the sender, when the request is over. */
  "wsx:afterRequest": CustomEvent<AfterRequestDetail>;
  /** At the sender. */
  "wsx:error": CustomEvent<ErrorDetail>;
  /** At the target. preventDefault cancels the update. */
  "wsx:beforeSwap": CustomEvent<SwapDetail>;
  /** At the element that is the result, after it has settled. */
  "wsx:afterSwap": CustomEvent<SwapDetail>;
  /** At a region that may have missed messages. preventDefault cancels the refetch. */
  "wsx:reset": CustomEvent<ResetDetail>;
  /** At a list with `wx-stick`. */
  "wsx:unseen": CustomEvent<UnseenDetail>;
}

/** Receives all elements that the target matches, possibly none, and the arguments from the server. */
export type Verb = (targets: Element[], ...args: string[]) => void;

/** Applies HTML to the page and returns the element that is the result, at which `wsx:afterSwap` is fired. */
export type PageSwap = (target: Element, html: string) => Element | null | void;

/** A client: the page's connection to one server. */
export class WSX {
  /** Connects at once; a prerendered page, when it is visited. Throws if the config has no url, or its root matches no element. */
  constructor(config: Config);

  /** The version of the client, such as "0.1.0". */
  static readonly version: string;

  /** The verbs by name. All clients share them; a page may add its own and replace others. */
  static readonly verbs: Record<string, Verb>;

  /** The swap styles. All clients share them; a page may add its own, whose names begin with x-. */
  static readonly swaps: Record<string, PageSwap>;

  readonly config: CompleteConfig;

  /**
   * Makes what is inside an open shadow root send, and what is inside those of all elements in the node. Without it that begins
   * with the first click, focus or input inside.
   */
  static process(node: ParentNode): void;
  process(node: ParentNode): void;

  /** Connects after disconnect(), or after the client has given up. Calling it twice has no further effect. */
  connect(): void;

  /** Disconnects until connect() is called. Requests made until then wait, up to a hundred of them. */
  disconnect(): void;

  /** Closes the connection and connects again. */
  reconnect(): void;

  isConnected(): boolean;

  /** Ends the client: it stops sending, applying updates and observing the page. */
  destroy(): void;

  /**
   * Sends a request to a handler without an element. A string as options is the target.
   *
   * @returns the id of the request; undefined if a listener canceled it
   */
  send(handler: string, options?: SendOptions | string | null): string | undefined;

  /**
   * Sends an object as the frame, unchanged.
   *
   * @returns its id if that is a string
   */
  send(frame: Record<string, unknown>): string | undefined;

  /**
   * Sends what the first matching element would send, with additional data.
   *
   * @returns the id of the request; undefined if it was canceled, waits for an answer to `wx-confirm` or for its turn in `wx-sync`,
   *   or if no element matches
   */
  trigger(selector: string, data?: Record<string, unknown>): string | undefined;

  /** Shows a panel for developers, which loads on demand; false closes it. Rejects if the panel cannot be loaded. */
  debug(shown?: boolean): Promise<void>;
}

declare global {
  interface Window {
    /** Set by the script. The module exports the class instead. */
    WSX: typeof WSX;
    /** The client of the first element with `wx-config`. After that has gone, the one of another element. */
    wsx: WSX;
  }

  /** The client of the first element with `wx-config`. */
  var wsx: WSX;

  interface DocumentEventMap extends WSXEventMap {}
  interface ElementEventMap extends WSXEventMap {}
  interface WindowEventMap extends WSXEventMap {}
}
