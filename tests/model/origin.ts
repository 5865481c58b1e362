import { dayOf } from "../../src/clock.js";
import { LEASES, type Entry } from "../../src/federation/entry.js";
import { HEAD_LASTS, type FeedHead } from "../../src/federation/head.js";
import {
  bucketOf,
  digestOf,
  emptyBuckets,
  setOf,
  withBuckets,
  type Member,
} from "../../src/federation/set.js";
import type { FeedKey } from "../../src/federation/statement.js";
import type { Tier } from "../../src/federation/tier.js";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A signed text as a fact: what it says, whether its signature is good, and when it was truly made, which no reader can know. */
type Text<T> = {
  readonly jws: string;
  readonly told: T & { readonly signedBy: string };
  readonly good: boolean;
  readonly made: number;
};
export type RecordText = Text<Entry>;
export type HeadText = Text<FeedHead>;

export type Item = {
  readonly id: string;
  readonly seq: number;
  readonly record: RecordText | null;
  readonly day: string;
};

/** A feed as somebody signed it at one moment; `many` when it brings more new people than a network has in a day. */
export type Snapshot = { readonly head: HeadText; readonly items: readonly Item[]; readonly many: boolean };

let texts = 0;

export function writeRecord(
  told: Partial<Entry> & Pick<Entry, "node" | "id" | "tier">,
  signedBy: string,
  now: number,
): RecordText {
  const iat = new Date(`${dayOf(new Date(now))}T00:00:00Z`);
  const entry: Entry = {
    iat,
    lease: LEASES.Person,
    notAfter: null,
    type: "Person",
    body: {},
    sameAs: [],
    ...told,
  };
  return { jws: `record ${texts++}`, told: { ...entry, signedBy }, good: true, made: now };
}

export function writeHead(told: FeedHead, signedBy: string, now: number): HeadText {
  return { jws: `head ${texts++}`, told: { ...told, signedBy }, good: true, made: now };
}

/** The digest of what these items hold. */
export function setFrom(items: readonly Item[]): string {
  const buckets = new Map<number, Member[]>();
  for (const { id, record } of items) {
    if (record === null) continue;
    const bucket = buckets.get(bucketOf(id)) ?? [];
    buckets.set(bucketOf(id), [...bucket, { id, digest: digestOf(record.jws) }]);
  }
  return setOf(withBuckets(emptyBuckets, buckets));
}

/** A node that keeps to the protocol: one feed, its keys, its backups. */
export class Origin {
  items = new Map<string, Item>();
  keys = new Map<string, FeedKey>();
  key = "";
  seq = 0;
  floor = 0;
  epoch = 0;
  #iat = 0;
  #backup: { readonly items: ReadonlyMap<string, Item>; readonly seq: number } | null = null;
  /** Kept outside the backup: when each record was withdrawn last, also of those that were listed again since. */
  readonly #ledger = new Map<string, number>();

  constructor(
    readonly node: string,
    readonly tier: Tier,
  ) {
    this.rotate(0);
  }

  list(id: string, now: number): void {
    const { node, tier } = this;
    this.#put(id, writeRecord({ node, id, tier }, this.key, now), now);
  }

  withdraw(id: string, now: number): void {
    if ((this.items.get(id)?.record ?? null) === null) return;
    this.#ledger.set(id, now);
    this.#put(id, null, now);
  }

  /** A new key signs from now on, and the old one nothing more; what it signed stays good. */
  rotate(now: number): void {
    const old = this.keys.get(this.key);
    if (old !== undefined) this.keys.set(this.key, { ...old, ends: new Date(now) });
    this.key = `${this.node} ${this.tier} key ${this.keys.size}`;
    this.keys.set(this.key, keyOf(this.key, null));
  }

  /** The key was stolen: it is taken back, and the feed begins anew so that no number given out by the thief counts. */
  revoke(now: number): void {
    this.keys.set(this.key, keyOf(this.key, new Date(now)));
    this.rotate(now);
    this.epoch++;
  }

  resign(now: number): void {
    for (const { id, record } of [...this.items.values()]) if (record !== null) this.list(id, now);
  }

  backUp(): void {
    this.#backup = { items: new Map(this.items), seq: this.seq };
  }

  /** Begins anew with what the backup holds. */
  restore(): void {
    if (this.#backup === null) return;
    this.items = new Map(this.#backup.items);
    this.seq = this.#backup.seq;
    this.epoch++;
  }

  /** What was withdrawn since it was signed as it stands is withdrawn again. */
  replayLedger(now: number): void {
    for (const [id, at] of [...this.#ledger])
      if ((this.items.get(id)?.record?.made ?? Infinity) < at) this.withdraw(id, now);
  }

  publish(now: number): Snapshot {
    const oldest = dayOf(new Date(now - 120 * DAY));
    for (const { id, seq, record, day } of [...this.items.values()]) {
      if (record !== null || day >= oldest) continue;
      this.items.delete(id);
      this.floor = Math.max(this.floor, seq);
    }
    const items = [...this.items.values()].sort((one, other) => one.seq - other.seq);
    const iat = (this.#iat = Math.max(now, this.#iat + 1));
    const head: FeedHead = {
      node: this.node,
      tier: this.tier,
      iat: new Date(iat),
      exp: new Date(iat + HEAD_LASTS * HOUR),
      epoch: `${this.node} ${this.tier} ${this.epoch}`,
      seq: this.seq,
      count: items.filter(({ record }) => record !== null).length,
      set: setFrom(items),
      floor: this.floor,
      before: null,
    };
    return { head: writeHead(head, this.key, now), items, many: false };
  }

  #put(id: string, record: RecordText | null, now: number): void {
    this.items.set(id, { id, seq: ++this.seq, record, day: dayOf(new Date(now)) });
  }
}

/** No signature is made here, so that a key is its name alone. */
function keyOf(thumbprint: string, at: Date | null): FeedKey {
  const named: Omit<FeedKey, "verifies"> = {
    thumbprint,
    x: thumbprint,
    ends: null,
    revoked: at === null ? null : { at, reason: "stolen" },
  };
  return named as FeedKey;
}
