import { DirectoryError, OperatorError } from "../errors.js";
import type { Home } from "../listing/home.js";
import { describeFault, type Log } from "../log.js";
import type { Database } from "../storage/database.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { AfterChanges } from "./after-changes.js";
import { publishSome, readFeed, readPage, type Feed, type FeedPage, type Which } from "./feed.store.js";
import { isDue } from "./head.js";
import { loadIdentity } from "./identity.store.js";
import { readRetirement } from "./retirement.store.js";
import { hasEnded } from "./statement.js";
import { TIERS, type Tier } from "./tier.js";
import { Withdrawals } from "./withdrawals.store.js";

/** What publishes: this node's records, by its keys. */
export type PublisherParts = {
  readonly database: Database;
  readonly home: Home;
  readonly vocabulary: Vocabulary;
  /** Where what was withdrawn is written down outside the database; null when it is not. */
  readonly ledgerFile: string | null;
  readonly log: Log;
};

/** Keeps this node's feeds what its listings are. */
export class Publisher {
  readonly #publishing = new Map<Tier, Promise<void>>();
  readonly #withdrawals: Withdrawals | null;
  readonly #following: AfterChanges;

  constructor(readonly parts: PublisherParts) {
    const { database, home, ledgerFile: file, log } = parts;
    this.#withdrawals = file === null ? null : new Withdrawals({ database, home, file, log });
    const work = () => this.publishRead();
    this.#following = new AfterChanges({ database, log, soon: SOON, work, deaf: DEAF, failed: NOT_WRITTEN });
  }

  /** Before anything is served, and every hour: when the database was put back to an earlier state, who left since leaves again. */
  async keepUp(): Promise<void> {
    await this.#withdrawals?.compare().catch((error: unknown) => {
      if (error instanceof OperatorError) this.parts.log.error(error.message);
      throw error;
    });
  }

  /**
   * The feed as it stands, with everything in it that was committed before it was asked for: what was withdrawn a moment ago is not
   * served any more.
   */
  async current(tier: Tier): Promise<Feed> {
    for (;;) {
      const feed = await readFeed(this.parts.database.read, tier, this.parts.home.clock());
      const noted = feed !== null && (this.#withdrawals?.isLast(tier, feed) ?? true);
      if (!noted) await this.#note(tier);
      const done = feed !== null && !feed.behind && !feed.stale && !isDue(feed, this.parts.home.clock());
      if (done && noted) return feed;
      if (!done) await this.#publish(tier);
    }
  }

  /** Some of a feed that is current. It is read later than that was found: what has left since has to be written down as well. */
  async page(tier: Tier, which: Which): Promise<FeedPage> {
    for (;;) {
      const page = await readPage(this.parts.database.read, tier, which);
      const noted = this.#withdrawals?.isNoted(tier, page.feed) ?? true;
      if (noted && page.feed.head !== "") return page;
      await this.current(tier);
    }
  }

  /** Whether this node ended so long ago that nobody can have a copy of anything: its last head was there to be read until then. */
  async isGone(): Promise<boolean> {
    const retiring = await readRetirement(this.parts.database.read);
    const last = daysBefore(this.parts.home.clock(), LAST_HEAD_STAYS);
    return hasEnded(retiring, last);
  }

  /** Publishes soon after a change what somebody has read before, so that who withdraws is written down without waiting for a reader. */
  follow(): void {
    if (this.#withdrawals !== null) this.#following.start();
  }

  async close(): Promise<void> {
    await this.#following.stop();
  }

  /** Brings what somebody has read before up to date. Never throws: what fails is said in the log. */
  async publishRead(): Promise<void> {
    const { database, home, log } = this.parts;
    for (const tier of TIERS) {
      try {
        if ((await readFeed(database.read, tier, home.clock())) !== null) await this.current(tier);
      } catch (error) {
        log.error(describeFault(error), NOT_WRITTEN);
      }
    }
  }

  async #note(tier: Tier): Promise<void> {
    await this.#withdrawals?.note(tier).catch((error: unknown) => {
      if (!(error instanceof OperatorError)) throw error;
      this.parts.log.error(error.message);
      throw new DirectoryError("UNAVAILABLE", "This node cannot tell its feeds right now.");
    });
  }

  /** A few requests that come together wait for one publishing. */
  #publish(tier: Tier): Promise<void> {
    const under =
      this.#publishing.get(tier) ?? this.#publishAll(tier).finally(() => this.#publishing.delete(tier));
    this.#publishing.set(tier, under);
    return under;
  }

  async #publishAll(tier: Tier): Promise<void> {
    const { database, home, vocabulary } = this.parts;
    for (let more = true; more;) {
      more = await database.transaction(async (tx) => {
        const identity = await loadIdentity(tx, home);
        return publishSome(tx, { home, identity, vocabulary, tier });
      });
    }
  }
}

/** The last head of a node that has ended is served for so many days, longer than it leases anything. */
const LAST_HEAD_STAYS = 30;

function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * 86_400_000);
}

/** In milliseconds: what changes together is published together. */
const SOON = 1000;
const DEAF = "changes are not heard of: what is withdrawn is written down when somebody reads the feed";
const NOT_WRITTEN = "what was withdrawn could not be written down yet";
