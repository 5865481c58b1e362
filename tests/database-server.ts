import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { openLog, type Log } from "../src/log.js";
import { migrate } from "../src/storage/database.js";
import { openEmbedded } from "../src/storage/embedded.js";

type TestServer = { readonly url: string; stop(): Promise<void> };

/** Undoes what `startServer` did, in the same process. */
export let stopServer = (): Promise<void> => Promise.resolve();

/**
 * One PostgreSQL server for all test files, with a migrated template that each test clones: the server of TEST_DATABASE_URL,
 * or an embedded one that forgets everything. And one folder for what a node keeps in a file.
 */
export default async function startServer(): Promise<void> {
  const log = openLog("error");
  const folder = await mkdtemp(join(tmpdir(), "cadre-tests-"));
  // As root the server runs as another user, who must be able to pass.
  await chmod(folder, 0o711);
  const template = `cadre_template_${randomBytes(6).toString("hex")}`;
  const server = await openServer(join(folder, "data"), template, log);
  await run(server.url, `create database ${template}`);
  await migrate(addressOf(server.url, template), log);
  process.env["CADRE_TEST_SERVER"] = server.url;
  process.env["CADRE_TEST_TEMPLATE"] = template;
  process.env["CADRE_TEST_FOLDER"] = folder;
  stopServer = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  stopOnSignal();
}

async function openServer(folder: string, template: string, log: Log): Promise<TestServer> {
  const url = process.env["TEST_DATABASE_URL"];
  if (url === undefined) return openEmbedded(folder, "owner", log, { durable: false });
  return { url, stop: () => dropAll(url, template) };
}

/** On a server that is not ours, everything that was made goes away again; clones carry the template's name. */
async function dropAll(url: string, template: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    "select datname as name from pg_database where datname like $1",
    [`${template}%`],
  );
  for (const { name } of rows) await client.query(`drop database if exists ${name} with (force)`);
  await client.end();
}

async function run(url: string, sql: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

function addressOf(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.href;
}

/** The server has a session of its own, so Ctrl-C does not reach it. */
function stopOnSignal(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void stopServer().finally(() => process.exit(1)));
}
