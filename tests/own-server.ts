import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { openLog } from "../src/log.js";
import { findBinaries } from "../src/storage/binaries.js";
import { prepare, USER, type Place } from "../src/storage/data-folder.js";
import { makeData } from "../src/storage/initdb.js";
import { adopt, chooseRunner, start } from "../src/storage/runner.js";
import { freePort } from "./peers.js";

/** A PostgreSQL server with settings of a test's own, that forgets what a power cut would take. */
export type OwnServer = {
  readonly url: (database: string) => string;
  readonly place: Place;
  stop(): Promise<void>;
};

/** An empty server in a folder below this one, which others may pass. */
export async function makeServer(parent: string, name: string): Promise<Place> {
  const place = await prepare(join(parent, name), false);
  const { initdb, postgres } = await findBinaries();
  await makeData(place, initdb, await chooseRunner(place, postgres), openLog("silent"));
  return place;
}

/** Runs the server of a folder until it is stopped, and waits for its first answer. */
export async function runServer(place: Place, settings: readonly string[]): Promise<OwnServer> {
  const { postgres } = await findBinaries();
  const runner = await chooseRunner(place, postgres);
  await adopt(place, runner);
  const port = await freePort();
  const own = ["listen_addresses=127.0.0.1", `port=${port}`, "unix_socket_directories=", "fsync=off"];
  const options = [...own, "shared_buffers=32MB", ...settings].flatMap((setting) => ["-c", setting]);
  const child = start([postgres, "-D", place.data, ...options], runner, { stdio: "ignore", detached: true });
  const url = (database: string) => `postgres://${USER}:${place.secret}@127.0.0.1:${port}/${database}`;
  await answers(url("postgres"), child);
  return { url, place, stop: () => stop(child) };
}

export async function onDatabase(url: string, sql: string): Promise<readonly object[]> {
  const client = new Client(url);
  await client.connect();
  const { rows } = await client.query<object>(sql).finally(() => client.end());
  return rows;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    const there = await onDatabase(url, "select 1").then(
      () => true,
      () => false,
    );
    if (there) return;
    if (child.exitCode !== null) throw new Error("PostgreSQL could not be started");
    await sleep(50);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGINT");
  await ended;
}
