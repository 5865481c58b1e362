import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { yasmin } from "../seeds/cast.js";
import { harvest } from "../src/federation/harvest.js";
import { openOutbound } from "../src/federation/outbound.js";
import type { Peer } from "../src/federation/peer.js";
import { savePractitioners } from "../src/practitioners/practitioner.store.js";
import { seen } from "./eventually.js";
import { FaultProxy, type Fault } from "./fault-proxy.js";
import { keyFile, startTestNode, type TestNode } from "./node.js";
import { Origins, type Origin } from "../src/conformance/origins.js";
import { freePort, idOf, readerOf, startPeer } from "./peers.js";

/** A reader; networks that it reads, behind a line that breaks; and processes that are killed. */
let here: TestNode;
let origins: Origins;
let line: FaultProxy;
const children = new Set<ChildProcess>();
/** Processes take their time to start where others do too. */
const PATIENCE = 90_000;

beforeAll(async () => {
  [here, origins] = await Promise.all([startPeer(null), Origins.start()]);
  line = await FaultProxy.open(Number(new URL(origins.url).port));
  origins.url = line.url;
  await here.federation!.harvester.stop();
});
afterEach(() => line.become({ kind: "none" }));
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await line.close();
  await Promise.all([here.close(), origins.close()]);
});

const peering = () => here.federation!.peering;
const rows = <Row>(sql: string, values: readonly unknown[] = []) =>
  here.ground.database.write.query<Row[]>(sql, [...values]);

async function trusted(url: string): Promise<Peer> {
  const met = await peering().add("operator", url, null);
  return peering().setTrust("operator", met.id, "PUBLIC_ONLY", await peering().safetyNumberWith(met));
}

/** Reads a peer, without waiting long for anybody; what the problem was. */
async function read(peer: Peer): Promise<string | null> {
  const outbound = openOutbound({ allowPrivate: true, timeout: 2500, userAgent: "Cadre" });
  try {
    return (await harvest({ ...peering().parts, outbound }, peer.id))!.problem;
  } finally {
    await outbound.close();
  }
}

/** How many people of a network whoever searches finds here. */
async function found({ id }: Peer): Promise<number> {
  const { data } = await here.ask<{ practitioners: { totalCount: number } }>(
    "query ($id: ID!) { practitioners(where: { network: $id }) { totalCount } }",
    { id },
  );
  return data.practitioners.totalCount;
}

describe("on a bad line", () => {
  const faults: readonly (readonly [string, Fault, string | null])[] = [
    ["comes late", { kind: "delay", by: 40 }, null],
    ["comes twice", { kind: "duplicate" }, null],
    ["comes a few bytes at a time", { kind: "trickle", bytes: 5, every: 20 }, "TIMEOUT"],
    ["never comes", { kind: "black hole" }, "TIMEOUT"],
    ["is torn in the middle", { kind: "reset", after: 3000 }, "TRUNCATED"],
    ["ends in the middle", { kind: "truncate", after: 3000 }, "TRUNCATED"],
  ];
  let origin: Origin;
  let peer: Peer;

  beforeAll(async () => {
    origin = await origins.add(3);
    peer = await trusted(origin.url);
    expect(await read(peer)).toBeNull();
    await seen(() => found(peer), 3);
  });

  test.each(faults)(
    "what %s is taken whole or not at all, and taken when the line is good again",
    async (_what, fault, problem) => {
      const before = origin.standing().length;
      await origin.list(randomUUID(), randomUUID(), randomUUID());
      line.become(fault);
      const ended = await read(peer);
      expect(ended).toBe(problem);
      await seen(() => found(peer), problem === null ? before + 3 : before);
      line.become({ kind: "none" });
      expect(await read(peer)).toBeNull();
      await seen(() => found(peer), before + 3);
    },
  );
});

/** One of the product's own commands, in a process that is killed without a word. */
function run(args: readonly string[], env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, ["dist/src/cli.js", ...args], {
    env: { PATH: process.env["PATH"] ?? "", KEY_FILE: keyFile, RATE_SOURCE: "0", RATE_PEER: "0", ...env },
    stdio: "ignore",
  });
  children.add(child);
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  children.delete(child);
}

/** Waits until the database says so; whatever is looked for may be over at any moment. */
async function until(sql: string, values: readonly unknown[] = [], ask = rows): Promise<void> {
  for (let turn = 0; turn < 3000; turn++) {
    const [row] = await ask<{ so: boolean }>(`select ${sql} as so`, values);
    if (row?.so === true) return;
    await sleep(10);
  }
  throw new Error(`it never came to this: ${sql}`);
}

/** Makes the database slow at one place, so that a process can be killed just there. */
async function lingerAt(place: string, ask = rows): Promise<void> {
  await ask(
    "create function base.linger() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return new; end $$",
  );
  await ask(`create trigger linger before ${place} for each row execute function base.linger()`);
}

const LINGERS =
  "exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database())";

async function goOn(ask = rows): Promise<void> {
  await until(`not ${LINGERS}`, [], ask);
  await ask("drop function base.linger cascade");
}

/** After which nobody waits for whoever was reading and is gone. */
const twoMinutesPass = () => rows("update base.peer set claimed = null");

describe("18: a process that reads is killed with -9", () => {
  test(
    "between two pages, and while it takes in what it has read: nothing half is seen, and the next one brings all of it",
    async () => {
      const origin = await origins.add(200);
      origin.pageSize = 10;
      const peer = await trusted(origin.url);
      const env = { DATABASE_URL: here.databaseUrl, PORT: new URL(here.url).port };
      const nothing = async () => {
        const [held] = await rows(
          `select (select count(*)::int from base.peer_record where peer = $1) as records,
          (select count(*)::int from base.peer_feed where peer = $1) as feeds,
          (select count(*)::int from seen.listing where origin = $1) as listings`,
          [peer.id],
        );
        expect([held, await found(peer)]).toEqual([{ records: 0, feeds: 0, listings: 0 }, 0]);
      };
      line.become({ kind: "delay", by: 30 });
      const first = run(["peer", "sync", peer.id], env);
      await until("(select count(*) from base.peer_staged where peer = $1) between 30 and 170", [peer.id]);
      await killed(first);
      await nothing();

      line.become({ kind: "none" });
      await twoMinutesPass();
      await lingerAt("insert on base.peer_feed");
      const second = run(["peer", "sync", peer.id], env);
      await until(LINGERS);
      await killed(second);
      await goOn();
      await nothing();

      await twoMinutesPass();
      expect(await read(peer)).toBeNull();
      await seen(() => found(peer), 200);
      const [left] = await rows("select count(*)::int as staged from base.peer_staged where peer = $1", [
        peer.id,
      ]);
      expect(left).toEqual({ staged: 0 });
    },
    PATIENCE,
  );
});

describe("a process that publishes is killed with -9", () => {
  /** What changes within one transaction of a publisher is fewer. */
  const MANY = 350;
  let there: TestNode;
  let url: string;
  let peer: Peer;
  let child: ChildProcess;

  const ask = <Row>(sql: string) => there.ground.database.write.query<Row[]>(sql);
  const answers = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  const serve = async () => {
    child = run(["serve"], { DATABASE_URL: there.databaseUrl, PORT: new URL(url).port });
    while (!(await answers())) await sleep(50);
  };
  const numbered = async () => {
    const items = await ask<{ id: string; seq: number }>("select id, seq::int as seq from seen.feed_item");
    return new Map(items.map(({ id, seq }) => [id, seq]));
  };

  beforeAll(async () => {
    there = await startTestNode(yasmin);
    url = `http://localhost:${await freePort()}`;
    await serve();
    peer = await trusted(url);
    expect(await read(peer)).toBeNull();
  });
  afterAll(async () => {
    await killed(child);
    await there.close();
  });

  test(
    "while it signs and numbers: no number is given out twice, and readers come to what its directory holds",
    async () => {
      const before = await readerOf(url).head();
      const { database, home } = there.ground;
      const [someone] = yasmin.practitioners.filter(
        ({ audience, state }) => audience === "PUBLIC" && state === "LISTED",
      );
      const many = Array.from({ length: MANY }, () => ({ ...someone!, id: randomUUID() }));
      await database.transaction((tx) => savePractitioners(tx, home, many));
      await lingerAt("update on seen.feed", ask);
      void readerOf(url)
        .head()
        .catch(() => undefined);
      await until(`(select count(*) from seen.feed_item) > ${before.count} and ${LINGERS}`, [], ask);
      await killed(child);
      await goOn(ask);
      const half = await numbered();
      expect(half.size).toBeLessThan(before.count + MANY);

      await serve();
      const { seq, epoch, count } = await readerOf(url).head();
      expect(await read(peer)).toBeNull();
      const all = await numbered();
      expect([epoch, count, seq]).toEqual([before.epoch, before.count + MANY, Math.max(...all.values())]);
      expect(new Set(all.values()).size).toBe(all.size);
      expect([...half].filter(([id, number]) => all.get(id) !== number)).toEqual([]);
      const told = (await readerOf(url).walk()).flatMap(({ orderedItems }) => orderedItems);
      const [held] = await rows<{ ids: string[] }>(
        "select array_agg(id order by id) as ids from base.peer_record where peer = $1 and gone is null",
        [peer.id],
      );
      expect(held!.ids).toEqual(told.map(idOf).sort());
    },
    PATIENCE,
  );
});
