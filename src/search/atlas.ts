import type { RegionCode, RegionKind, Regions } from "../vocabulary/region.js";

/** The regions a person serves, as numbers, none inside another; `overlapping` when two of them share a part. */
export type Served = { readonly regions: readonly number[]; readonly overlapping: boolean };

/** All regions of a kind, and by region which of them lie in it, each by its place among them. */
export class RegionsOfKind {
  readonly codes: readonly RegionCode[];
  readonly #places: ReadonlyMap<RegionCode, number>;
  readonly #inside = new Map<number, Uint16Array>();

  constructor(
    private readonly atlas: Atlas,
    kind: RegionKind,
  ) {
    this.codes = atlas.regions.all.filter((code) => atlas.regions.kind(code) === kind);
    this.#places = new Map(this.codes.map((code, place) => [code, place]));
  }

  /** Those that lie in the region of this number, itself among them. */
  inside(region: number): Uint16Array {
    const known = this.#inside.get(region);
    if (known) return known;
    const codes = this.atlas.regions.withInside(this.atlas.code(region));
    const inside = Uint16Array.from(codes.flatMap((code) => this.#places.get(code) ?? []));
    this.#inside.set(region, inside);
    return inside;
  }
}

/** The regions of the vocabulary by number, and what counting and widening need to know of them. */
export class Atlas {
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #kinds = new Map<RegionKind, RegionsOfKind>();
  readonly #overlapping = new Map<RegionCode, readonly RegionCode[]>();

  constructor(readonly regions: Regions) {
    this.#numbers = new Map(regions.all.map((code, number) => [code, number]));
  }

  get size(): number {
    return this.regions.all.length;
  }

  code(number: number): RegionCode {
    const code = this.regions.all[number];
    if (code === undefined) throw new Error(`There is no region number ${number}.`);
    return code;
  }

  ofKind(kind: RegionKind): RegionsOfKind {
    const known = this.#kinds.get(kind);
    if (known) return known;
    const all = new RegionsOfKind(this, kind);
    this.#kinds.set(kind, all);
    return all;
  }

  /** Every region that shares a part with this one: itself, what contains it, what lies inside, and what crosses it. */
  overlapping(code: RegionCode): readonly RegionCode[] {
    const known = this.#overlapping.get(code);
    if (known) return known;
    const inside = this.regions.withInside(code);
    const all = [...new Set(inside.flatMap((part) => this.regions.withSurrounding(part)))];
    this.#overlapping.set(code, all);
    return all;
  }

  /** What serving these codes comes to; a code the vocabulary does not know counts nowhere. */
  served(codes: readonly string[]): Served {
    const known = codes.filter((code) => this.regions.has(code));
    const widest = known.filter(
      (code) => !known.some((other) => other !== code && this.#contains(other, code)),
    );
    return { regions: widest.map((code) => this.#numberOf(code)), overlapping: this.#anyOverlap(widest) };
  }

  #contains(outer: RegionCode, inner: RegionCode): boolean {
    return this.regions.withSurrounding(inner).includes(outer);
  }

  /** Countries and subdivisions that do not contain each other share nothing. */
  #anyOverlap(codes: readonly RegionCode[]): boolean {
    const wide = codes.filter((code) => !["COUNTRY", "SUBDIVISION"].includes(this.regions.kind(code)));
    return wide.some((one) => codes.some((other) => other !== one && this.overlapping(one).includes(other)));
  }

  #numberOf(code: RegionCode): number {
    return this.#numbers.get(code) ?? 0;
  }
}
