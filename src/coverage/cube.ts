import { readTag, workMark, type Tag } from "../listing/tag.js";
import { withBroaderLanguages, type LanguageTag } from "../vocabulary/language.js";
import type { RegionCode } from "../vocabulary/region.js";
import type { SpecialtyCode } from "../vocabulary/specialty.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { spoken } from "./speakers.js";

/** Stands on an axis for all of it: any specialty, anywhere, any language. */
export const ALL = "";

/** The cells from one up to before another. */
export type Row = { readonly from: number; readonly to: number };

/** A cell by what it is of. */
export type Cell = { readonly specialty: string; readonly region: string; readonly language: string };

/**
 * The declared cube: what can be counted at all, and nothing else can. Specialties down to a declared depth, countries and M49
 * areas, and languages that CLDR knows to be spoken by ten thousand somewhere or that are in public use here. Its axes are made of
 * what everybody knows, so that a language on one tells of nobody.
 */
export class Cube {
  readonly specialties: readonly string[];
  readonly regions: readonly string[];
  readonly languages: readonly string[];
  readonly #specialties: ReadonlyMap<string, number>;
  readonly #regions: ReadonlyMap<string, number>;
  readonly #languages: ReadonlyMap<string, number>;
  readonly #around = new Map<string, readonly number[]>();

  constructor(
    readonly vocabulary: Vocabulary,
    readonly depth: number,
    inUse: readonly string[] = [],
  ) {
    const { specialties, regions } = vocabulary;
    this.specialties = [
      ALL,
      ...specialties.all.map(({ code }) => code).filter((code) => depthOf(code) <= depth),
    ];
    this.regions = [ALL, ...regions.all.filter((code) => isOfCube(regions.kind(code)))];
    this.languages = [ALL, ...[...new Set([...spoken(), ...inUse])].sort()];
    this.#specialties = numbered(this.specialties);
    this.#regions = numbered(this.regions);
    this.#languages = numbered(this.languages);
  }

  /** A cell's number; of a cell that is not in the cube, null. */
  at({ specialty, region, language }: Cell): number | null {
    const of = [
      this.#specialties.get(specialty),
      this.#regions.get(region),
      this.#languages.get(language),
    ] as const;
    const [s, r, l] = of;
    return s === undefined || r === undefined || l === undefined ? null : this.number(s, r, l);
  }

  number(specialty: number, region: number, language: number): number {
    return (specialty * this.regions.length + region) * this.languages.length + language;
  }

  /** The cells of a specialty in a region, by their places on these axes. */
  row(specialty: number, region: number): Row {
    const from = this.number(specialty, region, 0);
    return { from, to: from + this.languages.length };
  }

  cell(number: number): Cell {
    const language = number % this.languages.length;
    const rest = (number - language) / this.languages.length;
    const region = rest % this.regions.length;
    return {
      specialty: this.specialties[(rest - region) / this.regions.length] ?? ALL,
      region: this.regions[region] ?? ALL,
      language: this.languages[language] ?? ALL,
    };
  }

  /** Where on the axis a specialty counts: for itself and what is broader, and for all. */
  specialtiesOf(codes: readonly string[]): readonly number[] {
    const { specialties } = this.vocabulary;
    const known = codes.filter((code): code is SpecialtyCode => specialties.has(code));
    return places(
      this.#specialties,
      known.flatMap((code) => specialties.withBroader(code)),
    );
  }

  /** es-MX counts for es, and ckb never for ku. */
  languagesOf(tags: readonly string[]): readonly number[] {
    return places(
      this.#languages,
      tags.flatMap((tag) => withBroaderLanguages(tag as LanguageTag)),
    );
  }

  /** Whoever serves a region serves the countries inside it, and a part of every area that it lies in or overlaps. */
  regionsOf(codes: readonly string[]): readonly number[] {
    const only = codes.length === 1 ? codes[0] : undefined;
    if (only !== undefined) return this.#aroundOf(only);
    return codes.length === 0 ? [0] : [...new Set(codes.flatMap((code) => this.#aroundOf(code)))];
  }

  #aroundOf(code: string): readonly number[] {
    const known = this.#around.get(code);
    if (known !== undefined) return known;
    const { regions } = this.vocabulary;
    const inside = regions.has(code) ? regions.withInside(code) : [];
    const around = places(
      this.#regions,
      inside.flatMap((part) => regions.withSurrounding(part)).filter((part) => this.#counts(part, code)),
    );
    this.#around.set(code, around);
    return around;
  }

  /** A country counts when the region lies in it or holds it, and not for lying in the same area. */
  #counts(part: RegionCode, code: string): boolean {
    const { regions } = this.vocabulary;
    if (regions.kind(part) !== "COUNTRY") return true;
    return regions.withSurrounding(part).includes(code as RegionCode) || code.startsWith(`${part}-`);
  }
}

/** The countries of a region of the cube. */
export function countriesIn({ regions }: Vocabulary, region: string): readonly string[] {
  const all = region === ALL ? regions.all : regions.has(region) ? regions.withInside(region) : [];
  return all.filter((code) => regions.kind(code) === "COUNTRY");
}

function depthOf(specialty: string): number {
  return specialty.split(".").length;
}

function isOfCube(kind: string): boolean {
  return kind === "COUNTRY" || kind === "AREA";
}

function numbered(codes: readonly string[]): ReadonlyMap<string, number> {
  return new Map(codes.map((code, number) => [code, number]));
}

/** Each once, and 0, which is all. */
function places(axis: ReadonlyMap<string, number>, codes: readonly string[]): readonly number[] {
  const met = new Set([0]);
  for (const code of codes) {
    const place = axis.get(code);
    if (place !== undefined) met.add(place);
  }
  return [...met];
}

// ── counting ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The numbers of some cells: of those that are not among `touched` it is 0. */
export type Counts = { readonly touched: readonly number[]; of(cell: number): number };

/** A number for each cell, 0 until it is set. A cube is wide and mostly empty: what is not set takes four bytes for 32 cells. */
export class Cells implements Counts {
  /** By page, where it begins among the values: 0 for one on which nothing is set. */
  #pages: Uint32Array = new Uint32Array(1024);
  #values: Numbers;
  #end = LENGTH;

  /** `kind`: with bytes no number may be higher than 255. */
  constructor(readonly kind: Uint32ArrayConstructor | Uint8ArrayConstructor = Uint32Array) {
    this.#values = new kind(1024);
  }

  add(cell: number, value: number): void {
    const at = this.#pageFor(cell >>> PAGE) + (cell & (LENGTH - 1));
    this.#values[at]! += value;
  }

  of(cell: number): number {
    const page = this.#pages[cell >>> PAGE] ?? 0;
    return page === 0 ? 0 : this.#values[page + (cell & (LENGTH - 1))]!;
  }

  #pageFor(number: number): number {
    if (number >= this.#pages.length) this.#pages = withRoom(Uint32Array, this.#pages, number + 1);
    if (this.#pages[number] === 0) {
      const end = this.#end + LENGTH;
      if (end > this.#values.length) this.#values = withRoom<Numbers>(this.kind, this.#values, end);
      this.#pages[number] = this.#end;
      this.#end = end;
    }
    return this.#pages[number]!;
  }

  /** The cells that were set, in the order of their numbers. */
  get touched(): readonly number[] {
    return this.within({ from: 0, to: this.#pages.length * LENGTH }).touched;
  }

  /** The numbers of these cells alone. */
  within({ from, to }: Row): Counts {
    const touched: number[] = [];
    for (let cell = from; cell < to; cell++) {
      if (this.#isEmpty(cell >>> PAGE)) cell |= LENGTH - 1;
      else if (this.of(cell) > 0) touched.push(cell);
    }
    return { touched, of: (cell) => this.of(cell) };
  }

  #isEmpty(page: number): boolean {
    return (this.#pages[page] ?? 0) === 0;
  }
}

/** So many bits of a cell's number say where it lies on a page. */
const PAGE = 5;
const LENGTH = 1 << PAGE;

type Numbers = Uint32Array | Uint8Array;

function withRoom<Values extends Numbers>(
  kind: new (length: number) => Values,
  values: Values,
  wanted: number,
): Values {
  const grown = new kind(Math.max(wanted, values.length * 2));
  grown.set(values);
  return grown;
}

const COMING = workMark("WORKS_IN") | workMark("TRAVELS_TO");
const REMOTE = workMark("REMOTE_TO");
/** In the low three bits of a language's mark, as `languageMark` writes it: WORKING. */
const WELL_ENOUGH = 2;

/** The cells a person is counted in, each once: where they come, and where they help from afar. */
export type Presence = { readonly there: readonly number[]; readonly afar: readonly number[] };

/** `tags`: what somebody is found by, as everybody sees them, or as members do. */
export function presenceOf(cube: Cube, tags: string): Presence {
  const read = readTags(tags);
  const specialties = cube.specialtiesOf(codesOf(read, "specialty"));
  const languages = cube.languagesOf(codesOf(read, "language", (mark) => (mark & 7) >= WELL_ENOUGH));
  const coming = codesOf(read, "region", (mark) => (mark & COMING) !== 0);
  const remote = codesOf(read, "region", (mark) => (mark & REMOTE) !== 0);
  return {
    there: cross(cube, specialties, cube.regionsOf(coming), languages),
    afar: remote.length === 0 ? [] : cross(cube, specialties, cube.regionsOf(remote), languages),
  };
}

/** A text without a region is for everywhere; it counts for a language when there is a text in it. */
export function cellsOfResource(cube: Cube, tags: string): readonly number[] {
  const read = readTags(tags);
  const regions = codesOf(read, "region");
  return cross(
    cube,
    cube.specialtiesOf(codesOf(read, "specialty")),
    regions.length === 0 ? cube.regions.map((_, number) => number) : cube.regionsOf(regions),
    cube.languagesOf(codesOf(read, "language")),
  );
}

function readTags(tags: string): readonly Tag[] {
  return tags === "" ? [] : tags.split(" ").map(readTag);
}

function codesOf(
  tags: readonly Tag[],
  axis: Tag["axis"],
  counts: (mark: number) => boolean = () => true,
): readonly string[] {
  return tags.filter((tag) => tag.axis === axis && counts(tag.mark)).map(({ code }) => code);
}

function cross(
  cube: Cube,
  specialties: readonly number[],
  regions: readonly number[],
  languages: readonly number[],
): readonly number[] {
  const cells: number[] = [];
  for (const specialty of specialties)
    for (const region of regions)
      for (const language of languages) cells.push(cube.number(specialty, region, language));
  return cells;
}
