import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { openLog } from "../src/log.js";
import { migrate, openDatabase, readRows, type Database } from "../src/storage/database.js";
import { openEmbedded } from "../src/storage/embedded.js";
import { migrations } from "../src/storage/migrations/index.js";
import { cloneDatabase, emptyDatabase, type TestDatabase } from "./database.js";

const log = openLog("silent");
const names = migrations.map((migration) => new migration().name);

describe("reading", () => {
  let database: TestDatabase;
  let db: Database;

  beforeAll(async () => {
    database = await cloneDatabase();
    db = await openDatabase(database.url, [], log);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  test("the reading role is refused on every table of base", async () => {
    const tables = await tablesOf("base");
    expect(tables).toContain("migration");
    for (const table of tables)
      await expect(read(`select from base.${table}`)).rejects.toThrow("permission denied");
  });

  test("the reading role may read every table of seen and change none, even in a transaction that may write", async () => {
    for (const table of await tablesOf("seen")) {
      await expect(read(`select from seen.${table} limit 1`)).resolves.toBeDefined();
      await expect(inWritingSession(`delete from seen.${table}`)).rejects.toThrow("permission denied");
    }
    await expect(inWritingSession("create table seen.mine ()")).rejects.toThrow("permission denied");
  });

  test("a reading session that resets itself is still the reader, and still reads only", async () => {
    for (const reset of ["reset role", "reset all", "discard all", "set session authorization default"])
      expect(await sessionAfter(reset)).toEqual({ who: "cadre_reader", only: "on" });
  });

  // `set role none` would give the owner's rights back: PostgreSQL judges it by who logged in. What holds instead is that
  // no visitor's words ever become SQL, and that a second statement cannot ride along.
  test("a read is one statement: nothing can be appended to it", async () => {
    await expect(read("set role none; select 1")).rejects.toThrow("cannot insert multiple commands");
    await expect(read("select 1; select 2")).rejects.toThrow("cannot insert multiple commands");
  });

  test("a read that takes longer than five seconds is cut off", async () => {
    await expect(read("select pg_sleep(8)")).rejects.toThrow("statement timeout");
  });

  test("a transaction that fails leaves nothing behind", async () => {
    const work = db.transaction(async (tx) => {
      await tx.query("create table base.scratch ()");
      throw new Error("stop here");
    });
    await expect(work).rejects.toThrow("stop here");
    expect(await tablesOf("base")).not.toContain("scratch");
  });

  test("a listener that lost its connection hears again, and is told to look for itself", async () => {
    const heard: string[] = [];
    let lost = 0;
    const listener = await db.listen(
      "news",
      (payload) => heard.push(payload),
      () => lost++,
    );
    await db.write.query("select pg_notify('news', 'before')");
    await until(() => heard.length === 1);
    await db.write.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cadre listener' and datname = current_database()",
    );
    await until(() => lost === 1);
    await db.write.query("select pg_notify('news', 'after')");
    await until(() => heard.length === 2);
    expect(heard).toEqual(["before", "after"]);
    await listener.close();
  });

  function read(sql: string): Promise<readonly object[]> {
    return readRows(db.read, sql);
  }

  async function tablesOf(schema: string): Promise<readonly string[]> {
    const rows = await db.write.query<{ name: string }[]>(
      "select tablename as name from pg_tables where schemaname = $1",
      [schema],
    );
    return rows.map((row) => row.name);
  }

  async function sessionAfter(sql: string): Promise<unknown> {
    const client = await db.read.connect();
    try {
      await client.query(sql);
      const { rows } = await client.query<{ who: string; only: string }>(
        "select current_user as who, current_setting('transaction_read_only') as only",
      );
      return rows[0];
    } finally {
      client.release(true);
    }
  }

  async function inWritingSession(sql: string): Promise<unknown> {
    const client = await db.read.connect();
    try {
      await client.query("begin read write");
      return await client.query(sql);
    } finally {
      client.release(true);
    }
  }
});

describe("migrating", () => {
  test("nodes that start together migrate once", async () => {
    const database = await emptyDatabase();
    const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url, log)));
    expect(applied.flat()).toEqual(names);
    await database.drop();
  });

  test("new databases on one server can be migrated at the same moment", async () => {
    const databases = await Promise.all([1, 2, 3].map(() => emptyDatabase()));
    const applied = await Promise.all(databases.map(({ url }) => migrate(url, log)));
    expect(applied).toEqual(databases.map(() => names));
    await Promise.all(databases.map((database) => database.drop()));
  });

  test("a database made by a newer version is refused and left as it was", async () => {
    const database = await cloneDatabase();
    await ask(
      database.url,
      "insert into base.migration (timestamp, name) values (4102444800000, 'Tomorrow4102444800000')",
    );
    const before = await ask(database.url, everything);
    await expect(migrate(database.url, log)).rejects.toThrow(
      "This database was made by a newer Cadre (migration Tomorrow4102444800000); use that version or a restored backup.",
    );
    expect(await ask(database.url, everything)).toEqual(before);
    await database.drop();
  });

  test("a user who may not create roles is told the two statements that help, and they do", async () => {
    const { database, url, owner, forget } = await ownedByOrdinaryUser();
    const help = `create role cadre_reader nologin; grant cadre_reader to ${owner};`;
    await expect(migrate(url, log)).rejects.toThrow(help);
    await ask(database.url, `grant cadre_reader to ${owner}`);
    await expect(migrate(url, log)).resolves.toEqual(names);
    const db = await openDatabase(url, [], log);
    await expect(readRows(db.read, "select from base.migration")).rejects.toThrow("permission denied");
    await db.close();
    await forget();
  });
});

describe("an operator reads what is wrong, and never a password", () => {
  const cases = {
    "an address that is none": ["postgres//cadre:geheim@db/cadre", "DATABASE_URL must look like"],
    "another kind of database": ["mysql://cadre:geheim@127.0.0.1/cadre", "DATABASE_URL must look like"],
    "a server that is down": [
      "postgres://cadre:geheim@127.0.0.1:1/cadre",
      "No PostgreSQL answers at 127.0.0.1:1;",
    ],
    "a host that does not exist": [
      "postgres://cadre:geheim@nowhere.invalid/cadre",
      "No PostgreSQL answers at nowhere.invalid:5432;",
    ],
  } as const;

  test.each(Object.entries(cases))("%s", async (_, [url, sentence]) => {
    for (const open of [() => migrate(url, log), () => openDatabase(url, [], log)]) {
      const error = await open().catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        name: "OperatorError",
        message: expect.stringContaining(sentence) as string,
      });
      expect(String(error)).not.toContain("geheim");
    }
  });

  test("a database that does not exist", async () => {
    const database = await emptyDatabase();
    const address = new URL(database.url);
    address.pathname = "/not_there";
    await expect(migrate(address.href, log)).rejects.toThrow("has no database of the name in DATABASE_URL");
    await database.drop();
  });
});

test("a query while PostgreSQL is away gets UNAVAILABLE, and works again when it is back", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cadre-away-"));
  await chmod(folder, 0o711);
  const server = await openEmbedded(folder, "owner", log, { durable: false });
  await migrate(server.url, log);
  const db = await openDatabase(server.url, [], log);
  const lent = await db.read.connect();
  const ways = [
    () => readRows(db.read, "select 1 as one"),
    () => db.transaction((tx) => tx.query("select 1 as one")),
  ];
  for (const way of ways) await expect(way()).resolves.toEqual([{ one: 1 }]);

  await server.stop();
  for (const way of [...ways, ...ways])
    await expect(way()).rejects.toMatchObject({ name: "DirectoryError", code: "UNAVAILABLE" });
  lent.release(true);

  const again = await openEmbedded(folder, "owner", log, {
    durable: false,
    port: Number(new URL(server.url).port),
  });
  for (const way of ways) await expect(way()).resolves.toEqual([{ one: 1 }]);
  await db.close();
  await again.stop();
  await rm(folder, { recursive: true });
});

/** The shape of a database, and what typeorm knows about it. */
const everything = `
  select 'column' as kind, table_schema || '.' || table_name || '.' || column_name as name from information_schema.columns
   where table_schema in ('base', 'seen')
  union all select 'migration', migration.name from base.migration
  order by 1, 2`;

async function ownedByOrdinaryUser(): Promise<{
  database: TestDatabase;
  url: string;
  owner: string;
  forget: () => Promise<void>;
}> {
  const database = await emptyDatabase();
  const owner = `cadre_test_${randomBytes(4).toString("hex")}`;
  await ask(database.url, `create role ${owner} login password 'invented'`);
  await ask(database.url, `alter database ${new URL(database.url).pathname.slice(1)} owner to ${owner}`);
  const url = new URL(database.url);
  Object.assign(url, { username: owner, password: "invented" });
  const forget = async (): Promise<void> => {
    await database.drop();
    await ask(process.env["CADRE_TEST_SERVER"] ?? "", `drop role ${owner}`);
  };
  return { database, url: url.href, owner, forget };
}

async function ask(url: string, sql: string): Promise<readonly object[]> {
  const client = new Client(url);
  await client.connect();
  const { rows } = await client.query<object>(sql).finally(() => client.end());
  return rows;
}

async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds() && turns < 200; turns++) await sleep(25);
  expect(holds()).toBe(true);
}
