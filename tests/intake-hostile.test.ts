import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { importFiles, type ImportRequest } from "../src/intake/import.js";
import { printReport, type Report } from "../src/intake/report.js";
import type { Home } from "../src/listing/home.js";
import { openLog } from "../src/log.js";
import { organizationTable } from "../src/organizations/organization.store.js";
import { eraseOf } from "../src/practitioners/profile.store.js";
import {
  consentTable,
  factTable,
  loadPractitioners,
  practitionerTable,
  savePractitioners,
  vouchTable,
} from "../src/practitioners/practitioner.store.js";
import type { Practitioner } from "../src/practitioners/practitioner.js";
import { resourceTable } from "../src/resources/resource.store.js";
import { openDatabase, type Database } from "../src/storage/database.js";
import { readVocabulary } from "../src/vocabulary/vocabulary.js";
import { cloneDatabase, type TestDatabase } from "./database.js";
import { PRACTITIONER_COLUMNS, remembered } from "./imported.js";
import { openHome } from "./home.js";

const vocabulary = readVocabulary();
const tables = [practitionerTable, factTable, vouchTable, consentTable, organizationTable, resourceTable];
const today = "2026-03-15";

let clone: TestDatabase;
let database: Database;
let home: Home;
let folder: string;

beforeEach(async () => {
  clone = await cloneDatabase();
  database = await openDatabase(clone.url, tables, openLog("silent"));
  home = await openHome(database);
  folder = mkdtempSync(join(tmpdir(), "cadre-hostile-"));
});
afterEach(async () => {
  await database.close();
  await clone.drop();
  rmSync(folder, { recursive: true });
});

// ── one person, one record ──────────────────────────────────────────────────────────────────────────────────────────

const ACCOUNT = "6f5f0a51-0000-4000-8000-0000000000c1";

/** Everybody who is in the directory is now this one account's: there is one. */
async function takenOver(): Promise<void> {
  await own(`insert into base.account (id, role, created) values ('${ACCOUNT}', 'PRACTITIONER', now())`);
  await own(`update base.practitioner set account = '${ACCOUNT}'`);
}

describe("who a handle stands for", () => {
  test.each(["W1", "ｗ１", "w\u200b1", "ẃ1"])(
    "who has withdrawn stays withdrawn when a file writes %j",
    async (handle) => {
      await take([{ handle: "w1" }]);
      await own("update base.practitioner set state = 'WITHDRAWN'");
      const report = await take([{ handle, display_name: "Willow Again" }]);
      expect(report.rows.map(({ sourceId, outcome }) => [sourceId, outcome])).toEqual([[handle, "changed"]]);
      expect(await states()).toEqual(["WITHDRAWN PUBLIC"]);
    },
  );

  test("who was erased is not brought back by another letter case", async () => {
    await take([{ handle: "w1" }]);
    await own("delete from base.practitioner");
    const report = await take([{ handle: "W1" }]);
    expect(told(report)).toEqual(["W1 refused erased-here"]);
    expect(await states()).toEqual([]);
  });

  test("who has erased their own entry is not brought back, and nothing of where it came from can be read", async () => {
    await take([{ handle: "w1" }]);
    await takenOver();
    await database.transaction((tx) => eraseOf(tx, home, ACCOUNT, "operator"));
    expect(told(await take([{ handle: "W1" }]))).toEqual(["W1 refused erased-here"]);
    expect(await states()).toEqual([]);
  });

  test("what somebody has taken over is theirs: no file changes it, nor takes their consent back", async () => {
    await take([{ handle: "w1" }]);
    await takenOver();
    const before = await states();
    const report = await take([{ handle: "w1", display_name: "Willow of the file", consent_given: "FALSE" }]);
    expect(told(report)).toEqual(["w1 refused owned-here"]);
    expect(await states()).toEqual(before);
    const rows = await database.write.query<object[]>("select fact.value from base.fact");
    expect(JSON.stringify(rows)).not.toContain("Willow of the file");
  });

  test("the database itself keeps one record for a handle, and takes no handle in clear", async () => {
    await take([{ handle: "w1" }]);
    const insert = (key: string) =>
      own(`insert into base.source (source, source_key, source_id, kind, id, original)
        values ('practitioners-csv', ${key}, 'W1', 'practitioner', gen_random_uuid(), '{}')`);
    await expect(insert("(select source.source_key from base.source)")).rejects.toThrow("source_pkey");
    await expect(insert("'w1'")).rejects.toThrow("source_key_mac");
    await expect(insert("''")).rejects.toThrow("source_key_mac");
  });

  test("a handle of invisible signs is none, and one that folds into a book is too long", async () => {
    const report = await take([{ handle: "\u200b\u200b" }, { handle: "\ufdfa".repeat(200) }]);
    expect(told(report).map((one) => one.split(" ").slice(1))).toEqual([
      ["refused", "no-id"],
      ["refused", "id-too-long"],
    ]);
  });
});

// ── consent ─────────────────────────────────────────────────────────────────────────────────────────────────────────

describe("a file that contradicts itself about consent", () => {
  test.each([
    ["visibility and consent", { visibility: "private", consent_given: "FALSE" }],
    ["consent alone", { consent_given: "FALSE" }],
    ["consent by silence", { consent_given: "" }],
    ["visibility alone", { visibility: "network" }],
    ["a wish nobody understands", { visibility: "maybe" }],
    ["a row without a name", { display_name: "", consent_given: "FALSE" }],
  ])("lists nobody: two rows of one handle that differ in %s", async (_, second) => {
    for (const rows of [
      [{ handle: "c1" }, { handle: "C1", ...second }],
      [{ handle: "c1", ...second }, { handle: "C1" }],
    ]) {
      const report = await take(rows, { dryRun: false });
      expect(await listed()).toEqual([]);
      expect(told(report)).toContainEqual(expect.stringMatching(/^c1 \w+ said-otherwise$/i));
    }
  });

  test("lists nobody: a second row of the handle that cannot be read", async () => {
    const report = await takeText(`${header()}\n${line({ handle: "c1" })}\nc1,Cut off\n`);
    expect(await listed()).toEqual([]);
    expect(told(report)).toContain("c1 created said-otherwise");
  });

  test("two rows that say the same of consent and differ elsewhere still are one listed person", async () => {
    await take([{ handle: "c1" }, { handle: "C1", level: "trainer" }]);
    expect(await listed()).toEqual(["MEMBERS", "PARTNERS", "PUBLIC"]);
  });

  test.each([
    ["consent_given", "TRUE", "FALSE"],
    ["consent_given", "FALSE", "TRUE"],
    ["visibility", "public", "private"],
    ["visibility", "private", "public"],
    ["visibility", "what", "public"],
  ])("lists nobody: the column %s is there twice and says %s, then %s", async (column, first, second) => {
    const report = await takeText(
      `${header()},${column}\n${line({ handle: "c1", [column]: first })},${second}\n`,
    );
    expect(await listed()).toEqual([]);
    expect(told(report)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^c1 created (contradicts-itself|unknown-visibility)$/)]),
    );
  });

  test("a column that is there twice and says the same in two words lists the person", async () => {
    await takeText(`${header()},consent_given\n${line({ handle: "c1", consent_given: "yes" })},TRUE\n`);
    expect(await listed()).toEqual(["MEMBERS", "PARTNERS", "PUBLIC"]);
  });
});

describe("consent that is taken back", () => {
  test("takes the person out of every listing, though a steward had listed them", async () => {
    await take([{ handle: "b1", visibility: "yes" }]);
    expect(await states()).toEqual(["AWAITING_REVIEW PRIVATE"]);
    await change((person) => ({
      ...person,
      state: "LISTED",
      audience: "PUBLIC",
      facts: {
        ...person.facts,
        alias: { value: "Bay", audience: "PUBLIC", ladder: [{ value: "B", audience: "PUBLIC" }] },
      },
    }));
    expect(await listed()).toEqual(["MEMBERS", "PARTNERS", "PUBLIC"]);
    const report = await take([{ handle: "b1", visibility: "yes", consent_given: "FALSE" }]);
    expect(told(report)).toContain("b1 changed consent-taken-back");
    expect(await states()).toEqual(["AWAITING_REVIEW MEMBERS"]);
    expect(await listed()).toEqual([]);
    expect(await ask("select from base.consent")).toEqual([]);
    expect(await ask("select from base.fact where fact.audience in ('PUBLIC', 'PARTNERS')")).toEqual([]);
    expect(await ask("select from base.fact where fact.ladder <> '[]'")).toEqual([]);
  });

  test("is asked once: who is listed again after a person has looked stays listed", async () => {
    await take([{ handle: "b1" }]);
    await take([{ handle: "b1", consent_given: "FALSE" }]);
    await change((person) => ({ ...person, state: "LISTED" }));
    const report = await take([{ handle: "b1", consent_given: "FALSE" }]);
    expect(report.counts).toMatchObject({ unchanged: 1 });
    expect(await listed()).toEqual(["MEMBERS"]);
  });

  test("leaves who is suspended suspended", async () => {
    await take([{ handle: "b1" }]);
    await change((person) => ({ ...person, state: "SUSPENDED" }));
    await take([{ handle: "b1", consent_given: "FALSE" }]);
    expect(await states()).toEqual(["SUSPENDED MEMBERS"]);
  });

  test("by the person here is not given anew by a file", async () => {
    await take([{ handle: "b1" }]);
    await change((person) => ({ ...person, state: "WITHDRAWN" }));
    await own("delete from base.consent");
    await take([{ handle: "b1", display_name: "Bay Again", consent_on: "2026-02-01" }]);
    expect(await states()).toEqual(["WITHDRAWN PUBLIC"]);
    expect(await ask("select from base.consent")).toEqual([]);
  });
});

describe("dates that have not come", () => {
  test("nobody is confirmed in the future, and a consent of tomorrow is none today", async () => {
    const report = await take([
      { handle: "d1", last_verified: "2026-03-16", consent_on: "2026-03-15" },
      { handle: "d2", last_verified: "2026-03-15", consent_on: "2026-04" },
      { handle: "d3", last_verified: "2026-03-15", consent_on: "2026-03" },
    ]);
    expect(told(report)).toEqual(["d1 created in-the-future", "d2 created in-the-future"]);
    const { ids } = await remembered(database, home);
    const verified = ["d1", "d2", "d3"].map((handle) =>
      ask(
        `select practitioner.verified::text, practitioner.state from base.practitioner where id = '${ids.get(handle)}'`,
      ),
    );
    expect((await Promise.all(verified)).flat()).toEqual([
      { verified: null, state: "LISTED" },
      { verified: "2026-03-15", state: "AWAITING_REVIEW" },
      { verified: "2026-03-15", state: "LISTED" },
    ]);
  });
});

// ── one row never spoils an import ──────────────────────────────────────────────────────────────────────────────────

describe("a row made to break the import", () => {
  test("is asked about, and the other rows are taken in: a text cut in the middle of a sign", async () => {
    const report = await take([{ handle: "e1", languages: `${"x".repeat(399)}🔐` }, { handle: "e2" }]);
    expect(report.counts).toMatchObject({ created: 2, review: 1 });
    const { questions } = await remembered(database, home);
    expect(questions.map(({ original }) => original)).toEqual(["x".repeat(399)]);
  });

  test("is taken in without what no text can hold: NUL and half signs in front matter and in references", async () => {
    const report = await takeFiles({
      "bad.md": page('layout: content-page\ntitle: "A\\0B\\ud83d \\udd10 &#xd83d; &#0; C"\n"na\\0me": x'),
      "cut.md": page(`layout: content-page\ntitle: Cut\nsummary: ${"🔐".repeat(400)}`),
      "good.md": page("layout: content-page\ntitle: Good"),
    });
    expect(report.counts).toMatchObject({ created: 3, refused: 0 });
    const titles = await ask(
      "select resource.facts -> 'title' ->> 'en' as title from base.resource order by 1",
    );
    expect(titles.map(({ title }) => title)).toEqual(["AB C", "Cut", "Good"]);
  });

  test("is refused, and the other rows are taken in: a name of nothing but markup", async () => {
    const report = await takeFiles(
      { "o.csv": `${organizationHeader}\no1,,,<!-- x -->,,,,,,,\no2,,,Reeds,,,,,,,\n` },
      "umbrella-organizations",
    );
    expect(told(report)).toEqual(["o1 refused no-name"]);
    expect(report.counts).toMatchObject({ created: 1, refused: 1 });
  });

  test("is asked about, and the other rows are taken in: handles as long as they may be", async () => {
    const long = (end: string) =>
      `${Array.from({ length: 198 }, (_, at) => String.fromCodePoint(0x4e00 + at * 7)).join("")}${end}`;
    const report = await take([
      { handle: long("a"), contact: "mailto:x@example.org" },
      { handle: long("b"), contact: "mailto:x@example.org" },
    ]);
    expect(report.counts).toMatchObject({ created: 2, review: 1 });
  });
});

describe("a text made to be slow", () => {
  test.each(["contact", "languages", "specialties", "serves", "level", "display_name", "last_verified"])(
    "takes no longer than its length needs in the column %s",
    async (column) => {
      for (const sign of [" ", "(", ";", ",", ".", "-", "1 ", "+", "@", "a@", "Tel ", "**", "\u0301"]) {
        const began = Date.now();
        await take([{ handle: "s1", [column]: `a${sign.repeat(60_000)}b` }], { dryRun: true });
        expect(Date.now() - began).toBeLessThan(2000);
      }
    },
  );

  test.each(["[", "{a: ", "- ", "? ", ": "])(
    "ends no process: front matter nested deeper than anybody writes, by %j",
    async (sign) => {
      const deep = `layout: content-page\ntitle: Deep\nauthor:\n ${sign.repeat(60_000 / sign.length)}`;
      const report = await takeFiles({
        "deep.md": page(deep),
        "good.md": page("layout: content-page\ntitle: Good"),
      });
      expect(told(report)).toEqual([" refused front-matter-too-deep"]);
      expect(report.counts).toMatchObject({ created: 1 });
    },
  );

  test("front matter longer than anybody writes is refused before it is taken apart", async () => {
    const long = `layout: content-page\ntitle: ${"x".repeat(64 * 1024)}`;
    const report = await takeFiles({
      "long.md": page(long),
      "good.md": page("layout: content-page\ntitle: Good"),
    });
    expect(told(report)).toEqual([" refused front-matter-too-long"]);
    expect(report.counts).toMatchObject({ created: 1 });
  });
});

// ── what the operator reads ─────────────────────────────────────────────────────────────────────────────────────────

describe("what is printed", () => {
  const escape = "\u001b]0;owned\u0007\u202e";

  test.each<[string, () => Promise<unknown>]>([
    ["a header", () => takeText(`handle,${escape}\nx,y\n`)],
    ["a header as long as a book", () => takeText(`handle,${"x".repeat(100_000)}\nx,y\n`)],
    ["the name of a file", () => takeFiles({ [`${escape}.csv`]: "" }, "practitioners-csv")],
    ["the name of a mapping", () => takeFiles({ "x.csv": "a\nb\n" }, escape)],
    ["a path that leads nowhere", () => takeAt(join(folder, escape), "practitioners-csv")],
    ["a mapping's own mistake", () => takeAt(folder, mappingFile({ [escape]: 1 }))],
    ["a mapping that is no JSON", () => takeAt(folder, mappingFile(escape, `${escape}.json`))],
  ])("no sentence of an error can move the cursor, or run on for pages: %s", async (_, work) => {
    const sentence = await work().then(
      () => "nothing was refused",
      (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : ""),
    );
    expect(sentence).toMatch(/^OperatorError: /);
    expect(sentence).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(sentence.length).toBeLessThan(3000);
  });

  test("a report says how many records of the source are not in the files, on dry runs too", async () => {
    const gone = (report: Report) => /.*not in these files.*/.exec(print(report))?.[0].trim();
    expect(
      gone(await take([{ handle: "g1" }, { handle: "g2" }, { handle: "g3" }, { handle: "g4" }])),
    ).toBeUndefined();
    const before = await states();
    const three = "3 records of this source are not in these files; they stay as they are";
    expect(gone(await take([{ handle: "G4" }], { dryRun: true }))).toBe(three);
    expect(gone(await take([{ handle: "G4" }]))).toBe(three);
    expect(await states()).toEqual(before);
    const { ids } = await remembered(database, home);
    await own(`delete from base.practitioner where id = '${ids.get("g1")}'`);
    const refused = await takeText(`${header()}\n${line({ handle: "g4" })}\nG2,Cut off\n`);
    expect(gone(refused)).toBe("1 record of this source is not in these files; it stays as it is");
  });
});

// ── verbs of these tests ────────────────────────────────────────────────────────────────────────────────────────────

const organizationHeader = "ref,page,section,name,where,threat,languages,urgent,web,email,contact_lines";

type Cells = Readonly<Record<string, string>>;

/** Somebody whose row says that everybody may see them, except for what a test changes. */
const willing: Cells = {
  display_name: "Willow",
  languages: "es",
  visibility: "public",
  consent_given: "TRUE",
};

function header(): string {
  return PRACTITIONER_COLUMNS.join(",");
}

function line(cells: Cells): string {
  const row: Cells = { ...willing, ...cells };
  return PRACTITIONER_COLUMNS.map((column) => `"${row[column] ?? ""}"`).join(",");
}

function take(rows: readonly Cells[], more: Partial<ImportRequest> = {}): Promise<Report> {
  return takeText([header(), ...rows.map(line), ""].join("\n"), more);
}

function takeText(text: string, more: Partial<ImportRequest> = {}): Promise<Report> {
  return takeFiles({ "people.csv": text }, "practitioners-csv", more);
}

/** Writes the files afresh and imports their folder. */
function takeFiles(files: Cells, mapping = "level-up", more: Partial<ImportRequest> = {}): Promise<Report> {
  const source = join(folder, "source");
  rmSync(source, { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(source, name)), { recursive: true });
    writeFileSync(join(source, name), text.replace(/^(layout: .*)$/m, `$1\npermalink: /${name}/`));
  }
  return takeAt(source, mapping, more);
}

function takeAt(path: string, mapping: string, more: Partial<ImportRequest> = {}): Promise<Report> {
  return importFiles({ database, vocabulary, home, paths: [path], mapping, today, ...more });
}

function mappingFile(content: unknown, name = "mapping.json"): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

function page(matter: string): string {
  return `---\n${matter}\n---\nSome text.`;
}

type Row = Record<string, unknown>;

function ask(sql: string): Promise<Row[]> {
  return database.write.query<Row[]>(sql);
}

async function own(sql: string): Promise<void> {
  await database.write.query(sql);
}

/** What a steward or the person does here between two imports, to everybody there is. */
async function change(how: (person: Practitioner) => Practitioner): Promise<void> {
  const rows = await ask("select practitioner.id from base.practitioner");
  await database.transaction(async (tx) => {
    const people = await loadPractitioners(
      tx,
      home,
      rows.map(({ id }) => String(id)),
    );
    await savePractitioners(tx, home, people.map(how));
  });
}

async function states(): Promise<readonly string[]> {
  const rows = await ask(
    "select practitioner.state || ' ' || practitioner.audience as is from base.practitioner",
  );
  return rows.map((row) => String(row["is"])).sort();
}

async function listed(): Promise<readonly string[]> {
  const rows = await ask("select listing.audience from seen.listing where listing.kind = 'practitioner'");
  return rows.map(({ audience }) => String(audience)).sort();
}

/** Each reason as handle, outcome and reason. */
function told(report: Report): readonly string[] {
  return report.rows.flatMap(({ sourceId, outcome, reasons }) =>
    reasons.map(({ reason }) => `${sourceId} ${outcome} ${reason}`),
  );
}

function print(report: Report): string {
  const written: string[] = [];
  printReport(report, { write: (text) => written.push(text) });
  return written.join("");
}
