/** Measures what README claims about speed; see README.md in this folder. */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Client as Connection } from "pg";
import { readConfig } from "../src/config.js";
import { openLog } from "../src/log.js";
import { openGround } from "../src/ground.js";
import { readMasterKeys } from "../src/storage/master-key.js";
import { openEmbedded } from "../src/storage/embedded.js";
import { listedBy, type Listed } from "../src/listing/home.js";
import { compare } from "./compare.js";
import { Generator } from "./generate.js";
import { datasetOf, holds, load, type Dataset } from "./load.js";
import { cpuOf, cpuOfServer, memoryOf, parentOf, pin, pinning, revision } from "./machine.js";
import { PEERS, measureStartUp, startPeer, type Peer } from "./peers.js";
import { describeProfile } from "./profile.js";
import { OPERATIONS, questionsFor, type Operation, type Question } from "./questions.js";
import { randomFor, shuffled } from "./random.js";
import { goalsOf, median, rounded, tableOf, type Goal, type Round } from "./report.js";

const { values: asked } = parseArgs({
  options: {
    n: { type: "string", default: "100000" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1" },
    "database-core": { type: "string", default: "server" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: OPERATIONS.join(",") },
    keep: { type: "string" },
    profile: { type: "boolean", default: false },
  },
});
const log = openLog("warn");
const seed = Number(asked.seed);
const operations = OPERATIONS.filter((operation) => asked.only.split(",").includes(operation));
/** The goals are stated for this many practitioners. */
const GOAL_SIZE = 100_000;

/** What all peers are asked on one operation, as often as they are fast, so that every round takes long enough to be measured. */
type Work = { readonly peer: Peer; readonly operation: Operation; readonly bodies: readonly Buffer[] };

const folder = asked.keep ?? (await mkdtemp(join(tmpdir(), "cadre-bench-")));
const url = process.env["DATABASE_URL"];
/** Kept with the data, as it seals what is in there. */
const keyFile = process.env["KEY_FILE"] ?? join(folder, "key");
await readMasterKeys(keyFile, true);
const server = url ? null : await openEmbedded(folder, "owner", log, { durable: false });
try {
  await bench(url || (server?.url ?? ""));
} finally {
  await server?.stop();
  if (asked.keep === undefined) await rm(folder, { recursive: true, force: true });
}

async function bench(databaseUrl: string): Promise<void> {
  const { generator, dataset, postmaster, version } = await prepare(databaseUrl);
  console.log(header(dataset, version));
  pin(process.pid, 1);
  const startUps = [];
  for (let time = 0; time < Math.min(3, Number(asked.rounds)); time++)
    startUps.push(await measureStartUp(databaseUrl, keyFile));
  // One core for the server and its database, one for the client; what PostgreSQL forks from here on stays there.
  if (postmaster !== null && asked["database-core"] === "server") pin(postmaster, 0);
  const peers = await Promise.all(PEERS.map((name) => startPeer(name, databaseUrl, keyFile)));
  try {
    const rounds = await measure(peers, generator, dataset, postmaster);
    const goals = operations.flatMap((operation) => goalsOf(rounds, operation));
    for (const operation of operations) console.log(`\n${tableOf(rounds, operation)}`);
    const seconds = median(startUps.map((one) => one.seconds));
    const whole = median(startUps.map((one) => one.whole));
    const memory = memoryOf(peers.find(({ name }) => name === "product")?.pid ?? 0) / 1e6;
    console.log(`\n${goalLines([...goals, ...resourceGoals(seconds, whole, memory)], dataset)}`);
    console.log(
      `peak while starting ${rounded(median(startUps.map(({ peak }) => peak)) / 1e6)} MB; load after ${load1()}`,
    );
    if (asked.profile) await profileProduct(peers, generator, dataset);
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}

function resourceGoals(seconds: number, whole: number, memory: number): readonly Goal[] {
  return [
    { what: `index of the public ready in under 3 s: ${rounded(seconds)} s`, met: seconds < 3 },
    { what: `indexes of all three audiences ready in under 3 s: ${rounded(whole)} s`, met: whole < 3 },
    { what: `node process under 400 MB: ${rounded(memory)} MB`, met: memory < 400 },
  ];
}

function goalLines(goals: readonly Goal[], { n }: Dataset): string {
  const lines = goals.map(({ what, met }) => `${met ? "✓" : "✗"} ${what}`);
  if (n !== GOAL_SIZE) lines.unshift(`(the goals are stated for ${GOAL_SIZE} practitioners)`);
  return lines.join("\n");
}

function header({ n, seed: from, digest }: Dataset, version: string): string {
  const beside = asked["database-core"] === "server" ? " and PostgreSQL" : "";
  const pinned = pinning ? `server${beside} on core 0, client on core 1` : "not pinned to cores";
  return [
    `${cpus().length} × ${cpus()[0]?.model.trim() ?? "core"}, ${pinned}; load before ${load1()}`,
    `Node ${process.versions.node}, PostgreSQL ${version}, revision ${revision()}`,
    `${n} practitioners, seed ${from}, generator ${digest}; 8 connections, ${asked.rounds} rounds`,
  ].join("\n");
}

function load1(): string {
  return rounded(loadavg()[0] ?? Number.NaN);
}

/** Brings the database to the schema of the product and fills it, unless it holds this very directory already. */
async function prepare(databaseUrl: string) {
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    NODE_ENV: "production",
    NETWORK_NAME: "Bench network",
    KEY_FILE: keyFile,
  });
  const ground = await openGround(config, "guest-or-owner", log);
  const { vocabulary, home } = ground;
  const listed = listedBy(home);
  await ground.close();
  const generator = new Generator(seed, vocabulary);
  const dataset = datasetOf(Number(asked.n), seed);
  const connection = new Connection(databaseUrl);
  await connection.connect();
  if (!(await holds(connection, dataset))) await fill(connection, generator, dataset, listed);
  const { rows } = await connection.query<{ pid: number; version: string }>(
    "select pg_backend_pid() as pid, current_setting('server_version') as version",
  );
  const [about] = rows;
  const postmaster = server?.pid ?? (isHere(databaseUrl) ? parentOf(about?.pid ?? 0) : null);
  await connection.end();
  return { generator, dataset, postmaster, version: about?.version ?? "" };
}

function isHere(databaseUrl: string): boolean {
  return ["localhost", "127.0.0.1"].includes(new URL(databaseUrl).hostname);
}

async function fill(
  connection: Connection,
  generator: Generator,
  dataset: Dataset,
  listed: Listed,
): Promise<void> {
  const began = performance.now();
  console.error(`making ${dataset.n} practitioners …`);
  await load(connection, generator, dataset, listed);
  console.error(`made in ${rounded((performance.now() - began) / 1000)} s`);
}

async function measure(
  peers: readonly Peer[],
  generator: Generator,
  { n }: Dataset,
  postmaster: number | null,
): Promise<readonly Round[]> {
  const work: Work[] = [];
  for (const operation of operations) {
    const questions = questionsFor(generator, n, operation);
    console.error(`comparing ${questions.length} answers to ${operation} …`);
    await compare(peers, questions);
    for (const peer of peers) work.push(await warm(peer, operation, questions));
  }
  const random = randomFor(Date.now(), "order");
  const rounds: Round[] = [];
  for (let round = 0; round < Number(asked.rounds); round++) {
    for (const one of shuffled(random, work)) rounds.push(await measureOnce(one, round, postmaster));
  }
  return rounds;
}

/** Asks until the peer runs warm, and works out how often the questions are to be repeated. */
async function warm(peer: Peer, operation: Operation, questions: readonly Question[]): Promise<Work> {
  const once = questions.map((question) => peer.body(question));
  const wanted = Number(asked.seconds) * 1000;
  let took = 0;
  for (let began = performance.now(); performance.now() - began < wanted;) {
    took = (await peer.client.run(once)).total;
  }
  const times = Math.max(1, Math.round(wanted / took));
  return { peer, operation, bodies: Array.from({ length: times }, () => once).flat() };
}

async function measureOnce(
  { peer, operation, bodies }: Work,
  round: number,
  postmaster: number | null,
): Promise<Round> {
  const before = [cpuOf(peer.pid), cpuOfServer(postmaster)] as const;
  const { total, each } = await peer.client.run(bodies);
  return {
    peer: peer.name,
    operation,
    round,
    perSecond: (each.length * 1000) / total,
    each,
    serverCpu: cpuOf(peer.pid) - before[0],
    databaseCpu: cpuOfServer(postmaster) - before[1],
  };
}

async function profileProduct(peers: readonly Peer[], generator: Generator, { n }: Dataset): Promise<void> {
  const product = peers.find(({ name }) => name === "product");
  if (product === undefined) return;
  for (const operation of operations) {
    const { bodies } = await warm(product, operation, questionsFor(generator, n, operation));
    const file = join(tmpdir(), `cadre-${operation}.cpuprofile`);
    await product.profile(null);
    await product.client.run([...bodies, ...bodies]);
    await product.profile(file);
    console.log(`\n${operation}: self time of the product, in percent (${file})\n${describeProfile(file)}`);
  }
}
