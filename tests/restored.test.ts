import { appendFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { ceiba } from "../seeds/cast.js";
import { readConfig, type Config } from "../src/config.js";
import { loadCast } from "../src/demo.js";
import { newEpoch } from "../src/federation/identity.store.js";
import { saveRetirement } from "../src/federation/retirement.store.js";
import { readStatement } from "../src/federation/statement.js";
import { openGround } from "../src/ground.js";
import { openLog } from "../src/log.js";
import { startNode, type Node } from "../src/node.js";
import { removeOrganization, saveOrganizations } from "../src/organizations/organization.store.js";
import { loadPractitioners, savePractitioners } from "../src/practitioners/practitioner.store.js";
import type { ProfileState } from "../src/practitioners/practitioner.js";
import { readMasterKeys } from "../src/storage/master-key.js";
import { cloneDatabase, type TestDatabase } from "./database.js";
import { askAt, keyFile } from "./node.js";
import { freePort, idOf, readerOf } from "./peers.js";

const quetzal = ceiba.practitioners[0]!.id;
const raices = ceiba.organizations[0]!;

let folder: string;
let ledger: string;
let database: TestDatabase;
let url: string;
let feed: ReturnType<typeof readerOf>;
let node: Node | null;
let said: string;
const databases: TestDatabase[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cadre-restored-"));
  ledger = join(folder, "elsewhere", "withdrawals.jsonl");
  url = `http://localhost:${await freePort()}`;
  feed = readerOf(url);
  said = "";
  node = null;
  await readMasterKeys(keyFile, true);
  database = await keep(cloneDatabase());
  await change((tx, home) => loadCast(tx, home, ceiba));
});
afterEach(async () => {
  await stop();
  for (const one of databases.splice(0)) await one.drop();
  await rm(folder, { recursive: true });
});

async function keep(making: Promise<TestDatabase>): Promise<TestDatabase> {
  const made = await making;
  databases.push(made);
  return made;
}

function configOf(settings: Partial<Config> = {}): Config {
  const config = readConfig({
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: new URL(url).port,
    DATABASE_URL: database.url,
    KEY_FILE: keyFile,
    LEDGER_FILE: ledger,
    NETWORK_NAME: "Red Ceiba",
    RATE_SOURCE: "0",
  });
  return { ...config, publicUrl: url, ...settings };
}

async function start(settings: Partial<Config> = {}): Promise<void> {
  node = await startNode(
    configOf(settings),
    pino({ level: "warn" }, { write: (line: string) => (said += line) }),
  );
}

async function stop(): Promise<void> {
  await node?.close();
  node = null;
}

/** The database as it is now, in another place; nobody may be connected. */
const backup = () => keep(cloneDatabase(database));

/** Puts the database back to what it was. */
async function restore(from: TestDatabase): Promise<void> {
  await stop();
  database = from;
  said = "";
}

type Work = Parameters<Awaited<ReturnType<typeof openGround>>["database"]["transaction"]>[0];
type Tx = Parameters<Work>[0];
type Home = Awaited<ReturnType<typeof openGround>>["home"];

async function change<T>(work: (tx: Tx, home: Home) => Promise<T>): Promise<T> {
  const ground = await openGround(configOf(), "guest-or-owner", openLog("silent"));
  return ground.database.transaction((tx) => work(tx, ground.home)).finally(() => ground.close());
}

/** As its owner would. */
async function put(id: string, state: ProfileState): Promise<void> {
  await change(async (tx, home) => {
    const [person] = await loadPractitioners(tx, home, [id]);
    await savePractitioners(tx, home, [{ ...person!, state }]);
  });
}

async function isFound(id: string): Promise<boolean> {
  const { data } = await askAt(url)<{ practitioner: unknown }>(
    "query ($id: ID!) { practitioner(id: $id) { id } }",
    { id },
  );
  return data.practitioner !== null;
}

const inFeed = async (id: string) => (await feed.records()).get(id)?.type;
const notedIds = async () =>
  [...(await readFile(ledger, "utf8")).matchAll(/"([0-9a-f-]{36})","\d{4}/g)].map(([, id]) => id);
const deeds = () =>
  change((tx) =>
    tx.query<{ deed: string }[]>(
      "select concat_ws(' ', actor, action, object) as deed from base.audit where actor = 'node' and action not in ('IDENTITY_SIGNED', 'INVITED') order by seq",
    ),
  ).then((rows) => rows.map(({ deed }) => deed));

/** A backup with somebody in it who withdraws afterwards; the node has stopped. */
async function withdrawnSince(): Promise<{ readonly backup: TestDatabase; readonly epoch: string }> {
  await start();
  const { epoch } = await feed.head();
  await stop();
  const taken = await backup();
  await start();
  await put(quetzal, "WITHDRAWN");
  expect(await inFeed(quetzal)).toBe("Delete");
  await stop();
  return { backup: taken, epoch };
}

describe("a database that was put back to an earlier state", () => {
  test("lists nobody who withdrew since, neither here nor in a feed that begins anew", async () => {
    const { backup: taken, epoch } = await withdrawnSince();
    await restore(taken);
    await start();
    expect(await isFound(quetzal)).toBe(false);
    expect(await inFeed(quetzal)).toBe("Delete");
    const head = await feed.head();
    expect(head.epoch).not.toBe(epoch);
    const cursor = Buffer.from(`${epoch} ${head.seq}`).toString("base64url");
    expect((await feed.get(`/changes?after=${cursor}`)).status).toBe(409);
    expect(await deeds()).toEqual([`node WITHDRAWN ${quetzal}`, "node FEED_BEGUN_ANEW"]);
    expect(said).toMatch(/put back to an earlier state/);
    expect(said).not.toContain(quetzal);

    said = "";
    await stop();
    await start();
    expect([(await feed.head()).epoch, said]).toEqual([head.epoch, ""]);
  });

  test("is found out too when nothing had been published then, and when it is put back once more", async () => {
    await start();
    await stop();
    const unpublished = await backup();
    const { backup: taken, epoch } = await withdrawnSince();
    await restore(unpublished);
    await start();
    expect([await isFound(quetzal), await inFeed(quetzal)]).toEqual([false, undefined]);
    const second = (await feed.head()).epoch;
    await restore(taken);
    await start();
    expect([await isFound(quetzal), await inFeed(quetzal)]).toEqual([false, "Delete"]);
    expect(new Set([epoch, second, (await feed.head()).epoch]).size).toBe(3);
  });

  test("hides organizations that left since, and keeps them for who knows better", async () => {
    await start();
    await feed.head();
    await stop();
    const taken = await backup();
    await start();
    const steward = { role: "STEWARD" as const, account: null, frontend: null, audience: "MEMBERS" as const };
    await change((tx, home) => removeOrganization(tx, home, steward as never, raices.id));
    expect(await inFeed(raices.id)).toBe("Delete");
    await restore(taken);
    await start();
    const { data } = await askAt(url)<{ organization: unknown }>(
      "query ($id: ID!) { organization(id: $id) { id } }",
      { id: raices.id },
    );
    expect([data.organization, await inFeed(raices.id)]).toEqual([null, "Delete"]);
    expect(await deeds()).toEqual([`node AUDIENCE_CHANGED ${raices.id}`, "node FEED_BEGUN_ANEW"]);
    await change((tx, home) => saveOrganizations(tx, home, [raices]));
    expect(await inFeed(raices.id)).toBe("Create");
  });

  test("keeps who withdrew and came back before the backup was taken, and who stayed", async () => {
    await start();
    const before = await feed.records();
    await put(quetzal, "WITHDRAWN");
    await feed.head();
    expect(await notedIds()).toEqual([quetzal]);
    await put(quetzal, "LISTED");
    await feed.head();
    await stop();
    const taken = await backup();
    await start();
    const other = [...before.keys()].find(
      (id) => id !== quetzal && before.get(id)?.object.type === "Person",
    )!;
    await put(other, "WITHDRAWN");
    await feed.head();
    await restore(taken);
    await start();
    expect([await isFound(quetzal), await isFound(other)]).toEqual([true, false]);
    const standing = [...(await feed.records()).values()].filter(({ type }) => type !== "Delete");
    expect(standing.map(idOf).sort()).toEqual([...before.keys()].filter((id) => id !== other).sort());
  });

  test("shows everybody again, here and in its feeds, when the node had ended since", async () => {
    await start();
    const everybody = [...(await feed.records()).keys()];
    await stop();
    const taken = await backup();
    await change((tx) => saveRetirement(tx, { at: new Date(Date.now() - 60_000), successor: null }));
    await start();
    expect(await feed.head()).toMatchObject({ count: 0 });
    expect(await isFound(quetzal)).toBe(true);
    await restore(taken);
    await start();
    expect(await isFound(quetzal)).toBe(true);
    expect([...(await feed.records()).keys()].toSorted()).toEqual(everybody.toSorted());
    expect(await feed.head()).toMatchObject({ count: everybody.length });
    expect(await deeds()).not.toContain(`node WITHDRAWN ${quetzal}`);
  });

  test("is not mistaken for one whose feeds its operator began anew, of which it is one when it was put back since", async () => {
    await start();
    await feed.head();
    await put(quetzal, "WITHDRAWN");
    const { epoch } = await feed.head();
    await put(quetzal, "LISTED");
    await stop();
    const taken = await backup();
    for (let times = 0; times < 2; times++) await change((tx, home) => newEpoch(tx, home));
    await start();
    expect([await isFound(quetzal), await inFeed(quetzal), said]).toEqual([true, "Create", ""]);
    expect((await feed.head()).epoch).not.toBe(epoch);
    await put(quetzal, "WITHDRAWN");
    await feed.head();
    await restore(taken);
    await start();
    expect(await isFound(quetzal)).toBe(false);
    expect(said).toMatch(/put back to an earlier state/);
  });

  test("is told to peers by a statement that is newer than the one they know", async () => {
    const issued = async () =>
      (await readStatement(await (await fetch(`${url}/.well-known/openid-federation`)).text())).issued;
    await start();
    await feed.head();
    const first = await issued();
    await stop();
    const taken = await backup();
    await start({ network: { name: "Red Ceiba y Jícaro", url: null, regions: [] } });
    const second = await issued();
    await put(quetzal, "WITHDRAWN");
    await feed.head();
    await restore(taken);
    await start();
    const third = await issued();
    expect(second.getTime()).toBeGreaterThan(first.getTime());
    expect(third.getTime()).toBeGreaterThan(second.getTime());
  });
});

describe("what was withdrawn", () => {
  test("is written down as random ids and days, in a file nobody else may read", async () => {
    await start();
    await feed.head();
    await put(quetzal, "WITHDRAWN");
    await feed.head();
    const text = await readFile(ledger, "utf8");
    expect((await stat(ledger)).mode & 0o777).toBe(0o600);
    expect(await notedIds()).toEqual([quetzal]);
    expect(text).not.toMatch(/Quetzal|practitioner|Person/i);
  });

  test("is written down soon, though nobody reads the feed", async () => {
    await start();
    await feed.head();
    await put(quetzal, "WITHDRAWN");
    for (let tries = 0; tries < 100 && (await notedIds()).length === 0; tries++) await sleep(50);
    expect(await notedIds()).toEqual([quetzal]);
  });

  test("is written down at the next start when the node broke off between the database and the file", async () => {
    await start();
    await feed.head();
    await stop();
    const taken = await backup();
    await start({ ledgerFile: null });
    await put(quetzal, "WITHDRAWN");
    expect(await inFeed(quetzal)).toBe("Delete");
    await stop();
    expect(await notedIds()).toEqual([]);
    await start();
    expect(await notedIds()).toEqual([quetzal]);
    await restore(taken);
    await start();
    expect(await isFound(quetzal)).toBe(false);
  });

  test("is served to nobody before it is on the disk; the directory itself goes on", async () => {
    await start();
    await feed.head();
    await rename(ledger, `${ledger}.away`);
    await mkdir(ledger);
    await put(quetzal, "WITHDRAWN");
    for (const path of ["/head", "/changes", "/collection", `/records/${quetzal}`])
      expect([path, (await feed.get(path)).status]).toEqual([path, 503]);
    expect(said).toContain(ledger);
    expect(await isFound(quetzal)).toBe(false);
    await rm(ledger, { recursive: true });
    await rename(`${ledger}.away`, ledger);
    expect(await inFeed(quetzal)).toBe("Delete");
    expect(await notedIds()).toEqual([quetzal]);
  });

  test("is known to each of several processes, with one file or with one each", async () => {
    await start();
    await feed.head();
    const [shared, own] = [ledger, join(folder, "own.jsonl")];
    const others = await Promise.all(
      [shared, own].map(async (ledgerFile) =>
        startNode(configOf({ ledgerFile, port: await freePort() }), openLog("silent")),
      ),
    );
    try {
      await put(quetzal, "WITHDRAWN");
      await Promise.all([url, ...others.map((one) => one.url)].map((at) => readerOf(at).head()));
    } finally {
      for (const other of others) await other.close();
    }
    expect(await notedIds()).toEqual([quetzal]);
    ledger = own;
    expect(await notedIds()).toEqual([quetzal]);
  });

  test("does not grow without end: at the start each is there once, and what broke off is gone", async () => {
    await start();
    for (let turn = 0; turn < 3; turn++) {
      await put(quetzal, "LISTED");
      await feed.head();
      await put(quetzal, "WITHDRAWN");
      await feed.head();
    }
    await stop();
    const lines = async () => (await readFile(ledger, "utf8")).trimEnd().split("\n").length;
    expect(await lines()).toBeGreaterThan(4);
    await appendFile(ledger, '{"tier":"public","epo');
    await start();
    expect([await lines(), await notedIds()]).toEqual([2, [quetzal]]);
    expect(await inFeed(quetzal)).toBe("Delete");
  });

  test.each([
    ["is damaged", (text: string) => text.replace(/"epoch":"..../, '"epoch":"'), /damaged in line 2/],
    ["is another node's", (text: string) => text.replace(/sha-256:..../, "sha-256:AAAA"), /another node/],
  ])("a file that %s keeps the node from starting, with a sentence", async (_what, spoil, sentence) => {
    await start();
    await feed.head();
    await stop();
    await writeFile(ledger, spoil(await readFile(ledger, "utf8")));
    await expect(start()).rejects.toThrow(sentence);
  });

  test("a file that cannot be written keeps the node from starting, with a sentence", async () => {
    await writeFile(join(folder, "elsewhere"), "a file where a folder should be");
    await expect(start()).rejects.toThrow(/LEDGER_FILE/);
  });
});
