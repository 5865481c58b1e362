import type { Home } from "../listing/home.js";
import type { Database } from "../storage/database.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { publishSome, readFeed, type Feed } from "./feed.store.js";
import { RENEWED } from "./head.js";
import { loadIdentity } from "./identity.store.js";
import type { Tier } from "./tier.js";

/** What publishes: this node's records, by its keys. */
export type PublisherParts = {
  readonly database: Database;
  readonly home: Home;
  readonly vocabulary: Vocabulary;
};

/** Keeps this node's feeds what its listings are. */
export class Publisher {
  readonly #publishing = new Map<Tier, Promise<void>>();

  constructor(readonly parts: PublisherParts) {}

  /**
   * The feed as it stands, with everything in it that was committed before it was asked for: what was withdrawn a moment ago is not
   * served any more.
   */
  async current(tier: Tier): Promise<Feed> {
    for (;;) {
      const feed = await readFeed(this.parts.database.read, tier);
      if (feed !== null && !feed.behind && !feed.stale && !this.#isDue(feed)) return feed;
      await this.#publish(tier);
    }
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

  #isDue({ iat }: Feed): boolean {
    return this.parts.home.clock().getTime() - iat.getTime() > RENEWED * 3_600_000;
  }
}
