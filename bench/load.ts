import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Client } from "pg";
import type { Listed } from "../src/listing/home.js";
import { inLanguage, type ListedKind, type Listing } from "../src/listing/listing.js";
import { listingsOf as organizationListings } from "../src/organizations/organization.js";
import { listingsOf, type Practitioner } from "../src/practitioners/practitioner.js";
import { listingsOf as resourceListings } from "../src/resources/resource.js";
import type { Audience } from "../src/visibility/audience.js";
import type { Fact } from "../src/visibility/project.js";
import { languageName, withBroaderLanguages, type LanguageTag } from "../src/vocabulary/language.js";
import type { RegionCode } from "../src/vocabulary/region.js";
import { Atlas } from "../src/search/atlas.js";
import { words } from "../src/vocabulary/word.js";
import { Generator } from "./generate.js";
import { joinsIndexes, joinsSchema } from "./joins-schema.js";

/** What was generated: the same text means the same rows. */
export type Dataset = { readonly n: number; readonly seed: number; readonly digest: string };

type Cell = string | number | boolean | null | readonly string[];
const BATCH = 1000;
/** 0 is nobody but the person. */
const rank: Readonly<Record<Audience, number>> = { PRIVATE: 0, MEMBERS: 1, PARTNERS: 2, PUBLIC: 3 };

export function datasetOf(n: number, seed: number): Dataset {
  const sum = createHash("sha256");
  for (const file of ["generate", "random", "pseudo-text", "load", "joins-schema"]) {
    sum.update(readFileSync(new URL(`./${file}.js`, import.meta.url)));
  }
  return { n, seed, digest: sum.digest("hex").slice(0, 12) };
}

/** Whether the database holds just this already. One that holds other people's records is refused. */
export async function holds(client: Client, { n, seed, digest }: Dataset): Promise<boolean> {
  const { rows: made } = await client.query<{ made: boolean; listed: boolean }>(
    "select to_regclass('bench.dataset') is not null as made, exists (select from seen.listing) as listed",
  );
  if (made[0]?.made !== true) {
    if (made[0]?.listed === true)
      throw new Error("this database holds a directory; the bench needs one of its own");
    return false;
  }
  const { rows } = await client.query<Dataset>("select n, seed, digest from bench.dataset");
  return rows.some((row) => row.n === n && row.seed === seed && row.digest === digest);
}

/** Fills an empty database, or one that an earlier bench filled, with an invented directory. */
export async function load(
  client: Client,
  generator: Generator,
  dataset: Dataset,
  listed: Listed,
): Promise<void> {
  await client.query("set synchronous_commit = off");
  await client.query(joinsSchema);
  await client.query("truncate seen.listing, seen.change");
  await new Loader(client, generator, listed).run(dataset.n);
  for (const statement of joinsIndexes) await client.query(statement);
  await client.query(logChanges);
  await client.query("update seen.clock set seq = (select coalesce(max(change.seq), 0) from seen.change)");
  await client.query("vacuum analyze");
  await client.query("create table bench.dataset (n integer, seed integer, digest text)");
  await client.query("insert into bench.dataset values ($1, $2, $3)", [
    dataset.n,
    dataset.seed,
    dataset.digest,
  ]);
  await client.query("checkpoint");
}

class Loader {
  readonly #specialties = new Map<string, number>();
  readonly #regions = new Map<string, number>();
  readonly #languages = new Map<string, number>();

  constructor(
    readonly client: Client,
    readonly generator: Generator,
    readonly listed: Listed,
  ) {}

  async run(n: number): Promise<void> {
    await this.client.query("insert into bench.network select id, name from seen.network");
    await this.#saveSpecialties();
    await this.#saveRegions();
    await this.#saveLinked();
    for (let from = 0; from < n; from += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, n - from) }, (_, at) => from + at);
      await this.#savePeople(numbers.map((number) => this.generator.practitioner(number)));
    }
    await this.#saveLanguages();
  }

  async #saveSpecialties(): Promise<void> {
    const { specialties } = this.generator.vocabulary;
    for (const { code } of specialties.all) this.#specialties.set(code, this.#specialties.size);
    const rows = specialties.all.map(({ code }) => [this.#number(code), code, specialties.name(code, "en")]);
    const closure = specialties.all.flatMap(({ code }) =>
      specialties.withBroader(code).map((broader) => [this.#number(broader), this.#number(code)]),
    );
    await this.#insert("specialty", ["smallint", "text", "text"], rows);
    await this.#insert("specialty_closure", ["smallint", "smallint"], closure);
  }

  #number(specialty: string): number {
    return this.#specialties.get(specialty) ?? -1;
  }

  async #saveRegions(): Promise<void> {
    const { regions } = this.generator.vocabulary;
    for (const code of regions.all) this.#regions.set(code, this.#regions.size);
    const number = (code: string) => this.#regions.get(code) ?? -1;
    const isCountry = (code: RegionCode) => regions.kind(code) === "COUNTRY";
    const rows = regions.all.map((code) => [number(code), code, isCountry(code), regions.name(code, "en")]);
    const atlas = new Atlas(regions);
    const pairs = (of: (code: RegionCode) => readonly RegionCode[]) =>
      regions.all.flatMap((asked) => of(asked).map((code) => [number(asked), number(code)]));
    await this.#insert(
      "region_closure",
      ["integer", "integer"],
      pairs((code) => regions.withSurrounding(code)),
    );
    await this.#insert(
      "region_overlap",
      ["integer", "integer"],
      pairs((code) => atlas.overlapping(code)),
    );
    await this.#insert(
      "country_inside",
      ["integer", "integer"],
      pairs((code) => regions.withInside(code).filter(isCountry)),
    );
    await this.#insert("region", ["integer", "text", "boolean", "text"], rows);
  }

  /** The languages that anybody speaks, and those above them: known only when everybody has been written. */
  async #saveLanguages(): Promise<void> {
    const tags = [...this.#languages.keys()] as LanguageTag[];
    const closure = tags.flatMap((tag) =>
      withBroaderLanguages(tag).map((broader) => [this.#language(broader), this.#language(tag)]),
    );
    const rows = [...this.#languages].map(([tag, id]) => [id, tag, languageName(tag as LanguageTag, "en")]);
    await this.#insert("language", ["smallint", "text", "text"], rows);
    await this.#insert("language_closure", ["smallint", "smallint"], closure);
  }

  #language(tag: string): number {
    const known = this.#languages.get(tag);
    if (known !== undefined) return known;
    this.#languages.set(tag, this.#languages.size);
    return this.#languages.size - 1;
  }

  async #saveLinked(): Promise<void> {
    const organizations = this.generator.organizations();
    const resources = this.generator.resources();
    await this.#list("organization", organizations, (one) => organizationListings(one, this.listed));
    await this.#list("resource", resources, (one) => resourceListings(one, this.listed.network));
    await this.#insert(
      "organization",
      ["uuid", "smallint", "text"],
      organizations.map(({ id, audience, facts }) => [id, rank[audience], facts.name]),
    );
    await this.#insert(
      "resource",
      ["uuid", "smallint", "text"],
      resources.map(({ id, audience, facts }) => [id, rank[audience], inLanguage(facts.title, null) ?? ""]),
    );
  }

  async #list<T extends { readonly id: string }>(
    kind: ListedKind,
    records: readonly T[],
    list: (record: T) => readonly Listing[],
  ): Promise<void> {
    const rows = records.flatMap((record) =>
      list(record).map(({ audience, name, doc, tags, words: found }) => [
        audience,
        kind,
        record.id,
        this.listed.network,
        name,
        doc,
        tags,
        found,
        "2026-11-21",
      ]),
    );
    const types = ["text", "text", "uuid", "uuid", "text", "text", "text", "text", "date"];
    await insert(this.client, "seen.listing", types, rows);
  }

  async #savePeople(people: readonly Practitioner[]): Promise<void> {
    await this.#list("practitioner", people, (one) => listingsOf(one, this.listed));
    await this.#savePersons(people);
    const save = <T>(
      table: string,
      types: readonly string[],
      of: (person: Practitioner) => readonly Fact<T>[],
      cells: (value: T) => readonly Cell[],
    ) =>
      this.#insert(
        table,
        ["uuid", "smallint", "smallint", "smallint", ...types],
        people.flatMap((one) => rowsOf(one, of(one), cells)),
      );
    await save(
      "skill",
      ["smallint", "text"],
      ({ facts }) => facts.specialties,
      (skill) => [this.#number(skill.specialty), skill.depth],
    );
    await save(
      "language_skill",
      ["smallint", "text", "text[]"],
      ({ facts }) => facts.languages,
      (skill) => [this.#language(skill.language), skill.level, skill.use],
    );
    await save(
      "work_area",
      ["integer", "text"],
      ({ facts }) => facts.regions,
      (area) => [this.#regions.get(area.region) ?? -1, area.relation],
    );
    await save(
      "format",
      ["text"],
      ({ facts }) => facts.formats,
      (format) => [format],
    );
    await save(
      "delivery",
      ["text"],
      ({ facts }) => facts.delivery,
      (delivery) => [delivery],
    );
    await save(
      "organization_link",
      ["uuid"],
      ({ facts }) => facts.organizations,
      (id) => [id],
    );
    await save(
      "resource_link",
      ["uuid"],
      ({ facts }) => facts.resources,
      (id) => [id],
    );
    await this.#insert("words", ["uuid", "smallint", "smallint", "tsvector"], people.flatMap(wordsOf));
  }

  async #savePersons(people: readonly Practitioner[]): Promise<void> {
    const seenBy = (person: Practitioner, fact: Fact<unknown> | null) =>
      fact === null ? null : Math.min(rank[person.audience], rank[fact.audience]);
    const rows = people.map((one): readonly Cell[] => {
      const { alias, level, offersFollowUp, coFacilitates, cost } = one.facts;
      return [
        one.id,
        rank[one.audience],
        this.listed.network,
        one.verified,
        alias?.value ?? "",
        level?.value ?? null,
        seenBy(one, level),
        offersFollowUp?.value ?? null,
        seenBy(one, offersFollowUp),
        coFacilitates?.value ?? null,
        seenBy(one, coFacilitates),
        cost?.value ?? null,
        seenBy(one, cost),
      ];
    });
    const types = [
      "uuid",
      "smallint",
      "uuid",
      "date",
      "text",
      "text",
      "smallint",
      "boolean",
      "smallint",
      "boolean",
      "smallint",
      "text",
      "smallint",
    ];
    await this.#insert("practitioner", types, rows);
  }

  #insert(table: string, types: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void> {
    return insert(this.client, `bench.${table}`, types, rows);
  }
}

/** A row for each value that some audience sees, and from which audience to which. */
function rowsOf<T>(
  person: Practitioner,
  facts: readonly Fact<T>[],
  cells: (value: T) => readonly Cell[],
): (readonly Cell[])[] {
  return facts.flatMap((fact, position) => {
    const rungs = [fact, ...(fact.ladder ?? [])];
    const seen = rungs.map((rung) => Math.min(rank[person.audience], rank[rung.audience]));
    return rungs.flatMap((rung, at) => {
      const narrowest = at === 0 ? 1 : (seen[at - 1] ?? 0) + 1;
      const widest = seen[at] ?? 0;
      return narrowest > widest ? [] : [[person.id, position, widest, narrowest, ...cells(rung.value)]];
    });
  });
}

/** The words of the alias, and for those who see it those of the text too. */
function wordsOf(person: Practitioner): (readonly Cell[])[] {
  const { alias, about } = person.facts;
  const entry = rank[person.audience];
  const text = about === null ? 0 : Math.min(entry, rank[about.audience]);
  const names = words(alias?.value ?? "");
  const both = asVector(names, Object.values(about?.value ?? {}).flatMap(words));
  return [
    ...(text > 0 ? [[person.id, text, 1, both]] : []),
    ...(text < entry ? [[person.id, entry, text + 1, asVector(names, [])]] : []),
  ];
}

function asVector(names: readonly string[], texts: readonly string[]): string {
  const named = names.map((word, at) => `${word}:${at + 1}A`);
  return [...named, ...texts.map((word, at) => `${word}:${names.length + at + 1}`)].join(" ");
}

/** One array to a column; what is itself a list travels as PostgreSQL writes it. */
async function insert(
  client: Client,
  table: string,
  types: readonly string[],
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const columns = types.map((_, at) => rows.map((row) => asText(row[at] ?? null)));
  const arrays = types.map((_, at) => `$${at + 1}::text[]`).join(", ");
  const names = types.map((_, at) => `c${at}`);
  const casts = types.map((type, at) => `c${at}::${type}`).join(", ");
  await client.query(
    `insert into ${table} select ${casts} from unnest(${arrays}) as rows (${names.join(", ")})`,
    columns,
  );
}

function asText(cell: Cell): string | null {
  if (cell === null) return null;
  return typeof cell === "object" ? `{${cell.join(",")}}` : String(cell);
}

const logChanges = `
  insert into seen.change (seq, audience, kind, id, origin, day)
  select row_number() over (), listing.audience, listing.kind, listing.id, listing.origin, listing.changed
  from seen.listing`;
