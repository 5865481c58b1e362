import { badInput } from "../errors.js";
import type { RegionKind } from "../vocabulary/region.js";
import { each, type Bits } from "./bits.js";
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
  const known = new Map<string, readonly Count[]>();
  const remembered = (key: string, count: () => readonly Count[]): readonly Count[] => {
    const counts = known.get(key) ?? count();
    known.set(key, counts);
    return counts;
  };
  const codes = (axis: "specialty" | "language", first: number): readonly Count[] =>
    remembered(axis, () => countCodes(index, matches, axis)).slice(0, checked(first));
  return {
    specialties: (first = SHOWN) => codes("specialty", first),
    languages: (first = SHOWN) => codes("language", first),
    regions: (kind = "COUNTRY", first = SHOWN) =>
      remembered(`region ${kind}`, () => countRegions(index, matches, kind)).slice(0, checked(first)),
  };
}

function checked(first: number): number {
  if (Number.isInteger(first) && first >= 0 && first <= MOST) return first;
  throw badInput(`first: from 0 to ${MOST} counts can be asked for.`, ["first"]);
}

function countCodes(index: Index, matches: Bits, axis: "specialty" | "language"): readonly Count[] {
  const codes = index.countedCodes(axis);
  const counts = new Uint32Array(codes.length);
  each(matches, (ordinal) => index.countInto(axis, counts, ordinal));
  return inOrder(counts, (number) => codes[number] ?? "");
}

/** Those who serve the same regions are counted together; where regions share nothing, region by region. */
function countRegions(index: Index, matches: Bits, kind: RegionKind): readonly Count[] {
  const { atlas, serving } = index;
  const alike = new Uint32Array(serving.length);
  each(matches, (ordinal) => (alike[index.servedBy(ordinal)]! += 1));
  const counts = new Uint32Array(atlas.size);
  const whole = new Uint32Array(atlas.size);
  const seen = new Uint32Array(atlas.size);
  alike.forEach((count, number) => {
    const served = serving[number];
    if (count === 0 || served === undefined) return;
    if (!served.overlapping) for (const region of served.regions) whole[region]! += count;
    else {
      for (const region of served.regions) {
        for (const part of atlas.inside(region, kind)) {
          if (seen[part] !== number + 1) counts[part]! += count;
          seen[part] = number + 1;
        }
      }
    }
  });
  whole.forEach((count, region) => {
    if (count !== 0) for (const part of atlas.inside(region, kind)) counts[part]! += count;
  });
  return inOrder(counts, (number) => atlas.code(number));
}

function inOrder(counts: Uint32Array, codeOf: (number: number) => string): readonly Count[] {
  const met: Count[] = [];
  counts.forEach((count, number) => {
    if (count > 0) met.push({ code: codeOf(number), count });
  });
  return met.sort((one, other) => other.count - one.count || compareText(one.code, other.code));
}
