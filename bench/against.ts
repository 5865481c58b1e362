/** Measures this node against an earlier one, each on a directory that `npm run bench -- --keep FOLDER` left; see README.md. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { beginSession } from "../src/accounts/session.store.js";
import { readConfig } from "../src/config.js";
import { openLog } from "../src/log.js";
import { openGround } from "../src/ground.js";
import { openEmbedded, type Embedded } from "../src/storage/embedded.js";
import { readVocabulary } from "../src/vocabulary/vocabulary.js";
import { Client } from "./client.js";
import { Generator } from "./generate.js";
import { pin, pinning } from "./machine.js";
import { asGraphQL, questionsFor, type Operation } from "./questions.js";
import { randomFor, shuffled } from "./random.js";
import { median, rounded } from "./report.js";

const { values: asked } = parseArgs({
  options: {
    before: { type: "string" },
    "before-data": { type: "string" },
    data: { type: "string" },
    n: { type: "string", default: "100000" },
    rounds: { type: "string", default: "9" },
    seconds: { type: "string", default: "2" },
  },
});
const { before, "before-data": beforeData, data } = asked;
if (before === undefined || beforeData === undefined || data === undefined)
  throw new Error("say --before CHECKOUT (built) --before-data FOLDER --data FOLDER");
const log = openLog("warn");
const OPERATIONS: readonly Operation[] = ["search", "profile"];
/** What has to be left of the earlier node's requests per second. */
const FLOOR = 0.8;

const servers: Embedded[] = [];
const nodes: ChildProcess[] = [];
try {
  const [then, now] = [await open(beforeData), await open(data)];
  const token = await memberOf(now, data);
  const earlier = await start(before, then, join(beforeData, "key"));
  const present = await start(".", now, join(data, "key"));
  for (const { pid } of servers) pin(pid, 0);
  pin(process.pid, 1);
  await measure([
    { name: "before", client: new Client(earlier) },
    { name: "anonymous", client: new Client(present) },
    { name: "member", client: new Client(present, { authorization: `Bearer ${token}` }) },
  ]);
} finally {
  for (const node of nodes) {
    node.disconnect();
    if (node.exitCode === null) await once(node, "exit");
  }
  for (const server of servers) await server.stop();
}

type Asker = { readonly name: "before" | "anonymous" | "member"; readonly client: Client };

async function measure(askers: readonly Asker[]): Promise<void> {
  const generator = new Generator(1, readVocabulary());
  const random = randomFor(Date.now(), "order");
  for (const operation of OPERATIONS) {
    const bodies = questionsFor(generator, Number(asked.n), operation).map((one) =>
      Buffer.from(asGraphQL(one)),
    );
    const works = await Promise.all(
      askers.map(async (asker) => ({ ...asker, bodies: await warm(asker, bodies) })),
    );
    const rates: Record<Asker["name"], number[]> = { before: [], anonymous: [], member: [] };
    for (let round = 0; round < Number(asked.rounds); round++) {
      for (const { name, client, bodies: all } of shuffled(random, works))
        rates[name].push((all.length * 1000) / (await client.run(all)).total);
    }
    for (const name of ["anonymous", "member"] as const) {
      const ratio = median(rates[name].map((rate, round) => rate / (rates.before[round] ?? Number.NaN)));
      console.log(
        `${ratio >= FLOOR ? "✓" : "✗"} ${operation}, ${name}: ${rounded(ratio)} × before (floor ${FLOOR})`,
      );
    }
  }
}

/** Asks until it runs warm; the questions as often as they take long enough to be measured. */
async function warm({ client }: Asker, bodies: readonly Buffer[]): Promise<readonly Buffer[]> {
  const wanted = Number(asked.seconds) * 1000;
  let took = wanted;
  for (let began = performance.now(); performance.now() - began < wanted;)
    took = (await client.run(bodies)).total;
  return Array.from({ length: Math.max(1, Math.round(wanted / took)) }, () => bodies).flat();
}

async function open(folder: string): Promise<string> {
  const server = await openEmbedded(folder, "owner", log, { durable: false });
  servers.push(server);
  return server.url;
}

/** The session of somebody who sees what members see. */
async function memberOf(databaseUrl: string, folder: string): Promise<string> {
  const config = readConfig({ ...environmentOf(databaseUrl, join(folder, "key")) });
  const ground = await openGround(config, "guest-or-owner", log);
  const { database, home } = ground;
  const { token } = await database.transaction(async (tx) => {
    const [account] = await tx.query<{ id: string }[]>(
      "with made as (insert into base.account (role, created) values ('PRACTITIONER', $1) returning id) select id from made",
      [home.clock()],
    );
    return beginSession(tx, account?.id ?? "", home.clock());
  });
  await ground.close();
  return token;
}

function environmentOf(databaseUrl: string, keyFile: string): Record<string, string> {
  return {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: "0",
    DATABASE_URL: databaseUrl,
    KEY_FILE: resolve(keyFile),
    NETWORK_NAME: "Bench network",
    RATE_SOURCE: "0",
    RATE_ACCOUNT: "0",
  };
}

async function start(checkout: string, databaseUrl: string, keyFile: string): Promise<string> {
  const program = resolve(checkout, "dist/bench/peer-product.js");
  const [command, options] = pinning ? ["taskset", ["-c", "0", process.execPath]] : [process.execPath, []];
  const child = spawn(command, [...options, program], {
    cwd: checkout,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env, ...environmentOf(databaseUrl, keyFile) },
  });
  nodes.push(child);
  const [told] = (await once(child, "message")) as [{ readonly url: string }];
  return told.url;
}
