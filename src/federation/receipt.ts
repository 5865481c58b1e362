import { startOf } from "../clock.js";
import { z } from "zod";
import type { FeedItem } from "./feed.store.js";
import { TIERS, type Tier } from "./tier.js";

/** Up to where a peer says that it holds a feed of ours. Nothing of what it holds is in it. */
export type Receipt = { readonly tier: Tier; readonly epoch: string; readonly seq: number };

export const receiptShape = z.object({
  tier: z.enum(TIERS),
  epoch: z.string().min(1).max(100),
  seq: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});

/** Null for what is no receipt. */
export function readReceipt(body: string): Receipt | null {
  try {
    return receiptShape.parse(JSON.parse(body));
  } catch {
    return null;
  }
}

export const COPY_STATES = ["HOLDS", "WITHDRAWAL_SENT", "WITHDRAWAL_CONFIRMED"] as const;
export type CopyState = (typeof COPY_STATES)[number];

/** What a peer has told us of its copy of a record; `peer` is the id of its network. */
export type Copy = { readonly peer: string; readonly state: CopyState; readonly since: Date };

/** A record in a feed that a peer reads; `reached` says whether it has told us that it got so far. */
export type Held = Pick<FeedItem, "change" | "day"> & {
  readonly peer: string;
  readonly reached: boolean;
  readonly first: Date;
  readonly last: Date;
};

/** One for each peer: what it may still show counts for more than what it has let go of in another feed. */
export function copiesOf(held: readonly Held[]): readonly Copy[] {
  const copies = new Map<string, Copy>();
  for (const one of held) {
    const copy = copyOf(one);
    const other = copies.get(one.peer);
    if (copy === null || (other !== undefined && weight(other) <= weight(copy))) continue;
    copies.set(one.peer, copy);
  }
  return [...copies.values()];
}

function weight({ state }: Copy): number {
  return COPY_STATES.indexOf(state);
}

/** When in doubt a peer has a copy: a record that only changed since it read is there as it was. */
function copyOf({ peer, change, day, reached, first, last }: Held): Copy | null {
  const changed = startOf(day);
  if (change === "Delete")
    return reached
      ? { peer, state: "WITHDRAWAL_CONFIRMED", since: last }
      : { peer, state: "WITHDRAWAL_SENT", since: changed };
  if (!reached && change === "Create") return null;
  return { peer, state: "HOLDS", since: changed > first ? changed : first };
}
