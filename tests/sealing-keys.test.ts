import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ceiba } from "../seeds/cast.js";
import { readConfig } from "../src/config.js";
import { openLog } from "../src/log.js";
import { openGround, type Ground } from "../src/ground.js";
import { startNode } from "../src/node.js";
import { loadPractitioners, savePractitioners } from "../src/practitioners/practitioner.store.js";
import { newKeyLine, readMasterKeys } from "../src/storage/master-key.js";
import { cadre, type Ended } from "./command.js";
import { cloneDatabase } from "./database.js";
import { everythingIn, formsOf } from "./everything.js";
import { startTestNode, type TestNode } from "./node.js";

let folder: string;
let keyFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cadre-keys-"));
  keyFile = join(folder, "keys");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const asRoot = process.getuid?.() === 0 ? test : test.skip;

describe("the key file of a node in production", () => {
  /** No database is there: a node that gets so far says so, and the key file was taken. */
  const nowhere = "postgres://x:x@127.0.0.1:1/x";

  function start(): Promise<Ended> {
    return cadre(["serve"], { NODE_ENV: "production", DATABASE_URL: nowhere, KEY_FILE: keyFile });
  }

  test.each([
    ["is empty", "", /is empty/],
    ["holds a remark and no key", "# the key of this network\n\n", /is empty/],
    ["holds a key that is too short", newKeyLine().slice(0, 42), /a line that is no key/],
    ["holds a key that is too long", `${newKeyLine()}A`, /a line that is no key/],
    ["holds a word", "changeme", /a line that is no key/],
    ["holds zeros", "A".repeat(43), /not random/],
    ["holds the alphabet", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopo", /not random/],
    [
      "holds bytes that count",
      Buffer.from(Array.from({ length: 32 }, (_, n) => n)).toString("base64url"),
      /not random/,
    ],
    ["holds a repetition", `${"Ab3xK9".repeat(7)}A`, /not random/],
    ["holds words", "correct-horse-battery-staple-correct-horse-", /not random/],
    ["holds a good key above a bad one", `${newKeyLine()}\n${"A".repeat(43)}\n`, /not random/],
  ])("is refused with a sentence when it %s, and the key is not repeated", async (_what, text, sentence) => {
    await writeFile(keyFile, text, { mode: 0o600 });
    const node = await start();
    expect(node.status).toBe(1);
    expect(node.complained).toMatch(sentence);
    expect(node.complained).toContain(keyFile);
    for (const line of text.split("\n").filter((one) => one.length > 10 && !one.startsWith("#")))
      expect(node.complained).not.toContain(line);
  });

  test.each([
    ["read by its group", 0o640],
    ["read by everybody", 0o604],
    ["changed by everybody", 0o602],
  ])("is refused when it can be %s, and the node says how to mend that", async (_what, mode) => {
    await writeFile(keyFile, newKeyLine());
    await chmod(keyFile, mode);
    const refused = await start();
    expect(refused.status).toBe(1);
    expect(refused.complained).toContain(`chmod 600 ${keyFile}`);
    await chmod(keyFile, 0o600);
    expect((await start()).complained).toContain("No PostgreSQL answers");
  });

  test("is refused when it is missing or a folder, and asked for when it is not set", async () => {
    expect((await start()).complained).toMatch(/cannot be read \(ENOENT\).*backup/);
    await mkdir(keyFile);
    expect((await start()).complained).toContain("not a plain file");
    const unset = await cadre(["serve"], { NODE_ENV: "production", DATABASE_URL: nowhere });
    expect(unset.complained).toContain("KEY_FILE is not set");
  });

  test("takes what cadre keys new prints, which is another key each time and needs no settings", async () => {
    const lines = [];
    for (let n = 0; n < 3; n++) {
      const { status, said } = await cadre(["keys", "new"], {
        NODE_ENV: "production",
        DATABASE_URL: "nonsense",
      });
      expect(status).toBe(0);
      lines.push(said);
    }
    expect(new Set(lines).size).toBe(3);
    await writeFile(keyFile, lines.join(""), { mode: 0o600 });
    expect((await start()).complained).toContain("No PostgreSQL answers");
  });

  test("takes each of ten thousand random keys", async () => {
    await writeFile(keyFile, Array.from({ length: 10_000 }, newKeyLine).join("\n"), { mode: 0o600 });
    expect(await readMasterKeys(keyFile, false)).toHaveLength(10_000);
  });
});

describe("the key of a node in development", () => {
  test("is made beside the data, for its owner alone, and read whole however many start at once", async () => {
    const file = join(folder, "data", "key");
    const script = `import { readMasterKeys } from "./dist/src/storage/master-key.js";
      console.log((await readMasterKeys(${JSON.stringify(file)}, true)).map(({ id }) => id).join());`;
    const ids = await Promise.all(Array.from({ length: 6 }, () => run(script)));
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, "data"))).toEqual(["key"]);
  });

  asRoot("belongs to the folder's owner when root works in it", async () => {
    const data = join(folder, "data");
    await mkdir(data);
    await chown(data, 12_345, 12_345);
    await readMasterKeys(join(data, "key"), true);
    expect(await stat(join(data, "key"))).toMatchObject({ uid: 12_345, gid: 12_345 });
  });

  test("is never made for a database that was sealed with another: the node says that it is missing", async () => {
    const database = await cloneDatabase();
    const env = { DATABASE_URL: database.url, DATA_DIR: join(folder, "data") };
    expect(await cadre(["migrate"], env)).toMatchObject({ status: 0, complained: "" });
    await rm(join(folder, "data", "key"));
    const again = await cadre(["migrate"], env);
    expect(again.status).toBe(1);
    expect(again.complained).toMatch(/cannot be read \(ENOENT\).*backup/);
    expect(existsSync(join(folder, "data", "key"))).toBe(false);
    await database.drop();
  });
});

describe("a key that is changed", () => {
  const old = newKeyLine();
  const fresh = newKeyLine();
  let node: TestNode;
  beforeEach(async () => {
    await keysAre(old);
    node = await startTestNode(ceiba, { keyFile });
  });
  afterEach(() => node.close());

  test("wraps all keys anew while the node serves, and leaves everything that was sealed as it is", async () => {
    const before = await everythingIn(node.databaseUrl, /^(seen\.|base\.fact)/);
    const contacts = await contactsOfEverybody(node);
    await keysAre(fresh, old);
    const rotated = await rotate();
    expect(rotated).toMatchObject({ status: 0, complained: "" });
    expect(rotated.said).toContain(`${ceiba.practitioners.length + 1} keys wrapped anew`);
    expect(await everythingIn(node.databaseUrl, /^(seen\.|base\.fact)/)).toBe(before);
    // The node was started with the old key alone, and is neither stopped nor told.
    expect(await contactsOfEverybody(node)).toBe(contacts);
    await saveEverybodyAnew(node.ground);
    expect(await everythingIn(node.databaseUrl, /^(seen\.|base\.fact)/)).toBe(before);
    expect((await rotate()).said).toContain("nothing to do");
    const entries = await node.ground.database.write.query(
      "select audit.actor, audit.object from base.audit where audit.action = 'KEYS_ROTATED'",
    );
    expect(entries).toEqual([{ actor: "operator", object: null }]);
  });

  test("opens everything alone from then on, and the old one alone is refused", async () => {
    await saveEverybodyAnew(node.ground);
    await keysAre(fresh, old);
    await rotate();
    await keysAre(fresh);
    const alone = await openGround(config(), "guest-or-owner", openLog("silent"));
    expect(await everybody(alone)).toEqual(await everybody(node.ground));
    await alone.close();
    expect(await cadre(["audit", "verify"], env())).toMatchObject({ status: 0 });
    await keysAre(old);
    const refused = await cadre(["serve"], env());
    expect(refused.status).toBe(1);
    expect(refused.complained).toMatch(/sealed with the key [0-9a-f]{16}, which is not in the key file/);
  });

  test("wraps the keys of people who come while the node runs, from the moment it is in the file", async () => {
    await keysAre(fresh, old);
    const id = "0c9b7f5e-4b1d-4a52-9a9e-111111111111";
    const someone = { ...ceiba.practitioners[0]!, id };
    await node.ground.database.transaction((tx) => savePractitioners(tx, node.ground.home, [someone]));
    await rotate();
    await keysAre(fresh);
    const alone = await openGround(config(), "guest-or-owner", openLog("silent"));
    await expect(everybody(alone)).resolves.toHaveLength(ceiba.practitioners.length + 1);
    await alone.close();
  });

  test("refuses to start as long as one person's key is wrapped by a key that is not in the file", async () => {
    await keysAre(fresh, old);
    await rotate();
    await node.ground.database.write.query(
      "update base.person_key set master = '0123456789abcdef' where practitioner = (select max(practitioner::text)::uuid from base.person_key)",
    );
    for (const command of [["serve"], ["keys", "rotate"]]) {
      const refused = await cadre(command, env());
      expect(refused.status).toBe(1);
      expect(refused.complained).toContain(
        "sealed with the key 0123456789abcdef, which is not in the key file",
      );
    }
  });

  test("is nowhere in the database, and neither is the old one", async () => {
    await keysAre(fresh, old);
    await rotate();
    const text = await everythingIn(node.databaseUrl);
    const bytes = [old, fresh].map((line) => Buffer.from(line, "base64url"));
    for (const key of bytes)
      for (const form of [...formsOf(key.toString("latin1")), key.toString("hex"), key.toString("base64url")])
        expect(text.includes(form)).toBe(false);
  });

  function env(): Record<string, string> {
    return { NODE_ENV: "production", HOST: "127.0.0.1", DATABASE_URL: node.databaseUrl, KEY_FILE: keyFile };
  }

  function config(): ReturnType<typeof readConfig> {
    return readConfig(env());
  }

  function rotate(): Promise<Ended> {
    return cadre(["keys", "rotate"], env());
  }
});

describe("an organization written before contact points were sealed", () => {
  test("keeps them, sealed from the next start on", async () => {
    await keysAre(newKeyLine());
    const node = await startTestNode(ceiba, { keyFile });
    const id = ceiba.organizations[0]?.id;
    const question = "query ($id: ID!) { organization(id: $id) { contact { value } } }";
    const told = { organization: { contact: [{ value: "desk@example.org" }] } };
    const old = '[{"kind": "EMAIL", "value": "desk@example.org", "note": null}]';
    await node.ground.database.write.query(
      "update base.organization set facts = jsonb_set(facts, '{contact}', $2::jsonb) where id = $1",
      [id, old],
    );
    await node.ground.database.write.query(
      "update seen.listing set doc = jsonb_set(doc::jsonb, '{contact}', $2::jsonb)::text where id = $1",
      [id, old],
    );
    expect((await node.ask(question, { id })).data).toEqual(told);
    const env = { NODE_ENV: "production", HOST: "127.0.0.1", PORT: "0", DATABASE_URL: node.databaseUrl };
    await (await startNode(readConfig({ ...env, KEY_FILE: keyFile }), openLog("silent"))).close();
    expect(await everythingIn(node.databaseUrl)).not.toContain("desk@example.org");
    expect((await node.ask(question, { id })).data).toEqual(told);
    await node.close();
  });
});

describe("a cursor", () => {
  test("of a stolen copy of the database is worth nothing: it is sealed with a key that is not in it", async () => {
    await keysAre(newKeyLine());
    const one = await startTestNode(ceiba);
    const other = await startTestNode(ceiba, { keyFile });
    const page =
      "query ($after: String) { practitioners(first: 1, after: $after) { pageInfo { endCursor } } }";
    const { data } = await one.ask<{ practitioners: { pageInfo: { endCursor: string } } }>(page);
    const after = data.practitioners.pageInfo.endCursor;
    expect((await one.ask(page, { after })).errors).toBeUndefined();
    expect((await other.ask(page, { after })).errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT" } },
    ]);
    await Promise.all([one.close(), other.close()]);
  });
});

// ── verbs of these tests ────────────────────────────────────────────────────────────────────────────────────────────

async function keysAre(...lines: readonly string[]): Promise<void> {
  await writeFile(keyFile, `${lines.join("\n")}\n`, { mode: 0o600 });
}

/** What members see, as one text. */
async function contactsOfEverybody(node: TestNode): Promise<string> {
  const member = await node.signedIn("PRACTITIONER");
  const { text } = await member.ask(
    "{ practitioners(first: 50) { nodes { id contact { kind value note } } } }",
  );
  expect(text).toContain('"kind":"');
  return text;
}

async function everybody({ database, home }: Ground): Promise<readonly unknown[]> {
  const rows = await database.write.query<{ id: string }[]>(
    "select practitioner.id from base.practitioner order by practitioner.id",
  );
  const people = await database.transaction((tx) =>
    loadPractitioners(
      tx,
      home,
      rows.map(({ id }) => id),
    ),
  );
  return [...people].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function saveEverybodyAnew({ database, home }: Ground): Promise<number> {
  return database.transaction((tx) => savePractitioners(tx, home, ceiba.practitioners));
}

/** A process of its own, and what it prints. */
async function run(script: string): Promise<string> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
  let said = "";
  child.stdout.on("data", (text: Buffer) => (said += text.toString()));
  await new Promise((resolve) => child.once("close", resolve));
  return said.trim();
}
