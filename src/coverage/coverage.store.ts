import { dayOf, monthsAfter } from "../clock.js";
import { OperatorError } from "../errors.js";
import type { Home } from "../listing/home.js";
import { countOwnPeople, languagesOfOwn, readOwnTags, type OwnTags } from "../listing/listing.store.js";
import { countedAnswers } from "../practitioners/counted.store.js";
import { readRows, type Database, type Reader, type Transaction } from "../storage/database.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { bandAt, letterOf, rankAt, veilFrom, type Told } from "./band.js";
import { ALL, Cells, Cube, cellsOfResource, presenceOf } from "./cube.js";
import { weekOf, type Demand, type UnmetNeed } from "./demand.js";
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
import { Published, mergedIn, rowOf, type Epoch, type PublishedRow } from "./published.js";
import { Turns } from "./turns.js";

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
    if (last === null && (await countOwnPeople(tx, parts.home.network)) < enough) return null;
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

async function publishEpoch(tx: Transaction, parts: CoverageParts, last: string | null): Promise<string> {
  const { home, vocabulary, terms } = parts;
  const turns = new Turns();
  const answers = await countedAnswers(tx);
  // Whose language comes in between this and the next line is counted under all languages until the next epoch.
  const cube = new Cube(vocabulary, terms.depth, await languagesOfOwn(tx, home.network));
  const rows = readOwnTags(tx, home.network, answers.yes);
  const { numbers, resources } = await countAll(cube, rows, new Set(answers.no), turns);
  countNeeds(cube, numbers, await takeNeeds(tx, parts));
  const day = dayOf(home.clock());
  const { some, many } = terms.edges;
  await tx.query(replaceEpoch, [day, dueAfter(day, terms), terms.depth, some, many, terms.merged]);
  const merged = mergedIn(vocabulary, terms.merged);
  const counted = { cube, numbers, resources, veil: veilsOf(home, cube), merged, turns };
  for (const specialty of cube.specialties.keys()) {
    const before = await takeTold(tx, cube, cube.specialties[specialty] ?? ALL);
    await tellSpecialty(tx, parts, counted, specialty, last === null ? null : before);
  }
  await tx.query("delete from base.coverage_told as told where told.specialty <> all ($1)", [
    cube.specialties,
  ]);
  return day;
}

type Counted = {
  readonly cube: Cube;
  readonly numbers: Numbers;
  readonly resources: Cells;
  readonly veil: Veil;
  /** Regions where nobody and a few are one. */
  readonly merged: ReadonlySet<string>;
  readonly turns: Turns;
};

type AllTold = Readonly<Record<Measure, ToldCells>>;

/** What is told of one specialty, region by region. A wide cube is never in memory as a whole but for its counts. */
async function tellSpecialty(
  tx: Transaction,
  { terms }: CoverageParts,
  { cube, numbers, resources, veil, merged, turns }: Counted,
  specialty: number,
  before: ToldBefore | null,
): Promise<void> {
  const told: ToldRow[] = [];
  const published: PublishedRow[] = [];
  for (const [at, region] of cube.regions.entries()) {
    const row = cube.row(specialty, at);
    const tell = (measure: Measure) =>
      tellCells(
        measure,
        before && (before.get(`${measure} ${region}`) ?? new Map()),
        numbers[measure].within(row),
        terms.edges,
        veil,
      );
    const here = Object.fromEntries(MEASURES.map((measure) => [measure, tell(measure)])) as AllTold;
    const cells = publish(here, resources.within(row), terms.edges, () => merged.has(region));
    told.push(...MEASURES.flatMap((measure) => toldRowOf(cube, measure, here[measure]) ?? []));
    published.push(...[rowOf(cube, cells)].filter((one) => one !== null));
    await turns.next();
  }
  await tx.query(insertTold, columnsOf(told, TOLD_COLUMNS));
  await tx.query(insertCells, columnsOf(published, CELL_COLUMNS));
}

/** Who said no is counted nowhere; who said yes also where only members see them. */
async function countAll(
  cube: Cube,
  rows: AsyncIterable<OwnTags>,
  no: ReadonlySet<string>,
  turns: Turns,
): Promise<{ readonly numbers: Numbers; readonly resources: Cells }> {
  const numbers = noNumbers();
  const resources = new Cells();
  const presence = (tags: string | null) => (tags === null ? null : presenceOf(cube, tags));
  for await (const { kind, id, everybody, members } of rows) {
    await turns.next();
    if (kind === "practitioner") {
      if (!no.has(id)) countPerson(numbers, presence(everybody), presence(members));
    } else if (everybody !== null) {
      for (const cell of cellsOfResource(cube, everybody)) resources.add(cell, 1);
    }
  }
  return { numbers, resources };
}

/** A need counts for its cell and for all that is broader. */
function countNeeds(cube: Cube, { needs }: Numbers, unmet: readonly UnmetNeed[]): void {
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

/** What was told of a specialty, by measure and region; it is there no longer. */
async function takeTold(tx: Transaction, cube: Cube, specialty: string): Promise<ToldBefore> {
  const [rows] = await tx.query<[ToldRow[]]>(takeToldOf, [specialty]);
  return new Map(rows.map((row) => [`${row.measure} ${row.region}`, toldIn(cube, row)]));
}

type ToldBefore = ReadonlyMap<string, ToldCells>;

/** What is told of a specialty in a region: languages and counts with spaces between them, and a letter for each band. */
type ToldRow = Readonly<Record<(typeof TOLD_COLUMNS)[number], string>>;

const TOLD_COLUMNS = ["measure", "specialty", "region", "languages", "counts", "bands"] as const;
const CELL_COLUMNS = ["specialty", "region", "languages", "there", "afar", "resources", "needs"] as const;

function toldIn(cube: Cube, { specialty, region, languages, counts, bands }: ToldRow): ToldCells {
  const numbers = counts.split(" ").map(Number);
  const told = new Map<number, Told>();
  languages.split(" ").forEach((language, at) => {
    const cell = cube.at({ specialty, region, language });
    if (cell !== null) told.set(cell, { count: numbers[at] ?? 0, band: bandAt(rankAt(bands, at)) });
  });
  return told;
}

function toldRowOf(cube: Cube, measure: Measure, told: ToldCells): ToldRow | null {
  const cells = [...told.keys()].map((number) => cube.cell(number));
  const [first] = cells;
  if (first === undefined) return null;
  const all = [...told.values()];
  return {
    measure,
    specialty: first.specialty,
    region: first.region,
    languages: cells.map(({ language }) => language).join(" "),
    counts: all.map(({ count }) => count).join(" "),
    bands: all.map(({ band }) => letterOf(band)).join(""),
  };
}

function columnsOf<Row extends object>(rows: readonly Row[], names: readonly (keyof Row)[]) {
  return names.map((name) => rows.map((row) => row[name]));
}

// ── needs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Writes down what was counted since the last time, how many and nothing of whom, and forgets what is too old to be told of. */
export async function writeNeeds(parts: CoverageParts, demand: Demand): Promise<void> {
  const taken = demand.take();
  const columns = columnsOf(taken, ["week", "specialty", "region", "language", "count"]);
  await parts.database.transaction(async (tx) => {
    if (taken.length > 0) await tx.query(addNeeds, columns);
    await forgetNeeds(tx, parts);
  });
}

/** An epoch tells of them once. */
async function takeNeeds(tx: Transaction, parts: CoverageParts): Promise<readonly UnmetNeed[]> {
  await forgetNeeds(tx, parts);
  const needs = await tx.query<UnmetNeed[]>(selectNeeds);
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
  #reading: { readonly edition: string; readonly published: Promise<Published> } | null = null;

  constructor(
    readonly read: Reader,
    readonly vocabulary: Vocabulary,
  ) {}

  /** Null before the first. */
  async current(): Promise<Published | null> {
    const [epoch] = await readRows<EpochRow>(this.read, selectEpoch, [], "coverage epoch");
    if (epoch === undefined) return null;
    if (this.#kept?.epoch.edition === epoch.edition) return this.#kept;
    // What is being read may be the epoch before.
    if (this.#reading?.edition !== epoch.edition)
      this.#reading = { edition: epoch.edition, published: this.#take(epoch) };
    return this.#reading.published.catch((error: unknown) => {
      this.#reading = null;
      throw error;
    });
  }

  /** One specialty at a time, as no statement may take long; anew when another epoch was published meanwhile. */
  async #take({ some, many, ...row }: EpochRow): Promise<Published> {
    const epoch: Epoch = { ...row, edges: { some, many } };
    const rows: PublishedRow[] = [];
    for (const specialty of new Cube(this.vocabulary, epoch.depth).specialties)
      rows.push(...(await readRows<PublishedRow>(this.read, selectCells, [specialty])));
    const [now] = await readRows<EpochRow>(this.read, selectEpoch, [], "coverage epoch");
    if (now !== undefined && now.edition !== epoch.edition) return this.#take(now);
    const turns = new Turns();
    const languages = new Set(rows.flatMap((row) => row.languages.split(" ")));
    const published = new Published(this.vocabulary, epoch, languages);
    for (const row of rows) {
      published.take(row);
      await turns.next();
    }
    return (this.#kept = published);
  }
}

type EpochRow = Omit<Epoch, "edges"> & { readonly some: number; readonly many: number };

const selectEpoch = `
  select epoch.edition::text, epoch.day::text, epoch.next::text, epoch.depth, epoch.some_from as some,
    epoch.many_from as many, epoch.merged
  from seen.coverage_epoch as epoch`;

const selectCells = `
  select cell.specialty, cell.region, cell.languages, cell.there, cell.afar, cell.resources, cell.needs
  from seen.coverage_cell as cell
  where cell.specialty = $1`;

/** Only the last is kept: who comes later learns from one epoch. Its cells go with the one before. */
const replaceEpoch = `
  with gone as (delete from seen.coverage_epoch returning 1),
    emptied as (delete from seen.coverage_cell)
  insert into seen.coverage_epoch (day, next, depth, some_from, many_from, merged)
  values ($1, $2, $3, $4, $5, $6)`;

const insertCells = `
  insert into seen.coverage_cell (specialty, region, languages, there, afar, resources, needs)
  select cell.specialty, cell.region, cell.languages, cell.there, cell.afar, cell.resources, cell.needs
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    as cell (specialty, region, languages, there, afar, resources, needs)`;

const takeToldOf = `
  delete from base.coverage_told as told
  where told.specialty = $1
  returning told.measure, told.specialty, told.region, told.languages, told.counts, told.bands`;

const insertTold = `
  insert into base.coverage_told (measure, specialty, region, languages, counts, bands)
  select told.measure, told.specialty, told.region, told.languages, told.counts, told.bands
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    as told (measure, specialty, region, languages, counts, bands)`;

const addNeeds = `
  insert into base.unmet_need as held (week, specialty, region, language, count)
  select need.week, need.specialty, need.region, need.language, need.count
  from unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::integer[])
    as need (week, specialty, region, language, count)
  on conflict (week, specialty, region, language) do update set count = held.count + excluded.count`;

const selectNeeds = `
  select need.week::text, need.specialty, need.region, need.language, need.count
  from base.unmet_need as need`;
