import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importFiles } from "../src/intake/import.js";
import type { Report } from "../src/intake/report.js";
import { readVocabulary } from "../src/vocabulary/vocabulary.js";
import { everythingIn, formsOf } from "./everything.js";
import { PRACTITIONER_COLUMNS, remembered } from "./imported.js";
import { startTestNode, type TestNode } from "./node.js";

let node: TestNode;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cadre-sealing-"));
  node = await startTestNode(null);
});
afterEach(async () => {
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

describe("what an import keeps", () => {
  test("tells a thief nothing: of a private row no column, of a listed one no handle, contact point, remark or question", async () => {
    const canary = () => randomBytes(12).toString("hex");
    const hidden = PRACTITIONER_COLUMNS.map((column): [string, string] => [column, canary()]);
    const secret = Object.fromEntries(hidden.filter(([column]) => column !== "visibility"));
    const own = {
      handle: canary(),
      languages: canary(),
      mail: canary(),
      notes: canary(),
      vouched_by: canary(),
      organisation: canary(),
    };
    const shared = { name: canary() };
    const report = await takeIn(node, [
      { ...secret, visibility: "private" },
      {
        ...own,
        display_name: shared.name,
        visibility: "network",
        consent_given: "yes",
        contact: `mailto:${own.mail}@example.org`,
      },
    ]);
    expect(report.counts).toMatchObject({ created: 2, review: 2 });
    const text = await everythingIn(node.databaseUrl);
    const found = (canaries: Record<string, string>) =>
      Object.entries(canaries).flatMap(([name, value]) =>
        formsOf(value).some((form) => text.includes(form)) ? [name] : [],
      );
    expect(found(secret)).toEqual([]);
    expect(found(own)).toEqual([]);
    expect(found(shared)).toEqual(["name"]);
    // It is kept nevertheless: the node itself knows each of the questions.
    const { ids, questions } = await remembered(node.ground.database, node.ground.home);
    expect(new Set(ids.keys())).toEqual(new Set([secret["handle"], own.handle]));
    expect(questions).toContainEqual({
      key: expect.any(String),
      field: "languages",
      reason: "unknown-language",
      original: own.languages,
    });
  });

  test("is of no use to somebody who guesses: two nodes keep nothing alike of the same file", async () => {
    const other = await startTestNode(null, { keyFile: await newKeyFile() });
    const row = {
      handle: "a1",
      display_name: "Sapodilla",
      contact: "tel:+50255550100",
      notes: "x",
      languages: "Bahasa",
    };
    await takeIn(node, [row]);
    await takeIn(other, [row]);
    const [here, there] = await Promise.all(
      [node, other].map(async ({ databaseUrl }) => {
        const text = await everythingIn(databaseUrl, /^base\.(source|review)$/);
        return new Set(text.split(/[^\w-]+/).filter((word) => word.length > 10));
      }),
    );
    await other.close();
    const alike = [...(here ?? [])].filter((word) => there?.has(word) === true);
    expect(alike).toEqual(["practitioners-csv", "practitioner"]);
    expect(here?.size).toBeGreaterThan(4);
  });

  test("of a person who was erased is a mark nobody can read, by which they are not brought back", async () => {
    const row = { handle: "ana@example.org", display_name: "Sapodilla", languages: "Bahasa" };
    await takeIn(node, [row]);
    await node.ground.database.write.query("delete from base.practitioner");
    const { ids, questions } = await remembered(node.ground.database, node.ground.home);
    expect([...ids]).toEqual([]);
    expect(questions).toEqual([]);
    const { rows } = await takeIn(node, [{ ...row, handle: "Ana@Example.org" }]);
    expect(rows.map(({ outcome, reasons }) => [outcome, ...reasons.map(({ reason }) => reason)])).toEqual([
      ["refused", "erased-here"],
    ]);
  });

  test("is not opened as another record's: who swaps what is kept of two rows is found out", async () => {
    const bodies = join(folder, "mapping.json");
    await writeFile(
      bodies,
      JSON.stringify({
        source: "bodies",
        about: "x",
        kind: "organization",
        format: "csv",
        id: "{id}",
        fields: { name: { from: "name" } },
      }),
    );
    const file = join(folder, "bodies.csv");
    await writeFile(file, "id,name\no1,House of Reeds\no2,The Bridge\n");
    await importAt(node, file, bodies);
    await node.ground.database.write.query(`
      update base.source set original = other.original from base.source other where other.source_key <> source.source_key`);
    await expect(importAt(node, file, bodies)).rejects.toThrow("unable to authenticate data");
  });
});

// ── verbs of these tests ────────────────────────────────────────────────────────────────────────────────────────────

async function takeIn(by: TestNode, rows: readonly Partial<Record<string, string>>[]): Promise<Report> {
  const file = join(folder, "people.csv");
  const lines = rows.map((row) => PRACTITIONER_COLUMNS.map((column) => row[column] ?? "").join(","));
  await writeFile(file, [PRACTITIONER_COLUMNS.join(","), ...lines, ""].join("\n"));
  return importAt(by, file, "practitioners-csv");
}

function importAt({ ground }: TestNode, file: string, mapping: string): Promise<Report> {
  const { database, home } = ground;
  return importFiles({ database, vocabulary: readVocabulary(), home, paths: [file], mapping });
}

async function newKeyFile(): Promise<string> {
  const file = join(folder, "other-key");
  await writeFile(file, randomBytes(32).toString("base64url"), { mode: 0o600 });
  return file;
}
