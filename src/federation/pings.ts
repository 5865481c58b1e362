import type { Home } from "../listing/home.js";
import type { Log } from "../log.js";
import type { Database } from "../storage/database.js";
import { AfterChanges } from "./after-changes.js";
import type { Feed } from "./feed.store.js";
import { loadIdentity } from "./identity.store.js";
import type { Outbound } from "./outbound.js";
import { isTrusted, type Peer } from "./peer.js";
import { readPeers } from "./peer.store.js";
import type { Publisher } from "./publisher.js";
import { say, unheard, type Signer } from "./reading.js";
import { takeTurn } from "./receipt.store.js";
import type { Tier } from "./tier.js";

/** What tells peers that something has changed. */
export type PingParts = {
  readonly database: Database;
  readonly home: Home;
  readonly publisher: Publisher;
  readonly outbound: Outbound;
  readonly sign: Signer;
  readonly log: Log;
};

/** What changes within so many milliseconds is told together. */
const SOON = 2000;
/** A peer is told at most so often, in milliseconds. */
const AT_MOST_EVERY = 60_000;
const DEAF = "changes are not heard of: peers will read this node when their time comes";
const NOT_TOLD = "peers could not be told of a change";

/**
 * Tells trusted peers, soon after a change, that there is something to read: that, and nothing of it. Whoever is not reached reads
 * us when their time comes. It follows the change log, so nobody who writes waits for it.
 */
export class Pings {
  readonly #following: AfterChanges;

  constructor(readonly parts: PingParts) {
    const { database, log } = parts;
    const work = () => this.round();
    this.#following = new AfterChanges({ database, log, soon: SOON, work, deaf: DEAF, failed: NOT_TOLD });
  }

  start(): void {
    this.#following.start();
  }

  async stop(): Promise<void> {
    await this.#following.stop();
  }

  /** Tells every trusted peer that has not heard of what stands in the feeds it reads. Returns the peers that were told. */
  async round(): Promise<readonly string[]> {
    const { database } = this.parts;
    const peers = (await database.transaction(readPeers)).filter(isTrusted);
    if (peers.length === 0) return [];
    const feeds = {
      public: await this.parts.publisher.current("public"),
      partners: await this.#forPartners(peers),
    };
    const told = await Promise.all(peers.map((peer) => this.#tell(peer, feeds)));
    return told.flatMap((id) => id ?? []);
  }

  async #forPartners(peers: readonly Peer[]): Promise<Feed | null> {
    return peers.some(readsAsPartner) ? this.parts.publisher.current("partners") : null;
  }

  async #tell(peer: Peer, feeds: Readonly<Record<Tier, Feed | null>>): Promise<string | null> {
    const { database, home } = this.parts;
    const read = [feeds.public, readsAsPartner(peer) ? feeds.partners : null].filter((feed) => feed !== null);
    const now = home.clock();
    const when = { now, notSince: new Date(now.getTime() - AT_MOST_EVERY) };
    const stand = read.map(({ epoch, seq }) => `${epoch} ${seq}`).join(" ");
    const turn = await database.transaction((tx) => takeTurn(tx, peer.id, stand, when));
    if (turn === "later") this.#following.lookIn(AT_MOST_EVERY);
    if (turn !== "tell") return null;
    await this.#send(peer, read.at(-1)?.seq ?? 0);
    return peer.id;
  }

  async #send({ url }: Peer, seq: number): Promise<void> {
    const { database, home } = this.parts;
    const { node } = await database.transaction((tx) => loadIdentity(tx, home));
    await say(this.parts, `${url}/fed/v1/pings`, { iss: node, seq }).catch(unheard);
  }
}

function readsAsPartner({ trust }: Peer): boolean {
  return trust === "PARTNER";
}
