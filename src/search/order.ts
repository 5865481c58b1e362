import { each, type Bits } from "./bits.js";
import type { Place } from "./cursor.js";
import { compareText, type Index } from "./index.js";

/** RELEVANCE: best first, then in a random order that stays. ALIAS: by name. RECENTLY_VERIFIED: latest first, never last. */
export const ORDERS = ["RELEVANCE", "ALIAS", "RECENTLY_VERIFIED"] as const;
export type Order = (typeof ORDERS)[number];

/** A total order of the ordinals of one index: no two records are equal in it. */
export type Ordering = {
  compare(one: number, other: number): number;
  /** What decides before the id does. */
  valueOf(ordinal: number): string | number;
};

export function ordering(index: Index, order: Order, points: Uint16Array | null): Ordering {
  const byId = (one: number, other: number): number => index.byId(one, other);
  switch (order) {
    case "RELEVANCE":
      return points === null
        ? { compare: byId, valueOf: () => 0 }
        : descending(byId, (ordinal) => points[ordinal] ?? 0);
    case "ALIAS":
      return {
        compare: (one, other) => index.byName(one, other) || byId(one, other),
        valueOf: (ordinal) => index.nameOf(ordinal),
      };
    case "RECENTLY_VERIFIED":
      return descending(byId, (ordinal) => index.verified(ordinal));
    default:
      return order satisfies never;
  }
}

function descending(
  byId: (one: number, other: number) => number,
  valueOf: (ordinal: number) => number,
): Ordering {
  return { compare: (one, other) => valueOf(other) - valueOf(one) || byId(one, other), valueOf };
}

/** The first of the matches after a place, in order, and whether there are more behind them. */
export type Page = { readonly ordinals: readonly number[]; readonly more: boolean };

/** Selects without sorting everything: most matches are turned away by one comparison. */
export function pageOf(
  index: Index,
  matches: Bits,
  order: Ordering,
  after: Place | null,
  first: number,
): Page {
  const best: number[] = [];
  let more = false;
  each(matches, (ordinal) => {
    if (after !== null && !isAfter(index, order, ordinal, after)) return;
    const last = best[first - 1];
    if (best.length === first) more = true;
    if (best.length === first && (last === undefined || order.compare(ordinal, last) > 0)) return;
    best.splice(placeFor(best, ordinal, order), 0, ordinal);
    if (best.length > first) best.pop();
  });
  return { ordinals: best, more };
}

function isAfter(index: Index, order: Ordering, ordinal: number, { value, id }: Place): boolean {
  const own = order.valueOf(ordinal);
  if (own === value) return compareText(index.id(ordinal), id) > 0;
  if (typeof own === "string") return own > String(value);
  return own < Number(value);
}

function placeFor(sorted: readonly number[], ordinal: number, order: Ordering): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = sorted[middle];
    if (there !== undefined && order.compare(there, ordinal) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
