import { CHANGES } from "../listing/listing.store.js";
import type { Home } from "../listing/home.js";
import { describeFault, type Log } from "../log.js";
import type { Database, Listener } from "../storage/database.js";
import type { Feed } from "./feed.store.js";
import { loadIdentity } from "./identity.store.js";
import type { Outbound } from "./outbound.js";
import { OutboundError } from "./outbound-error.js";
import { isTrusted, type Peer } from "./peer.js";
import { readPeers } from "./peer.store.js";
import type { Publisher } from "./publisher.js";
import type { Signer } from "./reading.js";
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

/**
 * Tells trusted peers, soon after a change, that there is something to read: that, and nothing of it. Whoever is not reached reads
 * us when their time comes. It follows the change log, so nobody who writes waits for it.
 */
export class Pings {
  #listener: Promise<Listener | null> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(readonly parts: PingParts) {}

  start(): void {
    const hear = () => this.#lookIn(SOON);
    this.#listener = this.parts.database.listen(CHANGES, hear, hear).catch(() => {
      this.parts.log.warn("changes are not heard of: peers will read this node when their time comes");
      return null;
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await (await this.#listener)?.close();
    await this.#running;
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
    if (turn === "later") this.#lookIn(AT_MOST_EVERY);
    if (turn !== "tell") return null;
    await this.#send(peer, read.at(-1)?.seq ?? 0);
    return peer.id;
  }

  async #send({ url }: Peer, seq: number): Promise<void> {
    const { database, home, outbound, sign } = this.parts;
    const { node } = await database.transaction((tx) => loadIdentity(tx, home));
    const body = JSON.stringify({ iss: node, seq });
    const address = `${url}/fed/v1/pings`;
    const asked = { contentType: "application/json", body, largest: 4096 };
    try {
      await outbound.post(address, { ...asked, headers: await sign("POST", address, body) });
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
    }
  }

  #lookIn(pause: number): void {
    if (this.#stopped || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#running = this.#running
        .then(() => this.round())
        .catch((error: unknown) =>
          this.parts.log.error(describeFault(error), "peers could not be told of a change"),
        );
    }, pause).unref();
  }
}

function readsAsPartner({ trust }: Peer): boolean {
  return trust === "PARTNER";
}
