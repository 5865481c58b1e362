import type { Place } from "./cursor.js";
import { readId } from "./ids.js";
import { leadingUnits, type Index } from "./index.js";

/** RELEVANCE: best first, then in a random order that stays. ALIAS: by name. RECENTLY_VERIFIED: latest first, never last. */
const ORDERS = ["RELEVANCE", "ALIAS", "RECENTLY_VERIFIED"] as const;
export type Order = (typeof ORDERS)[number];

/** A total order of the ordinals of one index: no two records are equal in it. */
export type Ordering = {
  /** By ordinal, a number that decides when it differs; the greater first when `greaterFirst`. */
  readonly keys: Uint32Array | Uint16Array;
  readonly greaterFirst: boolean;
  compare(one: number, other: number): number;
  /** What decides before the id does. */
  valueOf(ordinal: number): string | number;
  keyOf(place: Place): number;
};

export function ordering(index: Index, order: Order, points: Uint32Array | Uint16Array | null): Ordering {
  switch (order) {
    case "RELEVANCE":
      return points === null ? inOrderOfIds(index) : greaterFirst(index, points);
    case "ALIAS":
      return inOrderOfNames(index);
    case "RECENTLY_VERIFIED":
      return greaterFirst(index, index.verified);
    default:
      return order satisfies never;
  }
}

function inOrderOfIds(index: Index): Ordering {
  return {
    keys: index.idKeys,
    greaterFirst: false,
    compare: (one, other) => index.byId(one, other),
    valueOf: () => 0,
    keyOf: ({ id }) => readId(id)[0],
  };
}

function inOrderOfNames(index: Index): Ordering {
  return {
    keys: index.nameKeys,
    greaterFirst: false,
    compare: (one, other) => index.byName(one, other) || index.byId(one, other),
    valueOf: (ordinal) => index.nameOf(ordinal),
    keyOf: ({ value }) => leadingUnits(String(value)),
  };
}

function greaterFirst(index: Index, keys: Uint32Array | Uint16Array): Ordering {
  return {
    keys,
    greaterFirst: true,
    compare: (one, other) => keys[other]! - keys[one]! || index.byId(one, other),
    valueOf: (ordinal) => keys[ordinal]!,
    keyOf: ({ value }) => Number(value),
  };
}

/** The first of the matches after a place, in order, and whether there are more behind them. */
export type Page = { readonly ordinals: readonly number[]; readonly more: boolean };

/** Selects without sorting everything: most matches are turned away by one comparison of numbers. */
export function pageOf(
  index: Index,
  matches: Uint32Array,
  order: Ordering,
  after: Place | null,
  first: number,
): Page {
  const { keys } = order;
  const sign = order.greaterFirst ? -1 : 1;
  const start = after === null ? -Infinity : sign * order.keyOf(after);
  const isAfter = after === null ? () => true : behind(index, order, after);
  const best: number[] = [];
  let worst = first === 0 ? -Infinity : Infinity;
  let met = 0;
  for (let at = 0; at < matches.length; at++) {
    const ordinal = matches[at]!;
    const key = sign * keys[ordinal]!;
    if (key < start || (key === start && !isAfter(ordinal))) continue;
    met++;
    if (key > worst) continue;
    insert(best, ordinal, order, first);
    const last = best[first - 1];
    if (last !== undefined) worst = sign * keys[last]!;
  }
  return { ordinals: best, more: met > first };
}

/** Whether a record comes behind a place in the order, for those that the key does not decide. */
function behind(index: Index, order: Ordering, place: Place): (ordinal: number) => boolean {
  const { value } = place;
  const id = readId(place.id);
  return (ordinal) => {
    const own = order.valueOf(ordinal);
    if (own === value) return index.ids.compareTo(ordinal, id) > 0;
    return typeof own === "string" ? own > String(value) : own < Number(value);
  };
}

/** Puts the ordinal at its place among the best, of which there are at most so many. */
function insert(best: number[], ordinal: number, order: Ordering, most: number): void {
  let [low, high] = [0, best.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order.compare(best[middle]!, ordinal) < 0) low = middle + 1;
    else high = middle;
  }
  if (low >= most) return;
  best.splice(low, 0, ordinal);
  if (best.length > most) best.pop();
}
