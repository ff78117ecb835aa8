/**
 * What the doors need beyond single calls: sessions of legacy clients, questions that servers ask in the middle of a
 * call, and the shard's part in carrying them. ProxyShard answers to ConversationRpc beside ProxyShardRpc.
 */
import type { CatalogEntry } from "./catalog.ts";
import type { Outcome } from "./outcome.ts";

/** A legacy client's session as a server sees it: a connection of its own, made with that client's capabilities. */
export interface Conversation {
  /** The session's random id. */
  readonly id: string;
  /** The client's declared capabilities, a JSON object as text. */
  readonly capabilitiesText: string;
}

/** State of a legacy client's session, kept at the shard that its sealed id names. */
export interface SessionState {
  readonly ended: boolean;
  /** As `logging/setLevel` said last. */
  readonly logLevel?: string;
  /** URIs that the client subscribed to. */
  readonly subscriptions: readonly string[];
}

export type SessionChange =
  | { readonly is: "end" }
  | { readonly is: "log_level"; readonly level: string }
  | { readonly is: "subscribe" | "unsubscribe"; readonly uri: string };

/** A call that the shard itself dials, because the server may ask something back and the client is modern. */
export interface ParkAsk {
  readonly keyId: string;
  /**
   * A name that no other parked call bears, so that the call can be abandoned before its first step is known; made up
   * when absent. It is also the token in the call's progress notifications.
   */
  readonly parkId?: string;
  readonly server: string;
  readonly method: string;
  /** The params as JSON object text, without `_meta`. */
  readonly paramsText: string;
  /** Tool or prompt name, resource URI. */
  readonly name: string;
  readonly capabilitiesText: string;
  /** The client's `_meta`, a JSON object as text, see Exchange. */
  readonly metaText?: string;
  readonly logLevel?: string;
  /** Whether the client wants progress; the token itself stays at the door. */
  readonly progress: boolean;
  readonly timeoutMs: number;
  readonly revision: number;
}

/** How far a parked call came: to its end, or to questions. `notifications` are JSON-RPC texts, oldest first. */
export type ParkStep =
  | {
      readonly is: "answered";
      readonly resultText: string;
      readonly isError: boolean;
      readonly notifications: readonly string[];
    }
  | {
      readonly is: "asks";
      readonly parkId: string;
      /** Key → `{"method","params"}` as JSON text: the `inputRequests` of an `input_required` result. */
      readonly asksText: string;
      readonly notifications: readonly string[];
    };

/** Hears what the server says in the course of a step, as it says it; the rest is told with the step. */
export type TellParked = (notifications: readonly string[]) => Promise<void>;

/** One row of a listing of prompts, resources or templates. */
export interface ListedEntry extends CatalogEntry {
  readonly server: string;
  readonly stale: boolean;
}

export interface EntryQuery {
  readonly what: "prompts" | "resources" | "templates";
  readonly server?: string;
  /** Keyset: rows strictly after this (name, server). */
  readonly after?: { readonly name: string; readonly server: string };
  readonly limit: number;
}

/** Counts that move whenever a list changes; comparing them is how a door notices. */
export interface Stamps {
  readonly tools: number;
  readonly prompts: number;
  readonly resources: number;
}

export interface ConversationRpc {
  session(id: string): Promise<SessionState>;
  changeSession(id: string, change: SessionChange, endsAt: number): Promise<SessionState>;

  /** Waits for one message to a box; undefined when the time is over. A box holds what came before the wait. */
  waitForMail(box: string, timeoutMs: number): Promise<string | undefined>;
  /** Servers of this shard that this conversation has a connection of its own to. */
  spokenTo(conversation: string): Promise<readonly string[]>;
  /** False when nobody waits and the box is full or unknown. */
  deliverMail(box: string, text: string): Promise<boolean>;

  park(ask: ParkAsk, tell?: TellParked): Promise<Outcome<ParkStep>>;
  /** `answersText`: the `inputResponses` object as JSON text. Unknown or foreign parks answer `park_lost`. */
  resume(keyId: string, parkId: string, answersText: string, tell?: TellParked): Promise<Outcome<ParkStep>>;
  abandon(keyId: string, parkId: string): Promise<void>;

  /** Prompts, resources and templates of this shard's servers, ordered by (name, server). */
  listed(query: EntryQuery): Promise<readonly ListedEntry[]>;
  /** Servers of this shard that list the URI, or else have a template that matches it. */
  serversWithResource(
    uri: string,
  ): Promise<{ readonly listed: readonly string[]; readonly matching: readonly string[] }>;
  serversWithPrompt(name: string): Promise<readonly string[]>;
  /** The server's own capabilities and instructions as negotiated last, JSON text each: instructions have quotes. */
  introduction(server: string): Promise<Outcome<{ readonly capabilitiesText: string; readonly instructions?: string }>>;
  /** A door has heard a server say that its lists have changed: they are read anew, soon. */
  heardListChanged(server: string): Promise<void>;
  /** Of one server, or of the whole shard. */
  stamps(server?: string): Promise<Stamps>;
  /** Another text whenever a page of tools would read otherwise, be it only that a server can no longer be asked. */
  toolStamp(server?: string): Promise<string>;
}
