/** The half of a shard's switchboard that only the doors use: sessions, mail, parked calls, lists of entries, claims. */
import { DurableObject } from "cloudflare:workers";
import type { ClaimAsk, Claimed, ClaimName, ClaimRecord, ClaimRpc, Conclusion } from "../../core/contract/claim.ts";
import type {
  ConversationRpc,
  EntryQuery,
  ListedEntry,
  ParkAsk,
  ParkStep,
  SessionChange,
  SessionState,
  Stamps,
  TellParked,
} from "../../core/contract/conversation.ts";
import type { Outcome } from "../../core/contract/outcome.ts";
import type { Introduction } from "./connections.ts";
import type { Resourceful } from "./entries.ts";
import type { Rooms, ShardEnv } from "./rooms.ts";

export abstract class ConversingShard extends DurableObject<ShardEnv> implements ConversationRpc, ClaimRpc {
  /** The object's own and not its prototype's, since RPC reaches everything there. */
  protected abstract readonly called: () => Rooms;

  async session(id: string): Promise<SessionState> {
    return this.called().sessions.state(id);
  }

  async changeSession(id: string, change: SessionChange, endsAt: number): Promise<SessionState> {
    return this.called().sessions.change(id, change, endsAt);
  }

  async spokenTo(conversation: string): Promise<readonly string[]> {
    return this.called().conversationRows.serversOf(conversation);
  }

  waitForMail(box: string, timeoutMs: number): Promise<string | undefined> {
    return this.called().mailbox.wait(box, timeoutMs);
  }

  async deliverMail(box: string, text: string): Promise<boolean> {
    return this.called().mailbox.deliver(box, text, Date.now());
  }

  park(ask: ParkAsk, tell?: TellParked): Promise<Outcome<ParkStep>> {
    return this.called().parking.park(ask, tell);
  }

  resume(keyId: string, parkId: string, answersText: string, tell?: TellParked): Promise<Outcome<ParkStep>> {
    return this.called().parking.resume(keyId, parkId, answersText, tell);
  }

  async abandon(keyId: string, parkId: string): Promise<void> {
    this.called().parking.abandon(keyId, parkId);
  }

  listed(query: EntryQuery): Promise<readonly ListedEntry[]> {
    return this.called().entries.listed(query);
  }

  serversWithResource(uri: string): Promise<Resourceful> {
    return this.called().entries.serversWithResource(uri);
  }

  serversWithPrompt(name: string): Promise<readonly string[]> {
    return this.called().entries.serversWithPrompt(name);
  }

  introduction(server: string): Promise<Outcome<Introduction>> {
    return this.called().entries.introduction(server);
  }

  async heardListChanged(server: string): Promise<void> {
    const { servers, visits } = this.called();
    if (servers.get(server) !== undefined) visits.listChanged(server);
  }

  stamps(server?: string): Promise<Stamps> {
    return this.called().entries.stamps(server);
  }

  toolStamp(server?: string): Promise<string> {
    return this.called().entries.toolStamp(server);
  }

  claim(ask: ClaimAsk): Promise<Outcome<Claimed>> {
    return this.called().claims.claim(ask);
  }

  conclude(conclusion: Conclusion): Promise<Outcome<void>> {
    return this.called().claims.conclude(conclusion);
  }

  surrenderClaim(name: ClaimName, revision: number): Promise<Outcome<ClaimRecord | null>> {
    return this.called().claims.surrender(name, revision);
  }

  async takeClaims(claims: readonly ClaimRecord[]): Promise<void> {
    this.called().claims.take(claims);
  }
}
