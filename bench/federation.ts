/** Measures reading from peers, against networks that are nothing but their signed feeds; see README.md in this folder. */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readConfig } from "../src/config.js";
import { Harvester, type HarvestParts } from "../src/federation/harvest.js";
import { openOutbound } from "../src/federation/outbound.js";
import { openGround, type Ground } from "../src/ground.js";
import { openLog } from "../src/log.js";
import { openEmbedded } from "../src/storage/embedded.js";
import { readMasterKeys } from "../src/storage/master-key.js";
import { memoryOf, revision } from "./machine.js";
import { Networks, trustAll } from "./networks.js";
import { rounded } from "./report.js";

const { values: asked } = parseArgs({
  options: {
    /** Also a thousand networks, as every night. */
    many: { type: "boolean", default: false },
    /** So many records from one peer; 0 leaves that out. */
    large: { type: "string", default: "100000" },
    /** Only that. */
    only: { type: "boolean", default: false },
  },
});

await measure();

async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "cadre-bench-"));
  const log = openLog("warn");
  const server = await openEmbedded(folder, "owner", log, { durable: false });
  const peers = new Networks();
  console.log(`Reading from peers, ${revision()}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}`);
  const met: boolean[] = [];
  try {
    const keyFile = join(folder, "key");
    await readMasterKeys(keyFile, true);
    const config = readConfig({ DATABASE_URL: server.url, KEY_FILE: keyFile, NETWORK_NAME: "Bench" });
    const ground = await openGround(config, "guest-or-owner", log);
    try {
      if (!asked.only)
        met.push(
          ...(await measureMany(ground, peers, { networks: 100, people: 200 }, { cold: 30, idle: 2 })),
        );
      if (asked.many) {
        const limits = { cold: 120, idle: 5, withdrawals: 15 };
        met.push(...(await measureMany(ground, peers, { networks: 1000, people: 50 }, limits)));
      }
      const large = Number(asked.large);
      if (large > 0) met.push(...(await measureOne(ground, peers, large)));
    } finally {
      await ground.close();
    }
  } finally {
    peers.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
  if (met.includes(false)) process.exitCode = 1;
}

type Size = { readonly networks: number; readonly people: number };
type Limits = { readonly cold: number; readonly idle: number; readonly withdrawals?: number };

async function measureMany(ground: Ground, peers: Networks, size: Size, limits: Limits) {
  const what = `${size.networks} networks of ${size.people}`;
  return reading(ground, async (harvester) => {
    await trustAll(ground, harvester.parts.outbound, await peers.do({ kind: "begin", ...size }));
    const cold = await round(ground, harvester, size.networks);
    const idle = await round(ground, harvester, size.networks);
    await peers.do({ kind: "withdraw", each: 1 });
    const withdrawals = await round(ground, harvester, size.networks);
    return [
      told(`${what}, everything`, cold, limits.cold),
      told(`${what}, nothing new`, idle, limits.idle),
      told(`${what}, one withdrawal each`, withdrawals, limits.withdrawals ?? Infinity),
    ];
  });
}

async function measureOne(ground: Ground, peers: Networks, people: number) {
  const what = `one network of ${people}`;
  return reading(ground, async (harvester) => {
    await trustAll(ground, harvester.parts.outbound, await peers.do({ kind: "begin", networks: 1, people }));
    global.gc?.();
    const before = memoryOf(process.pid);
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, memoryOf(process.pid))), 50);
    const cold = await round(ground, harvester, 1);
    clearInterval(watch);
    await peers.do({ kind: "change", each: Math.ceil(people / 1000) });
    const warm = await round(ground, harvester, 1);
    const grown = (most - before) / 2 ** 20;
    console.log(`  ${"records a second".padEnd(52)}${rounded(people / cold).padStart(9)}`);
    console.log(`  ${"memory grown by, MB".padEnd(52)}${rounded(grown).padStart(9)}   (at most 200)`);
    return [
      told(`${what}, everything`, cold, people / 2000),
      told(`${what}, one in a thousand changed`, warm, cold / 50),
      grown < 200,
    ];
  });
}

/** With a reader, and afterwards without a peer. */
async function reading<T>(ground: Ground, work: (harvester: Harvester) => Promise<T>): Promise<T> {
  const outbound = openOutbound({ allowPrivate: true, timeout: 30_000, userAgent: "Cadre" });
  const { database, home, vocabulary } = ground;
  const parts: HarvestParts = { database, home, vocabulary, outbound, sign: null, log: openLog("warn") };
  try {
    return await work(new Harvester(parts));
  } finally {
    await outbound.close();
    await database.write.query("delete from seen.listing where origin in (select id from base.peer)");
    await database.write.query("delete from base.peer");
  }
}

/** How many seconds it takes to read everybody once. */
async function round({ database }: Ground, harvester: Harvester, networks: number): Promise<number> {
  await database.write.query("update base.peer set next_poll = 'epoch'");
  const began = performance.now();
  const ended = await harvester.round();
  const seconds = (performance.now() - began) / 1000;
  const problem = ended.find((one) => one.problem !== null);
  if (ended.length !== networks || problem !== undefined)
    throw new Error(`${ended.length} of ${networks} were read: ${problem?.problem ?? "nobody failed"}`);
  return seconds;
}

function told(what: string, seconds: number, limit: number): boolean {
  const goal = Number.isFinite(limit) ? `(at most ${rounded(limit)})` : "";
  const load = loadavg()[0] ?? Number.NaN;
  console.log(`  ${what.padEnd(52)}${rounded(seconds).padStart(9)} s ${goal}   load ${rounded(load)}`);
  return seconds <= limit;
}
