import type { Band } from "../practitioners/practitioner.js";

/** From how many on a count is told as SOME, and from how many as MANY; below that it is FEW, and of nobody NONE. */
export type Edges = { readonly some: number; readonly many: number };

/** What is told of a number changes only when it has changed by so many. */
const TOGETHER = 3;

const FROM_NONE_TO_MANY: readonly Band[] = ["NONE", "FEW", "SOME", "MANY"];
const LETTERS = FROM_NONE_TO_MANY.map(letterOf).join("");

/** A count as a band. */
export function bandOf(count: number, { some, many }: Edges): Band {
  if (count < 1) return "NONE";
  if (count < some) return "FEW";
  return count < many ? "SOME" : "MANY";
}

/**
 * A count of what nobody can look up, as a band: it takes three at least, and every edge lies `veil` higher than it is said to.
 * The veil is a cell's own, secret, and stays: whoever adds people of their own until a band moves learns how many were missing,
 * and not how many were there.
 */
export function veiledBandOf(count: number, { some, many }: Edges, veil: number): Band {
  if (count < TOGETHER + veil) return "NONE";
  if (count < some + veil) return "FEW";
  return count < many + veil ? "SOME" : "MANY";
}

/**
 * A veil from random bits: 0 for every other cell, 1 for every fourth, and so on without an end, so that no band ever says "at most".
 * One more or one less makes what is told at most twice as likely.
 */
export function veilFrom(bits: Uint8Array): number {
  const ones = bits.findIndex((byte) => byte !== 0xff);
  if (ones < 0) return bits.length * 8;
  return ones * 8 + Math.clz32(~((bits[ones] ?? 0) << 24));
}

/** What is told of a number, and the number it was told of. */
export type Told = { readonly count: number; readonly band: Band };

/** What nobody was told of yet. */
export const untold: Told = { count: 0, band: "NONE" };

/**
 * What is told next: the same band until the number has changed by three since that band was told, so that it is two behind at most.
 * The number is kept from when the band changed, and not renewed meanwhile: with one more person behind a veil that is one higher
 * everything that was ever told of a cell would be the same, whoever comes, goes or is put there.
 */
export function tellNext(before: Told, count: number, bandOf: (count: number) => Band): Told {
  const band = bandOf(count);
  const isChanged = band !== before.band && Math.abs(count - before.count) >= TOGETHER;
  return isChanged ? { count, band } : before;
}

/** The band that says more are there. */
export function higher(one: Band, other: Band): Band {
  return rankOf(one) >= rankOf(other) ? one : other;
}

/** As it is kept: N, F, S or M. */
export function letterOf(band: Band): string {
  return band.charAt(0);
}

/** The rank of the band that is kept as the letter at this place. */
export function rankAt(letters: string, at: number): number {
  return LETTERS.indexOf(letters.charAt(at));
}

/** 0 for NONE to 3 for MANY. */
export function rankOf(band: Band): number {
  return FROM_NONE_TO_MANY.indexOf(band);
}

export function bandAt(rank: number): Band {
  return FROM_NONE_TO_MANY[rank] ?? "NONE";
}
