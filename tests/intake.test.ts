import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { readLinks } from "../src/intake/contacts.js";
import { languageOf } from "../src/intake/detect.js";
import { readDate } from "../src/intake/dates.js";
import type { PractitionerDraft, ResourceDraft } from "../src/intake/draft.js";
import { importFiles, readDrafts, type ImportRequest } from "../src/intake/import.js";
import { parseMapping, readMapping } from "../src/intake/mapping.js";
import { readMinutes } from "../src/intake/minutes.js";
import { plainText } from "../src/intake/plain-text.js";
import { printReport, type Report } from "../src/intake/report.js";
import { harmless } from "../src/intake/sound-text.js";
import type { Home } from "../src/listing/home.js";
import { openLog } from "../src/log.js";
import { loadOrganizations, organizationTable } from "../src/organizations/organization.store.js";
import {
  consentTable,
  factTable,
  loadPractitioners,
  practitionerTable,
  vouchTable,
} from "../src/practitioners/practitioner.store.js";
import { loadResources, resourceTable } from "../src/resources/resource.store.js";
import { openDatabase, type Database } from "../src/storage/database.js";
import { readVocabulary } from "../src/vocabulary/vocabulary.js";
import { cloneDatabase, type TestDatabase } from "./database.js";
import { remembered } from "./imported.js";
import { openHome } from "./home.js";
import { audit, organizations, pages, people, type SourceFiles } from "./fixtures/intake/sources.js";

const vocabulary = readVocabulary();
const log = openLog("silent");
const today = "2026-03-15";
const tables = [practitionerTable, factTable, vouchTable, consentTable, organizationTable, resourceTable];

let clone: TestDatabase;
let database: Database;
let home: Home;
let folder: string;

beforeEach(async () => {
  clone = await cloneDatabase();
  database = await openDatabase(clone.url, tables, log);
  home = await openHome(database);
  folder = mkdtempSync(join(tmpdir(), "cadre-intake-"));
});
afterEach(async () => {
  await database.close();
  await clone.drop();
  rmSync(folder, { recursive: true });
});

// ── a table of people ───────────────────────────────────────────────────────────────────────────────────────────────

describe("a table of people", () => {
  test("every row gets an outcome, and what is not certain is left out and asked", async () => {
    const report = await take(people, "practitioners-csv");
    expect(report.counts).toEqual({ created: 6, changed: 0, unchanged: 0, refused: 3, review: 5 });
    expect(questions(report)).toEqual({
      a2: ["various", "holistic"],
      a3: ["unknown-specialty"],
      a4: ["empty", "visibility"],
      a5: ["ndebele"],
      a6: ["possible-duplicate-of:a5"],
    });
    expect(refusals(report)).toEqual(["A2 duplicate-of:a2 8", "a7 too-few-columns 10", " blank 11"]);
  });

  test("only certain words become codes, and only dates that mean one thing are read", async () => {
    await take(people, "practitioners-csv");
    const [alder, birch, cedar] = await theseOf(["a1", "a2", "a3"]);
    expect(valuesIn(alder?.facts.regions)).toEqual([
      { region: "GT", relation: "WORKS_IN" },
      { region: "MX", relation: "WORKS_IN" },
    ]);
    expect(valuesIn(alder?.facts.languages)).toEqual([
      { language: "quc", level: "WORKING", use: [] },
      { language: "es", level: "WORKING", use: [] },
    ]);
    expect(valuesIn(alder?.facts.delivery)).toEqual(["REMOTE", "IN_PERSON"]);
    expect(alder).toMatchObject({ state: "LISTED", audience: "PUBLIC", verified: "2024-02-29" });
    expect(birch).toMatchObject({ state: "LISTED", audience: "MEMBERS", verified: null });
    expect(valuesIn(cedar?.facts.languages).map(({ language }) => language)).toEqual(["fa", "fa-AF"]);
  });

  test("nothing imported about a person without consent is listed wider than members", async () => {
    await take(people, "practitioners-csv");
    await expectConsentToHold();
    expect(await listed()).toEqual({ PUBLIC: 1, PARTNERS: 1, MEMBERS: 2 });
  });

  test("a contact point is private, and remarks about people are kept nowhere", async () => {
    await take(people, "practitioners-csv");
    const contacts = await ask(
      "select fact.audience, fact.value from base.fact where fact.field = 'contact'",
    );
    expect(contacts.map((row) => row["audience"])).toEqual(["PRIVATE", "PRIVATE", "PRIVATE", "PRIVATE"]);
    const everything = JSON.stringify(await snapshot());
    for (const remark of ["HYPERLINK", "script", "publish city", "line two"])
      expect(everything).not.toContain(remark);
  });

  test("nobody stands behind themselves, and a voucher nobody knows is told", async () => {
    const report = await take(people, "practitioners-csv");
    expect(notes(report, "vouchers")).toEqual(["a2 self-vouch", "a3 unknown-voucher"]);
    expect(await ask("select from base.vouch")).toHaveLength(1);
  });

  test("an organization is linked when the directory has exactly one of that name", async () => {
    await take(organizations, "umbrella-organizations");
    await take(people, "practitioners-csv");
    const [alder] = await theseOf(["a1"]);
    expect(valuesIn(alder?.facts.organizations)).toEqual(await idsOf(["o1"]));
  });
});

// ── doing it again ──────────────────────────────────────────────────────────────────────────────────────────────────

describe("importing again", () => {
  test.each([
    ["practitioners-csv", people],
    ["umbrella-organizations", organizations],
    ["level-up", pages],
    ["safetag", audit],
  ])("importing the same %s twice changes nothing", async (mapping, files) => {
    const first = await take(files, mapping);
    const before = await snapshot();
    const second = await take(files, mapping);
    expect(second.counts).toMatchObject({ created: 0, changed: 0, unchanged: first.counts.created });
    expect(second.counts.review).toBe(first.counts.review);
    expect(await snapshot()).toEqual(before);
  });

  test("a dry run writes nothing and reports the same", async () => {
    const before = await snapshot();
    const dry = await take(people, "practitioners-csv", { dryRun: true });
    expect(await snapshot()).toEqual(before);
    const wet = await take(people, "practitioners-csv");
    expect(dry).toEqual({ ...wet, dryRun: true });
  });

  test("an edit in the source changes just that record", async () => {
    await take(people, "practitioners-csv");
    const before = await snapshot();
    const report = await take(edited(people, "Alder,mena", "Alder Blue,mena"), "practitioners-csv");
    expect(report.counts).toMatchObject({ created: 0, changed: 1, unchanged: 5 });
    const [alder] = await theseOf(["a1"]);
    expect(alder?.facts.alias?.value).toBe("Alder Blue");
    const after = await snapshot();
    expect(touched(before, after, "base.practitioner")).toEqual([alder?.id]);
    expect(touched(before, after, "seen.listing")).toEqual([alder?.id]);
  });

  test("an edit of one file of many finds what the others were called", async () => {
    await take(pages, "level-up");
    const [before] = await resourcesOf(["things/knots/one"]);
    const one = { "one.md": (pages["one.md"] ?? "").replace("title: One", "title: One more") };
    const report = await take(one, "level-up");
    expect(report.counts).toMatchObject({ changed: 1, review: 0 });
    const [after] = await resourcesOf(["things/knots/one"]);
    expect(after).toEqual({ ...before, facts: { ...before?.facts, title: { en: "One more" } } });
  });

  test("consent that is taken back in the source takes the person out of every listing", async () => {
    await take(people, "practitioners-csv");
    await take(edited(people, "public,yes,2024-02-29", "public,no,2024-02-29"), "practitioners-csv");
    await expectConsentToHold();
    expect(await listed()).toEqual({ MEMBERS: 1 });
    expect(await ask("select from base.consent where consent.audience = 'PUBLIC'")).toHaveLength(1);
  });

  test("a vouch that is taken out of the source is taken out of the listing", async () => {
    await take(people, "practitioners-csv");
    expect(await bandOf("a1")).toBe("FEW");
    await take(edited(people, "2024-02-29,2024-02-29,a2", "2024-02-29,2024-02-29,"), "practitioners-csv");
    expect(await bandOf("a1")).toBeNull();
    expect(await ask("select from base.vouch")).toEqual([]);
  });

  test("what a person changed here is not overwritten by a file, and is asked", async () => {
    await take(people, "practitioners-csv");
    await own("update base.fact set value = '\"Myself\"' where field = 'alias' and value = '\"Alder\"'");
    const report = await take(edited(people, "Alder,mena", "Alder Blue,mena"), "practitioners-csv");
    const [alder] = await theseOf(["a1"]);
    expect(alder?.facts.alias?.value).toBe("Myself");
    expect(questions(report)["a1"]).toEqual(["changed-here-too"]);
  });

  test("who has withdrawn is not listed again, and who was erased is not brought back", async () => {
    await take(people, "practitioners-csv");
    const [alder, birch] = await theseOf(["a1", "a2"]);
    await own(`update base.practitioner set state = 'WITHDRAWN' where id = '${alder?.id}'`);
    await own(`delete from base.practitioner where id = '${birch?.id}'`);
    const report = await take(edited(people, "Alder,mena", "Alder Blue,mena"), "practitioners-csv");
    expect((await theseOf(["a1"]))[0]?.state).toBe("WITHDRAWN");
    expect(refusals(report)).toContain("a2 erased-here 3");
    expect(await theseOf(["a2"])).toEqual([]);
  });

  test("a question that was answered is not asked again", async () => {
    await take(people, "practitioners-csv");
    const [a5] = await idsOf(["a5"]);
    await own(
      `delete from base.review using base.source where source.source_key = review.source_key and source.id = '${a5}'`,
    );
    const again = await take(people, "practitioners-csv");
    expect(Object.keys(questions(again))).toEqual(["a2", "a3", "a4", "a6"]);
  });
});

// ── organizations, pages, languages ─────────────────────────────────────────────────────────────────────────────────

describe("a table of organizations", () => {
  test("contact points, addresses and regions are read, and what nobody knows is asked", async () => {
    const report = await take(organizations, "umbrella-organizations");
    const [reeds, bridge, lantern] = await organizationsOf(["o1", "o2", "o3"]);
    expect(reeds).toMatchObject({
      audience: "PUBLIC",
      verified: null,
      facts: {
        regions: ["001"],
        languages: ["ar", "en"],
        acceptsUrgentRequests: true,
        website: "https://www.reeds.example",
        contact: [
          { kind: "EMAIL", value: "desk@reeds.example", note: null },
          { kind: "EMAIL", value: "south@reeds.example", note: "Africa" },
          { kind: "PHONE", value: "(+51) 1 555 0100", note: "Lima" },
          { kind: "PHONE", value: "(+51) 1 555 0101", note: "Lima" },
          { kind: "WEBSITE", value: "https://reeds.example/form", note: "Online form" },
        ],
      },
    });
    expect(bridge?.facts).toMatchObject({
      regions: ["419", "CD"],
      languages: [],
      acceptsUrgentRequests: null,
      website: "http://bridge.example/",
    });
    expect(lantern?.facts).toMatchObject({ acceptsUrgentRequests: false, website: null, contact: [] });
    expect(questions(report)).toEqual({
      o2: ["bahasa", "various"],
      o3: ["unknown-address", "unknown-contact"],
    });
  });
});

describe("pages with front matter", () => {
  test("a page that cannot be read is refused with its line, and nothing in it is run", async () => {
    const report = await take(pages, "level-up");
    expect(refusals(report).sort()).toEqual([
      " broken-front-matter 4",
      " no-front-matter 1",
      " no-front-matter 1",
      " unreadable-front-matter 2",
    ]);
    expect(report.counts.created).toBe(5);
    expect(globalThis).not.toHaveProperty("hacked");
  });

  test("lists that are there several times add up, texts that are there twice correct each other", async () => {
    await take(pages, "level-up");
    const [index, module, one, two, three] = await resourcesOf([
      "things",
      "things/knots",
      "things/knots/one",
      "things/knots/two",
      "things/knots/three",
    ]);
    expect(module?.facts).toMatchObject({ kind: "MODULE", partOf: [index?.id], published: "2016-05" });
    expect(module?.facts.authors).toEqual(["A. Weaver", "B. Weaver", "C. Weaver"]);
    expect(one?.facts).toMatchObject({
      kind: "SESSION",
      stages: ["ACTIVITY", "DISCUSSION"],
      minutes: { min: 120, max: null },
      materials: ["A rope", "A second rope, longer"],
      license: "CC-BY-SA-4.0",
      authors: [],
      partOf: [module?.id],
    });
    expect(two?.facts).toMatchObject({
      title: { en: "Two" },
      summary: { en: "It goes on at the margin, without end: or so." },
      partOf: [module?.id, index?.id],
      published: "2016-05",
      prerequisites: [],
      minutes: null,
    });
    expect(three?.facts).toMatchObject({
      title: { en: "Three bold" },
      partOf: [module?.id],
      minutes: { min: 90, max: 90 },
      prerequisites: ["Rope", "Patience"],
      license: "CC-BY-SA-3.0",
    });
  });

  test("a link that leads nowhere is asked with what the source wrote", async () => {
    const report = await take(pages, "level-up");
    expect(report.links).toEqual({
      partOf: { named: 2, otherwise: 2, open: 1 },
      parts: { named: 3, otherwise: 0, open: 1 },
    });
    expect(questions(report)).toEqual({
      "things/knots": ["day-00", "unknown-link"],
      "things/knots/two": ["unreadable-duration"],
      "things/knots/three": ["unknown-link"],
    });
    expect(originals(report, "unknown-link")).toEqual(["/things/knots/nowhere/", "Nothing We Have"]);
  });

  test("who is credited does not become a practitioner", async () => {
    await take(pages, "level-up");
    expect(await ask("select from base.practitioner")).toEqual([]);
  });
});

describe("folders by language", () => {
  test("a text in a language folder is a translation only when it is in that language", async () => {
    await take(audit, "safetag");
    const [listening, walking, reading] = await resourcesOf([
      "activities/listening",
      "activities/walking",
      "activities/reading",
    ]);
    expect(listening?.facts.languages.map(({ language }) => language)).toEqual(["en", "fr"]);
    expect(listening?.facts.title).toEqual({ en: "Listening", fr: "Écouter" });
    expect(walking?.facts.languages.map(({ language }) => language)).toEqual(["en"]);
    expect(Object.keys(walking?.facts.summary ?? {}).sort()).toEqual(["en", "fr"]);
    expect(reading?.facts.languages.map(({ language }) => language)).toEqual(["fr"]);
    expect(reading?.facts.title).toEqual({ fr: "Lire" });
  });

  test("words are spelled as the source's own list spells them, whatever case or language a page uses", async () => {
    const report = await take(audit, "safetag");
    const [listening, reading] = await resourcesOf(["activities/listening", "activities/reading"]);
    expect(listening?.facts.prerequisites).toEqual(["Malware Analysis"]);
    expect(reading?.facts.prerequisites).toEqual(["Malware Analysis"]);
    expect(report.passedOver).toEqual({ skills: 2, "remote-options": 2 });
  });

  test("a method's activities are its parts", async () => {
    const report = await take(audit, "safetag");
    const [care, listening] = await resourcesOf(["methods/care", "activities/listening"]);
    expect(listening?.facts.partOf).toEqual([care?.id]);
    expect(originals(report, "unknown-link")).toEqual(["Only Elsewhere"]);
  });

  test("a language is told by its small words, and too few tell nothing", () => {
    expect(languageOf("le texte de la séance est dans la langue", ["en", "fr"])).toBe("fr");
    expect(languageOf("the text of the session is in English", ["en", "fr"])).toBe("en");
    expect(languageOf("Signal, Tor, OpenVAS", ["en", "fr"])).toBeNull();
  });
});

// ── what bad input gets ─────────────────────────────────────────────────────────────────────────────────────────────

describe("bad input", () => {
  test.each<[string, SourceFiles, string, RegExp]>([
    ["an unknown mapping", people, "nobody", /no mapping "nobody"; there are level-up, practitioners-csv/],
    ["a mapping file that is not there", people, "./nowhere.json", /no mapping file/],
    ["an open quotation mark", { "x.csv": 'ref,name\n"a,b\n' }, "umbrella-organizations", /quotation mark/],
    ["a missing column", { "x.csv": "ref,name\na,b\n" }, "umbrella-organizations", /has no column/],
    ["an empty file", { "x.csv": "" }, "umbrella-organizations", /is empty/],
    ["a folder without such files", { "x.txt": "" }, "umbrella-organizations", /no \.csv file/],
    ["a file of bytes", { "x.csv": "a\0b" }, "umbrella-organizations", /not a text file/],
  ])("%s gets one sentence and nothing is done", async (_, files, mapping, sentence) => {
    const before = await snapshot();
    await expect(take(files, mapping)).rejects.toThrow(sentence);
    await expect(take(files, mapping)).rejects.toMatchObject({ name: "OperatorError" });
    expect(await snapshot()).toEqual(before);
  });

  test("a file that is not UTF-8 and a path that does not exist get one sentence", async () => {
    writeFileSync(join(folder, "latin.csv"), Buffer.from("ref,name\nx,caf\xe9\n", "latin1"));
    await expect(importAt([join(folder, "latin.csv")], "umbrella-organizations")).rejects.toThrow(
      /not UTF-8/,
    );
    await expect(importAt([join(folder, "none.csv")], "umbrella-organizations")).rejects.toThrow(
      /does not exist/,
    );
  });

  test("a mapping that fills what no record has, or is no mapping, says so", () => {
    const good = { source: "x", about: "", kind: "organization", format: "csv", id: "{ref}", fields: {} };
    expect(parseMapping("x", good).source).toBe("x");
    expect(() => parseMapping("x", { ...good, fields: { shoeSize: {} } })).toThrow(
      /fills "shoeSize", which no organization has/,
    );
    expect(() => parseMapping("x", { ...good, kind: "person" })).toThrow(/mapping x cannot be used: kind/);
    expect(() => parseMapping("x", { ...good, fields: { name: { form: "n" } } })).toThrow(/fields\.name/);
  });

  test("a failure in the middle leaves nothing", async () => {
    await own(`create function base.fail() returns trigger language plpgsql as
      $$ begin raise exception 'full'; end $$`);
    await own("create trigger fail before insert on base.review for each row execute function base.fail()");
    const before = await snapshot();
    await expect(take(people, "practitioners-csv")).rejects.toThrow("full");
    expect(await snapshot()).toEqual(before);
  });

  test("a report cannot move a terminal's cursor or turn its text around", async () => {
    expect(harmless("a\u001b[2Jb\u202ec\u0007")).toBe("a\\u{1b}[2Jb\\u{202e}c\\u{7}");
    const report = await take(edited(people, "Shona, Ndebele", "\u001b[31m\u202eevil"), "practitioners-csv");
    const printed = print(report);
    expect(printed).toContain("unknown-language: “\\u{1b}[31m\\u{202e}evil”");
    expect(["\u001b", "\u202e"].filter((sign) => printed.includes(sign))).toEqual([]);
    expect(printed).toMatch(/ 6 {2}created/);
  });

  test("a text made to be slow is read in no more time than its length needs", () => {
    const began = Date.now();
    for (const sign of ["[", "![", "[^", "\n", "<", "*a ", "[a](", "#"]) {
      plainText(sign.repeat(100_000));
      readLinks(sign.repeat(100_000));
    }
    expect(Date.now() - began).toBeLessThan(3000);
  });

  test("durations and dates are read when they can mean one thing", () => {
    expect(
      ["30-45 minutes", "120+ minutes", "1-2 hours", "1 hour 30 min", "90", "soon", "45-30 min"].map(
        readMinutes,
      ),
    ).toEqual([
      { min: 30, max: 45 },
      { min: 120, max: null },
      { min: 60, max: 120 },
      { min: 90, max: 90 },
      { min: 90, max: 90 },
      null,
      null,
    ]);
    expect(
      ["2024-02-29", "2023-02-29", "2023-11", "March 2024", "marzo de 2024", "01/02/2024", "45123"].map(
        readDate,
      ),
    ).toEqual(["2024-02-29", null, "2023-11", "2024-03", "2024-03", null, null]);
  });
});

// ── real sources ────────────────────────────────────────────────────────────────────────────────────────────────────

const data = process.env["SHARED_DATA_DIR"] ?? resolve("../shared/data");
const real = existsSync(data) ? describe : describe.skip;

real(`real sources (skipped without ../shared/data or SHARED_DATA_DIR)`, () => {
  test("the practitioners' table gives what is expected of every row", async () => {
    const { rows } = expected();
    const { drafts, refused } = readDrafts(
      [practitionersCsv()],
      readMapping("practitioners-csv"),
      vocabulary,
      today,
    );
    const drafted = new Map(drafts.map((draft) => [draft.sourceId, draft as PractitionerDraft]));
    for (const row of rows.filter(({ line_kind }) => line_kind === "ordinary"))
      expect(seenAs(drafted.get(row.handle))).toEqual(row);
    const others = rows.filter(({ line_kind }) => line_kind !== "ordinary");
    const kinds = new Map(refused.map(({ sourceId, reasons }) => [sourceId, reasons[0]?.reason]));
    const twin = drafted.get("p062")?.reasons.find(({ field }) => field === "id")?.reason;
    expect(others.map(({ handle, line_kind }) => [handle, line_kind])).toEqual([
      ["P005", kinds.get("P005")],
      ["p062", twin],
      ["p063", kinds.get("p063")],
      ["", kinds.get("")],
    ]);
  });

  test("the practitioners' table lists who may be listed, and nobody else", async () => {
    const { summary } = expected();
    const report = await importAt([practitionersCsv()], "practitioners-csv");
    expect(report.rows).toHaveLength(summary.data_lines);
    const ordinary = new Set(
      expected().rows.flatMap((row) => (row.line_kind === "ordinary" ? [row.handle] : [])),
    );
    const asked = Object.keys(questions(report)).filter((handle) => ordinary.has(handle));
    expect(asked).toHaveLength(summary.need_review);
    expect(notes(report, "vouchers").filter((note) => note.endsWith("self-vouch"))).toHaveLength(
      summary.self_vouch,
    );
    expect(notes(report, "vouchers").filter((note) => note.endsWith("unknown-voucher"))).toHaveLength(
      summary.dangling_vouch,
    );
    expect(await listed()).toMatchObject({
      PUBLIC: summary.publishable_now,
      MEMBERS: summary.network_visible,
    });
    const consented = await ask(
      "select distinct consent.practitioner from base.consent where consent.practitioner <> all ($1::uuid[])",
      [await idsOf(["p062"])],
    );
    expect(consented).toHaveLength(summary.consented);
    await expectConsentToHold();
  });

  test("a network that wants a readable date of consent publishes fewer, by the same rule", async () => {
    const { summary } = expected();
    const strict = JSON.parse(readFileSync("seeds/mappings/practitioners-csv.json", "utf8")) as object;
    const file = join(folder, "strict.json");
    writeFileSync(file, JSON.stringify({ ...strict, consentNeedsDate: true }));
    await importAt([practitionersCsv()], file);
    expect(await listed()).toMatchObject({
      PUBLIC: summary.publishable_if_consent_date_must_be_readable,
      MEMBERS: summary.network_visible,
    });
  });

  test("all 152 pages of LevelUp come in, with their stages, minutes, licences and links", async () => {
    const report = await importAt([join(data, "level-up")], "level-up");
    expect(report.counts).toMatchObject({ created: 152, refused: 0 });
    const all = (await allResources()).map(({ facts }) => facts);
    expect(countBy(all.map(({ kind }) => kind))).toEqual({
      SESSION: 70,
      MODULE: 15,
      CURRICULUM: 1,
      GUIDE: 66,
    });
    expect(countBy(all.map(({ stages }) => stages.join("+")))).toEqual({
      "": 82,
      INPUT: 25,
      "ACTIVITY+DISCUSSION": 20,
      DEEPENING: 15,
      SYNTHESIS: 10,
    });
    expect(all.filter(({ kind, minutes }) => kind === "SESSION" && minutes !== null)).toHaveLength(70);
    expect(all.filter(({ minutes }) => minutes !== null && minutes.max === null)).toHaveLength(1);
    expect(countBy(all.map(({ license }) => license ?? ""))).toEqual({
      "CC-BY-SA-3.0": 113,
      "CC-BY-SA-4.0": 39,
    });
    expect(report.links).toEqual({
      partOf: { named: 123, otherwise: 20, open: 9 },
      parts: { named: 72, otherwise: 0, open: 2 },
    });
    expect(originals(report, "day-00").sort()).toEqual(["2015-05-00", "2016-05-00"]);
    expect(all.every(({ title }) => (title["en"] ?? "") !== "")).toBe(true);
    expect(all.some(({ summary }) => /<\/?[a-z]/i.test(summary?.["en"] ?? ""))).toBe(false);
    expect(await ask("select from base.practitioner")).toEqual([]);
    await expectUnchanged([join(data, "level-up")], "level-up");
  });

  test("a session of LevelUp is part of what names it, and nothing there is a part of itself", async () => {
    await importAt([join(data, "level-up")], "level-up");
    const browsing = "curriculum/safer-browsing";
    const [https] = await resourcesOf([`${browsing}/https-ssl`]);
    const inside = (await allResources()).filter(({ facts }) => facts.partOf.includes(https?.id ?? ""));
    expect(inside.filter(({ facts }) => facts.stages.includes("ACTIVITY"))).toHaveLength(3);
    const antivirus = "curriculum/malware-protection/using-antivirus-tools";
    const [module, synthesis] = await resourcesOf([
      antivirus,
      `${antivirus}/synthesis/synthesis-using-antivirus-tools`,
    ]);
    expect(synthesis?.facts.partOf).toEqual([module?.id]);
    expect(circles(await allResources())).toEqual([]);
  });

  test("every activity and method of SAFETAG comes in, and only what is in French is called French", async () => {
    const report = await importAt([join(data, "safetag")], "safetag");
    expect(report.counts.refused).toBe(0);
    const drafts = readDrafts([join(data, "safetag")], readMapping("safetag"), vocabulary, today)
      .drafts as ResourceDraft[];
    const activities = drafts
      .filter(({ sourceId }) => sourceId.startsWith("activities/"))
      .map(({ facts }) => facts);
    expect(activities).toHaveLength(74);
    expect(
      countBy(activities.map(({ languages }) => languages.map(({ language }) => language).join("+"))),
    ).toEqual({
      en: 41,
      "en+fr": 32,
      fr: 1,
    });
    const english = activities.filter(({ languages }) => languages[0]?.language === "en");
    expect(english.filter(({ summary }) => summary?.["fr"] !== undefined)).toHaveLength(44);
    expect(english.filter(({ minutes }) => minutes === null)).toHaveLength(4);
    expect(countBy(drafts.map(({ facts }) => facts.kind))).toMatchObject({ SESSION: 74, MODULE: 15 });
    const skills = [...new Set(activities.flatMap(({ prerequisites }) => prerequisites))];
    expect(
      skills.filter((skill) => /^(malware analysis|vulnerability scanning)$/i.test(skill)).sort(),
    ).toEqual(["Malware Analysis", "Vulnerability scanning"]);
    expect(originals(report, "unknown-link").sort()).toEqual([
      "Check Browser and Plugin Vulnerabilities",
      "Guiding Questions for High-Risk Organisations",
    ]);
    await expectUnchanged([join(data, "safetag")], "safetag");
  });

  test("SAFETAG's lists of words become no records", () => {
    const { passedOver } = readDrafts([join(data, "safetag/en")], readMapping("safetag"), vocabulary, today);
    expect(passedOver).toEqual({ skills: 32, approaches: 3, "remote-options": 5, infos: 3 });
  });

  test("all 31 organizations of Umbrella come in, unknown is not no, and two with one address stay two", async () => {
    const report = await importAt([join(data, "umbrella-orgs")], "umbrella-organizations");
    expect(report.counts).toMatchObject({ created: 31, refused: 0 });
    const all = (await organizationsOf(report.rows.map(({ sourceId }) => sourceId))).map((one) => one.facts);
    expect(countBy(all.map(({ acceptsUrgentRequests }) => String(acceptsUrgentRequests)))).toEqual({
      true: 14,
      false: 10,
      null: 7,
    });
    expect(all.filter(({ regions }) => regions.length > 0)).toHaveLength(28);
    const mentions =
      all.flatMap(({ languages }) => languages).length +
      originals(report, "bahasa").length +
      originals(report, "various").length;
    expect(mentions).toBe(61);
    expect(all.filter(({ languages }) => languages.length > 0)).toHaveLength(17);
    expect(questions(report)).toEqual({
      "physical-05": ["bahasa"],
      "physical-13": ["various"],
      "physical-15": ["bahasa"],
    });
    const addresses = all
      .flatMap(({ contact }) => contact)
      .flatMap(({ kind, value }) => (kind === "EMAIL" ? [value] : []));
    expect(addresses.length - new Set(addresses).size).toBe(1);
    expect(all.every(({ website }) => /^https?:\/\//.test(website ?? ""))).toBe(true);
    await expectUnchanged([join(data, "umbrella-orgs")], "umbrella-organizations");
  });
});

// ── verbs of these tests ────────────────────────────────────────────────────────────────────────────────────────────

/** Writes the files afresh and imports their folder. */
async function take(files: SourceFiles, mapping: string, more: Partial<ImportRequest> = {}): Promise<Report> {
  const source = join(folder, "source");
  rmSync(source, { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(source, name)), { recursive: true });
    writeFileSync(join(source, name), text);
  }
  return importAt([source], mapping, more);
}

function importAt(
  paths: readonly string[],
  mapping: string,
  more: Partial<ImportRequest> = {},
): Promise<Report> {
  return importFiles({ database, vocabulary, home, paths, mapping, ...more });
}

async function expectUnchanged(paths: readonly string[], mapping: string): Promise<void> {
  const before = await snapshot();
  const report = await importAt(paths, mapping);
  expect(report.counts).toMatchObject({ created: 0, changed: 0 });
  expect(await snapshot()).toEqual(before);
}

/** Neither listed for more than members nor ready to be, unless the person's consent is recorded for at least that. */
async function expectConsentToHold(): Promise<void> {
  const wide = await ask(`
    select practitioner.id from base.practitioner
    where (practitioner.audience in ('PUBLIC', 'PARTNERS')
        or exists (select from seen.listing
          where listing.id = practitioner.id and listing.audience in ('PUBLIC', 'PARTNERS'))
        or exists (select from base.fact
          where fact.practitioner = practitioner.id and fact.audience in ('PUBLIC', 'PARTNERS')))
      and not exists (select from base.consent
        where consent.practitioner = practitioner.id and consent.audience = 'PUBLIC')`);
  expect(wide).toEqual([]);
  const unasked = await ask(`
    select listing.id from seen.listing
    where listing.kind = 'practitioner'
      and not exists (select from base.consent where consent.practitioner = listing.id)`);
  expect(unasked).toEqual([]);
}

type Row = Record<string, unknown>;

function ask(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
  return database.write.query<Row[]>(sql, [...values]);
}

async function own(sql: string): Promise<void> {
  await database.write.query(sql);
}

const watched = [
  "base.practitioner",
  "base.fact",
  "base.vouch",
  "base.consent",
  "base.organization",
  "base.resource",
  "base.source",
  "base.review",
  "seen.listing",
  "seen.change",
  "seen.clock",
];

/** Every row of every table an import writes, with the transaction that wrote it. */
async function snapshot(): Promise<Readonly<Record<string, readonly Row[]>>> {
  const rows = watched.map(async (table) => [
    table,
    await ask(`select xmin::text, held.* from ${table} as held order by held::text`),
  ]);
  return Object.fromEntries(await Promise.all(rows)) as Record<string, Row[]>;
}

type Snapshot = Awaited<ReturnType<typeof snapshot>>;

/** The ids of the rows of a table that are not as they were. */
function touched(before: Snapshot, after: Snapshot, table: string): readonly unknown[] {
  const known = new Set(before[table]?.map((row) => JSON.stringify(row)));
  const other = after[table]?.filter((row) => !known.has(JSON.stringify(row))) ?? [];
  return [...new Set(other.map((row) => row["id"]))];
}

async function listed(): Promise<Record<string, number>> {
  const rows = await ask("select listing.audience from seen.listing where listing.kind = 'practitioner'");
  return countBy(rows.map((row) => String(row["audience"])));
}

/** The band that members see of those who stand behind a person. */
async function bandOf(handle: string): Promise<string | null> {
  const [row] = await ask(
    `select listing.doc::jsonb -> 'vouches' ->> 'band' as band from seen.listing
     where listing.audience = 'MEMBERS' and listing.id = any ($1::uuid[])`,
    [await idsOf([handle])],
  );
  return (row?.["band"] ?? null) as string | null;
}

async function idsOf(sourceIds: readonly string[]): Promise<readonly string[]> {
  const { ids } = await remembered(database, home);
  return sourceIds.flatMap((sourceId) => ids.get(sourceId) ?? []);
}

async function inOrder<T extends { readonly id: string }>(
  sourceIds: readonly string[],
  load: (ids: readonly string[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const ids = await idsOf(sourceIds);
  const found = await load(ids);
  return ids.flatMap((id) => found.find((record) => record.id === id) ?? []);
}

function theseOf(handles: readonly string[]) {
  return inOrder(handles, (ids) => database.transaction((tx) => loadPractitioners(tx, home, ids)));
}

function organizationsOf(refs: readonly string[]) {
  return inOrder(refs, (ids) => database.transaction((tx) => loadOrganizations(tx, home, ids)));
}

function resourcesOf(sourceIds: readonly string[]) {
  return inOrder(sourceIds, (ids) => database.transaction((tx) => loadResources(tx, ids)));
}

async function allResources() {
  const rows = await ask("select resource.id from base.resource");
  return database.transaction((tx) =>
    loadResources(
      tx,
      rows.map((row) => String(row["id"])),
    ),
  );
}

/** Records that are, through others, a part of themselves. */
function circles(all: Awaited<ReturnType<typeof allResources>>): readonly string[] {
  const wholes = new Map(all.map(({ id, facts }) => [id, facts.partOf]));
  return all
    .map(({ id }) => id)
    .filter((id) => {
      const above = new Set(wholes.get(id));
      for (const whole of above) for (const further of wholes.get(whole) ?? []) above.add(further);
      return above.has(id);
    });
}

function valuesIn<T>(facts: readonly { readonly value: T }[] | undefined): readonly T[] {
  return (facts ?? []).map(({ value }) => value);
}

function questions(report: Report): Record<string, readonly string[]> {
  const asked = report.rows.map(({ sourceId, reasons }): [string, string[]] => [
    sourceId,
    reasons.filter(({ weight }) => weight === "review").map(({ reason }) => reason),
  ]);
  return Object.fromEntries(asked.filter(([, reasons]) => reasons.length > 0));
}

function refusals(report: Report): string[] {
  const refused = report.rows.filter(({ outcome }) => outcome === "refused");
  return refused.map(({ sourceId, line, reasons }) => `${sourceId} ${reasons[0]?.reason} ${line}`);
}

function notes(report: Report, field: string): readonly string[] {
  return report.rows.flatMap(({ sourceId, reasons }) =>
    reasons
      .filter((one) => one.weight === "note" && one.field === field)
      .map(({ reason }) => `${sourceId} ${reason}`),
  );
}

function originals(report: Report, reason: string): string[] {
  return report.rows.flatMap(({ reasons }) =>
    reasons.filter((one) => one.reason === reason).map(({ original }) => original),
  );
}

function edited(files: SourceFiles, from: string, to: string): SourceFiles {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replace(from, to)]));
}

function print(report: Report): string {
  const written: string[] = [];
  printReport(report, { write: (text) => written.push(text) });
  return written.join("");
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

type ExpectedRow = { readonly handle: string; readonly line_kind: string };
type Expected = { readonly summary: Readonly<Record<string, number>>; readonly rows: readonly ExpectedRow[] };

function expected() {
  const file = join(data, "practitioners-synthetic/expected.json");
  return JSON.parse(readFileSync(file, "utf8")) as Expected & { readonly summary: Summary };
}

type Summary = Readonly<
  Record<
    | "data_lines"
    | "need_review"
    | "self_vouch"
    | "dangling_vouch"
    | "publishable_now"
    | "publishable_if_consent_date_must_be_readable"
    | "network_visible"
    | "consented",
    number
  >
>;

function practitionersCsv(): string {
  return join(data, "practitioners-synthetic/practitioners.csv");
}

/** A draft in the words of expected.json, whose NETWORK is our MEMBERS. Its vouchers are known once all rows are. */
function seenAs(draft: PractitionerDraft | undefined): unknown {
  if (draft === undefined) return undefined;
  const known = /^p0([0-5]\d|6[0-2])$/;
  const asked = draft.reasons.filter(({ weight }) => weight === "review");
  return {
    handle: draft.sourceId,
    line_kind: "ordinary",
    serves: draft.regions,
    languages: draft.languages.map(({ language }) => language),
    specialties: draft.specialties,
    level: draft.level,
    visibility:
      draft.visibility === null ? "REVIEW" : draft.visibility === "MEMBERS" ? "NETWORK" : draft.visibility,
    consent: draft.consent.given,
    consent_on: draft.consent.on,
    last_verified: draft.verified,
    self_vouch: draft.vouchers.includes(draft.sourceId),
    dangling_vouch: draft.vouchers.some((voucher) => !known.test(voucher)),
    review: asked.map(({ reason }) => `review:${reason}`),
  };
}
