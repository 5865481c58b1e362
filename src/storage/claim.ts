import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { OperatorError } from "../errors.js";
import type { Log } from "../log.js";
import { USER, type Place } from "./data-folder.js";
import { codeOf, ELSEWHERE } from "./failure.js";
import { postmasterOf, type Postmaster } from "./postmaster.js";
import { startServer } from "./server-process.js";

/** A node is an owner. A command that may run beside a node is `guest-or-owner`: it joins the node's server when there is one. */
export type Standing = "owner" | "guest-or-owner";

/** What one came to be. An owner's client holds the lock as long as it is connected. */
export type Claim = {
  readonly kind: "owner" | "guest";
  readonly server: Postmaster;
  readonly client: Client;
};

const DATABASE = "cadre";
/** Advisory locks belong to a database; this one is taken in the one nobody drops or clones. */
const LOCK_DATABASE = "postgres";
const LOCK = [1130456178, 1] as const;

/** Loops because others may start, stop or crash at the same moment: every turn looks at the folder anew. */
export async function claimServer(place: Place, as: Standing, log: Log, port?: number): Promise<Claim> {
  let started: number | undefined;
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(30)) {
    const server = postmasterOf(place.data);
    if (server === undefined) {
      started = await startServer(place, log, port);
      continue;
    }
    const client = await connect(place, server);
    if (client === undefined) continue;
    const claim = await claimThrough(client, server, place, as);
    if (claim === undefined) continue;
    if (claim.kind === "owner" && server.pid !== started)
      log.warn({ pid: server.pid }, "took over the PostgreSQL server that an earlier node left running");
    return claim;
  }
  throw new OperatorError(
    `The PostgreSQL server in ${place.data} does not answer; look at ${place.logFile}, or ${ELSEWHERE}.`,
  );
}

/** Undefined when the connection broke on the way: the server is going down, so look again. */
async function claimThrough(
  client: Client,
  server: Postmaster,
  place: Place,
  as: Standing,
): Promise<Claim | undefined> {
  try {
    const owner = await takeLock(client, as === "owner" ? 1_000 : 200);
    if (!owner && as === "owner") throw await inUse(client, place);
    await (owner ? makeDatabase(client) : awaitDatabase(client));
    return { kind: owner ? "owner" : "guest", server, client };
  } catch (error) {
    await client.end().catch(() => undefined);
    if (error instanceof OperatorError) throw error;
    return undefined;
  }
}

/** A killed owner's lock falls a moment after it, so a held lock is asked for a little while. */
async function takeLock(client: Client, patience: number): Promise<boolean> {
  for (const end = Date.now() + patience; ; await sleep(50)) {
    const { rows } = await client.query<{ got: boolean }>("select pg_try_advisory_lock($1, $2) as got", [
      ...LOCK,
    ]);
    if (rows[0]?.got === true) return true;
    if (Date.now() >= end) return false;
  }
}

async function inUse(client: Client, place: Place): Promise<OperatorError> {
  const { rows } = await client.query<{ name: string }>(
    `select activity.application_name as name
       from pg_locks as lock join pg_stat_activity as activity on activity.pid = lock.pid
      where lock.locktype = 'advisory' and lock.granted and lock.classid = $1 and lock.objid = $2`,
    [...LOCK],
  );
  const holder = /\d+$/.exec(rows[0]?.name ?? "")?.[0];
  const who = holder === undefined ? "another process" : `process ${holder}`;
  return new OperatorError(
    `The data folder ${place.folder} is in use by ${who}; stop it, or set DATABASE_URL or another DATA_DIR.`,
  );
}

async function makeDatabase(client: Client): Promise<void> {
  if (!(await databaseExists(client))) await client.query(`create database ${DATABASE}`);
}

/** The owner makes it right after taking the lock; a guest that was quicker waits. */
async function awaitDatabase(client: Client): Promise<void> {
  for (let tries = 0; tries < 100 && !(await databaseExists(client)); tries++) await sleep(50);
}

async function databaseExists(client: Client): Promise<boolean> {
  const { rowCount } = await client.query("select from pg_database where datname = $1", [DATABASE]);
  return rowCount === 1;
}

/** Undefined while the server starts or stops. */
async function connect(place: Place, server: Postmaster): Promise<Client | undefined> {
  const client = new Client({
    connectionString: addressOf(place, server, LOCK_DATABASE),
    application_name: `cadre owner ${process.pid}`,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (codeOf(error) === "28P01")
      throw new OperatorError(
        `The PostgreSQL server in ${place.data} refuses the password in ${place.secretFile}; put the right one back, or ${ELSEWHERE}.`,
      );
    return undefined;
  }
}

export function addressOf(place: Place, server: Postmaster, database: string = DATABASE): string {
  return `postgres://${USER}:${place.secret}@127.0.0.1:${server.port}/${database}`;
}
