import { badInput } from "../errors.js";
import type { RegionKind } from "../vocabulary/region.js";
import type { RegionsOfKind } from "./atlas.js";
import { compareText, type Index } from "./index.js";

/** How many of the matches a filter with this code would leave. */
export type Count = { readonly code: string; readonly count: number };

/** Counts over the matches of a question, most first. */
export type Facets = {
  /** Broader specialties count everyone below them. */
  specialties(first?: number): readonly Count[];
  /** Each match counts once for every region of the kind that it serves. */
  regions(kind?: RegionKind, first?: number): readonly Count[];
  /** es counts those of es-MX too. */
  languages(first?: number): readonly Count[];
};

const SHOWN = 20;
const MOST = 500;

export function facetsOf(index: Index, matches: Uint32Array): Facets {
  return {
    specialties: (first = SHOWN) => countCodes(index, matches, "specialty", checked(first)),
    languages: (first = SHOWN) => countCodes(index, matches, "language", checked(first)),
    regions: (kind = "COUNTRY", first = SHOWN) => countRegions(index, matches, kind, checked(first)),
  };
}

function checked(first: number): number {
  if (Number.isInteger(first) && first >= 0 && first <= MOST) return first;
  throw badInput(`first: from 0 to ${MOST} counts can be asked for.`, ["first"]);
}

function countCodes(
  index: Index,
  found: Uint32Array,
  axis: "specialty" | "language",
  first: number,
): readonly Count[] {
  const codes = index.countedCodes(axis);
  return mostOf(index.countCodes(axis, found), first, (number) => codes[number] ?? "");
}

/** Where somebody's regions share nothing, they are counted region by region and spread out once. */
function countRegions(index: Index, found: Uint32Array, kind: RegionKind, first: number): readonly Count[] {
  const { atlas, serving } = index;
  const ofKind = atlas.ofKind(kind);
  const apart = index.tally;
  apart.clear();
  const counts = new Uint32Array(ofKind.codes.length);
  const seen = new Uint32Array(ofKind.codes.length);
  const { numbers, alike } = index.groupByServing(found);
  for (let at = 0; at < numbers.length; at++) {
    const served = serving[numbers[at]!];
    const count = alike?.[at] ?? 1;
    if (count === 0 || served === undefined) continue;
    if (served.overlapping) addOnce(counts, count, seen, at + 1, ofKind, served.regions);
    else for (const region of served.regions) apart.add(region, count);
  }
  apart.visit((region, count) => {
    for (const part of ofKind.inside(region)) counts[part]! += count;
  });
  return mostOf(counts, first, (place) => ofKind.codes[place] ?? "");
}

function addOnce(
  counts: Uint32Array,
  count: number,
  seen: Uint32Array,
  stamp: number,
  ofKind: RegionsOfKind,
  regions: readonly number[],
): void {
  for (const region of regions) {
    for (const part of ofKind.inside(region)) {
      if (seen[part] === stamp) continue;
      seen[part] = stamp;
      counts[part]! += count;
    }
  }
}

/** The greatest counts in order. Only those that may be among them are given their codes and sorted by them. */
function mostOf(counts: Uint32Array, first: number, codeOf: (number: number) => string): readonly Count[] {
  const least = leastOf(counts, first);
  const met: Count[] = [];
  for (let number = 0; number < counts.length; number++) {
    const count = counts[number]!;
    if (count >= least) met.push({ code: codeOf(number), count });
  }
  return met
    .sort((one, other) => other.count - one.count || compareText(one.code, other.code))
    .slice(0, first);
}

/** The least count, above 0, that can be among the first. */
function leastOf(counts: Uint32Array, first: number): number {
  return Math.max(1, counts.slice().sort()[counts.length - first] ?? 1);
}
