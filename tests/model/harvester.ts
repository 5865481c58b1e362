import { dayOf } from "../../src/clock.js";
import {
  ENTRY_RULES,
  HEAD_RULES,
  accept,
  isFlood,
  isRevoked,
  withdrawnSince,
  type Expected,
} from "../../src/federation/accept.js";
import {
  bucketOf,
  digestOf,
  emptyBuckets,
  setOf,
  withBuckets,
  type Member,
} from "../../src/federation/set.js";
import type { Cursor } from "../../src/federation/feed.js";
import type { FeedKey } from "../../src/federation/statement.js";
import type { Tier } from "../../src/federation/tier.js";
import { Untrusted } from "../../src/federation/untrusted.js";
import type { HeadText, RecordText, Snapshot } from "./origin.js";

/** The rules of a reader; a test takes one away to see what would be believed without it. */
export type Rules = {
  readonly head: typeof HEAD_RULES;
  readonly entry: typeof ENTRY_RULES;
  readonly isFlood: typeof isFlood;
};
export const rules: Rules = { head: HEAD_RULES, entry: ENTRY_RULES, isFlood };

export type Held = {
  readonly id: string;
  readonly record: RecordText | null;
  readonly gone: string | null;
  /** By whose head it was withdrawn. */
  readonly goneBy?: string;
  /** Signed, or withdrawn, by a key that was taken back since. */
  readonly takenBack?: boolean;
  readonly state: "TAKEN" | "WAITING" | "QUARANTINED" | "GONE";
};

/** What the network brings of one page: null when the place in the list is none any more. */
export type Page = {
  readonly items: readonly { readonly id: string; readonly record: RecordText | null }[];
  readonly head: HeadText | null;
  readonly cursor: Cursor;
  readonly more: boolean;
};

/** What lies between a reader and the origin: it may do anything. */
export type Network = {
  statement(): ReadonlyMap<string, FeedKey>;
  head(): Snapshot;
  page(of: Snapshot, cursor: Cursor | null): Page | null;
};

/** Nothing came. */
export class Lost extends Error {}

export type Kept = {
  readonly head: HeadText;
  readonly cursor: Cursor | null;
  readonly buckets: Buffer;
  readonly held: ReadonlyMap<string, Held>;
  readonly day: string;
  readonly fresh: number;
  readonly changed: number;
};

/** One feed as its reader keeps it: what `harvest.ts` and `harvest.store.ts` do, without a network and a database. */
export class Reader {
  kept: Kept | null = null;
  keys: ReadonlyMap<string, FeedKey> = new Map();
  trust: "TRUSTED" | "PAUSED" | "BLOCKED" = "TRUSTED";
  /** What is being read; it outlives a crash and means nothing. */
  #staged = new Map<string, RecordText | null>();

  constructor(
    readonly node: string,
    readonly tier: Tier,
    readonly now: () => number,
    readonly by: Rules,
  ) {}

  /** What anybody is shown at this moment. */
  shown(): readonly (Held & { readonly record: RecordText })[] {
    const { kept, trust } = this;
    if (kept === null || trust !== "TRUSTED") return [];
    const iat = kept.head.told.iat.getTime();
    return [...kept.held.values()].filter(
      (one): one is Held & { readonly record: RecordText } =>
        one.record !== null &&
        one.state === "TAKEN" &&
        this.now() < iat + one.record.told.lease * 1000 &&
        this.now() < (one.record.told.notAfter?.getTime() ?? Infinity),
    );
  }

  block(): void {
    this.trust = "BLOCKED";
    this.kept = null;
    this.#staged = new Map();
  }

  learn(keys: ReadonlyMap<string, FeedKey>): void {
    this.keys = new Map([...this.keys, ...keys]);
    if (this.kept === null) return;
    const held = [...this.kept.held.values()].map((one): Held => {
      if (one.record !== null && isRevoked(one.record.told, this.keys))
        return { ...one, state: "QUARANTINED", takenBack: true };
      return one.goneBy !== undefined && this.keys.get(one.goneBy)?.revoked
        ? { ...one, takenBack: true }
        : one;
    });
    const counted = held.some((one, at) => one !== [...this.kept!.held.values()][at])
      ? { fresh: 0, changed: 0 }
      : {};
    this.kept = { ...this.kept, ...counted, held: new Map(held.map((one) => [one.id, one])) };
  }

  /** A reading; it stops at every question to the network, where anything may happen meanwhile. True when it went well. */
  *read(network: Network): Generator<void, boolean> {
    try {
      yield* this.#read(network);
      return true;
    } catch (error) {
      if (!(error instanceof Untrusted) && !(error instanceof Lost)) throw error;
      if (error instanceof Untrusted && error.rule === "TWO_STORIES" && this.trust === "TRUSTED")
        this.trust = "PAUSED";
      return false;
    }
  }

  *#read(network: Network): Generator<void, void> {
    if (this.trust !== "TRUSTED") return;
    const snapshot = network.head();
    yield;
    if (snapshot.head.jws === this.kept?.head.jws) return;
    const expected = this.#expected();
    if (snapshot.head.told.signedBy !== this.kept?.head.told.signedBy) {
      this.learn(network.statement());
      yield;
    }
    const before = this.kept;
    const current = { ...expected, keys: this.keys };
    this.#acceptHead(snapshot.head, current);
    if (before !== null && before.cursor?.epoch === snapshot.head.told.epoch) {
      try {
        if (yield* this.#pages(network, snapshot, before.cursor, current)) return;
      } catch (error) {
        if (!(error instanceof Untrusted && error.rule === "WRONG_SET")) throw error;
      }
    }
    if (!(yield* this.#pages(network, snapshot, null, current))) throw new Lost();
  }

  *#pages(
    network: Network,
    snapshot: Snapshot,
    from: Cursor | null,
    expected: Expected,
  ): Generator<void, boolean> {
    this.#staged = new Map();
    let head = snapshot.head;
    let cursor = from;
    for (let more = true; more;) {
      const page = network.page(snapshot, cursor);
      yield;
      if (page === null) return false;
      for (const { id, record } of page.items) {
        if (record !== null) this.#acceptRecord(id, record, expected);
        this.#staged.set(id, record);
      }
      if (page.head !== null && page.head.jws !== head.jws) {
        this.#acceptHead(page.head, expected);
        head = page.head;
      }
      ({ cursor, more } = page);
    }
    this.#takeIn(head, cursor, from === null);
    return true;
  }

  #takeIn(head: HeadText, cursor: Cursor | null, whole: boolean): void {
    if (this.trust !== "TRUSTED") throw new Lost();
    // Time has passed, and somebody else may have read meanwhile.
    this.#acceptHead(head, this.#expected());
    const { kept } = this;
    const staged = new Map(this.#staged);
    if (whole)
      for (const { id, gone } of kept?.held.values() ?? [])
        if (gone === null && !staged.has(id)) staged.set(id, null);
    const held = new Map(kept?.held);
    const told = [...staged].filter(([, record]) => record !== null);
    const stands = (id: string) => (held.get(id)?.record ?? null) !== null;
    const today = dayOf(new Date(this.now()));
    const sameDay = kept?.day === today;
    const counts = (id: string) => held.get(id)?.takenBack !== true;
    const fresh = told.filter(([id]) => !stands(id) && counts(id)).length + (sameDay ? kept.fresh : 0);
    const changes = told.filter(
      ([id, record]) => stands(id) && counts(id) && held.get(id)?.record?.jws !== record?.jws,
    );
    const changed = changes.length + (sameDay ? kept.changed : 0);
    const count = [...held.values()].filter(({ gone }) => gone === null).length;
    const wait = kept !== null && this.by.isFlood({ fresh, changed, held: count });
    for (const [id, record] of staged) {
      const known = held.get(id);
      if (known !== undefined && known.record?.jws === record?.jws) continue;
      const gone = record === null ? dayOf(head.told.iat) : null;
      const waits = known?.takenBack !== true && (known?.state === "WAITING" || wait);
      const state = record === null ? "GONE" : waits ? "WAITING" : "TAKEN";
      held.set(id, { id, record, gone, goneBy: head.told.signedBy, state });
    }
    for (const one of held.values()) if (one.takenBack) held.set(one.id, { ...one, takenBack: false });
    const buckets = new Map<number, Member[]>([...staged.keys()].map((id) => [bucketOf(id), []]));
    for (const { id, record } of held.values())
      if (record !== null) buckets.get(bucketOf(id))?.push({ id, digest: digestOf(record.jws) });
    const now = withBuckets(whole ? emptyBuckets : (kept?.buckets ?? emptyBuckets), buckets);
    const standing = [...held.values()].filter(({ gone }) => gone === null).length;
    if (setOf(now) !== head.told.set || standing !== head.told.count)
      throw new Untrusted("WRONG_SET", "What was read is not what the head says.");
    this.kept = { head, cursor, buckets: now, held, day: today, fresh, changed };
  }

  #expected(): Expected {
    const { node, tier, keys, kept } = this;
    return { node, tier, keys, last: kept === null ? null : kept.head.told };
  }

  #acceptHead(head: HeadText, expected: Expected): void {
    this.#verify(head);
    accept(this.by.head, head.told, expected, new Date(this.now()));
  }

  #acceptRecord(sentAs: string, record: RecordText, expected: Expected): void {
    this.#verify(record);
    const known = this.kept?.held.get(sentAs);
    const left = { day: known?.gone ?? "", signedBy: known?.goneBy ?? null };
    const withdrawn = (known?.gone ?? null) === null ? null : withdrawnSince(left, this.keys);
    accept(this.by.entry, { ...record.told, sentAs, withdrawn }, expected, new Date(this.now()));
  }

  #verify({ good, told }: HeadText | RecordText): void {
    if (!this.keys.has(told.signedBy)) throw new Untrusted("UNKNOWN_KEY", "Nobody vouches for this key.");
    if (!good) throw new Untrusted("BAD_SIGNATURE", "The signature is not good.");
  }
}
