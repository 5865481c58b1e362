import type { Band } from "../practitioners/practitioner.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { bandAt, letterOf, rankAt, type Edges } from "./band.js";
import type { RegionCode } from "../vocabulary/region.js";
import { ALL, Cells, Cube, countriesIn, type Cell } from "./cube.js";
import { areaOf } from "./demand.js";
import type { Bands } from "./epoch.js";
import { peopleIn, spokenIn } from "./speakers.js";

/** An epoch as it was published: bands, and nothing of what is behind them. */
export type Epoch = {
  readonly edition: string;
  readonly day: string;
  readonly next: string;
  readonly depth: number;
  readonly edges: Edges;
  readonly merged: readonly string[];
};

/**
 * What was published of a kind of work in a region, as it is kept: the languages, with spaces between them, and of each measure a
 * letter for each of the languages. What is not there is NONE throughout.
 */
export type PublishedRow = Readonly<Record<"specialty" | "region" | "languages" | keyof Bands, string>>;

/** Of cells that differ in their languages alone; null when there are none. */
export function rowOf(cube: Cube, cells: ReadonlyMap<number, Bands>): PublishedRow | null {
  const [first] = cells.keys();
  if (first === undefined) return null;
  const { specialty, region } = cube.cell(first);
  const all = [...cells.values()];
  const letters = (measure: keyof Bands) => all.map((bands) => letterOf(bands[measure])).join("");
  return {
    specialty,
    region,
    languages: [...cells.keys()].map((number) => cube.cell(number).language).join(" "),
    there: letters("there"),
    afar: letters("afar"),
    resources: letters("resources"),
    needs: letters("needs"),
  };
}

/** A cell and what is told of it. `mayBeNone`: FEW stands for nobody too, because the difference is dangerous there. */
export type CellTold = Cell & Bands & { readonly mayBeNone: boolean };

/** An epoch in memory: four bands of two bits to a cell. */
export class Published {
  readonly cube: Cube;
  readonly #bands = new Cells(Uint8Array);
  readonly #isMerged: ReadonlySet<string>;
  /** By region, the languages of which something is told there, of whichever specialty. */
  readonly #told = new Map<string, Set<string>>();

  constructor(
    vocabulary: Vocabulary,
    readonly epoch: Epoch,
    languages: ReadonlySet<string>,
  ) {
    this.cube = new Cube(
      vocabulary,
      epoch.depth,
      [...languages].filter((language) => language !== ALL),
    );
    this.#isMerged = mergedIn(vocabulary, epoch.merged);
  }

  /** Takes in a row of what was published. */
  take({ specialty, region, languages, there, afar, resources, needs }: PublishedRow): void {
    const told = this.#told.get(region) ?? new Set();
    this.#told.set(region, told);
    const all = languages.split(" ");
    for (let at = 0; at < all.length; at++) {
      const language = all[at] ?? ALL;
      const cell = this.cube.at({ specialty, region, language });
      if (cell === null) continue;
      const bits = rankAt(there, at) | (rankAt(afar, at) << 2) | (rankAt(resources, at) << 4);
      this.#bands.add(cell, bits | (rankAt(needs, at) << 6));
      if (language !== ALL) told.add(language);
    }
  }

  /** Those of which anything but NONE was published, by their codes. */
  cells(): readonly Cell[] {
    return this.#bands.touched.map((number) => this.cube.cell(number));
  }

  /** The languages worth telling of in a region: those spoken there, and those of which something is told. */
  readonly languagesIn = remembered((region: string): readonly string[] => {
    const spoken = this.#countriesIn(region).flatMap((country) => [...spokenIn(country).keys()]);
    return [...new Set([...spoken, ...(this.#told.get(region) ?? [])])].sort();
  });

  /** The M49 areas around a region, the smallest first, and not the world, which is around everything. */
  readonly areasAround = remembered((region: string): readonly string[] => {
    const { regions } = this.cube.vocabulary;
    if (!regions.has(region)) return [];
    const around: readonly RegionCode[] = regions.withSurrounding(region).slice(1);
    return around.filter((code) => regions.kind(code) === "AREA");
  });

  /** How many live in a region or, with a language, speak it there. */
  people({ region, language }: Pick<Cell, "region" | "language">): number {
    return this.#peopleOf(region)(language);
  }

  readonly #peopleOf = remembered((region: string) =>
    remembered((language: string) => peopleIn(this.#countriesIn(region), language === ALL ? null : language)),
  );

  readonly #countriesIn = remembered((region: string) => countriesIn(this.cube.vocabulary, region));

  readonly #areaOf = remembered((region: string) =>
    region === ALL ? ALL : (areaOf(this.cube.vocabulary, region) ?? region),
  );

  /** A cell of the cube with what is told of it; of what was sought, what was sought of its root in the area around. */
  told(cell: Cell): CellTold {
    const { specialty, region, language } = cell;
    const { there, afar, resources } = unpack(this.#of(cell));
    const { needs } = unpack(this.#of(this.#soughtIn(cell)));
    const mayBeNone = this.#isMerged.has(region);
    const orFew = (band: Band): Band => (mayBeNone && band === "NONE" ? "FEW" : band);
    // Named one by one, as an answer is of thousands: `...` takes as long as all the rest.
    return {
      specialty,
      region,
      language,
      there: orFew(there),
      afar: orFew(afar),
      resources,
      needs,
      mayBeNone,
    };
  }

  #of(cell: Cell): number {
    const at = this.cube.at(cell);
    return at === null ? 0 : this.#bands.of(at);
  }

  #soughtIn({ specialty, region, language }: Cell): Cell {
    return { specialty: specialty.split(".")[0] ?? ALL, region: this.#areaOf(region), language };
  }
}

/** What is found for a code of the cube, of which there are only so many. */
function remembered<T>(find: (code: string) => T): (code: string) => T {
  const known = new Map<string, T>();
  return (code) => {
    const found = known.get(code) ?? find(code);
    known.set(code, found);
    return found;
  };
}

/** Dangerous regions, what lies in them, and all that they are a part of: from the rest of an area one could tell the part. */
export function mergedIn({ regions }: Vocabulary, merged: readonly string[]): ReadonlySet<string> {
  if (merged.length === 0) return new Set();
  const codes = merged.filter((code) => regions.has(code)) as Parameters<typeof regions.withInside>[0][];
  const inside = codes.flatMap((code) => regions.withInside(code));
  return new Set([ALL, ...inside.flatMap((code) => regions.withSurrounding(code))]);
}

function unpack(bits: number): Bands {
  return {
    there: bandAt(bits & 3),
    afar: bandAt((bits >> 2) & 3),
    resources: bandAt((bits >> 4) & 3),
    needs: bandAt((bits >> 6) & 3),
  };
}
