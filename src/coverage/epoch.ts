import { monthsAfter } from "../clock.js";
import type { Band } from "../practitioners/practitioner.js";
import { bandOf, higher, tellNext, untold, veiledBandOf, type Edges, type Told } from "./band.js";
import { Cells, type Counts, type Presence } from "./cube.js";

/** How a network publishes its coverage. */
export type CoverageTerms = {
  /** Once in so many months. */
  readonly every: number;
  /** Down to which depth specialties are counted: 1 is the four roots. */
  readonly depth: number;
  readonly edges: Edges;
  /** Regions where it is dangerous to tell nobody from a few. */
  readonly merged: readonly string[];
};

/** The day from which on the next epoch may be published. */
export function dueAfter(epoch: string, { every }: Pick<CoverageTerms, "every">): string {
  return monthsAfter(epoch, every);
}

/**
 * What is counted, each by itself. Of who is in a public listing everybody can count how many there are, by a search; who is not,
 * and has said that they want to be counted, is told of behind a veil. The two are never added up: who subtracts the one from the
 * sum would have the other.
 */
export const MEASURES = ["there", "afar", "there unseen", "afar unseen", "needs"] as const;
export type Measure = (typeof MEASURES)[number];
export type Numbers = Readonly<Record<Measure, Cells>>;

export function noNumbers(): Numbers {
  return {
    there: new Cells(),
    afar: new Cells(),
    "there unseen": new Cells(),
    "afar unseen": new Cells(),
    needs: new Cells(),
  };
}

/** Cells a person where everybody can find them, and unseen where only `unseen` says that they are. */
export function countPerson(numbers: Numbers, seen: Presence | null, unseen: Presence | null): void {
  countWhere(numbers.there, numbers["there unseen"], seen?.there ?? [], unseen?.there ?? []);
  countWhere(numbers.afar, numbers["afar unseen"], seen?.afar ?? [], unseen?.afar ?? []);
}

function countWhere(
  counts: Cells,
  unseenCounts: Cells,
  seen: readonly number[],
  unseen: readonly number[],
): void {
  for (const cell of seen) counts.add(cell, 1);
  if (unseen.length === 0) return;
  const known = new Set(seen);
  for (const cell of unseen) if (!known.has(cell)) unseenCounts.add(cell, 1);
}

/** What is told of every cell that anything is told of, by its number. */
export type ToldCells = ReadonlyMap<number, Told>;

/** How high a cell's edges lie above what is said; the same for it at every epoch. */
export type Veil = (measure: Measure, cell: number) => number;

/** What is told next of one measure. At the first epoch what everybody can count is told as it is. */
export function tellCells(
  measure: Measure,
  before: ToldCells | null,
  counts: Counts,
  edges: Edges,
  veil: Veil,
): ToldCells {
  const isSeen = measure === "there" || measure === "afar";
  const told = new Map<number, Told>();
  for (const cell of new Set([...(before?.keys() ?? []), ...counts.touched])) {
    const count = counts.of(cell);
    const band = isSeen
      ? (number: number) => bandOf(number, edges)
      : (number: number) => veiledBandOf(number, edges, veil(measure, cell));
    const first = before === null && isSeen ? { count, band: band(count) } : null;
    const next = first ?? tellNext(before?.get(cell) ?? untold, count, band);
    if (next.count > 0) told.set(cell, next);
  }
  return told;
}

/** What is told of a cell to everybody. */
export type Bands = {
  readonly there: Band;
  readonly afar: Band;
  readonly resources: Band;
  readonly needs: Band;
};

/** The cells of an epoch of which anything but NONE is told. Where nobody and a few are one, NONE and FEW are both left out. */
export function publish(
  told: Readonly<Record<Measure, ToldCells>>,
  resources: Counts,
  edges: Edges,
  isMerged: (cell: number) => boolean,
): ReadonlyMap<number, Bands> {
  const cells = new Map<number, Bands>();
  const bandIn = (measure: Measure, cell: number): Band => told[measure].get(cell)?.band ?? "NONE";
  const met = new Set([...MEASURES.flatMap((measure) => [...told[measure].keys()]), ...resources.touched]);
  for (const cell of met) {
    const merged = (band: Band): Band => (band === "FEW" && isMerged(cell) ? "NONE" : band);
    const bands: Bands = {
      there: merged(higher(bandIn("there", cell), bandIn("there unseen", cell))),
      afar: merged(higher(bandIn("afar", cell), bandIn("afar unseen", cell))),
      resources: bandOf(resources.of(cell), edges),
      needs: bandIn("needs", cell),
    };
    if (Object.values(bands).some((band) => band !== "NONE")) cells.set(cell, bands);
  }
  return cells;
}
