/** What the tunnel knows of a server: its state, and that it answers HTTP exchanges. */
import type { OfferedServer } from "../core/contract/connector-frames.ts";

export type LocalState = OfferedServer["state"];
export type Headers = Readonly<Record<string, string>>;

export interface Request {
  readonly method: "POST" | "GET" | "DELETE";
  /** Names in lower case. */
  readonly headers: Headers;
  readonly body: string;
}

/** The way back of one exchange. Whoever answers ends with exactly one of `end`, `answer` and `fail`. */
export interface Reply {
  /** Nobody listens any more. */
  readonly gone: boolean;
  /** Characters that the gateway has not asked for yet. */
  readonly waiting: number;
  answer(status: number, headers: Headers, body: string): void;
  begin(status: number, headers: Headers): void;
  write(text: string): void;
  end(): void;
  /** `sent` is false only when provably nothing reached the server. */
  fail(sent: boolean, reason: string): void;
  /** The caller has gone before the answer was complete. */
  onGone(act: () => void): void;
  /** Something that waited was sent. */
  onSent(act: () => void): void;
}

export interface Traffic {
  readonly calls: number;
  readonly tools: number | undefined;
  readonly lastError: string;
}

/** What the gateway should make of a server that it does not know yet. */
export interface Wishes {
  readonly title?: string;
  readonly timeoutMs?: number;
}

export interface LocalServer {
  readonly id: string;
  readonly wishes: Wishes;
  readonly offer: OfferedServer;
  readonly traffic: Traffic;
  start(): void;
  serve(request: Request, reply: Reply): void;
  /** Settles when nothing of it runs any more. */
  stop(): Promise<void>;
}

/** What a server tells whoever runs it. */
export interface Watcher {
  /** State, reason or traffic are not what they were. */
  changed(server: LocalServer): void;
  /** A line for people, such as one that the server wrote to stderr. */
  said(server: string, line: string): void;
  /** Something that people should know, once. */
  noted(server: string, note: string): void;
}
