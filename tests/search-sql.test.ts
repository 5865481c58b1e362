import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { saveListings } from "../src/listing/listing.store.js";
import {
  LISTED_KINDS,
  type LeasedRecord,
  type ListedKind,
  type ListedRecord,
} from "../src/listing/listing.js";
import { ownNetwork } from "../src/listing/network.store.js";
import { saveStanding } from "../src/listing/standing.store.js";
import type { Lease } from "../src/listing/standing.js";
import {
  DEPTHS,
  LANGUAGE_USES,
  PROFICIENCIES,
  WORK_RELATIONS,
  type WorkRelation,
} from "../src/listing/tag.js";
import { openLog } from "../src/log.js";
import * as organizations from "../src/organizations/organization.js";
import * as practitioners from "../src/practitioners/practitioner.js";
import * as resources from "../src/resources/resource.js";
import { find, type Count, type Query } from "../src/search/find.js";
import { Indexes } from "../src/search/indexes.js";
import {
  ORGANIZATION_FIELDS,
  PRACTITIONER_FIELDS,
  RESOURCE_FIELDS,
  type LanguageMatch,
  type OrganizationWhere,
  type PractitionerWhere,
  type RegionMatch,
  type ResourceWhere,
  type SpecialtyMatch,
} from "../src/search/where.js";
import { openDatabase, type Database } from "../src/storage/database.js";
import { Key } from "../src/storage/seal.js";
import { AUDIENCES, LISTED_AUDIENCES, type ListedAudience } from "../src/visibility/audience.js";
import type { Fact } from "../src/visibility/project.js";
import { readVocabulary } from "../src/vocabulary/vocabulary.js";
import { cloneDatabase, type TestDatabase } from "./database.js";
import { seeing } from "./home.js";

const PEOPLE = 420;
const BODIES = 90;
const FILTERS = 1100;
const AT_ONCE = 50;

const vocabulary = readVocabulary();
const random = dice(20261121);
const contacts = Key.random();
const DAY = 86_400_000;
/** It is this moment on the node, and days pass between the rounds. */
let now = Date.parse("2026-11-21T12:00:00Z");
/** A peer, one whose public listings alone may be shown, one that may not be shown at all, and one nobody has heard of. */
const peers = [randomUUID(), randomUUID(), randomUUID(), randomUUID()] as const;
let own: string;
const specialties = vocabulary.specialties.all.map(({ code }) => code).filter((_, at) => at % 3 === 0);
const someRegions = [
  "001",
  "019",
  "419",
  "013",
  "003",
  "002",
  "015",
  "GT",
  "MX",
  "HN",
  "EG",
  "TN",
  "GT-16",
  "MX-OAX",
];
const regions = [
  ...someRegions,
  ...vocabulary.regions.all.filter((code) => code.startsWith("x-")).slice(0, 4),
];
const tongues = ["es", "es-MX", "es-419", "en", "quc", "ku", "ckb", "zh", "zh-Hant", "yue", "fa-AF", "ar"];
const days = ["2026-01-05", "2026-03-31", "2026-07-01", "2026-11-20"];
const wholes = [randomUUID(), randomUUID()];

let home: TestDatabase;
let database: Database;
let sql: Client;
let indexes: Indexes;
type Kept = Lease & { readonly kind: ListedKind; readonly network: string };
const kept = new Map<string, Kept>();

beforeAll(async () => {
  home = await cloneDatabase();
  const log = openLog("silent");
  database = await openDatabase(home.url, [], log);
  sql = new Client(home.url);
  await sql.connect();
  // One statement asks hundreds of filters: compiling it would take longer than everything else, and cannot be interrupted.
  await sql.query("set jit = off");
  await sql.query(tellVocabulary());
  own = await database.transaction((tx) => ownNetwork(tx, { name: "Red Ceiba", url: null, regions: [] }));
  await sql.query("insert into seen.network (id, name) select unnest($1::uuid[]), 'Peer'", [
    peers.slice(0, 3),
  ]);
  for (let n = 0; n < PEOPLE; n++) kept.set(randomUUID(), anyKept("practitioner"));
  for (let n = 0; n < BODIES; n++) kept.set(randomUUID(), anyKept("organization"));
  for (let n = 0; n < BODIES; n++) kept.set(randomUUID(), anyKept("resource"));
  await write([...kept.keys()]);
  await hear();
  indexes = await Indexes.load(database, vocabulary, Key.random(), log, () => new Date(now));
}, 60_000);

afterAll(async () => {
  await sql?.end();
  await database?.close();
  await home?.drop();
});

test("the index answers as plain SQL does, for any filter and every audience", async () => {
  await compare(FILTERS * 3);
}, 120_000);

test("and still does after records have changed, come and gone many times, and leases have ended", async () => {
  for (let round = 0; round < 4; round++) {
    now += DAY;
    await compare(100);
    if (round % 2 === 1) await hear();
    const ids = [...kept.keys()].filter(() => random() < 0.4);
    const gone = ids.filter(() => random() < 0.15);
    await write(ids, gone);
    await indexes.catchUp();
    await compare(200);
    await write(gone);
    await indexes.catchUp();
  }
  await compare(200);
}, 120_000);

// ── comparing ───────────────────────────────────────────────────────────────────────────────────────────────────────

type Case = {
  readonly kind: ListedKind;
  readonly audience: ListedAudience;
  readonly where: AnyWhere;
  readonly facets: boolean;
};
type AnyWhere = PractitionerWhere & OrganizationWhere & ResourceWhere;

async function compare(count: number): Promise<void> {
  await sql.query(readDocs());
  let matched = 0;
  for (let done = 0; done < count; done += AT_ONCE) {
    const cases = Array.from({ length: AT_ONCE }, (_, n) => anyCase(n % 5 === 0));
    const expected = await askSql(cases);
    cases.forEach((one, at) => {
      const answer = { where: one.where, ...askIndex(one) };
      expect(answer).toEqual({ where: one.where, ...expected[at] });
      if (answer.ids.length > 0) matched++;
    });
  }
  // A generator that finds nobody would prove nothing.
  expect(matched).toBeGreaterThan(count / 3);
}

type Answer = { readonly ids: readonly string[]; readonly facets: Record<string, readonly Count[]> | null };

function askIndex({ kind, audience, where, facets }: Case): Answer {
  const ids: string[] = [];
  let after: string | null = null;
  for (;;) {
    // The filters of the three kinds are generated with the fields of their own kind only.
    const query = { kind, where, search: null, orderBy: "RELEVANCE", first: 50, after } as Query;
    const found = find(indexes, seeing(audience), query);
    ids.push(...found.ids);
    if (!found.hasNextPage) {
      expect(found.totalCount).toBe(ids.length);
      const { facets: counts } = found;
      const all = {
        specialties: counts.specialties(500),
        regions: counts.regions("COUNTRY", 500),
        languages: counts.languages(500),
      };
      return { ids: ids.sort(), facets: facets ? all : null };
    }
    after = found.cursors.at(-1) ?? null;
  }
}

async function askSql(cases: readonly Case[]): Promise<readonly Answer[]> {
  const asked = cases.map(({ kind, audience, where, facets }, at) => {
    const matches = `select r.id from record r where r.kind = '${kind}' and r.audience = '${audience}' and ${toSql(kind, where)}`;
    return `select ${at} as at, array(${matches})::text[] as ids, ${facets ? facetSql(audience, matches) : "null::jsonb"} as facets`;
  });
  const { rows } = await sql.query<{ at: number } & Answer>(`${asked.join(" union all ")} order by 1`);
  return rows.map(({ ids, facets }) => ({
    ids: [...ids].sort(),
    facets: facets && {
      specialties: inOrder(facets["specialties"]),
      regions: inOrder(facets["regions"]),
      languages: inOrder(facets["languages"]),
    },
  }));
}

function inOrder(counts: readonly Count[] | null | undefined): readonly Count[] {
  return [...(counts ?? [])].sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}

// ── the same in SQL: unknown is null, and SQL's and, or, not are those of Kleene ─────────────────────────────────────

function tellVocabulary(): string {
  const narrower = vocabulary.specialties.all.map(
    (one) => `(${text(one.code)}, ${one.broader ? text(one.broader) : "null"})`,
  );
  const contains = vocabulary.regions.all.flatMap((outer) =>
    vocabulary.regions.contains(outer).map((inner) => `(${text(outer)}, ${text(inner)})`),
  );
  const all = vocabulary.regions.all.map((code) => `(${text(code)}, ${text(vocabulary.regions.kind(code))})`);
  return `
    create temp table word (code text, broader text);
    insert into word values ${narrower.join(", ")};
    create temp table below as
      with recursive below (code, inner_code) as (
        select code, code from word
        union select below.code, word.code from below join word on word.broader = below.inner_code)
      select * from below;
    create temp table place (code text, kind text);
    insert into place values ${all.join(", ")};
    create temp table direct (outer_code text, inner_code text);
    insert into direct values ${contains.join(", ")};
    create temp table inside as
      with recursive inside (code, inner_code) as (
        select code, code from place
        union select inside.code, direct.inner_code from inside join direct on direct.outer_code = inside.inner_code)
      select * from inside;
    create index on inside (code, inner_code);
    create index on inside (inner_code, code);
    analyze inside; analyze below; analyze place`;
}

/** What is shown at this moment, by the rule as it is written down, and not as the product asks it. */
const readDocs = () => `
  drop table if exists record, skill, speaks, area, told;
  create temp table record as
    select audience, kind, id, origin, doc::jsonb as doc from seen.listing
    where origin = '${own}' or (
      origin in (select network.id from seen.network)
      and (origin, audience) in (
        select standing.origin, standing.audience from seen.standing
        where '${new Date(now).toISOString()}' < standing.head + make_interval(secs => listing.lease))
      and coalesce('${new Date(now).toISOString()}' < not_after, true));
  create temp table skill as
    select audience, id, coalesce(s ->> 'specialty', s #>> '{}') as code,
      array_position(array['INTRODUCTORY', 'PRACTISED', 'EXPERT'], s ->> 'depth') as depth
    from record, jsonb_array_elements(doc -> 'specialties') as s;
  create temp table speaks as
    select audience, id, coalesce(s ->> 'language', s #>> '{}') as tag,
      array_position(array['BASIC', 'WORKING', 'FLUENT', 'NATIVE'], s ->> 'level') as level,
      nullif(array(select jsonb_array_elements_text(case when kind = 'practitioner' then s -> 'use' else '[]' end)), '{}') as use
    from record, jsonb_array_elements(doc -> 'languages') as s;
  create temp table area as
    select audience, id, coalesce(s ->> 'region', s #>> '{}') as code, coalesce(s ->> 'relation', 'WORKS_IN') as relation
    from record, jsonb_array_elements(doc -> 'regions') as s;
  create index on skill (audience, id); create index on speaks (audience, id); create index on area (audience, id);
  analyze record; analyze skill; analyze speaks; analyze area`;

function facetSql(audience: string, matches: string): string {
  const count = (name: string, from: string): string =>
    `'${name}', (select jsonb_agg(jsonb_build_object('code', f.code, 'count', f.n)) from (${from}) f)`;
  const own = `audience = '${audience}' and s.id in (${matches})`;
  return `jsonb_build_object(
    ${count("specialties", `select b.code, count(distinct s.id) n from skill s join below b on b.inner_code = s.code where s.${own} group by 1`)},
    ${count(
      "regions",
      `select i.inner_code as code, count(distinct s.id) n from area s join inside i on i.code = s.code
       join place p on p.code = i.inner_code and p.kind = 'COUNTRY'
       where s.relation <> 'BASED_IN' and s.${own} group by 1`,
    )},
    ${count(
      "languages",
      `select array_to_string((string_to_array(s.tag, '-'))[1:n], '-') as code, count(distinct s.id) n
       from speaks s, generate_series(1, array_length(string_to_array(s.tag, '-'), 1)) as n
       where s.${own} group by 1`,
    )})`;
}

function toSql(kind: ListedKind, where: AnyWhere): string {
  const parts: string[] = [];
  const tells = (path: string, condition: string): string =>
    `(case when doc -> '${path}' is null or doc -> '${path}' in ('null', '[]') then null else ${condition} end)`;
  const is = (path: string, value: unknown): string =>
    tells(path, `doc -> '${path}' = ${text(JSON.stringify(value))}::jsonb`);
  const holdsAny = (path: string, values: readonly string[]): string =>
    tells(path, `doc -> '${path}' ?| ${texts(values)}`);
  const isAny = (path: string, values: readonly string[]): string =>
    tells(path, `doc ->> '${path}' = any (${texts(values)})`);
  if (where.specialty) parts.push(specialtySql(where.specialty));
  if (where.region) parts.push(regionSql(where.region));
  if (where.language) parts.push(languageSql(where.language));
  if (where.network) parts.push(`r.origin = ${text(where.network)}::uuid`);
  if (where.verifiedSince)
    parts.push(tells("verified", `doc ->> 'verified' >= ${text(where.verifiedSince)}`));
  if (where.formats) parts.push(holdsAny("formats", where.formats));
  if (where.delivery) parts.push(holdsAny("delivery", [where.delivery]));
  if (where.levelAtLeast) {
    parts.push(isAny("level", practitioners.LEVELS.slice(practitioners.LEVELS.indexOf(where.levelAtLeast))));
  }
  if (where.communities) parts.push(holdsAny("communities", where.communities));
  if (typeof where.offersFollowUp === "boolean") parts.push(is("offersFollowUp", where.offersFollowUp));
  if (typeof where.coFacilitates === "boolean") parts.push(is("coFacilitates", where.coFacilitates));
  if (typeof where.available === "boolean") {
    parts.push(tells("availability", `(doc #>> '{availability,status}' = 'ACCEPTING') = ${where.available}`));
  }
  if (where.cost) parts.push(isAny("cost", where.cost));
  if (where.roles) parts.push(holdsAny("roles", where.roles));
  if (typeof where.acceptsUrgentRequests === "boolean")
    parts.push(is("acceptsUrgentRequests", where.acceptsUrgentRequests));
  if (where.kinds) parts.push(isAny("kind", where.kinds));
  if (where.stages) parts.push(holdsAny("stages", where.stages));
  if (where.status) parts.push(is("status", where.status));
  if (where.licenses) parts.push(isAny("license", where.licenses));
  if (typeof where.minutesAtMost === "number") {
    parts.push(
      tells(
        "minutes",
        `case when doc #>> '{minutes,max}' is not null then (doc #>> '{minutes,max}')::int <= ${where.minutesAtMost}
           when (doc #>> '{minutes,min}')::int > ${where.minutesAtMost} then false end`,
      ),
    );
  }
  for (const field of where.unknown ?? []) {
    const path = FIELD_PATHS[field];
    parts.push(`(doc -> '${path}' is null or doc -> '${path}' in ('null', '[]'))`);
  }
  if (where.and)
    parts.push(
      joinSql(
        "and",
        where.and.map((one) => toSql(kind, one as AnyWhere)),
      ),
    );
  if (where.or)
    parts.push(
      joinSql(
        "or",
        where.or.map((one) => toSql(kind, one as AnyWhere)),
      ),
    );
  if (where.not) parts.push(`(not ${toSql(kind, where.not as AnyWhere)})`);
  return parts.length === 0 ? "true" : joinSql("and", parts);
}

const FIELD_PATHS: Readonly<Record<string, string>> = {
  SPECIALTY: "specialties",
  REGION: "regions",
  LANGUAGE: "languages",
  FORMATS: "formats",
  DELIVERY: "delivery",
  LEVEL: "level",
  COMMUNITIES: "communities",
  OFFERS_FOLLOW_UP: "offersFollowUp",
  CO_FACILITATES: "coFacilitates",
  AVAILABLE: "availability",
  COST: "cost",
  VERIFIED: "verified",
  ROLES: "roles",
  ACCEPTS_URGENT_REQUESTS: "acceptsUrgentRequests",
  STAGES: "stages",
  LICENSE: "license",
  MINUTES: "minutes",
};

type Codes = { readonly anyOf?: readonly string[] | null; readonly allOf?: readonly string[] | null };

function codesSql({ anyOf, allOf }: Codes, one: (code: string | null) => string): string {
  if (!anyOf && !allOf) return one(null);
  const any = anyOf ? [joinSql("or", anyOf.map(one))] : [];
  return joinSql("and", [...(allOf ?? []).map(one), ...any]);
}

/** true, false or unknown: of the rows that tell something, any that fits, else any that may fit, else none; null without rows. */
function anyRow(table: string, telling: string, fits: string): string {
  return `(select case when count(*) = 0 then null when bool_or(${fits}) then true
      when bool_or((${fits}) is null) then null else false end
    from ${table} s where s.audience = r.audience and s.id = r.id and ${telling})`;
}

function specialtySql({ depthAtLeast, ...codes }: SpecialtyMatch): string {
  const deep = depthAtLeast ? `s.depth >= ${DEPTHS.indexOf(depthAtLeast) + 1}` : "true";
  const held = (code: string | null): string =>
    code === null ? "true" : `s.code in (select inner_code from below where code = ${text(code)})`;
  return codesSql(codes, (code) => anyRow("skill", "true", `${held(code)} and ${deep}`));
}

function languageSql({ atLeast, use, ...codes }: LanguageMatch): string {
  const level = atLeast ? `s.level >= ${PROFICIENCIES.indexOf(atLeast) + 1}` : "true";
  const used = use ? `${text(use)} = any (s.use)` : "true";
  const spoken = (tag: string | null): string =>
    tag === null ? "true" : `(s.tag = ${text(tag)} or s.tag like ${text(`${tag}-%`)})`;
  return codesSql(codes, (tag) => anyRow("speaks", "true", `${spoken(tag)} and ${level} and ${used}`));
}

function regionSql({ relation, orPartOf, ...codes }: RegionMatch): string {
  const asked: readonly WorkRelation[] = relation ?? ["WORKS_IN", "TRAVELS_TO", "REMOTE_TO"];
  const serving = asked.filter((one) => one !== "BASED_IN");
  const contains = (outer: string, inner: string): string =>
    `exists (select from inside i where i.code = ${outer} and i.inner_code = ${inner})`;
  const share = (code: string): string =>
    `exists (select from inside a join inside b on b.inner_code = a.inner_code where a.code = s.code and b.code = ${text(code)})`;
  return codesSql(codes, (code) => {
    if (code === null) return anyRow("area", `s.relation = any (${texts(asked)})`, "true");
    const serves = orPartOf ? share(code) : contains("s.code", text(code));
    const based = `case when ${contains(text(code), "s.code")} then true when ${share(code)} then null else false end`;
    return joinSql("or", [
      ...(serving.length === 0 ? [] : [anyRow("area", `s.relation = any (${texts(serving)})`, serves)]),
      ...(asked.includes("BASED_IN") ? [anyRow("area", "s.relation = 'BASED_IN'", based)] : []),
    ]);
  });
}

function joinSql(how: "and" | "or", parts: readonly string[]): string {
  return `(${parts.join(` ${how} `)})`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function texts(values: readonly string[]): string {
  return `array[${values.map(text).join(", ")}]::text[]`;
}

// ── filters ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function anyCase(facets: boolean): Case {
  const kind = random() < 0.6 ? "practitioner" : pick(LISTED_KINDS);
  const where = anyFilter(kind, 1) as AnyWhere;
  return { kind, audience: pick(LISTED_AUDIENCES), where: random() < 0.02 ? {} : where, facets };
}

type Fields = Record<string, () => unknown>;

function anyFilter(kind: ListedKind, depth: number): Record<string, unknown> {
  const nested: Fields =
    depth > 3
      ? {}
      : {
          and: () => several([0, 1], 1).map(() => anyFilter(kind, depth + 1)),
          or: () => several([0, 1, 2], 1).map(() => anyFilter(kind, depth + 1)),
          not: () => anyFilter(kind, depth + 1),
        };
  const fields: Fields = { ...listedFields, ...FIELDS[kind], ...nested };
  const weighted = [
    ...Object.keys(fields),
    "specialty",
    "region",
    "language",
    ...Object.keys(nested),
    ...Object.keys(nested),
  ];
  const chosen = new Set([pick(weighted), ...(random() < 0.35 ? [pick(weighted)] : [])]);
  return Object.fromEntries([...chosen].map((field) => [field, fields[field]?.()]));
}

const listedFields: Fields = {
  specialty: () => anyMatch(specialties, { depthAtLeast: () => pick(DEPTHS) }),
  region: () =>
    anyMatch(
      regions,
      { relation: () => several(WORK_RELATIONS, 1), orPartOf: () => random() < 0.5 },
      "relation",
    ),
  language: () => anyMatch(tongues, { atLeast: () => pick(PROFICIENCIES), use: () => pick(LANGUAGE_USES) }),
  network: () => pick([own, ...peers]),
  verifiedSince: () => pick(days),
};

const FIELDS: Readonly<Record<ListedKind, Fields>> = {
  practitioner: {
    formats: () => several(practitioners.FORMATS, 1),
    delivery: () => pick(practitioners.DELIVERIES),
    levelAtLeast: () => pick(practitioners.LEVELS),
    communities: () => several(practitioners.COMMUNITIES, 1),
    offersFollowUp: () => random() < 0.5,
    coFacilitates: () => random() < 0.5,
    available: () => random() < 0.5,
    cost: () => several(practitioners.COSTS, 1),
    unknown: () => several(PRACTITIONER_FIELDS, 1).slice(0, 2),
  },
  organization: {
    roles: () => several(organizations.ORGANIZATION_ROLES, 1),
    acceptsUrgentRequests: () => random() < 0.5,
    unknown: () => several(ORGANIZATION_FIELDS, 1).slice(0, 2),
  },
  resource: {
    kinds: () => several(resources.RESOURCE_KINDS, 1),
    stages: () => several(resources.STAGES, 1),
    status: () => pick(resources.RESOURCE_STATUSES),
    licenses: () => several(["CC-BY-4.0", "CC0-1.0", "MIT"], 1),
    minutesAtMost: () => pick([0, 30, 90, 500]),
    unknown: () => several(RESOURCE_FIELDS, 1).slice(0, 2),
  },
};

/** Codes in anyOf, allOf or both, and perhaps more; without codes only when something else (`alone`) is asked. */
function anyMatch(codes: readonly string[], more: Fields, alone?: string): Record<string, unknown> {
  const asked = Object.fromEntries(
    Object.entries(more)
      .filter(() => random() < 0.4)
      .map(([key, make]) => [key, make()]),
  );
  const may = alone === undefined ? Object.keys(asked).length > 0 : alone in asked;
  const roll = random();
  if (roll < 0.1 && may) return asked;
  if (roll < 0.6) return { ...asked, anyOf: several(codes, 1).slice(0, 3) };
  if (roll < 0.85) return { ...asked, allOf: several(codes, 1).slice(0, 2) };
  return { ...asked, anyOf: [pick(codes), pick(codes)], allOf: [pick(codes)] };
}

// ── records ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function write(ids: readonly string[], gone: readonly string[] = []): Promise<void> {
  for (const network of [own, ...peers]) {
    const theirs = [...kept].filter(([id, one]) => one.network === network && ids.includes(id));
    const records = theirs.map(([id, { kind, lease, notAfter }]): ListedRecord | LeasedRecord => {
      const record = { kind, id, listings: gone.includes(id) ? [] : listings(kind, id, network) };
      return network === own ? record : { ...record, lease, notAfter };
    });
    await database.transaction((tx) => saveListings(tx, network, records));
  }
}

/** Peers are heard from: one of them for all, one for the public alone. */
async function hear(): Promise<void> {
  const head = new Date(now - DAY / 2);
  await database.transaction(async (tx) => {
    await saveStanding(tx, peers[0], { PUBLIC: head, PARTNERS: head, MEMBERS: head });
    await saveStanding(tx, peers[1], { PUBLIC: head, PARTNERS: null, MEMBERS: null });
    await saveStanding(tx, peers[3], { PUBLIC: head, PARTNERS: head, MEMBERS: head });
  });
}

function anyKept(kind: ListedKind): Kept {
  const network = pick([own, own, own, ...peers]);
  const notAfter = random() < 0.8 ? null : new Date(now + Math.floor(random() * 5 * DAY));
  return { kind, network, lease: pick([1, 2, 3]) * (DAY / 1000), notAfter };
}

function listings(kind: ListedKind, id: string, network: string): ListedRecord["listings"] {
  if (kind === "organization") return organizations.listingsOf(anyOrganization(id), { network, contacts });
  if (kind === "resource") return resources.listingsOf(anyResource(id), network);
  return practitioners.listingsOf(anyPractitioner(id), { network, contacts });
}

function anyPractitioner(id: string): practitioners.Practitioner {
  const facts: practitioners.PractitionerFacts = {
    alias: { value: `${pick(["Ana", "Álvaro", "Zoë"])} ${id.slice(0, 2)}`, audience: "PUBLIC" },
    about: maybe(() => fact({ es: "Acompaña" })),
    pronouns: null,
    specialties: several(specialties, 0)
      .slice(0, 4)
      .map((specialty) => fact({ specialty, depth: maybe(() => pick(DEPTHS)) })),
    languages: several(tongues, 0)
      .slice(0, 3)
      .map((language) => fact({ language, level: pick(PROFICIENCIES), use: several(LANGUAGE_USES, 0) })),
    regions: several(regions, 0)
      .slice(0, 4)
      .map((region) => fact({ region, relation: pick(WORK_RELATIONS) })),
    formats: several(practitioners.FORMATS, 0).map(fact),
    delivery: several(practitioners.DELIVERIES, 0).map(fact),
    level: maybe(() => fact(pick(practitioners.LEVELS))),
    communities: several(practitioners.COMMUNITIES, 0).map(fact),
    offersFollowUp: maybe(() => fact(random() < 0.5)),
    coFacilitates: maybe(() => fact(random() < 0.5)),
    availability: maybe(() =>
      fact({ status: pick(practitioners.AVAILABILITIES), from: null, until: null, asOf: "2026-11-01" }),
    ),
    cost: maybe(() => fact(pick(practitioners.COSTS))),
    organizations: [],
    resources: [],
    seeks: [],
    vouches: null,
    contact: [],
    referable: null,
    sameAs: [],
    movedFrom: null,
  };
  return {
    id,
    state: "LISTED",
    audience: pick(AUDIENCES.slice(0, 3)),
    verified: maybe(() => pick(days)),
    facts,
  };
}

function anyOrganization(id: string): organizations.Organization {
  return {
    id,
    audience: pick(AUDIENCES),
    verified: maybe(() => pick(days)),
    facts: {
      name: `Red ${id.slice(0, 3)}`,
      summary: null,
      roles: several(organizations.ORGANIZATION_ROLES, 0),
      specialties: several(specialties, 0).slice(0, 3),
      languages: several(tongues, 0).slice(0, 2),
      regions: several(regions, 0).slice(0, 3),
      acceptsUrgentRequests: maybe(() => random() < 0.5),
      website: null,
      contact: [],
    },
  };
}

function anyResource(id: string): resources.Resource {
  return {
    id,
    audience: pick(AUDIENCES),
    verified: maybe(() => pick(days)),
    facts: {
      kind: pick(resources.RESOURCE_KINDS),
      title: { en: `Session ${id.slice(0, 3)}` },
      summary: null,
      url: null,
      authors: [],
      publisher: null,
      published: null,
      license: maybe(() => pick(["CC-BY-4.0", "CC0-1.0", "MIT"])),
      languages: several(tongues, 0)
        .slice(0, 3)
        .map((language) => ({ language, url: null, stale: false })),
      specialties: several(specialties, 0).slice(0, 3),
      regions: several(regions, 0).slice(0, 2),
      stages: several(resources.STAGES, 0),
      minutes: maybe(() => ({ min: pick([10, 30, 60]), max: maybe(() => pick([90, 400])) })),
      materials: [],
      prerequisites: [],
      partOf: several(wholes, 0),
      status: pick(resources.RESOURCE_STATUSES),
    },
  };
}

function fact<T>(value: T): Fact<T> {
  return { value, audience: pick(AUDIENCES) };
}

function maybe<T>(make: () => T): T | null {
  return random() < 0.6 ? make() : null;
}

function pick<T>(list: readonly T[]): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error("There is nothing to pick from.");
  return one;
}

/** Some of the list in random order, at least so many, few more often than many. */
function several<T>(list: readonly T[], least: number): T[] {
  const shuffled = list.map((value) => ({ value, key: random() })).sort((a, b) => a.key - b.key);
  const most = Math.min(list.length, 5);
  return shuffled
    .slice(0, Math.max(least, Math.floor(random() * random() * (most + 1))))
    .map(({ value }) => value);
}

/** The same throws every time (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
