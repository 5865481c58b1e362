import type { Band } from "../practitioners/practitioner.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { bandAt, rankOf, type Edges } from "./band.js";
import { ALL, Cells, Cube, countriesIn, type Cell } from "./cube.js";
import { areaOf } from "./demand.js";
import type { Bands } from "./epoch.js";
import { spokenIn } from "./speakers.js";

/** An epoch as it was published: bands, and nothing of what is behind them. */
export type Epoch = {
  readonly edition: string;
  readonly day: string;
  readonly next: string;
  readonly depth: number;
  readonly edges: Edges;
  readonly merged: readonly string[];
};

/** What was published of one cell. */
export type PublishedCell = Cell & Bands;

/** What is told of a cell. `mayBeNone`: FEW stands for nobody too, because the difference is dangerous there. */
export type ToldBands = Bands & { readonly mayBeNone: boolean };

/** An epoch in memory: four bands of two bits to a cell. */
export class Published {
  readonly cube: Cube;
  readonly #bands = new Cells();
  readonly #isMerged: ReadonlySet<string>;
  /** By region, the languages of which something is told there, of whichever specialty. */
  readonly #told = new Map<string, Set<string>>();
  readonly #languages = new Map<string, readonly string[]>();

  constructor(
    vocabulary: Vocabulary,
    readonly epoch: Epoch,
    cells: readonly PublishedCell[],
  ) {
    this.cube = new Cube(
      vocabulary,
      epoch.depth,
      cells.map(({ language }) => language).filter((language) => language !== ALL),
    );
    this.#isMerged = mergedIn(vocabulary, epoch.merged);
    for (const cell of cells) {
      const at = this.cube.at(cell);
      if (at === null) continue;
      this.#bands.add(at, pack(cell));
      if (cell.language !== ALL) this.#meet(cell);
    }
  }

  #meet({ region, language }: Cell): void {
    const met = this.#told.get(region);
    if (met === undefined) this.#told.set(region, new Set([language]));
    else met.add(language);
  }

  /** Those of which anything but NONE was published, by their codes. */
  cells(): readonly Cell[] {
    return this.#bands.touched.map((number) => this.cube.cell(number));
  }

  /** The languages worth telling of in a region: those spoken there, and those of which something is told. */
  languagesIn(region: string): readonly string[] {
    const known = this.#languages.get(region);
    if (known !== undefined) return known;
    const spoken = countriesIn(this.cube.vocabulary, region).flatMap((country) => [
      ...spokenIn(country).keys(),
    ]);
    const all = [...new Set([...spoken, ...(this.#told.get(region) ?? [])])].sort();
    this.#languages.set(region, all);
    return all;
  }

  /** What is told of a cell of the cube; of what was sought, what was sought of its root in the area around. */
  bands(cell: Cell): ToldBands {
    const bands = unpack(this.#of(cell));
    const needs = unpack(this.#of(this.#soughtIn(cell))).needs;
    const merged = this.#isMerged.has(cell.region);
    const told = (band: Band): Band => (merged && band === "NONE" ? "FEW" : band);
    return { ...bands, there: told(bands.there), afar: told(bands.afar), needs, mayBeNone: merged };
  }

  #of(cell: Cell): number {
    const at = this.cube.at(cell);
    return at === null ? 0 : this.#bands.of(at);
  }

  #soughtIn({ specialty, region, language }: Cell): Cell {
    const { vocabulary } = this.cube;
    return {
      specialty: specialty.split(".")[0] ?? ALL,
      region: region === ALL ? ALL : (areaOf(vocabulary, region) ?? region),
      language,
    };
  }
}

/** Dangerous regions, what lies in them, and all that they are a part of: from the rest of an area one could tell the part. */
export function mergedIn({ regions }: Vocabulary, merged: readonly string[]): ReadonlySet<string> {
  if (merged.length === 0) return new Set();
  const codes = merged.filter((code) => regions.has(code)) as Parameters<typeof regions.withInside>[0][];
  const inside = codes.flatMap((code) => regions.withInside(code));
  return new Set([ALL, ...inside.flatMap((code) => regions.withSurrounding(code))]);
}

function pack({ there, afar, resources, needs }: Bands): number {
  return rankOf(there) | (rankOf(afar) << 2) | (rankOf(resources) << 4) | (rankOf(needs) << 6);
}

function unpack(bits: number): Bands {
  return {
    there: bandAt(bits & 3),
    afar: bandAt((bits >> 2) & 3),
    resources: bandAt((bits >> 4) & 3),
    needs: bandAt((bits >> 6) & 3),
  };
}
