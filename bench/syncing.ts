/**
 * Measures how many searches a node answers a second while it reads a large feed for the first time, against how many it answers in
 * calm; see README.md in this folder.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Client as Connection } from "pg";
import { readConfig } from "../src/config.js";
import { openOutbound } from "../src/federation/outbound.js";
import { openGround } from "../src/ground.js";
import { listedBy } from "../src/listing/home.js";
import { openLog } from "../src/log.js";
import { openEmbedded } from "../src/storage/embedded.js";
import { readMasterKeys } from "../src/storage/master-key.js";
import { Generator } from "./generate.js";
import { datasetOf, load } from "./load.js";
import { pin, revision } from "./machine.js";
import { Networks, trustAll } from "./networks.js";
import { startPeer } from "./peers.js";
import { questionsFor } from "./questions.js";
import { median, rounded } from "./report.js";

const { values: asked } = parseArgs({
  options: {
    /** So many people of its own the node has, and so many the network that it reads. */
    n: { type: "string", default: "20000" },
    read: { type: "string", default: "50000" },
  },
});
const SEED = 1;
/** At least so much of its calm speed is to be left. */
const LEFT = 0.5;
const log = openLog("warn");
const folder = await mkdtemp(join(tmpdir(), "cadre-bench-"));
const server = await openEmbedded(folder, "owner", log, { durable: false });
const networks = new Networks();
try {
  await measure(server.url);
} finally {
  networks.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

async function measure(databaseUrl: string): Promise<void> {
  const keyFile = join(folder, "key");
  await readMasterKeys(keyFile, true);
  const config = readConfig({ DATABASE_URL: databaseUrl, KEY_FILE: keyFile, NETWORK_NAME: "Bench network" });
  const ground = await openGround(config, "guest-or-owner", log);
  const generator = new Generator(SEED, ground.vocabulary);
  const connection = new Connection(databaseUrl);
  await connection.connect();
  await load(connection, generator, datasetOf(Number(asked.n), SEED), listedBy(ground.home));
  // It meets its peers where they are, on this machine.
  Object.assign(process.env, { PUBLIC_URL: "https://bench.example.org", PRIVATE_PEERS: "true" });
  const product = await startPeer("product", databaseUrl, keyFile);
  pin(process.pid, 1);
  const outbound = openOutbound({ allowPrivate: true, timeout: 30_000, userAgent: "Cadre" });
  try {
    const urls = await networks.do({ kind: "begin", networks: 1, people: Number(asked.read) });
    const bodies = questionsFor(generator, Number(asked.n), "search").map((question) =>
      product.body(question),
    );
    const perSecond = async () => (1000 * bodies.length) / (await product.client.run(bodies)).total;
    for (let warming = 0; warming < 10; warming++) await perSecond();
    const calm: number[] = [];
    for (let round = 0; round < 20; round++) calm.push(await perSecond());
    await trustAll(ground, outbound, urls);
    const busy: number[] = [];
    let began = performance.now();
    for (let state = await stateOf(connection); state !== "READ"; state = await stateOf(connection)) {
      if (state === "DUE") began = performance.now();
      const answered = await perSecond();
      if (state === "READING") busy.push(answered);
    }
    tell(calm, busy, (performance.now() - began) / 1000);
  } finally {
    await outbound.close();
    await product.stop();
    await connection.end();
    await ground.close();
  }
}

/** How far the node is with the one peer that there is. */
async function stateOf(connection: Connection): Promise<"DUE" | "READING" | "READ"> {
  const { rows } = await connection.query<{
    claimed: Date | null;
    reached: Date | null;
    problem: string | null;
  }>("select peer.claimed, peer.reached, peer.problem from base.peer");
  const [peer] = rows;
  if (peer?.problem) throw new Error(`The peer could not be read: ${peer.problem}.`);
  if (peer?.reached) return "READ";
  return peer?.claimed ? "READING" : "DUE";
}

function tell(calm: readonly number[], busy: readonly number[], seconds: number): void {
  const ratio = median(busy) / median(calm);
  console.log(
    `Searching while reading from a peer, ${revision()}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}`,
  );
  console.log(
    `  ${asked.n} people of its own, ${asked.read} of the network it reads, read in ${rounded(seconds)} s; load ${rounded(loadavg()[0] ?? Number.NaN)}`,
  );
  console.log(
    `  searches a second: ${rounded(median(calm))} in calm, ${rounded(median(busy))} meanwhile (${busy.length} rounds, the slowest ${rounded(Math.min(...busy))})`,
  );
  console.log(`${ratio >= LEFT ? "✓" : "✗"} at least ${LEFT} × as many: ${rounded(ratio)} ×`);
  if (!(ratio >= LEFT)) process.exitCode = 1;
}
