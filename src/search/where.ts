import { badInput, DirectoryError } from "../errors.js";
import {
  DEPTHS,
  LANGUAGE_USES,
  PROFICIENCIES,
  workMark,
  type Axis,
  type Depth,
  type LanguageUse,
  type Proficiency,
  type WorkRelation,
} from "../listing/tag.js";
import { parseId } from "../listing/listing.js";
import type { OrganizationRole } from "../organizations/organization.js";
import {
  AVAILABILITIES,
  COMMUNITIES,
  LEVELS,
  type Cost,
  type Delivery,
  type Format,
  type PractitionerLevel,
} from "../practitioners/practitioner.js";
import type { ResourceKind, ResourceStatus, Stage } from "../resources/resource.js";
import { parseLanguage } from "../vocabulary/language.js";
import type { RegionCode } from "../vocabulary/region.js";
import {
  judgedByDepth,
  judgedByLanguage,
  judgedByRelation,
  type Condition,
  type Within,
  type Judged,
} from "./condition.js";
import type { IndexAxis, Shared } from "./index.js";
import { SERVING } from "./tag-reader.js";
import { TOLD } from "./posting.js";

type Asked<T> = { readonly [K in keyof T]?: T[K] | null };

/** A code matches itself and everything below it. A skill told without a depth is unknown where a depth is asked for. */
export type SpecialtyMatch = Asked<{
  anyOf: readonly string[];
  allOf: readonly string[];
  depthAtLeast: Depth;
}>;

/**
 * A person who serves a region serves everything inside it. Without `relation` it asks who serves: works in, travels to, remotely.
 * BASED_IN matches whoever is based in the region or inside it. `orPartOf` also accepts who serves only some of the region.
 */
export type RegionMatch = Asked<{
  anyOf: readonly string[];
  allOf: readonly string[];
  relation: readonly WorkRelation[];
  orPartOf: boolean;
}>;

/** es matches es-MX, ku is not ckb. `atLeast` and `use` are asked of one and the same language. */
export type LanguageMatch = Asked<{
  anyOf: readonly string[];
  allOf: readonly string[];
  atLeast: Proficiency;
  use: LanguageUse;
}>;

/** What every kind of record can be asked; `network` is the id of the network it comes from, `verifiedSince` a day. */
type ListedFields = {
  readonly specialty: SpecialtyMatch;
  readonly region: RegionMatch;
  readonly language: LanguageMatch;
  readonly network: string;
  readonly verifiedSince: string;
};

type PractitionerFields = ListedFields & {
  readonly formats: readonly Format[];
  readonly delivery: Delivery;
  readonly levelAtLeast: PractitionerLevel;
  readonly communities: readonly string[];
  readonly offersFollowUp: boolean;
  readonly coFacilitates: boolean;
  readonly available: boolean;
  readonly cost: readonly Cost[];
  readonly unknown: readonly PractitionerField[];
};

type OrganizationFields = ListedFields & {
  readonly roles: readonly OrganizationRole[];
  readonly acceptsUrgentRequests: boolean;
  readonly unknown: readonly OrganizationField[];
};

type ResourceFields = ListedFields & {
  readonly kinds: readonly ResourceKind[];
  readonly stages: readonly Stage[];
  readonly status: ResourceStatus;
  readonly licenses: readonly string[];
  readonly minutesAtMost: number;
  readonly unknown: readonly ResourceField[];
};

/** A filter: everything that is asked must hold; null and undefined ask nothing. What is unknown stays unknown under `not`. */
type Filter<F> = Asked<F> & {
  readonly and?: readonly Filter<F>[] | null;
  readonly or?: readonly Filter<F>[] | null;
  readonly not?: Filter<F> | null;
};
export type PractitionerWhere = Filter<PractitionerFields>;
export type OrganizationWhere = Filter<OrganizationFields>;
export type ResourceWhere = Filter<ResourceFields>;

/** The fields that `unknown` can ask about: it matches who tells the viewer nothing on any of those named. */
export const PRACTITIONER_FIELDS = [
  "SPECIALTY",
  "REGION",
  "LANGUAGE",
  "FORMATS",
  "DELIVERY",
  "LEVEL",
  "COMMUNITIES",
  "OFFERS_FOLLOW_UP",
  "CO_FACILITATES",
  "AVAILABLE",
  "COST",
  "VERIFIED",
] as const;
export const ORGANIZATION_FIELDS = [
  "SPECIALTY",
  "REGION",
  "LANGUAGE",
  "ROLES",
  "ACCEPTS_URGENT_REQUESTS",
  "VERIFIED",
] as const;
export const RESOURCE_FIELDS = [
  "SPECIALTY",
  "REGION",
  "LANGUAGE",
  "STAGES",
  "LICENSE",
  "MINUTES",
  "VERIFIED",
] as const;
export type PractitionerField = (typeof PRACTITIONER_FIELDS)[number];
export type OrganizationField = (typeof ORGANIZATION_FIELDS)[number];
export type ResourceField = (typeof RESOURCE_FIELDS)[number];

const DEEPEST = 5;
const MOST_CONDITIONS = 50;

type Path = readonly (string | number)[];

/** One field of the filter and what it asks, so that advice can leave it out. */
export type Part = { readonly field: string; readonly condition: Condition };

/** What a practitioner must be. Each field is one part; all parts must hold. */
export function partsOfPractitioners(where: PractitionerWhere, shared: Shared): readonly Part[] {
  return new Reader(shared, practitionerParts).read(where);
}

export function partsOfOrganizations(where: OrganizationWhere, shared: Shared): readonly Part[] {
  return new Reader(shared, organizationParts).read(where);
}

export function partsOfResources(where: ResourceWhere, shared: Shared): readonly Part[] {
  return new Reader(shared, resourceParts).read(where);
}

/** How each field of a filter is read; a field that is forgotten here does not compile. */
type Readers<F> = { readonly [K in keyof F]: FieldReader<F[K]> };
type FieldReader<T> = (value: T, path: Path, shared: Shared) => Condition;

export const listedParts: Readers<ListedFields> = {
  specialty: readSpecialty,
  region: readRegion,
  language: readLanguage,
  network: (id, path) => has("network", [parseId(id, path)]),
  verifiedSince: (day, path) => readSince(day, path),
};

const practitionerParts: Readers<PractitionerFields> = {
  ...listedParts,
  formats: anyOn("format"),
  delivery: (delivery) => has("delivery", [delivery]),
  levelAtLeast: (level) => has("level", LEVELS.slice(LEVELS.indexOf(level))),
  communities: (names, path) =>
    anyOn("community")(
      names.map((name, at) => readCommunity(name, [...path, at])),
      path,
    ),
  offersFollowUp: (offers) => has("followUp", [String(offers)]),
  coFacilitates: (does) => has("coFacilitates", [String(does)]),
  available: (wanted) =>
    has(
      "availability",
      AVAILABILITIES.filter((one) => (one === "ACCEPTING") === wanted),
    ),
  cost: anyOn("cost"),
  unknown: untold({
    SPECIALTY: "specialty",
    REGION: "region",
    LANGUAGE: "language",
    FORMATS: "format",
    DELIVERY: "delivery",
    LEVEL: "level",
    COMMUNITIES: "community",
    OFFERS_FOLLOW_UP: "followUp",
    CO_FACILITATES: "coFacilitates",
    AVAILABLE: "availability",
    COST: "cost",
    VERIFIED: "verified",
  } satisfies Record<PractitionerField, Axis>),
};

const organizationParts: Readers<OrganizationFields> = {
  ...listedParts,
  roles: anyOn("role"),
  acceptsUrgentRequests: (accepts) => has("urgent", [String(accepts)]),
  unknown: untold({
    SPECIALTY: "specialty",
    REGION: "region",
    LANGUAGE: "language",
    ROLES: "role",
    ACCEPTS_URGENT_REQUESTS: "urgent",
    VERIFIED: "verified",
  } satisfies Record<OrganizationField, Axis>),
};

const resourceParts: Readers<ResourceFields> = {
  ...listedParts,
  kinds: anyOn("kind"),
  stages: anyOn("stage"),
  status: (status) => has("status", [status]),
  licenses: anyOn("license"),
  minutesAtMost: (most, path) => readMinutes(most, path),
  unknown: untold({
    SPECIALTY: "specialty",
    REGION: "region",
    LANGUAGE: "language",
    STAGES: "stage",
    LICENSE: "license",
    MINUTES: "minutes",
    VERIFIED: "verified",
  } satisfies Record<ResourceField, Axis>),
};

/** Reads one filter, and counts how much it asks. */
class Reader<F extends ListedFields> {
  #conditions = 0;

  constructor(
    readonly shared: Shared,
    readonly readers: Readers<F>,
  ) {}

  read(where: Filter<F>, path: Path = ["where"], depth = 1): readonly Part[] {
    if (depth > DEEPEST) {
      throw tooComplex(
        `and, or and not can be nested ${DEEPEST} levels deep at most, the filter itself included.`,
        path,
      );
    }
    return [...this.#fields(where, path), ...this.#combined(where, path, depth)];
  }

  #fields(where: Filter<F>, path: Path): readonly Part[] {
    const fields = Object.keys(this.readers) as (keyof F & string)[];
    return fields.flatMap((field) => {
      const value = where[field];
      if (value === null || value === undefined) return [];
      // The reader of a field takes the values of that field, which TypeScript cannot follow through a loop.
      const reader = this.readers[field] as FieldReader<unknown>;
      const condition = reader(value, [...path, field], this.shared);
      this.#count(condition, path);
      return [{ field, condition }];
    });
  }

  #combined(where: Filter<F>, path: Path, depth: number): readonly Part[] {
    const { and, or, not } = where;
    const parts: Part[] = [];
    if (and)
      parts.push({ field: "and", condition: { kind: "and", all: this.#each(and, [...path, "and"], depth) } });
    if (or)
      parts.push({ field: "or", condition: { kind: "or", any: this.#each(or, [...path, "or"], depth) } });
    if (not)
      parts.push({ field: "not", condition: { kind: "not", of: this.#whole(not, [...path, "not"], depth) } });
    return parts;
  }

  #each(list: readonly Filter<F>[], path: Path, depth: number): readonly Condition[] {
    if (list.length === 0) throw badInput("An empty list asks for nothing; leave the field out.", path);
    return list.map((one, at) => this.#whole(one, [...path, at], depth));
  }

  #whole(where: Filter<F>, path: Path, depth: number): Condition {
    const parts = this.read(where, path, depth + 1);
    if (parts.length === 0)
      throw badInput("An empty filter asks for nothing; name a field, or leave it out.", path);
    return { kind: "and", all: parts.map(({ condition }) => condition) };
  }

  #count(condition: Condition, path: Path): void {
    this.#conditions += conditionsIn(condition);
    if (this.#conditions <= MOST_CONDITIONS) return;
    throw tooComplex(
      `A filter can hold ${MOST_CONDITIONS} conditions at most, each code counted as one.`,
      path,
    );
  }
}

function conditionsIn(condition: Condition): number {
  switch (condition.kind) {
    case "and":
      return condition.all.reduce((sum, one) => sum + conditionsIn(one), 0);
    case "or":
      return condition.any.reduce((sum, one) => sum + conditionsIn(one), 0);
    case "not":
      return conditionsIn(condition.of);
    case "has":
    case "within":
    case "untold":
      return 1;
    default:
      return condition satisfies never;
  }
}

function tooComplex(message: string, path: Path): DirectoryError {
  return new DirectoryError("TOO_COMPLEX", message, path);
}

// ── fields ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function has(axis: IndexAxis, codes: readonly string[]): Condition {
  return { kind: "has", axis, codes, coarser: [], judged: null };
}

function anyOn(axis: IndexAxis): (codes: readonly string[], path: Path) => Condition {
  return (codes, path) => has(axis, notEmpty(codes, path));
}

function notEmpty<T>(list: readonly T[], path: Path): readonly T[] {
  if (list.length > 0) return list;
  throw badInput("An empty list matches nobody; name at least one, or leave the field out.", path);
}

function untold<F extends string>(axes: Readonly<Record<F, Axis>>): FieldReader<readonly F[]> {
  return (fields, path) => ({ kind: "untold", axes: notEmpty(fields, path).map((field) => axes[field]) });
}

type Codes = Asked<{ readonly anyOf: readonly string[]; readonly allOf: readonly string[] }>;

/** All of `allOf` and one of `anyOf`; with neither, `whoever` when something else is asked. */
function readCodes(
  match: Codes,
  path: Path,
  read: (text: string, path: Path) => Condition,
  whoever: Condition | null,
): Condition {
  const listed = (list: readonly string[], name: string): Condition[] =>
    notEmpty(list, [...path, name]).map((text, at) => read(text, [...path, name, at]));
  const any = match.anyOf ? listed(match.anyOf, "anyOf") : null;
  const all = match.allOf ? listed(match.allOf, "allOf") : [];
  const parts: readonly Condition[] = [...all, ...(any === null ? [] : [oneOf(any)])];
  if (parts.length > 0) return parts.length === 1 && parts[0] ? parts[0] : { kind: "and", all: parts };
  if (whoever !== null) return whoever;
  throw badInput("This asks for nothing; name codes in anyOf or allOf.", path);
}

function oneOf(any: readonly Condition[]): Condition {
  return any.length === 1 && any[0] ? any[0] : { kind: "or", any };
}

function readSpecialty(match: SpecialtyMatch, path: Path, { vocabulary }: Shared): Condition {
  const depth = match.depthAtLeast ? DEPTHS.indexOf(match.depthAtLeast) + 1 : 0;
  const judged = depth === 0 ? null : judgedByDepth(depth);
  const held = (code: string): Condition => hasMarked("specialty", [code], judged);
  return readCodes(
    match,
    path,
    (text, at) => held(vocabulary.specialties.parse(text, at)),
    judged === null ? null : held(TOLD),
  );
}

function hasMarked(axis: IndexAxis, codes: readonly string[], judged: Judged | null): Condition {
  return { kind: "has", axis, codes, coarser: [], judged };
}

function readLanguage(match: LanguageMatch, path: Path): Condition {
  const level = match.atLeast ? PROFICIENCIES.indexOf(match.atLeast) + 1 : 0;
  const use = match.use ? 1 << LANGUAGE_USES.indexOf(match.use) : 0;
  const judged = level === 0 && use === 0 ? null : judgedByLanguage(level | (use << 3));
  return readCodes(
    match,
    path,
    (text, at) => hasMarked("language", [parseLanguage(text, at)], judged),
    judged === null ? null : hasMarked("language", [TOLD], judged),
  );
}

function readRegion(match: RegionMatch, path: Path, shared: Shared): Condition {
  const relation = match.relation ? notEmpty(match.relation, [...path, "relation"]) : null;
  const relations = relation === null ? SERVING : relation.reduce((bits, one) => bits | workMark(one), 0);
  const related = (region: RegionCode): Condition => {
    const either = [
      ...((relations & SERVING) === 0
        ? []
        : [serves(region, relations & SERVING, match.orPartOf ?? false, shared)]),
      ...((relations & BASED) === 0 ? [] : [isBasedIn(region, shared)]),
    ];
    return oneOf(either);
  };
  const whoever = relation === null ? null : hasMarked("region", [TOLD], judgedByRelation(relations));
  return readCodes(match, path, (text, at) => related(shared.vocabulary.regions.parse(text, at)), whoever);
}

const BASED = workMark("BASED_IN");

/** Who serves the region, or one that contains it; with `orPartOf` also who serves only some of it. */
function serves(
  region: RegionCode,
  relations: number,
  orPartOf: boolean,
  { vocabulary, atlas }: Shared,
): Condition {
  const codes = orPartOf ? atlas.overlapping(region) : vocabulary.regions.withSurrounding(region);
  return hasMarked("region", codes, judgedByRelation(relations));
}

/** Who is based in the region or inside it. Of a base told more coarsely, nobody knows. */
function isBasedIn(region: RegionCode, { vocabulary, atlas }: Shared): Condition {
  const inside = vocabulary.regions.withInside(region);
  const within = new Set(inside);
  const coarser = atlas.overlapping(region).filter((code) => !within.has(code));
  return { kind: "has", axis: "region", codes: inside, coarser, judged: judgedByRelation(BASED) };
}

function readCommunity(text: string, path: Path): string {
  const code = text.trim().toUpperCase();
  if (COMMUNITIES.some((one) => one === code)) return code;
  throw badInput(`There is no such community; there is ${COMMUNITIES.join(", ")}.`, path);
}

const DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

function readSince(day: string, path: Path): Condition {
  if (!DAY.test(day)) throw badInput("A day is written like 2026-11-21.", path);
  return { kind: "within", axis: "verified", within: (code) => code >= day };
}

function readMinutes(most: number, path: Path): Condition {
  if (!Number.isFinite(most) || most < 0) throw badInput("Minutes are a number from 0 up.", path);
  return { kind: "within", axis: "minutes", within: (code) => isDone(code, most) };
}

/** "120+" is open-ended: too long for an hour, and nobody knows whether it is done in three. */
function isDone(code: string, most: number): Within {
  const minutes = Number.parseInt(code, 10);
  if (!code.endsWith("+")) return minutes <= most;
  return minutes > most ? false : null;
}
