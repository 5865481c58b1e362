import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AUDIT_ACTIONS, type Deed } from "../src/audit/audit.js";
import { auditAbout, record } from "../src/audit/audit.store.js";
import { openLog } from "../src/log.js";
import { openGround, type Ground } from "../src/ground.js";
import { newKeyLine } from "../src/storage/master-key.js";
import { viewerOf } from "../src/visibility/viewer.js";
import { cadre, type Ended } from "./command.js";
import { readConfig } from "../src/config.js";
import { cloneDatabase, type TestDatabase } from "./database.js";
import { remembered } from "./imported.js";

let folder: string;
let database: TestDatabase;
let env: Record<string, string>;
let ground: Ground;
let now: Date;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cadre-audit-"));
  database = await cloneDatabase();
  const keyFile = join(folder, "keys");
  await writeFile(keyFile, newKeyLine(), { mode: 0o600 });
  env = { NODE_ENV: "production", DATABASE_URL: database.url, KEY_FILE: keyFile };
  now = new Date("2026-05-04T03:02:01.009Z");
  ground = await openGround(readConfig(env), "guest-or-owner", openLog("silent"), () => now);
});
afterEach(async () => {
  await ground.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

describe("the audit log", () => {
  test("cannot be changed, shortened or emptied by a statement, also not in a session that plays back changes", async () => {
    await someDeeds();
    for (const statement of [
      "update base.audit set action = 'LIFTED'",
      "delete from base.audit where seq = 2",
      "truncate base.audit",
      "set session_replication_role = replica; delete from base.audit",
    ])
      await expect(own(statement)).rejects.toThrow("the audit log is only added to");
    expect((await verify()).said).toContain("unbroken: 5 entries");
  });

  test("holds what was done and nothing that was not: an entry lives and dies with its deed", async () => {
    await deed({ actor: "node", action: "LAPSED", object: randomUUID() });
    const failed = ground.database.transaction(async (tx) => {
      await record(tx, ground.home, { actor: "node", action: "ERASED", object: null });
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    expect((await verify()).said).toContain("unbroken: 1 entry");
  });

  test("stays one chain when many write at once, and when one deed has thousands of entries", async () => {
    const many = Array.from({ length: 5001 }, (): Deed => ({
      actor: "operator",
      action: "IMPORTED",
      object: randomUUID(),
      fields: ["alias"],
    }));
    const few = Array.from({ length: 20 }, () =>
      deed({ actor: "node", action: "CONFIRMED", object: randomUUID() }),
    );
    await Promise.all([ground.database.transaction((tx) => record(tx, ground.home, ...many)), ...few]);
    expect((await verify()).said).toContain("unbroken: 5021 entries");
  });

  test("has no room for a name, an address or a value", async () => {
    const id = randomUUID();
    const refused = [
      { actor: "node", action: "INVITED", object: "ana@example.org" },
      { actor: "node", action: "ENTRY_SAVED", object: id, fields: ["alias", "+502 5555 0100"] },
      { actor: "node", action: "ENTRY_SAVED", object: id, fields: ["ana@example.org"] },
      { actor: viewerOf("STEWARD", "Ana María"), action: "ENTRY_SAVED", object: id },
    ] as const;
    for (const one of refused) await expect(deed(one)).rejects.toThrow(/audit_(object|fields|actor)/);
  });

  test("tells what was done to somebody, newest first and page by page, and of nobody else", async () => {
    const [one, other, steward] = [randomUUID(), randomUUID(), randomUUID()];
    await deed({ actor: "operator", action: "IMPORTED", object: one, fields: ["alias", "contact"] });
    await deed({ actor: "operator", action: "IMPORTED", object: other });
    now = new Date("2026-06-01T00:00:00.000Z");
    await deed({ actor: viewerOf("STEWARD", steward), action: "SUSPENDED", object: one });
    const about = (first: number, skip: number) =>
      ground.database.transaction((tx) => auditAbout(tx, [one], { first, skip }));
    const suspended = {
      seq: 3,
      at: now,
      actor: `STEWARD ${steward}`,
      action: "SUSPENDED",
      object: one,
      fields: [],
    };
    expect(await about(1, 0)).toEqual([suspended]);
    expect(await about(5, 1)).toMatchObject([{ seq: 1, actor: "operator", fields: ["alias", "contact"] }]);
    expect(await about(5, 2)).toEqual([]);
  });
});

describe("cadre audit verify", () => {
  test("says how many entries there are and where the log ends, and later that this end is still in it", async () => {
    const empty = await verify();
    expect(empty).toMatchObject({ status: 0, complained: "" });
    expect(empty.said).toContain("unbroken: 0 entries");
    await someDeeds();
    const head = headIn(await verify());
    expect(head).toMatch(/^5:[0-9a-f]{64}$/);
    await deed({ actor: "node", action: "LAPSED", object: randomUUID() });
    expect(await verify("--head", head)).toMatchObject({ status: 0 });
    expect(await verify("--head", headIn(empty))).toMatchObject({ status: 0 });
  });

  test.each([
    ["an action is another", "update base.audit set action = 'LIFTED' where seq = 3", 3],
    ["a field is missing", "update base.audit set fields = '{alias}' where seq = 3", 3],
    ["two fields became one", "update base.audit set fields = '{alias contact}' where seq = 3", 3],
    ["somebody else did it", "update base.audit set actor = 'operator' where seq = 4", 4],
    ["it was done to another", "update base.audit set object = gen_random_uuid()::text where seq = 2", 2],
    ["it was done to nobody", "update base.audit set object = null where seq = 2", 2],
    ["it was done later", "update base.audit set at = at + interval '1 millisecond' where seq = 5", 5],
    ["it was never done", "update base.audit set at = 'infinity' where seq = 5", 5],
    ["an entry in the middle is gone", "delete from base.audit where seq = 3", 4],
    ["the first entry is gone", "delete from base.audit where seq = 1", 2],
    [
      "an entry in the middle is gone and the others were numbered anew",
      "delete from base.audit where seq = 3; update base.audit set seq = 3 where seq = 4; update base.audit set seq = 4 where seq = 5",
      3,
    ],
    [
      "two entries changed places",
      "update base.audit set seq = 99 where seq = 2; update base.audit set seq = 2 where seq = 3; update base.audit set seq = 3 where seq = 99",
      2,
    ],
    [
      "an entry was put on the end",
      "insert into base.audit select 6, at, actor, action, object, fields, mac from base.audit where seq = 5",
      6,
    ],
    [
      "an entry was put before the beginning",
      "insert into base.audit select -1, at, actor, action, object, fields, mac from base.audit where seq = 5",
      -1,
    ],
  ])("names the first entry that does not fit when %s", async (_what, sql, entry) => {
    await someDeeds();
    await tamper(sql);
    const found = await verify();
    expect(found.status).toBe(1);
    expect(found.complained).toMatch(new RegExp(`broken: entry ${entry} does not fit`));
    expect(found.said).toBe("");
  });

  test("finds an end that was taken off, when the end was noted before", async () => {
    await someDeeds();
    const head = headIn(await verify());
    await tamper("delete from base.audit where seq > 3");
    expect((await verify()).said).toContain("unbroken: 3 entries");
    const found = await verify("--head", head);
    expect(found.status).toBe(1);
    expect(found.complained).toContain("does not hold the entry 5 that it once ended with: it ends at 3");
    // Whoever then goes on as if nothing had been does not get back to the noted end.
    await someDeeds();
    expect((await verify("--head", head)).status).toBe(1);
  });

  test("finds an entry of a history that was taken back, put in again", async () => {
    await someDeeds();
    await tamper("create table base.taken_back as select * from base.audit where seq > 3");
    await tamper("delete from base.audit where seq > 3");
    await someDeeds();
    expect((await verify()).said).toContain("unbroken: 8 entries");
    await tamper("delete from base.audit where seq = 4");
    await tamper("insert into base.audit select * from base.taken_back where seq = 4");
    expect((await verify()).complained).toContain("entry 5 does not fit");
  });

  test("is not satisfied by a chain made with any other key", async () => {
    await someDeeds();
    const other = await cloneDatabase();
    await writeFile(join(folder, "other"), newKeyLine(), { mode: 0o600 });
    const found = await cadre(["audit", "verify"], env);
    expect(found.status).toBe(0);
    const forger = await openGround(
      readConfig({ ...env, DATABASE_URL: other.url, KEY_FILE: join(folder, "other") }),
      "guest-or-owner",
      openLog("silent"),
    );
    const forged = await forger.database.transaction(async (tx) => {
      await record(tx, forger.home, { actor: "node", action: "LAPSED", object: null });
      return tx.query<{ mac: Buffer; at: Date }[]>("select audit.mac, audit.at from base.audit");
    });
    await forger.close();
    await other.drop();
    await own("alter table base.audit disable trigger audit_stays");
    await own("truncate base.audit");
    await ground.database.write.query(
      "insert into base.audit (seq, at, actor, action, object, fields, mac) values (1, $1, 'node', 'LAPSED', null, '{}', $2)",
      [forged[0]?.at, forged[0]?.mac],
    );
    expect((await verify()).complained).toContain("entry 1 does not fit");
  });

  test("says what it wants when the noted end is no end", async () => {
    const found = await verify("--head", "5:abc");
    expect(found.status).toBe(1);
    expect(found.complained).toContain("--head wants what an earlier run printed");
  });
});

describe("an import", () => {
  const header =
    "handle,display_name,network,organisation,serves,languages,specialties,level,formats,follow_up,contact,visibility,consent_given,consent_on,last_verified,vouched_by,notes";

  test("is in the log of everybody it was about: which fields, and not what they hold", async () => {
    await takeIn("a1,Sapodilla,latam,,Guatemala,español,,,,,mailto:a1@example.org,public,yes,2026-01-10,,,");
    const { ids } = await remembered(ground.database, ground.home);
    const first = await entriesAbout(ids.get("a1") ?? "");
    expect(first).toEqual([
      {
        actor: "operator",
        action: "IMPORTED",
        fields: ["state", "audience", "alias", "languages", "regions", "contact", "consent"],
      },
    ]);
    await takeIn("a1,Sapodilla,latam,,Guatemala,español,,,,,mailto:a1@example.org,public,yes,2026-01-10,,,");
    expect(await entriesAbout(ids.get("a1") ?? "")).toEqual(first);
    await takeIn(
      "a1,Sapodilla,latam,,Guatemala,español,,,,yes,mailto:b1@example.org,public,yes,2026-01-10,,,",
    );
    expect(await entriesAbout(ids.get("a1") ?? "")).toEqual([
      { actor: "operator", action: "IMPORTED", fields: ["offersFollowUp", "contact"] },
      ...first,
    ]);
    expect((await verify()).said).toContain("unbroken: 2 entries");
  });

  async function takeIn(row: string): Promise<void> {
    const file = join(folder, "people.csv");
    await writeFile(file, `${header}\n${row}\n`);
    const taken = await cadre(["import", file, "--mapping", "practitioners-csv"], env);
    expect(taken).toMatchObject({ status: 0, complained: "" });
  }

  async function entriesAbout(id: string): Promise<readonly object[]> {
    const entries = await ground.database.transaction((tx) => auditAbout(tx, [id], { first: 10, skip: 0 }));
    return entries.map(({ actor, action, fields }) => ({ actor, action, fields }));
  }
});

// ── verbs of these tests ────────────────────────────────────────────────────────────────────────────────────────────

async function deed(one: Deed): Promise<void> {
  await ground.database.transaction((tx) => record(tx, ground.home, one));
}

async function someDeeds(): Promise<void> {
  for (const action of AUDIT_ACTIONS.slice(0, 5))
    await deed({ actor: "node", action, object: randomUUID(), fields: ["alias", "contact"] });
}

function verify(...args: readonly string[]): Promise<Ended> {
  return cadre(["audit", "verify", ...args], env);
}

function headIn({ said }: Ended): string {
  return /head is (\S+)/.exec(said)?.[1] ?? "";
}

async function own(sql: string): Promise<void> {
  await ground.database.write.query(sql);
}

/** As a superuser could. */
async function tamper(sql: string): Promise<void> {
  await own("alter table base.audit disable trigger audit_stays");
  await own(sql);
  await own("alter table base.audit enable always trigger audit_stays");
}
