import { badInput } from "../errors.js";
import type { RegionKind } from "../vocabulary/region.js";
import { membersOf, type Bits } from "./bits.js";
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

export function facetsOf(index: Index, matches: Bits): Facets {
  let members: Uint32Array | undefined;
  const known = new Map<string, readonly Count[]>();
  const counted = (key: string, first: number, count: (members: Uint32Array) => readonly Count[]) => {
    const counts = known.get(key) ?? count((members ??= membersOf(matches)));
    known.set(key, counts);
    return counts.slice(0, checked(first));
  };
  return {
    specialties: (first = SHOWN) =>
      counted("specialty", first, (found) => countCodes(index, found, "specialty")),
    languages: (first = SHOWN) => counted("language", first, (found) => countCodes(index, found, "language")),
    regions: (kind = "COUNTRY", first = SHOWN) =>
      counted(`region ${kind}`, first, (found) => countRegions(index, found, kind)),
  };
}

function checked(first: number): number {
  if (Number.isInteger(first) && first >= 0 && first <= MOST) return first;
  throw badInput(`first: from 0 to ${MOST} counts can be asked for.`, ["first"]);
}

function countCodes(index: Index, found: Uint32Array, axis: "specialty" | "language"): readonly Count[] {
  const codes = index.countedCodes(axis);
  return inOrder(index.countCodes(axis, found), (number) => codes[number] ?? "");
}

/** Where somebody's regions share nothing, they are counted region by region and spread out once. */
function countRegions(index: Index, found: Uint32Array, kind: RegionKind): readonly Count[] {
  const { atlas, serving } = index;
  const apart = new Uint32Array(atlas.size);
  const counts = new Uint32Array(atlas.size);
  const seen = new Uint32Array(atlas.size);
  const { numbers, alike } = index.groupByServing(found);
  for (let at = 0; at < numbers.length; at++) {
    const served = serving[numbers[at]!];
    const count = alike?.[at] ?? 1;
    if (count === 0 || served === undefined) continue;
    if (served.overlapping) addOnce(counts, count, seen, at + 1, atlas.insideAll(served.regions, kind));
    else for (const region of served.regions) apart[region]! += count;
  }
  for (let region = 0; region < apart.length; region++) {
    if (apart[region] !== 0) for (const part of atlas.inside(region, kind)) counts[part]! += apart[region]!;
  }
  return inOrder(counts, (number) => atlas.code(number));
}

function addOnce(
  counts: Uint32Array,
  count: number,
  seen: Uint32Array,
  stamp: number,
  inside: readonly Uint16Array[],
): void {
  for (const parts of inside) {
    for (const part of parts) {
      if (seen[part] === stamp) continue;
      seen[part] = stamp;
      counts[part]! += count;
    }
  }
}

function inOrder(counts: Uint32Array, codeOf: (number: number) => string): readonly Count[] {
  const met: Count[] = [];
  for (let number = 0; number < counts.length; number++) {
    const count = counts[number]!;
    if (count > 0) met.push({ code: codeOf(number), count });
  }
  return met.sort((one, other) => other.count - one.count || compareText(one.code, other.code));
}
