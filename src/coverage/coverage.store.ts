import { dayOf, monthsAfter } from "../clock.js";
import { OperatorError } from "../errors.js";
import type { Home } from "../listing/home.js";
import { readOwnTags, type OwnTags } from "../listing/listing.store.js";
import type { Band } from "../practitioners/practitioner.js";
import { countedAnswers } from "../practitioners/counted.store.js";
import { readRows, type Database, type Reader, type Transaction } from "../storage/database.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { veilFrom } from "./band.js";
import { ALL, Cells, Cube, cellsOfResource, presenceOf } from "./cube.js";
import { weekOf, type Demand, type Unmet } from "./demand.js";
import {
  MEASURES,
  countPerson,
  dueAfter,
  noNumbers,
  publish,
  tellCells,
  type CoverageTerms,
  type Measure,
  type Numbers,
  type ToldCells,
  type Veil,
} from "./epoch.js";
import { Published, mergedIn, type Epoch, type PublishedCell } from "./published.js";

/** What publishing works with. */
export type CoverageParts = {
  readonly database: Database;
  readonly home: Home;
  readonly vocabulary: Vocabulary;
  readonly terms: CoverageTerms;
};

/** So many in public listings make the first epoch worth publishing without being asked for. */
const ENOUGH = 20;

/** Publishes the epoch that is due; null when none is. The first waits until there are `enough` to tell of. */
export async function publishWhenDue(parts: CoverageParts, enough = ENOUGH): Promise<string | null> {
  return parts.database.transaction(async (tx) => {
    const last = await lastEpoch(tx);
    if (last !== null && !isDue(parts, last)) return null;
    if (last === null && (await publicPeople(tx, parts)) < enough) return null;
    return publishEpoch(tx, parts, last);
  });
}

/** Publishes an epoch now; refused while the last is younger than the terms say, because two of them tell more than one. */
export async function publishNow(parts: CoverageParts): Promise<string> {
  return parts.database.transaction(async (tx) => {
    const last = await lastEpoch(tx);
    if (last !== null && !isDue(parts, last))
      throw new OperatorError(
        `The epoch of ${last} stands; the next may be published from ${dueAfter(last, parts.terms)} on (COVERAGE_EVERY).`,
      );
    return publishEpoch(tx, parts, last);
  });
}

function isDue({ home, terms }: CoverageParts, last: string): boolean {
  return dueAfter(last, terms) <= dayOf(home.clock());
}

/** Held until the transaction ends, so that two processes publish one epoch. */
async function lastEpoch(tx: Transaction): Promise<string | null> {
  await tx.query("select pg_advisory_xact_lock(hashtext('cadre coverage'))");
  const [row] = await tx.query<{ day: string }[]>("select epoch.day::text from seen.coverage_epoch as epoch");
  return row?.day ?? null;
}

async function publicPeople(tx: Transaction, { home }: CoverageParts): Promise<number> {
  const rows = await readOwnTags(tx, home.network, []);
  return rows.filter(({ kind }) => kind === "practitioner").length;
}

async function publishEpoch(tx: Transaction, parts: CoverageParts, last: string | null): Promise<string> {
  const { home, vocabulary, terms } = parts;
  const answers = await countedAnswers(tx);
  const rows = await readOwnTags(tx, home.network, answers.yes);
  const cube = new Cube(vocabulary, terms.depth, languagesInUse(rows));
  const { numbers, resources } = countAll(cube, rows, new Set(answers.no));
  countNeeds(cube, numbers, await takeNeeds(tx, parts));
  const before = last === null ? null : await readTold(tx, cube);
  const veil = veilsOf(home, cube);
  const tell = (measure: Measure) =>
    tellCells(measure, before?.[measure] ?? null, numbers[measure], terms.edges, veil);
  const told = Object.fromEntries(MEASURES.map((measure) => [measure, tell(measure)])) as AllTold;
  const merged = mergedIn(vocabulary, terms.merged);
  const isMerged = (cell: number) => merged.has(cube.cell(cell).region);
  const cells = publish(told, resources, terms.edges, isMerged);
  await writeTold(tx, cube, told);
  const day = dayOf(home.clock());
  await tx.query(replaceEpoch, [
    day,
    dueAfter(day, terms),
    terms.depth,
    terms.edges.some,
    terms.edges.many,
    terms.merged,
  ]);
  await writeCells(
    tx,
    [...cells].map(([number, bands]) => ({ ...cube.cell(number), ...bands })),
  );
  return day;
}

type AllTold = Readonly<Record<Measure, ToldCells>>;

/** A language that anybody may find somebody or something by. */
function languagesInUse(rows: readonly OwnTags[]): readonly string[] {
  const tags = rows.filter(({ audience }) => audience === "PUBLIC").flatMap(({ tags }) => tags.split(" "));
  return [...new Set(tags.filter((tag) => tag.startsWith("language:")).map(languageIn))];
}

function languageIn(tag: string): string {
  return tag.slice("language:".length).split("=")[0] ?? "";
}

/** Who said no is counted nowhere; who said yes also where only members see them. */
function countAll(
  cube: Cube,
  rows: readonly OwnTags[],
  no: ReadonlySet<string>,
): { readonly numbers: Numbers; readonly resources: Cells } {
  const numbers = noNumbers();
  const resources = new Cells();
  const unseen = new Map(rows.filter(({ audience }) => audience === "MEMBERS").map((row) => [row.id, row]));
  for (const row of rows) {
    if (row.audience !== "PUBLIC") continue;
    if (row.kind === "resource") for (const cell of cellsOfResource(cube, row)) resources.add(cell, 1);
    if (row.kind !== "practitioner" || no.has(row.id)) continue;
    const also = unseen.get(row.id);
    unseen.delete(row.id);
    countPerson(numbers, presenceOf(cube, row), also === undefined ? null : presenceOf(cube, also));
  }
  for (const row of unseen.values()) countPerson(numbers, null, presenceOf(cube, row));
  return { numbers, resources };
}

/** A need counts for its cell and for all that is broader. */
function countNeeds(cube: Cube, { needs }: Numbers, unmet: readonly Unmet[]): void {
  for (const { specialty, region, language, count } of unmet) {
    const regions = region === ALL ? [0] : cube.regionsOf([region]).filter((at) => isArea(cube, at, region));
    const cells = cube
      .specialtiesOf([specialty])
      .flatMap((s) => regions.flatMap((r) => cube.languagesOf([language]).map((l) => cube.number(s, r, l))));
    for (const cell of cells) needs.add(cell, count);
  }
}

/** An area and those around it: what was sought in an area was not sought in each of its countries. */
function isArea(cube: Cube, at: number, region: string): boolean {
  const code = cube.regions[at] ?? ALL;
  const { regions } = cube.vocabulary;
  return code === ALL || (regions.has(region) && regions.withSurrounding(region).some((one) => one === code));
}

function veilsOf({ seals }: Home, cube: Cube): Veil {
  const key = seals.key("coverage");
  return (measure, number) => {
    const { specialty, region, language } = cube.cell(number);
    return veilFrom(key.mac("veil", measure, specialty, region, language));
  };
}

// ── what is told, and the counts it was told of ─────────────────────────────────────────────────────────────────────

async function readTold(tx: Transaction, cube: Cube): Promise<AllTold> {
  const told = Object.fromEntries(MEASURES.map((measure) => [measure, new Map()])) as Record<
    Measure,
    Map<number, { count: number; band: Band }>
  >;
  const rows = await tx.query<ToldRow[]>(selectTold);
  for (const { measure, count, band, ...cell } of rows) {
    const at = cube.at(cell);
    if (at !== null) told[measure].set(at, { count, band });
  }
  return told;
}

type ToldRow = {
  readonly measure: Measure;
  readonly specialty: string;
  readonly region: string;
  readonly language: string;
  readonly count: number;
  readonly band: Band;
};

async function writeTold(tx: Transaction, cube: Cube, told: AllTold): Promise<void> {
  await tx.query("delete from base.coverage_told");
  const rows = MEASURES.flatMap((measure) =>
    [...told[measure]].map(([number, { count, band }]) => [measure, number, count, band] as const),
  );
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    const some = rows.slice(from, from + AT_ONCE);
    const cells = some.map(([, number]) => cube.cell(number));
    await tx.query(insertTold, [
      some.map(([measure]) => measure),
      ...columnsOf(cells),
      some.map(([, , count]) => count),
      some.map(([, , , band]) => band),
    ]);
  }
}

async function writeCells(tx: Transaction, cells: readonly PublishedCell[]): Promise<void> {
  for (let from = 0; from < cells.length; from += AT_ONCE) {
    const some = cells.slice(from, from + AT_ONCE);
    await tx.query(insertCells, [
      ...columnsOf(some),
      some.map(({ there }) => there),
      some.map(({ afar }) => afar),
      some.map(({ resources }) => resources),
      some.map(({ needs }) => needs),
    ]);
  }
}

function columnsOf(cells: readonly { specialty: string; region: string; language: string }[]) {
  return [
    cells.map(({ specialty }) => specialty),
    cells.map(({ region }) => region),
    cells.map(({ language }) => language),
  ];
}

/** So many rows are written by one statement. */
const AT_ONCE = 20_000;

// ── needs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Writes down what was counted since the last time, how many and nothing of whom, and forgets what is too old to be told of. */
export async function writeNeeds(parts: CoverageParts, demand: Demand): Promise<void> {
  const taken = demand.take();
  const columns = [taken.map(({ week }) => week), ...columnsOf(taken), taken.map(({ count }) => count)];
  await parts.database.transaction(async (tx) => {
    if (taken.length > 0) await tx.query(addNeeds, columns);
    await forgetNeeds(tx, parts);
  });
}

/** An epoch tells of them once. */
async function takeNeeds(tx: Transaction, parts: CoverageParts): Promise<readonly Unmet[]> {
  await forgetNeeds(tx, parts);
  const needs = await tx.query<Unmet[]>(selectNeeds);
  await tx.query("delete from base.unmet_need");
  return needs;
}

async function forgetNeeds(tx: Transaction, { home, terms }: CoverageParts): Promise<void> {
  const since = weekOf(monthsAfter(dayOf(home.clock()), -terms.every));
  await tx.query("delete from base.unmet_need as need where need.week < $1", [since]);
}

// ── what everybody reads ────────────────────────────────────────────────────────────────────────────────────────────

/** The epoch that stands, kept in memory until another is published. */
export class Epochs {
  #kept: Published | null = null;
  #reading: Promise<Published> | null = null;

  constructor(
    readonly read: Reader,
    readonly vocabulary: Vocabulary,
  ) {}

  /** Null before the first. */
  async current(): Promise<Published | null> {
    const [epoch] = await readRows<EpochRow>(this.read, selectEpoch, [], "coverage epoch");
    if (epoch === undefined) return null;
    if (this.#kept?.epoch.edition === epoch.edition) return this.#kept;
    this.#reading ??= this.#take(epoch).finally(() => (this.#reading = null));
    return this.#reading;
  }

  /** One specialty at a time, as no statement may take long; anew when another epoch was published meanwhile. */
  async #take({ some, many, ...row }: EpochRow): Promise<Published> {
    const epoch: Epoch = { ...row, edges: { some, many } };
    const pages: (readonly PublishedCell[])[] = [];
    for (const specialty of new Cube(this.vocabulary, epoch.depth).specialties)
      pages.push(await readRows<PublishedCell>(this.read, selectCells, [specialty]));
    const [now] = await readRows<EpochRow>(this.read, selectEpoch, [], "coverage epoch");
    if (now !== undefined && now.edition !== epoch.edition) return this.#take(now);
    return (this.#kept = new Published(this.vocabulary, epoch, pages.flat()));
  }
}

type EpochRow = Omit<Epoch, "edges"> & { readonly some: number; readonly many: number };

const selectEpoch = `
  select epoch.edition::text, epoch.day::text, epoch.next::text, epoch.depth, epoch.some_from as some,
    epoch.many_from as many, epoch.merged
  from seen.coverage_epoch as epoch`;

const selectCells = `
  select cell.specialty, cell.region, cell.language, cell.there, cell.afar, cell.resources, cell.needs
  from seen.coverage_cell as cell
  where cell.specialty = $1`;

/** Only the last is kept: who comes later learns from one epoch. Its cells go with the one before. */
const replaceEpoch = `
  with gone as (delete from seen.coverage_epoch returning 1),
    emptied as (delete from seen.coverage_cell)
  insert into seen.coverage_epoch (day, next, depth, some_from, many_from, merged)
  values ($1, $2, $3, $4, $5, $6)`;

const insertCells = `
  insert into seen.coverage_cell (specialty, region, language, there, afar, resources, needs)
  select cell.specialty, cell.region, cell.language, cell.there, cell.afar, cell.resources, cell.needs
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    as cell (specialty, region, language, there, afar, resources, needs)`;

const selectTold = `
  select told.measure, told.specialty, told.region, told.language, told.count, told.band
  from base.coverage_told as told`;

const insertTold = `
  insert into base.coverage_told (measure, specialty, region, language, count, band)
  select told.measure, told.specialty, told.region, told.language, told.count, told.band
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[])
    as told (measure, specialty, region, language, count, band)`;

const addNeeds = `
  insert into base.unmet_need as held (week, specialty, region, language, count)
  select need.week, need.specialty, need.region, need.language, need.count
  from unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::integer[])
    as need (week, specialty, region, language, count)
  on conflict (week, specialty, region, language) do update set count = held.count + excluded.count`;

const selectNeeds = `
  select need.week::text, need.specialty, need.region, need.language, need.count
  from base.unmet_need as need`;
