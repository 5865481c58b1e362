import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { DirectoryError } from "../src/errors.js";
import { saveListings } from "../src/listing/listing.store.js";
import { ownNetwork } from "../src/listing/network.store.js";
import type { WorkRelation } from "../src/listing/tag.js";
import { openLog } from "../src/log.js";
import { listingsOf, type PractitionerFacts } from "../src/practitioners/practitioner.js";
import { newPerson } from "../src/practitioners/profile.js";
import { find, type Found, type Query } from "../src/search/find.js";
import { Indexes } from "../src/search/indexes.js";
import type { PractitionerWhere } from "../src/search/where.js";
import { openDatabase, type Database } from "../src/storage/database.js";
import { Key } from "../src/storage/seal.js";
import type { Audience, ListedAudience } from "../src/visibility/audience.js";
import type { Fact } from "../src/visibility/project.js";
import { readVocabulary } from "../src/vocabulary/vocabulary.js";
import { cloneDatabase, type TestDatabase } from "./database.js";
import { seeing } from "./home.js";

const vocabulary = readVocabulary();
const log = openLog("silent");
const contacts = Key.random();

let home: TestDatabase;
let database: Database;
let indexes: Indexes;
let network: string;

beforeEach(async () => {
  home = await cloneDatabase();
  database = await openDatabase(home.url, [], log);
  const own = { name: "Red Ceiba", url: null, regions: [] };
  network = await database.transaction((tx) => ownNetwork(tx, own));
  indexes = await Indexes.load(database, vocabulary, Key.random(), log);
});

afterEach(async () => {
  await indexes.stop();
  await database.close();
  await home.drop();
});

// ── what serves what ────────────────────────────────────────────────────────────────────────────────────────────────

test("a person who serves Latin America serves Guatemala", async () => {
  await list({ Ana: serves("419") });
  expect(foundBy({ region: { anyOf: ["GT"] } })).toEqual(["Ana"]);
  expect(foundBy({ region: { anyOf: ["GT-16"] } })).toEqual(["Ana"]);
});

test("a person who serves only Guatemala does not serve Latin America, unless a part is enough", async () => {
  await list({ Ana: serves("GT") });
  expect(foundBy({ region: { anyOf: ["419"] } })).toEqual([]);
  expect(foundBy({ region: { anyOf: ["419"], orPartOf: true } })).toEqual(["Ana"]);
});

test("who is based in Guatemala is based in Latin America; where somebody of Latin America is based exactly, nobody knows", async () => {
  await list({
    Ana: serves("GT", "BASED_IN"),
    Bea: serves("419", "BASED_IN"),
    Eva: serves("KE", "BASED_IN"),
  });
  const based = (region: string): PractitionerWhere => ({
    region: { anyOf: [region], relation: ["BASED_IN"] },
  });
  expect(foundBy(based("419"))).toEqual(["Ana", "Bea"]);
  expect(foundBy(based("GT"))).toEqual(["Ana"]);
  expect(foundBy({ not: based("GT") })).toEqual(["Eva"]);
  expect(foundBy({ region: { anyOf: ["GT"] } })).toEqual([]);
});

test("a narrower specialty counts for every broader one, and not the other way", async () => {
  const [narrow, broad] = anyNarrower();
  await list({ Ana: skilled(narrow, "EXPERT"), Bea: skilled(broad, null) });
  expect(foundBy({ specialty: { anyOf: [broad] } })).toEqual(["Ana", "Bea"]);
  expect(foundBy({ specialty: { anyOf: [narrow] } })).toEqual(["Ana"]);
  expect(foundBy({ specialty: { anyOf: [broad], depthAtLeast: "PRACTISED" } })).toEqual(["Ana"]);
});

test("es matches es-MX, and ku is not ckb", async () => {
  await list({ Ana: speaks("es-MX"), Bea: speaks("ckb") });
  expect(foundBy({ language: { anyOf: ["es"] } })).toEqual(["Ana"]);
  expect(foundBy({ language: { anyOf: ["ku"] } })).toEqual([]);
});

test("the level and the use must be met by one and the same language", async () => {
  await list({
    Ana: {
      languages: [
        shown({ language: "es", level: "NATIVE", use: ["WRITE"] }),
        shown({ language: "es-MX", level: "BASIC", use: ["INTERPRET"] }),
      ],
    },
  });
  expect(foundBy({ language: { anyOf: ["es"], atLeast: "FLUENT", use: "WRITE" } })).toEqual(["Ana"]);
  expect(foundBy({ language: { anyOf: ["es"], atLeast: "FLUENT", use: "INTERPRET" } })).toEqual([]);
});

test("not never matches a person who does not say, unless it asks for them", async () => {
  await list({ Ana: { level: shown("TRAINER") }, Bea: { level: shown("MULTIPLIER") }, Eva: {} });
  const trainers: PractitionerWhere = { levelAtLeast: "TRAINER" };
  expect(foundBy({ not: trainers })).toEqual(["Bea"]);
  expect(foundBy({ not: { not: trainers } })).toEqual(["Ana"]);
  expect(foundBy({ or: [{ not: trainers }, { unknown: ["LEVEL"] }] })).toEqual(["Bea", "Eva"]);
});

test("not never matches a person who hides it from the one who asks", async () => {
  await list({ Ana: { level: shown("MULTIPLIER", "MEMBERS") } });
  expect(foundBy({ not: { levelAtLeast: "TRAINER" } }, "PUBLIC")).toEqual([]);
  expect(foundBy({ unknown: ["LEVEL"] }, "PUBLIC")).toEqual(["Ana"]);
  expect(foundBy({ not: { levelAtLeast: "TRAINER" } }, "MEMBERS")).toEqual(["Ana"]);
});

// ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────

test("Thai, Khmer and Chinese texts are found by their words", async () => {
  await list({
    Ana: about("ฝึกอบรมความปลอดภัยดิจิทัลสำหรับนักข่าว"),
    Bea: about("ការបណ្តុះបណ្តាលសុវត្ថិភាពសម្រាប់អ្នកកាសែត"),
    Eva: about("为记者提供安全培训"),
  });
  expect(searched("ปลอดภัย")).toEqual(["Ana"]);
  expect(searched("សុវត្ថិភាព")).toEqual(["Bea"]);
  expect(searched("培训")).toEqual(["Eva"]);
  expect(searched("ความปลอดภัย")).toEqual(["Ana"]);
  expect(searched("安全培训")).toEqual(["Eva"]);
  expect(searched("培训记")).toEqual(["Eva"]);
  expect(searched("安全法")).toEqual([]);
});

test("names of regions, languages and specialties find people in the languages of the pages", async () => {
  await list({ Ana: serves("019"), Bea: speaks("ar"), Eva: skilled("psychosocial", null) });
  expect(searched("Guatemala")).toEqual(["Ana"]);
  expect(searched("árabe")).toEqual(["Bea"]);
  expect(searched("арабский")).toEqual(["Bea"]);
  const russian = vocabulary.specialties.name(vocabulary.specialties.parse("psychosocial"), "ru");
  expect(searched(russian.split(/[\s-]/)[0] ?? "")).toEqual(["Eva"]);
});

test("case and accents do not matter, all words must be there, and the last one may be unfinished", async () => {
  await list({ "Álvaro Paz": about("Acompaña a periodistas"), "Álvaro Sol": about("Acompaña a abogadas") });
  expect(searched("alvaro PERIODISTAS")).toEqual(["Álvaro Paz"]);
  expect(searched("álvaro aboga")).toEqual(["Álvaro Sol"]);
  expect(searched("aboga álvaro")).toEqual([]);
  expect(searched("   ")).toEqual(["Álvaro Paz", "Álvaro Sol"]);
});

test("one typo is forgiven in words of five letters or more, in names of places too", async () => {
  await list({ Ximena: serves("GT"), Iris: about("cifrado") });
  for (const typo of ["Ximeena", "Ximea", "Xinena", "iXmena", "Ximnea"])
    expect(searched(typo)).toEqual(["Ximena"]);
  expect(searched("Guatemlaa")).toEqual(["Ximena"]);
  expect(searched("cifrdao")).toEqual(["Iris"]);
  expect(searched("Irsi")).toEqual([]);
  expect(searched("Xinema")).toEqual([]);
});

test("a name counts for more than a text, and a whole word for more than its beginning", async () => {
  await list({ "Marta Luz": {}, Ana: about("luz"), Eva: about("luzerna") });
  expect(searched("luz", "RELEVANCE")).toEqual(["Marta Luz", "Ana", "Eva"]);
});

test("an alias told only to members cannot be searched by the public, whole, unfinished or misspelled", async () => {
  await list({ Ximena: { alias: shown("Ximena", "MEMBERS") } }, "PUBLIC");
  for (const word of ["Ximena", "Xime", "Ximeena"]) {
    expect(ids({ search: word }, "MEMBERS")).toHaveLength(1);
    expect(ids({ search: word }, "PUBLIC")).toEqual([]);
  }
});

test("a hidden word does not stop a typo from being forgiven", async () => {
  await list({ Rosalia: {}, Rosalba: { alias: shown("Rosalba", "MEMBERS") } });
  expect(searched("Rosalba")).toEqual(["Rosalba"]);
  expect(names(ask({ search: "Rosalja" }, "PUBLIC"))).toEqual(["Rosalia"]);
});

// ── order and pages ─────────────────────────────────────────────────────────────────────────────────────────────────

test("every order is total, and pages show everybody once", async () => {
  await list(
    Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`Ana ${n % 4} ${n}`, { verified: n % 3 }])),
  );
  for (const orderBy of ["RELEVANCE", "ALIAS", "RECENTLY_VERIFIED"] as const) {
    const whole = ids({ orderBy, first: 50, search: "ana" });
    const pages: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const page = ask({ orderBy, first: 7, after, search: "ana" });
      expect(page.hasPreviousPage).toBe(after !== null);
      expect(page.totalCount).toBe(40);
      pages.push(...page.ids);
      [after, more] = [page.cursors.at(-1) ?? null, page.hasNextPage];
    }
    expect(pages).toEqual(whole);
    expect(new Set(whole).size).toBe(40);
  }
});

test("a page goes on rightly when the person it ended with has gone and others have come", async () => {
  await list({ Ana: {}, Bea: {}, Eva: {}, Fay: {} });
  const page = ask({ orderBy: "ALIAS", first: 2 });
  expect(names(page)).toEqual(["Ana", "Bea"]);
  await withdraw("Bea");
  await list({ Abi: {}, Cleo: {} });
  expect(names(ask({ orderBy: "ALIAS", first: 2, after: page.cursors[1] ?? null }))).toEqual(["Cleo", "Eva"]);
});

test("by verification the latest come first and those never verified last", async () => {
  await list({ Ana: { verified: 0 }, Bea: { verified: 1 }, Eva: { verified: 2 } });
  expect(searched("", "RECENTLY_VERIFIED")).toEqual(["Eva", "Bea", "Ana"]);
});

test("a cursor made for one audience is refused for another, and so is one for another question, or of another's making", async () => {
  await list({ Ana: {}, Bea: {} });
  const after = ask({ first: 1 }).cursors[0] ?? null;
  expect(ask({ first: 1, after }).ids).toHaveLength(1);
  const other = new Indexes(database, vocabulary, Key.random(), log);
  const refused = [
    () => ask({ first: 1, after }, "MEMBERS"),
    () => ask({ first: 1, after, where: { levelAtLeast: "TRAINER" } }),
    () => ask({ first: 1, after, search: "ana" }),
    () => ask({ first: 1, after, orderBy: "ALIAS" }),
    () => ask({ first: 1, after: `${after}A` }),
    () => ask({ first: 1, after: "" }),
    () => ask({ first: 1, after: other.cursors.write("", { value: 0, id: randomUUID() }) }),
  ];
  for (const question of refused)
    expect(refusal(question)).toMatch(/^BAD_USER_INPUT after: .*start again without it/);
});

// ── counts and advice ───────────────────────────────────────────────────────────────────────────────────────────────

test("a facet counts a person once for every region they serve, however many ways lead there", async () => {
  await list({ Ana: { ...regions("419", "003") }, Bea: serves("MX"), Eva: serves("MX", "BASED_IN") });
  const { facets } = ask({});
  const counts = new Map(facets.regions("COUNTRY", 500).map(({ code, count }) => [code, count]));
  expect(counts.get("MX")).toBe(2);
  for (const [code, count] of counts)
    expect(ask({ where: { region: { anyOf: [code] } } }).totalCount).toBe(count);
});

test("advice says which single condition to relax, and how many that would bring", async () => {
  await list({
    Ana: { ...serves("GT"), ...speaks("es"), level: shown("TRAINER") },
    Bea: { ...serves("HN"), ...speaks("quc"), level: shown("TRAINER") },
  });
  const found = ask({ where: { region: { anyOf: ["GT"] }, language: { anyOf: ["quc"] } } });
  expect(found.totalCount).toBe(0);
  const advice = new Map(found.advice().map(({ relax, would }) => [relax, would]));
  expect(advice.get("Leave out the language")).toBe(1);
  expect(advice.get("Leave out the region")).toBe(1);
  expect(advice.get("Accept any part of Central America")).toBe(1);
  expect([...advice.values()].every((would) => would > 0)).toBe(true);
});

// ── what cannot be asked ────────────────────────────────────────────────────────────────────────────────────────────

test("what cannot be answered is refused with a sentence that names the place", async () => {
  const five = [1, 2, 3, 4].reduce<PractitionerWhere>((inner) => ({ not: inner }), {
    levelAtLeast: "TRAINER",
  });
  expect(foundBy(five)).toEqual([]);
  const refused: [PractitionerWhere, RegExp, readonly (string | number)[]][] = [
    [{ region: { anyOf: [] } }, /^BAD_USER_INPUT An empty list/, ["where", "region", "anyOf"]],
    [
      { region: { anyOf: ["GT", "ZZ"] } },
      /^BAD_USER_INPUT There is no region "ZZ"/,
      ["where", "region", "anyOf", 1],
    ],
    [{ region: {} }, /^BAD_USER_INPUT This asks for nothing/, ["where", "region"]],
    [{ and: [] }, /^BAD_USER_INPUT An empty list/, ["where", "and"]],
    [
      { or: [{ specialty: { allOf: ["nothing"] } }] },
      /^BAD_USER_INPUT There is no specialty/,
      ["where", "or", 0, "specialty", "allOf", 0],
    ],
    [{ not: five }, /^TOO_COMPLEX .*5 levels/, ["where", "not", "not", "not", "not", "not"]],
    [
      { region: { anyOf: Array.from({ length: 51 }, () => "GT") } },
      /^TOO_COMPLEX .*50 conditions/,
      ["where"],
    ],
  ];
  for (const [where, sentence, path] of refused) {
    expect(refusal(() => ask({ where }))).toMatch(sentence);
    expect(pathOf(() => ask({ where }))).toEqual(path);
  }
  expect(refusal(() => ask({ first: 51 }))).toMatch(/^BAD_USER_INPUT first may be at most 50/);
  expect(refusal(() => ask({ search: "a".repeat(201) }))).toMatch(/^BAD_USER_INPUT .*200 characters/);
  expect(refusal(() => ask({ search: "a b c d e f g h i j k" }))).toMatch(/^BAD_USER_INPUT .*10 words/);
});

test("before everything is read, a question is put off", () => {
  const early = new Indexes(database, vocabulary, Key.random(), log);
  expect(refusal(() => find(early, seeing("PUBLIC"), query({})))).toMatch(/^UNAVAILABLE /);
});

test("the public is answered first, and every audience soon after", async () => {
  const opened = await Indexes.open(database, vocabulary, Key.random(), log);
  const total = (audience: ListedAudience) => find(opened, seeing(audience), query({})).totalCount;
  expect(total("PUBLIC")).toBe(ask({}).totalCount);
  expect(refusal(() => find(opened, seeing("MEMBERS"), query({})))).toMatch(/^UNAVAILABLE /);
  await opened.catchUp();
  expect(total("MEMBERS")).toBe(ask({}, "MEMBERS").totalCount);
  await opened.stop();
});

// ── staying current ─────────────────────────────────────────────────────────────────────────────────────────────────

test("a write through one process is found through another within a second", async () => {
  indexes.follow();
  await sleep(100);
  await save({ Ana: {} });
  await within(1000, () => foundBy({}).length === 1);
});

test("and so it is when nothing can be heard", async () => {
  const deaf = await Indexes.load(
    { read: database.read, listen: () => Promise.reject(new Error("nothing can be heard")) },
    vocabulary,
    Key.random(),
    log,
  );
  deaf.follow();
  await save({ Ana: {} });
  await within(1000, () => find(deaf, seeing("PUBLIC"), query({})).totalCount === 1);
  await deaf.stop();
});

test("while the database is away the indexes answer from memory, and go on from where they were", async () => {
  await list({ Ana: {} });
  indexes.follow();
  await cutOff();
  expect(foundBy({})).toEqual(["Ana"]);
  await save({ Bea: {} });
  await within(2000, () => foundBy({}).length === 2);
});

test("what the change log tells is taken in, and nothing is read again for it", async () => {
  const said: unknown[] = [];
  const heard = Object.assign(openLog("silent"), { warn: (...words: unknown[]) => said.push(words) });
  const following = await Indexes.load(database, vocabulary, Key.random(), heard);
  for (const name of ["Ana", "Bea", "Eva"]) {
    await save({ [name]: {} });
    await following.catchUp();
  }
  await following.catchUp();
  expect(find(following, seeing("PUBLIC"), query({})).totalCount).toBe(3);
  expect(said).toEqual([]);
});

test("a database restored from a backup is read again from the start", async () => {
  await list({ Ana: {}, Bea: {} });
  indexes.follow();
  await owner("delete from seen.listing", "delete from seen.change", "update seen.clock set seq = 1");
  await within(5000, () => foundBy({}).length === 0);
});

test("a change log with a gap is not trusted: everything is read again", async () => {
  await list({ Ana: {} });
  await save({ Bea: {}, Eva: {} });
  await owner("delete from seen.change where seq = (select min(seq) + 3 from seen.change)");
  await indexes.catchUp();
  expect(foundBy({})).toEqual(["Ana", "Bea", "Eva"]);
});

test("cleaning up after many changes changes no answer, and no answer that is being given", async () => {
  await list(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`Ana ${n}`, serves("GT")])));
  const before = ask({ orderBy: "ALIAS", search: "ana", first: 50 });
  for (let round = 0; round < 12; round++) {
    await list(
      Object.fromEntries([...people.keys()].map((name) => [name, { ...serves("GT"), verified: round % 2 }])),
    );
  }
  const after = ask({ orderBy: "ALIAS", search: "ana", first: 50 });
  expect(after.ids).toEqual(before.ids);
  expect(before.facets.regions("COUNTRY")).toEqual([{ code: "GT", count: 30 }]);
  expect(after.facets.regions("COUNTRY")).toEqual([{ code: "GT", count: 30 }]);
});

test("what is linked to a record is told by id, to those who may see it", async () => {
  const organization = randomUUID();
  await list({ Ana: { organizations: [shown(organization, "MEMBERS")] } });
  expect(indexes.linked(seeing("MEMBERS"), "practitioner", "organization", organization)).toEqual([
    idOf("Ana"),
  ]);
  expect(indexes.linked(seeing("PUBLIC"), "practitioner", "organization", organization)).toEqual([]);
});

// ── verbs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

type Told = Partial<Omit<PractitionerFacts, "verified">> & { readonly verified?: number };

const people = new Map<string, string>();
beforeEach(() => people.clear());

/** Writes people by alias, seen by everyone unless a fact says otherwise, and lets the index take them in. */
async function list(told: Readonly<Record<string, Told>>, entry: Audience = "PUBLIC"): Promise<void> {
  await save(told, entry);
  await indexes.catchUp();
}

async function save(told: Readonly<Record<string, Told>>, entry: Audience = "PUBLIC"): Promise<void> {
  const records = Object.entries(told).map(([alias, { verified, ...facts }]) => {
    const id = people.get(alias) ?? randomUUID();
    people.set(alias, id);
    const day = verified ? `2026-0${verified}-01` : null;
    const person = {
      id,
      state: "LISTED",
      audience: entry,
      verified: day,
      facts: { ...silent(alias), ...facts },
    } as const;
    return { kind: "practitioner", id, listings: listingsOf(person, { network, contacts }) } as const;
  });
  await database.transaction((tx) => saveListings(tx, network, records));
}

async function withdraw(alias: string): Promise<void> {
  const record = { kind: "practitioner", id: idOf(alias), listings: [] } as const;
  await database.transaction((tx) => saveListings(tx, network, [record]));
  await indexes.catchUp();
}

function query(asked: Partial<Query>): Query {
  const plain = {
    kind: "practitioner",
    where: null,
    search: null,
    orderBy: "RELEVANCE",
    first: 20,
    after: null,
  };
  // Only practitioners are asked for here.
  return { ...plain, ...asked } as Query;
}

function ask(asked: Partial<Query>, audience: ListedAudience = "PUBLIC"): Found {
  return find(indexes, seeing(audience), query(asked));
}

function ids(asked: Partial<Query>, audience: ListedAudience = "PUBLIC"): readonly string[] {
  return ask(asked, audience).ids;
}

function names(found: Found): readonly string[] {
  return found.ids.map((id) => [...people].find(([, known]) => known === id)?.[0] ?? id);
}

function foundBy(where: PractitionerWhere, audience: ListedAudience = "PUBLIC"): readonly string[] {
  return names(ask({ where, orderBy: "ALIAS" }, audience));
}

function searched(search: string, orderBy: Query["orderBy"] = "ALIAS"): readonly string[] {
  return names(ask({ search, orderBy }, "MEMBERS"));
}

function idOf(alias: string): string {
  return people.get(alias) ?? "";
}

function refused(question: () => unknown): DirectoryError | null {
  try {
    question();
    return null;
  } catch (error) {
    return error instanceof DirectoryError ? error : null;
  }
}

function refusal(question: () => unknown): string {
  const error = refused(question);
  return `${error?.code} ${error?.message}`;
}

function pathOf(question: () => unknown): readonly (string | number)[] | undefined {
  return refused(question)?.path;
}

function shown<T>(value: T, audience: Audience = "PUBLIC"): Fact<T> {
  return { value, audience };
}

function serves(region: string, relation: WorkRelation = "WORKS_IN"): Told {
  return { regions: [shown({ region, relation })] };
}

function regions(...codes: readonly string[]): Told {
  return { regions: codes.map((region) => shown({ region, relation: "WORKS_IN" })) };
}

function speaks(language: string): Told {
  return { languages: [shown({ language, level: "FLUENT", use: ["FACILITATE"] })] };
}

function skilled(specialty: string, depth: "EXPERT" | null): Told {
  return { specialties: [shown({ specialty, depth })] };
}

function about(text: string): Told {
  return { about: shown({ und: text }) };
}

function anyNarrower(): [string, string] {
  const one = vocabulary.specialties.all.find(({ broader }) => broader !== null);
  return [one?.code ?? "", one?.broader ?? ""];
}

function silent(alias: string): PractitionerFacts {
  return { ...newPerson("").facts, alias: shown(alias) };
}

/** Ends every other connection to the database, as a restart of PostgreSQL would. */
async function cutOff(): Promise<void> {
  await owner(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  // Whoever writes was cut off as well, and finds that out by asking.
  const asked = () => database.transaction((tx) => tx.query("select 1"));
  for (
    let tries = 1;
    tries < 10 &&
    !(await asked().then(
      () => true,
      () => false,
    ));
    tries++
  )
    await sleep(20);
}

async function owner(...statements: readonly string[]): Promise<void> {
  const client = new Client(home.url);
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

async function within(milliseconds: number, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + milliseconds; Date.now() < end; await sleep(10)) if (holds()) return;
  throw new Error(`It did not come to be within ${milliseconds} ms.`);
}
