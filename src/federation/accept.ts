import { dayOf, startOf } from "../clock.js";
import type { Entry } from "./entry.js";
import { LONGEST_LEASE } from "./entry.js";
import { HEAD_LASTS, HEAD_TRAVELS, type FeedHead } from "./head.js";
import type { FeedKey } from "./statement.js";
import type { Tier } from "./tier.js";
import { Untrusted, type Rule } from "./untrusted.js";

/**
 * When a peer's word is taken. The rules stand in the order in which they are asked, and every one of them is needed: the model in
 * `tests/model` shows for each what would be believed without it.
 */

/** What is known of a peer's feed before a word of it is read. */
export type Expected = {
  readonly node: string;
  readonly tier: Tier;
  readonly keys: ReadonlyMap<string, FeedKey>;
  /** The last head that was accepted; null before the first. */
  readonly last: AcceptedHead | null;
};

type Signed = { readonly signedBy: string };

export type AcceptedHead = Pick<FeedHead, "epoch" | "seq" | "set" | "iat"> & Signed;

type Question<T> = {
  readonly rule: Rule;
  /** Why it is refused. */
  readonly why: string;
  readonly breaks: (told: T & Signed, expected: Expected, now: Date) => boolean;
};

/** A peer's clock may be so far ahead of ours, in milliseconds. */
export const AHEAD = 5 * 60 * 1000;

export const HEAD_RULES: readonly Question<FeedHead>[] = [
  {
    rule: "WRONG_ISSUER",
    why: "The head is another node's.",
    breaks: ({ node }, expected) => node !== expected.node,
  },
  {
    rule: "WRONG_TIER",
    why: "The head is that of another feed.",
    breaks: ({ tier }, expected) => tier !== expected.tier,
  },
  {
    rule: "REVOKED_KEY",
    why: "The head was signed by a key that had been taken back.",
    // Whoever has the key can date a head as they like, and an honest node signs heads by another since.
    breaks: ({ signedBy }, { keys }) => keys.has(signedBy) && keys.get(signedBy)?.revoked !== null,
  },
  {
    rule: "ENDED_KEY",
    why: "The head was signed by a key that had ended by then.",
    // Who finds an old key can date a head as they like: once all that it had signed is over, it says nothing any more.
    breaks: ({ signedBy, iat }, { keys }, now) => {
      const ends = keys.get(signedBy)?.ends?.getTime() ?? Infinity;
      return iat.getTime() >= ends || now.getTime() >= ends + HEAD_LASTS * 3_600_000;
    },
  },
  {
    rule: "FROM_THE_FUTURE",
    why: "The head was signed in the future: one of the two clocks is wrong.",
    breaks: ({ iat }, _expected, now) => iat.getTime() > now.getTime() + AHEAD,
  },
  {
    rule: "LEASE_TOO_LONG",
    why: "The head says that it is good for more than a week.",
    breaks: ({ iat, exp }) => exp.getTime() - iat.getTime() > HEAD_TRAVELS * 3_600_000,
  },
  {
    rule: "EXPIRED",
    why: "The head is not good any more: somebody may be holding newer ones back.",
    breaks: ({ exp }, _expected, now) => exp <= now,
  },
  {
    rule: "TWO_STORIES",
    why: "The node has signed two different states of its feed under one number.",
    breaks: ({ epoch, seq, set }, expected) => {
      const last = lastThatCounts(expected);
      return last?.epoch === epoch && last.seq === seq && last.set !== set;
    },
  },
  {
    rule: "REPLAYED",
    why: "The head is older than one that was accepted before.",
    breaks: ({ iat }, expected) => {
      const last = lastThatCounts(expected);
      return last !== null && iat <= last.iat;
    },
  },
  {
    rule: "ROLLED_BACK",
    why: "The feed went back to an earlier state.",
    breaks: ({ epoch, seq }, expected) => {
      const last = lastThatCounts(expected);
      return last?.epoch === epoch && seq < last.seq;
    },
  },
];

/**
 * What a head is held against. Of the last one nothing counts when its key was taken back, because a thief may have signed it under
 * any number: only when the key was taken back.
 */
function lastThatCounts({ last, keys }: Expected): Omit<AcceptedHead, "signedBy"> | null {
  const revoked = last === null ? undefined : keys.get(last.signedBy)?.revoked;
  return revoked ? { epoch: "", seq: 0, set: "", iat: new Date(revoked.at.getTime() - 1) } : last;
}

/** A record with the id it was sent under, and the day a withdrawal of it was heard of; null when none was. */
export type Arrived = Entry & { readonly sentAs: string; readonly withdrawn: string | null };

export const ENTRY_RULES: readonly Question<Arrived>[] = [
  {
    rule: "WRONG_ISSUER",
    why: "A record is another node's.",
    breaks: ({ node }, expected) => node !== expected.node,
  },
  {
    rule: "WRONG_SUBJECT",
    why: "A record was sent under another's id.",
    breaks: ({ id, sentAs }) => id !== sentAs,
  },
  {
    rule: "WRONG_TIER",
    why: "A record is for another feed.",
    breaks: ({ tier }, expected) => tier !== expected.tier,
  },
  {
    rule: "REVOKED_KEY",
    why: "A record was signed by a key that had been taken back.",
    breaks: (entry, { keys }) => isRevoked(entry, keys),
  },
  {
    rule: "FROM_THE_FUTURE",
    why: "A record was signed in the future: one of the two clocks is wrong.",
    breaks: ({ iat }, _expected, now) => iat.getTime() > now.getTime() + AHEAD,
  },
  {
    rule: "LEASE_TOO_LONG",
    why: "A record is leased for longer than anybody may.",
    breaks: ({ lease }) => lease > LONGEST_LEASE,
  },
  {
    rule: "OLDER_THAN_WITHDRAWAL",
    why: "A record was signed before it was withdrawn.",
    breaks: ({ iat, withdrawn }) => withdrawn !== null && iat < startOf(withdrawn),
  },
];

/** Whether what a key signed has been taken back with it. A record tells the day it was signed: all of that day counts. */
export function isRevoked({ iat, signedBy }: Pick<Entry, "iat"> & Signed, keys: Expected["keys"]): boolean {
  const at = keys.get(signedBy)?.revoked?.at;
  return at !== undefined && iat >= startOf(dayOf(at));
}

/** A withdrawal that was heard of: the day of the head that brought it, and the key that signed that head; null where it is not known. */
export type Withdrawal = { readonly day: string; readonly signedBy: string | null };

/** Since when a record was withdrawn: a key that was taken back withdraws nobody for longer than from that day on. */
export function withdrawnSince({ day, signedBy }: Withdrawal, keys: Expected["keys"]): string {
  const at = signedBy === null ? undefined : keys.get(signedBy)?.revoked?.at;
  return at === undefined || day < dayOf(at) ? day : dayOf(at);
}

/** Untrusted with the first rule that it breaks. */
export function accept<T>(
  rules: readonly Question<T>[],
  told: T & Signed,
  expected: Expected,
  now: Date,
): void {
  const broken = rules.find(({ breaks }) => breaks(told, expected, now));
  if (broken !== undefined) throw new Untrusted(broken.rule, broken.why);
}

/** What comes of one kind of record in a day, of one feed; `held` is how many of them were held for showing before. */
export type Flood = { readonly fresh: number; readonly changed: number; readonly held: number };

const MOST_NEW = 50;
const MOST_CHANGED = 20;

/**
 * Whether so much of a kind is new or changed in a day that it waits for a steward: a stolen key would be used at once and for many.
 * Withdrawals never wait.
 */
export function isFlood({ fresh, changed, held }: Flood): boolean {
  return fresh > MOST_NEW || changed > Math.max(MOST_CHANGED, held / 5);
}
