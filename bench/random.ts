/** Numbers from 0 to 1, the same ones for the same seed. */
export type Random = () => number;

/** A stream of its own for each key, so that record i is the same however many there are (FNV-1a, mulberry32). */
export function randomFor(seed: number, key: string): Random {
  let state = 2166136261 ^ seed;
  for (const unit of Buffer.from(key)) state = Math.imul(state ^ unit, 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

export function oneOf<T>(random: Random, list: readonly T[]): T {
  const item = list[below(random, list.length)];
  if (item === undefined) throw new Error("there is nothing to choose from");
  return item;
}

export function shuffled<T>(random: Random, list: readonly T[]): readonly T[] {
  const keyed = list.map((item) => ({ item, key: random() }));
  return keyed.sort((one, other) => one.key - other.key).map(({ item }) => item);
}

/** Few are chosen often and most seldom: the item at rank r with weight 1 / (r + 1) ** exponent. */
export function zipf<T>(list: readonly T[], exponent: number): (random: Random) => T {
  const sums = new Float64Array(list.length);
  let sum = 0;
  for (let rank = 0; rank < list.length; rank++) sums[rank] = sum += 1 / (rank + 1) ** exponent;
  return (random) => {
    const wanted = random() * sum;
    let [low, high] = [0, list.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return list[low] as T;
  };
}

/** `count` different items, or as many as a few tries bring. */
export function several<T>(random: Random, count: number, choose: (random: Random) => T): readonly T[] {
  const chosen = new Set<T>();
  for (let tries = 0; chosen.size < count && tries < count * 4; tries++) chosen.add(choose(random));
  return [...chosen];
}

/** 1 and, each with this chance, one more and one more again; at most `most`. */
export function oneOrMore(random: Random, more: number, most = 6): number {
  let count = 1;
  while (count < most && random() < more) count++;
  return count;
}

/** A random UUID of version 4. */
export function uuid(random: Random): string {
  const hex = Array.from({ length: 8 }, () => below(random, 65536).toString(16).padStart(4, "0")).join("");
  const variant = "89ab"[below(random, 4)] ?? "8";
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}
