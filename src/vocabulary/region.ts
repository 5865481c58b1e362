import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { badInput, OperatorError } from "../errors.js";
import { displayNames, fallbacksOf, inLocale, PAGE_LOCALES } from "./locale.js";
import { fold } from "./word.js";

/** A UN M49 area (419), ISO 3166-1 country (GT), ISO 3166-2 subdivision (GT-10), or a network's grouping (x-mena). */
export type RegionCode = string & { readonly __word: "region" };

/** What kind of place a code names. */
export const REGION_KINDS = ["WORLD", "AREA", "GROUPING", "COUNTRY", "SUBDIVISION"] as const;
export type RegionKind = (typeof REGION_KINDS)[number];

/** A set of countries and areas that a network speaks of as one. */
type Grouping = {
  readonly code: RegionCode;
  readonly names: Readonly<Record<string, string>>;
  readonly members: readonly RegionCode[];
};

type Contained = Readonly<Record<string, { readonly _contains: readonly string[] }>>;
type Aliases = Readonly<Record<string, { readonly _replacement: string }>>;

const WORLD = "001" as RegionCode;
const AREA = /^\d{3}$/;
const COUNTRY = /^[A-Z]{2}$/;
const GROUPING = /^x-[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** In CLDR's tree, but only reserved in ISO 3166-1, or not a country at all. XK stays: people live and work there. */
const NOT_COUNTRIES = new Set(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN"]);
/** ISO 3166-2:CN lists three places that ISO 3166-1 lists too, and CLDR 48 mistypes Inner Mongolia. */
const CORRECTED: Readonly<Record<string, string>> = {
  "CN-HK": "HK",
  "CN-MO": "MO",
  "CN-TW": "TW",
  "CN-15": "CN-NM",
  "CN-MN": "CN-NM",
};

const require = createRequire(import.meta.url);

/** The regions of the world and which lies in which: a graph, not a tree (Mexico is in 013, 419 and 003). */
export class Regions {
  readonly all: readonly RegionCode[];
  readonly #groupings: ReadonlyMap<string, Grouping>;
  readonly #contains: ReadonlyMap<string, readonly RegionCode[]>;
  readonly #within: ReadonlyMap<string, readonly RegionCode[]>;
  readonly #formerly: ReadonlyMap<string, readonly string[]>;
  readonly #withSurrounding = new Map<RegionCode, readonly RegionCode[]>();
  readonly #withInside = new Map<RegionCode, readonly RegionCode[]>();
  #byName: ReadonlyMap<string, RegionCode | null> | undefined;

  constructor(
    contains: ReadonlyMap<string, readonly RegionCode[]>,
    groupings: readonly Grouping[],
    formerly: ReadonlyMap<string, readonly string[]>,
  ) {
    this.#groupings = new Map(groupings.map((one) => [one.code, one]));
    this.#contains = contains;
    this.#within = turnAround(contains);
    this.#formerly = formerly;
    this.all = [WORLD, ...this.#within.keys()] as RegionCode[];
  }

  /** The canonical code that was meant (gt, GT-10, 419, X-MENA, BU for MM), or a refusal that says what is possible. */
  parse(text: string, path?: readonly (string | number)[]): RegionCode {
    const code = canonicalCase(text.trim());
    if (this.has(code)) return code;
    const now = this.#formerly.get(code) ?? [];
    const only = now.length === 1 ? now[0] : undefined;
    if (only !== undefined && this.has(only)) return only;
    throw badInput(this.#refusal(text, code, now), path);
  }

  has(text: string): text is RegionCode {
    return text === WORLD || this.#within.has(text);
  }

  kind(code: RegionCode): RegionKind {
    if (code === WORLD) return "WORLD";
    if (AREA.test(code)) return "AREA";
    if (COUNTRY.test(code)) return "COUNTRY";
    return code.startsWith("x-") ? "GROUPING" : "SUBDIVISION";
  }

  /** The regions this one lies directly in. */
  within(code: RegionCode): readonly RegionCode[] {
    return this.#within.get(code) ?? [];
  }

  /** The regions that lie directly in this one. */
  contains(code: RegionCode): readonly RegionCode[] {
    return this.#contains.get(code) ?? [];
  }

  /** This one and every region that contains it, nearest first: who serves one of these serves it. */
  withSurrounding(code: RegionCode): readonly RegionCode[] {
    return reach(code, this.#within, this.#withSurrounding);
  }

  /** This one and every region inside it, widest first. */
  withInside(code: RegionCode): readonly RegionCode[] {
    return reach(code, this.#contains, this.#withInside);
  }

  /** Its name in the language that fits best, then in English, then its code. */
  name(code: RegionCode, locale: string): string {
    const grouping = this.#groupings.get(code);
    if (grouping) return inLocale(grouping.names, locale) ?? code;
    if (this.kind(code) === "SUBDIVISION") return subdivisionName(code, locale) ?? code;
    return placeName(code, locale) ?? placeName(code, "en") ?? code;
  }

  /** What it is called in the languages of the pages, and by other common names: what full text search reads. */
  namesOf(code: RegionCode): readonly string[] {
    const own = Object.values(this.#groupings.get(code)?.names ?? {});
    const names = PAGE_LOCALES.map((locale) => this.name(code, locale));
    return [...new Set([...names, ...own, ...(OTHER_NAMES[code] ?? [])])];
  }

  /** The one area, country or grouping with this code or name in a language of the pages; null when there is none, or several. */
  find(text: string): RegionCode | null {
    const code = canonicalCase(text.trim());
    if (this.has(code)) return code;
    this.#byName ??= this.#readNames();
    return this.#byName.get(nameKey(text)) ?? this.#successor(code);
  }

  #successor(code: string): RegionCode | null {
    const now = this.#formerly.get(code) ?? [];
    const only = now[0];
    return now.length === 1 && only !== undefined && this.has(only) ? only : null;
  }

  /** A full name counts before a shortened one; what two regions share belongs to neither. */
  #readNames(): ReadonlyMap<string, RegionCode | null> {
    const full = new Map<string, RegionCode | null>();
    const short = new Map<string, RegionCode | null>();
    for (const code of this.all) {
      if (this.kind(code) === "SUBDIVISION") continue;
      for (const name of this.namesOf(code)) {
        claim(full, nameKey(name), code);
        for (const shorter of shorterForms(name)) claim(short, nameKey(shorter), code);
      }
      for (const abbreviation of abbreviationsOf(code)) claim(short, nameKey(abbreviation), code);
    }
    return new Map([...short, ...full]);
  }

  #refusal(text: string, code: string, now: readonly string[]): string {
    const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    const meant = this.find(text);
    if (meant) return `"${shown}" is not a region code; did you mean ${meant}?`;
    if (now.length > 1) return `${code} is no longer one region; name those you mean: ${now.join(", ")}.`;
    const country = code.slice(0, 2);
    if (/^[A-Z]{2}-/.test(code) && this.has(country)) {
      const some = this.contains(country).slice(0, 4).join(", ");
      return `${country} has no subdivision "${shown}"; ${some ? `it has ${some} and others` : "it has none"}.`;
    }
    const groupings = [...this.#groupings.keys()].join(", ");
    if (code.startsWith("x-")) return `There is no grouping "${shown}"; there is ${groupings}.`;
    return `There is no region "${shown}"; name a country (GT), a subdivision (GT-10), a UN M49 area (419) or a grouping (${groupings}).`;
  }
}

/** Reads UN M49, ISO 3166-1 and ISO 3166-2 from CLDR, and the groupings of the network, which go beside them. */
export function readRegions(groupings: unknown): Regions {
  const contains = new Map<string, RegionCode[]>();
  readAreas(contains);
  const formerly = new Map<string, readonly string[]>();
  readFormerCodes(formerly);
  readSubdivisions(contains, formerly);
  const known = new Set<string>([...contains.values()].flat());
  const own = readGroupings(groupings, known);
  for (const one of own) contains.set(one.code, [...one.members]);
  contains.set(WORLD, [...(contains.get(WORLD) ?? []), ...own.map((one) => one.code)]);
  return new Regions(contains, own, formerly);
}

function readAreas(contains: Map<string, RegionCode[]>): void {
  const file = require("cldr-core/supplemental/territoryContainment.json") as {
    supplemental: { territoryContainment: Contained };
  };
  for (const [key, { _contains }] of Object.entries(file.supplemental.territoryContainment)) {
    const [code = "", , status] = key.split("-");
    if (!AREA.test(code) || status === "deprecated") continue;
    const inside = _contains.filter((one) => !NOT_COUNTRIES.has(one)) as RegionCode[];
    contains.set(code, [...(contains.get(code) ?? []), ...inside]);
  }
  // M49 puts Antarctica in the world and in nothing smaller; CLDR hides it below an area of its own making.
  contains.get(WORLD)?.push("AQ" as RegionCode);
}

function readSubdivisions(
  contains: Map<string, RegionCode[]>,
  formerly: ReadonlyMap<string, readonly string[]>,
): void {
  const file = require("cldr-core/supplemental/subdivisionContainment.json") as {
    supplemental: { subdivisionContainment: Contained };
  };
  for (const [key, { _contains }] of Object.entries(file.supplemental.subdivisionContainment)) {
    const inside = _contains.map(subdivisionCode).filter((code) => !formerly.has(code));
    if (inside.length > 0) contains.set(COUNTRY.test(key) ? key : subdivisionCode(key), inside);
  }
}

function readFormerCodes(formerly: Map<string, readonly string[]>): void {
  const file = require("cldr-core/supplemental/aliases.json") as {
    supplemental: { metadata: { alias: { territoryAlias: Aliases; subdivisionAlias: Aliases } } };
  };
  const { territoryAlias, subdivisionAlias } = file.supplemental.metadata.alias;
  for (const [code, { _replacement }] of Object.entries(territoryAlias))
    formerly.set(code, _replacement.split(" "));
  for (const [code, { _replacement }] of Object.entries(subdivisionAlias)) {
    const now = _replacement.split(" ").map((one) => (COUNTRY.test(one) ? one : subdivisionCode(one)));
    formerly.set(subdivisionCode(code), now);
  }
  for (const [code, now] of Object.entries(CORRECTED)) formerly.set(code, [now]);
}

function readGroupings(json: unknown, known: ReadonlySet<string>): readonly Grouping[] {
  const list = isRecord(json) ? json["groupings"] : json;
  if (!Array.isArray(list)) throw new OperatorError("Groupings are a list of { code, names, members }.");
  const seen = new Set<string>();
  return list.map((entry: unknown) => {
    const grouping = readGrouping(entry, known);
    if (seen.has(grouping.code)) throw new OperatorError(`The grouping ${grouping.code} is there twice.`);
    seen.add(grouping.code);
    return grouping;
  });
}

function readGrouping(entry: unknown, known: ReadonlySet<string>): Grouping {
  if (!isRecord(entry) || typeof entry["code"] !== "string")
    throw new OperatorError("A grouping has no code.");
  const code = entry["code"];
  if (!GROUPING.test(code)) {
    throw new OperatorError(
      `"${code}" is not a grouping code: x- and lower-case words joined by hyphens, such as x-mena.`,
    );
  }
  return {
    code: code as RegionCode,
    names: readNamesOf(code, entry["names"]),
    members: readMembers(code, entry["members"], known),
  };
}

function readNamesOf(code: string, value: unknown): Readonly<Record<string, string>> {
  const names = isRecord(value) ? Object.entries(value) : [];
  if (names.length === 0) throw new OperatorError(`The grouping ${code} has no name in any language.`);
  return Object.fromEntries(
    names.map(([locale, name]): [string, string] => {
      if (typeof name === "string" && name.trim() !== "") return [locale, name.trim()];
      throw new OperatorError(`The grouping ${code} has no name in ${locale}.`);
    }),
  );
}

/** Members are countries, areas or subdivisions; a grouping of groupings could go round in a circle. */
function readMembers(code: string, value: unknown, known: ReadonlySet<string>): readonly RegionCode[] {
  if (!Array.isArray(value) || value.length === 0)
    throw new OperatorError(`The grouping ${code} has no members.`);
  const members = value.map((member: unknown) => {
    if (typeof member === "string" && known.has(member)) return member as RegionCode;
    throw new OperatorError(
      `The grouping ${code} has a member ${JSON.stringify(member)} that is not a country or an area.`,
    );
  });
  return [...new Set(members)];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** CLDR writes gt10, ISO 3166-2 writes GT-10. */
function subdivisionCode(cldr: string): RegionCode {
  return `${cldr.slice(0, 2)}-${cldr.slice(2)}`.toUpperCase() as RegionCode;
}

function canonicalCase(text: string): string {
  return /^x-/i.test(text) ? text.toLowerCase() : text.toUpperCase();
}

function turnAround(
  contains: ReadonlyMap<string, readonly RegionCode[]>,
): ReadonlyMap<string, readonly RegionCode[]> {
  const within = new Map<string, RegionCode[]>();
  for (const [outer, inside] of contains) {
    for (const inner of inside) {
      const around = within.get(inner);
      if (around) around.push(outer as RegionCode);
      else within.set(inner, [outer as RegionCode]);
    }
  }
  return within;
}

/** Everything that can be reached along the graph, nearest first. */
function reach(
  from: RegionCode,
  next: ReadonlyMap<string, readonly RegionCode[]>,
  memory: Map<RegionCode, readonly RegionCode[]>,
): readonly RegionCode[] {
  const known = memory.get(from);
  if (known) return known;
  const reached = new Set([from]);
  for (const code of reached) for (const further of next.get(code) ?? []) reached.add(further);
  const all = [...reached];
  memory.set(from, all);
  return all;
}

function placeName(code: string, locale: string, style: "long" | "short" = "long"): string | undefined {
  const name = displayNames("region", locale, style).of(code);
  return name === undefined ? undefined : name.slice(0, 1).toLocaleUpperCase("en") + name.slice(1);
}

/** US, UK, Palestine: the short names CLDR has for some countries. */
function abbreviationsOf(code: RegionCode): readonly string[] {
  if (!COUNTRY.test(code)) return [];
  return PAGE_LOCALES.map((locale) => placeName(code, locale, "short")).filter((name) => name !== undefined);
}

/** The names of ISO 3166-2 subdivisions by CLDR, one file a language, read when first asked for. */
const subdivisionNames = new Map<string, Readonly<Record<string, string>>>();

function subdivisionName(code: RegionCode, locale: string): string | null {
  const key = code.replace("-", "").toLowerCase();
  for (const candidate of [...fallbacksOf(locale), "en"]) {
    const name = subdivisionNamesIn(candidate)[key];
    if (name !== undefined) return name;
  }
  return UNNAMED[code] ?? null;
}

const UNNAMED: Readonly<Record<string, string>> = { "CN-NM": "Inner Mongolia" };

function subdivisionNamesIn(locale: string): Readonly<Record<string, string>> {
  const known = subdivisionNames.get(locale);
  if (known) return known;
  if (!LOCALE_FOLDER.test(locale)) return {};
  const file = subdivisionFile(locale);
  if (file === null) return {};
  const read = require(file) as {
    subdivisions: { localeDisplayNames?: { subdivisions?: Record<string, string> } };
  };
  const names = read.subdivisions.localeDisplayNames?.subdivisions ?? {};
  subdivisionNames.set(locale, names);
  return names;
}

/** What a caller names becomes part of a path only in this form. */
const LOCALE_FOLDER = /^[a-z]{2,3}(?:-[A-Za-z]{2,4})?$/;

function subdivisionFile(locale: string): string | null {
  const english = require.resolve("cldr-subdivisions-full/subdivisions/en/en.json");
  const file = english.replace(/en([\\/])en\.json$/, `${locale}$1${locale}.json`);
  return existsSync(file) ? file : null;
}

function nameKey(text: string): string {
  return fold(text)
    .replaceAll("&", " and ")
    .replace(/\bst\./g, "saint")
    .replace(/^the /, "")
    .replaceAll("'", "")
    .replace(/[-–—,.]/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** "Myanmar (Burma)" is found as Myanmar and as Burma. */
function shorterForms(name: string): readonly string[] {
  const [, before = "", inside = "", after = ""] = /^([^(]*)\(([^)]*)\)(.*)$/.exec(name) ?? [];
  if (inside === "") return [];
  return after.trim() === "" ? [before, inside] : [`${before}${after}`];
}

function claim(names: Map<string, RegionCode | null>, key: string, code: RegionCode): void {
  const holder = names.get(key);
  names.set(key, holder !== undefined && holder !== code ? null : code);
}

/** Names in wide use that CLDR keeps as variants, which Intl does not reach. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  "019": ["The Americas"],
  AE: ["UAE", "EAU", "ОАЭ"],
  BO: ["Plurinational State of Bolivia"],
  CD: [
    "Democratic Republic of the Congo",
    "DR Congo",
    "DRC",
    "Congo",
    "RDC",
    "República Democrática del Congo",
    "République démocratique du Congo",
  ],
  CF: ["RCA", "ЦАР"],
  CG: ["Republic of the Congo", "République du Congo", "República del Congo"],
  CI: ["Ivory Coast", "Costa de Marfil", "Costa do Marfim"],
  CV: ["Cabo Verde"],
  CZ: ["Czech Republic", "República Checa", "République tchèque"],
  GB: ["United Kingdom of Great Britain and Northern Ireland", "Great Britain"],
  GM: ["Gambia"],
  IR: ["Islamic Republic of Iran"],
  KP: ["Democratic People's Republic of Korea"],
  KR: ["Republic of Korea"],
  LA: ["Lao PDR", "Lao People's Democratic Republic"],
  MD: ["Republic of Moldova"],
  MK: ["Macedonia"],
  PS: ["Palestine", "State of Palestine", "Palestina", "فلسطين", "Палестина"],
  RU: ["Russian Federation"],
  SY: ["Syrian Arab Republic"],
  SZ: ["Swaziland", "Suazilandia"],
  TL: ["East Timor"],
  TR: ["Turkey"],
  TZ: ["United Republic of Tanzania"],
  US: ["United States of America", "USA", "EE. UU.", "EUA", "США"],
  VE: ["Bolivarian Republic of Venezuela"],
  VN: ["Viet Nam"],
  ZA: ["ЮАР"],
};
