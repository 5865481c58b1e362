import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Actor } from "../audit/audit.js";
import { record } from "../audit/audit.store.js";
import { DirectoryError, badInput } from "../errors.js";
import type { Home } from "../listing/home.js";
import { isId, parseId } from "../listing/listing.js";
import type { Transaction } from "../storage/database.js";
import { harvest, type Harvested, type HarvestParts } from "./harvest.js";
import { Flags } from "./flags.js";
import type { Clocks, HeldRecord, Holds } from "./holding.js";
import {
  countHolds,
  readHeads,
  readHeld,
  releaseWaiting,
  setHidden,
  type HeldPage,
} from "./holding.store.js";
import type { Identity } from "./identity.js";
import {
  invitationEnds,
  invitationNamedIn,
  isIntroduction,
  readIntroduction,
  readInvitation,
  signIntroduction,
  signInvitation,
} from "./invitation.js";
import type { KnownKeys } from "./jws.js";
import { safetyNumber } from "./node-id.js";
import { readAhead, readOwnClock } from "./own-clock.store.js";
import { isTrusted, type Peer, type Trust } from "./peer.js";
import {
  findNode,
  insertInvitation,
  isOpen,
  makeDue,
  readPeer,
  readPeers,
  takeInvitation,
  useNonce,
} from "./peer.store.js";
import { NotAnswered, fetchStatement, say, type Signer } from "./reading.js";
import { readReceipt } from "./receipt.js";
import { saveReceipt } from "./receipt.store.js";
import { readWithheld, setRelayed } from "./relay.store.js";
import { OutboundError } from "./outbound-error.js";
import type { OwnIdentity } from "./own-identity.js";
import { provenBy, type SignedRequest } from "./request-signature.js";
import { readStatement, type FeedKey, type Statement } from "./statement.js";
import type { Tier } from "./tier.js";
import { meet, setTrust } from "./trust.store.js";
import { Untrusted } from "./untrusted.js";
import type { Said, Testimony } from "./witness.js";
import { readSaid, readShownHead } from "./witness.store.js";

/** What this node agrees with others: by the hand of its stewards, through GraphQL or the command line. `url` is where it is met. */
export type PeeringParts = HarvestParts & {
  readonly url: string;
  readonly sign: Signer;
  readonly own: OwnIdentity;
  /** Whether peers are told what we hold of others. */
  readonly witness: boolean;
};

/** A peer as a steward looks at it. */
export type LookedAt = Peer & {
  readonly holds: Holds;
  /** When the older of the last heads was signed that were accepted of its feeds; null before the first. */
  readonly head: Date | null;
  readonly clocks: Clocks;
  /** What other peers said of it when they were asked. */
  readonly said: readonly Said[];
  /** Whether it is to be passed on, and something of it keeps this node from doing so now. */
  readonly withheld: boolean;
};

/** An invitation for another network's steward, told once. */
export type MadeInvitation = { readonly text: string; readonly expires: Date };

export class Peering {
  /** By node: they never change, and take a while to work out. */
  readonly #numbers = new Map<string, Promise<string>>();
  /** The invitations that somebody is sending back right now. */
  readonly #takingUp = new Set<string>();

  /** What is told of single records. */
  readonly flags: Flags;

  constructor(readonly parts: PeeringParts) {
    this.flags = new Flags(parts);
  }

  /** Every node that this one knows. */
  all(): Promise<readonly Peer[]> {
    return this.parts.database.transaction(readPeers);
  }

  /** Every node that this one knows, with what is held of it. */
  lookAtAll(): Promise<readonly LookedAt[]> {
    return this.parts.database.transaction(async (tx) => lookedAt(tx, await readPeers(tx), this.parts.home));
  }

  lookAt(id: string): Promise<LookedAt> {
    return this.parts.database.transaction(async (tx) => {
      const peer = isId(id) ? await readPeer(tx, id) : null;
      const [looked] = await lookedAt(tx, peer === null ? [] : [peer], this.parts.home);
      if (looked === undefined) throw unknownPeer();
      return looked;
    });
  }

  async one(id: string): Promise<Peer> {
    const peer = await this.parts.database.transaction((tx) => readPeer(tx, parseId(id, ["id"])));
    if (peer === null) throw unknownPeer();
    return peer;
  }

  /** What two stewards read to each other before they trust each other's node. */
  async safetyNumberWith({ node }: Pick<Peer, "node">): Promise<string> {
    const known = this.#numbers.get(node) ?? safetyNumber((await this.#identity()).node, node);
    this.#numbers.set(node, known);
    return known;
  }

  /** What is held of a peer, for whoever decides about it. */
  held(id: string, page: HeldPage): Promise<readonly HeldRecord[]> {
    return this.parts.database.transaction((tx) => readHeld(tx, id, page));
  }

  /** An invitation to pass on by hand, for one network. */
  async invite(actor: Actor, tier: Tier): Promise<MadeInvitation> {
    const { database, home, url } = this.parts;
    const { node, feed } = await this.#identity();
    const now = home.clock();
    const expires = invitationEnds(now);
    const id = randomUUID();
    await database.transaction(async (tx) => {
      await insertInvitation(tx, { id, tier, expires });
      await record(tx, home, { actor, action: "PEER_INVITED", object: id });
    });
    return { text: await signInvitation({ node, url, id, tier, expires }, now, feed), expires };
  }

  /** A peer's name and address for another peer, which decides for itself. */
  async introduce(actor: Actor, id: string, to: string): Promise<MadeInvitation> {
    const { database, home } = this.parts;
    const { node, feed } = await this.#identity();
    const [of, reader] = [await this.one(id), await this.one(to)];
    if (!isTrusted(of) || !isTrusted(reader))
      throw new DirectoryError("CONFLICT", "Only peers that are trusted are introduced to each other.");
    const now = home.clock();
    const expires = invitationEnds(now);
    await database.transaction((tx) => record(tx, home, { actor, action: "PEER_INTRODUCED", object: of.id }));
    const text = await signIntroduction({ by: node, of: of.node, to: reader.node, expires }, now, feed);
    return { text, expires };
  }

  /**
   * Meets the node at this address: with an invitation it is told that we do, and both are on probation with each other. Nothing
   * changes here when it does not answer as it should.
   */
  async add(actor: Actor, url: string, brought: string | null): Promise<Peer> {
    const { database } = this.parts;
    const { jws, statement } = await this.#reached(() => fetchStatement(this.parts, url));
    const own = await this.#identity();
    if (statement.node === own.node) throw badInput("This is the address of this node itself.", ["url"]);
    const known = await database.transaction((tx) => findNode(tx, statement.node));
    if (known !== null)
      throw new DirectoryError(
        "CONFLICT",
        known.trust === "BLOCKED" ? "The node at this address is blocked." : "This peer is known already.",
        ["url"],
      );
    const introducedBy = await this.#checked(brought, statement, own);
    if (brought !== null && introducedBy === null) await this.#accept(statement, brought);
    return database.transaction((tx) => meet(tx, this.parts, { jws, statement, introducedBy }, actor));
  }

  /**
   * Lets a peer's word count for so much. To trust one that is not trusted takes the number that its steward has read to ours:
   * without it, whoever got hold of an invitation could be anybody, and a pause or a block in between would be a way around it.
   */
  async setTrust(actor: Actor, id: string, trust: Trust, number: string | null): Promise<Peer> {
    const peer = await this.one(id);
    if (trust === "PROBATION" && peer.trust !== trust)
      throw badInput("A peer is on probation from when it is met; one that is to be hidden is paused.", [
        "trust",
      ]);
    if (!isTrusted(peer) && isTrusted({ trust })) await this.#checkNumber(peer, number);
    return this.parts.database.transaction((tx) => setTrust(tx, this.parts, peer.id, trust, actor));
  }

  /** Reads a peer now; null when somebody else is reading it, or it is not to be read. `onRead` hears of each page. */
  async sync(id: string, onRead?: HarvestParts["onRead"]): Promise<Harvested | null> {
    const peer = await this.one(id);
    return harvest({ ...this.parts, onRead }, peer.id, true);
  }

  /** Shows what waits of a peer, once a steward has looked at it. How many records that were. */
  release(actor: Actor, id: string): Promise<number> {
    return this.parts.database.transaction((tx) => releaseWaiting(tx, this.parts, id, actor));
  }

  /** Hides a peer's record here by its id here, or no longer. */
  setHidden(actor: Actor, id: string, hidden: boolean): Promise<HeldRecord> {
    return this.parts.database.transaction((tx) => setHidden(tx, this.parts, id, hidden, actor));
  }

  /** Passes a peer's public feed on to whoever asks, or no longer: who reads it here learns that this network knows that one. */
  setRelayed(actor: Actor, id: string, relayed: boolean): Promise<void> {
    const { database, home } = this.parts;
    const peer = parseId(id, ["id"]);
    return database.transaction((tx) => setRelayed(tx, home, peer, relayed, actor));
  }

  // ── what other nodes ask ──────────────────────────────────────────────────────────────────────────────────────────

  /** The peer that signed a request; null when nobody did whom we know, or whose word is refused, or when it came before. */
  async whoAsks(request: SignedRequest): Promise<Peer | null> {
    const { database, home, own } = this.parts;
    const { statement: ours } = await own.now();
    if (ours === null) return null;
    const found: { peer: Peer | null } = { peer: null };
    const proven = await provenBy(request, async (node, thumbprint) => {
      found.peer = await database.transaction((tx) => findNode(tx, node));
      // A stranger costs us what a peer does: the time does not tell whom we know.
      const statement = await readStatement(found.peer?.statement ?? ours);
      // Who has been silent for so long may have been seized: nobody could tell us that its keys were taken back.
      if (statement.node !== node || statement.expires <= home.clock()) return null;
      return keyIn(statement, thumbprint);
    });
    const { peer } = found;
    if (proven === null || peer === null || peer.trust === "BLOCKED") return null;
    const fresh = await database.transaction((tx) => useNonce(tx, proven.nonce, proven.expires));
    return fresh ? peer : null;
  }

  /**
   * Takes a peering up that we invited to: whoever sends the invitation back, signed by the node that is met at the address it names.
   * Whether it went well; whoever is refused is not told why. What has no open invitation costs one look at the database.
   */
  async takeUp(request: SignedRequest): Promise<boolean> {
    try {
      const asked = peeringShape.parse(JSON.parse(request.body ?? ""));
      const id = invitationNamedIn(asked.invitation);
      if (this.#takingUp.has(id)) return false;
      this.#takingUp.add(id);
      return await this.#takeUp(request, asked, id).finally(() => this.#takingUp.delete(id));
    } catch (error) {
      const theirs = [Untrusted, OutboundError, NotAnswered, z.ZodError, SyntaxError];
      if (theirs.some((kind) => error instanceof kind)) return false;
      throw error;
    }
  }

  async #takeUp(request: SignedRequest, asked: AskedPeering, id: string): Promise<boolean> {
    const { database, home } = this.parts;
    if (!(await database.transaction((tx) => isOpen(tx, id, home.clock())))) return false;
    const own = await this.#identity();
    const { node } = await readInvitation(asked.invitation, keysIn(own.feedKeys), home.clock());
    const told = await readStatement(asked.statement);
    if (node !== own.node || told.node === own.node) return false;
    const proven = await provenBy(request, async (by, thumbprint) =>
      by === told.node ? keyIn(told, thumbprint) : null,
    );
    if (proven === null) return false;
    // Who says that it is met at an address has to be the one who answers there.
    const { jws, statement } = await fetchStatement(this.parts, told.url);
    if (statement.node !== told.node || statement.expires <= home.clock()) return false;
    return database.transaction(async (tx) => {
      if (!(await useNonce(tx, proven.nonce, proven.expires))) return false;
      const known = await findNode(tx, statement.node);
      if (known?.trust === "BLOCKED") return false;
      if (!(await takeInvitation(tx, id, statement.node, home.clock()))) return false;
      if (known === null) await meet(tx, this.parts, { jws, statement, introducedBy: null }, "node");
      return true;
    });
  }

  /** A peer says that something has changed: it is read at the next opportunity, and nothing it says is believed. */
  async hearOf(peer: Peer): Promise<void> {
    await this.parts.database.transaction((tx) => makeDue(tx, peer.id, this.parts.home.clock()));
  }

  /**
   * What we hold of a node, for a peer that we trust: of one that we trust as well, and whose records everybody finds here, so that
   * nothing is told of whom we know that a search would not tell. Null otherwise, whatever the reason.
   */
  async testify(peer: Peer, node: string): Promise<Testimony | null> {
    const { database, witness } = this.parts;
    if (!witness || !isTrusted(peer)) return null;
    return database.transaction(async (tx) => {
      const known = await findNode(tx, node);
      if (known === null || !isTrusted(known)) return null;
      const head = await readShownHead(tx, known);
      return head === null ? null : { statement: known.statement, head };
    });
  }

  /** A peer says up to where it holds a feed of ours. Whether it was one; only what a trusted peer says is remembered. */
  async receive(peer: Peer, body: string): Promise<boolean> {
    const { database, home } = this.parts;
    const receipt = readReceipt(body);
    if (receipt === null) return false;
    const reads = receipt.tier === "partners" ? peer.trust === "PARTNER" : isTrusted(peer);
    if (reads) await database.transaction((tx) => saveReceipt(tx, peer.id, receipt, home.clock()));
    return true;
  }

  // ── steps ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #identity(): Promise<Identity> {
    return (await this.parts.own.now()).identity;
  }

  /** Who introduced the node, by their word; null for an invitation, which has to be the node's own. */
  async #checked(brought: string | null, met: Statement, own: Identity): Promise<string | null> {
    if (brought === null) return null;
    const now = this.parts.home.clock();
    try {
      if (!isIntroduction(brought)) {
        const { node, url } = await readInvitation(brought, keysIn(met.feedKeys), now);
        if (node === met.node && url === met.url) return null;
        throw new Untrusted("WRONG_ISSUER", "The invitation is another node's.");
      }
      for (const peer of (await this.all()).filter(isTrusted)) {
        const { feedKeys } = await readStatement(peer.statement);
        const said = await readIntroduction(brought, keysIn(feedKeys), now).catch(() => null);
        if (said?.by === peer.node && said.of === met.node && said.to === own.node) return peer.id;
      }
    } catch (error) {
      if (!(error instanceof Untrusted)) throw error;
    }
    throw badInput(
      "This is no invitation from the node at this address, and no peer's introduction of it, or it has ended.",
      ["invitation"],
    );
  }

  /** Sends the invitation back to the node that it came from. */
  async #accept({ url }: Statement, invitation: string): Promise<void> {
    const said = { invitation, statement: (await this.parts.own.now()).statement };
    const { status } = await this.#reached(() => say(this.parts, `${url}/fed/v1/peerings`, said, 64 * 1024));
    if (status !== 201)
      throw new DirectoryError(
        "CONFLICT",
        "The other node does not take the invitation: it was used, has ended, that node cannot read this one at its address, or does not want to be met.",
        ["invitation"],
      );
  }

  async #checkNumber(peer: Peer, told: string | null): Promise<void> {
    const digits = (told ?? "").replace(/\D/g, "");
    if (digits === (await this.safetyNumberWith(peer)).replace(/\D/g, "")) return;
    throw badInput(
      "Compare the safety number with the other network's steward, by a way you trust, and give the one they read to you: thirty digits.",
      ["safetyNumber"],
    );
  }

  /** What does not answer is a refusal with a sentence. */
  async #reached<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof OutboundError || error instanceof Untrusted)
        throw badInput(error.message, ["url"]);
      if (error instanceof NotAnswered)
        throw badInput(`There is no node of a network at this address (it answers ${error.status}).`, [
          "url",
        ]);
      throw error;
    }
  }
}

async function lookedAt(tx: Transaction, peers: readonly Peer[], home: Home): Promise<readonly LookedAt[]> {
  const ids = peers.map(({ id }) => id);
  const [holds, heads, said] = [await countHolds(tx, ids), await readHeads(tx, ids), await readSaid(tx, ids)];
  const withheld = await readWithheld(tx, ids, home.clock());
  const [own, ahead] = [await readOwnClock(tx, home), await readAhead(tx, ids, home.clock())];
  return peers.map((peer) => ({
    ...peer,
    holds: holds(peer.id),
    head: heads.get(peer.id) ?? null,
    said: said(peer.id),
    withheld: withheld.has(peer.id),
    clocks: { own, ahead: ahead.get(peer.id) ?? null },
  }));
}

function unknownPeer(): DirectoryError {
  return new DirectoryError("NOT_FOUND", "There is no peer with this id.", ["id"]);
}

function keysIn(keys: readonly FeedKey[]): KnownKeys {
  return new Map(keys.filter(({ revoked }) => revoked === null).map((key) => [key.thumbprint, key]));
}

function keyIn({ feedKeys }: Statement, thumbprint: string): FeedKey | null {
  return feedKeys.find((key) => key.thumbprint === thumbprint) ?? null;
}

const peeringShape = z.object({ invitation: z.string().max(4000), statement: z.string().max(65_536) });
type AskedPeering = z.infer<typeof peeringShape>;
