import type { ChildProcess } from "node:child_process";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../errors.js";
import type { Log } from "../log.js";
import { findBinaries } from "./binaries.js";
import { holdPlace, makeFile, openFile, using, type Place } from "./data-folder.js";
import { ELSEWHERE, lastWords } from "./failure.js";
import { hasData, makeData } from "./initdb.js";
import { forgetStranger, readPostmaster, serves } from "./postmaster.js";
import { adopt, chooseRunner, ourselves, run, start, type Runner } from "./runner.js";

const LOG_SIZE = 5_000_000;

/** Starts it and waits until it answers. Undefined when another start was in the way: look again. */
export async function startServer(place: Place, log: Log, wanted?: number): Promise<number | undefined> {
  const { initdb, postgres } = await findBinaries();
  const runner = await chooseRunner(place, postgres);
  if (!(await hasData(place))) await makeData(place, initdb, runner, log);
  await adopt(place, runner);
  forgetStranger(place.data);
  const port = wanted ?? (await freePort());
  const command = [postgres, "-D", place.data, ...settings(port, place.durable)];
  return using(openServerLog(place), async (output) => {
    const { size } = await output.stat();
    const pid = await ready(launch(command, runner, output), place.data, log);
    if (pid !== undefined) return pid;
    const said = await readFrom(output, size);
    if (/lock file|Address already in use|could not create any TCP|still in use|No space for/.test(said))
      return undefined;
    throw new OperatorError(
      `The embedded PostgreSQL server could not start in ${place.data}: ${lastWords(said)}. Look at ${place.logFile}, or ${ELSEWHERE}.`,
    );
  });
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => found(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** For a small server. The log has no errors of statements in it, because those would quote people's data. */
function settings(port: number, durable: boolean): readonly string[] {
  const chosen: Readonly<Record<string, string | number>> = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 100,
    shared_buffers: "64MB",
    maintenance_work_mem: "32MB",
    max_wal_size: "256MB",
    wal_level: "minimal",
    max_wal_senders: 0,
    max_worker_processes: 2,
    max_logical_replication_workers: 0,
    max_parallel_workers_per_gather: 0,
    io_method: "sync",
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    log_min_messages: "log",
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    log_checkpoints: "off",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  return Object.entries(chosen).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** Its log, emptied when it grew too long. */
function openServerLog(place: Place): Promise<FileHandle> {
  return holdPlace(place, async (held) => {
    const path = join(held, basename(place.logFile));
    const open = (how: number): Promise<FileHandle> =>
      openFile(path, place.logFile, constants.O_RDWR | how, [place.owner?.uid]);
    await (await makeFile(path, place.owner))?.close();
    await using(open(0), async (file) => {
      if ((await file.stat()).size > LOG_SIZE) await file.truncate();
    });
    return open(constants.O_APPEND);
  });
}

async function readFrom(file: FileHandle, position: number): Promise<string> {
  const buffer = Buffer.alloc(100_000);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead).toString();
}

/** A session of its own, so that Ctrl-C reaches the node alone; a log file, so that it can outlive the node. */
function launch(command: readonly string[], runner: Runner, { fd }: FileHandle): ChildProcess {
  const child = start(command, runner, { detached: true, stdio: ["ignore", fd, fd] });
  child.on("error", () => undefined);
  child.unref();
  return child;
}

/** Recovery after a crash may take its time, so the wait ends only with the process. */
async function ready(child: ChildProcess, data: string, log: Log): Promise<number | undefined> {
  for (
    let turns = 1;
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;
    turns++
  ) {
    const server = readPostmaster(data);
    if (server?.pid === child.pid && server.ready) return child.pid;
    if (turns % 500 === 0) log.info({ pid: child.pid }, "PostgreSQL is still starting");
    await sleep(10);
  }
  return undefined;
}

/** SIGINT is PostgreSQL's fast shutdown; SIGQUIT leaves the rest to recovery at the next start, and loses nothing either. */
export async function shutDown(pid: number, data: string, log: Log): Promise<void> {
  await signal(pid, data, "SIGINT");
  if (await gone(pid, data, 30_000)) return;
  log.warn({ pid }, "PostgreSQL takes long to shut down; ending it now");
  await signal(pid, data, "SIGQUIT");
  await gone(pid, data, 10_000);
}

async function signal(pid: number, data: string, name: "SIGINT" | "SIGQUIT"): Promise<void> {
  if (process.platform === "win32") {
    const mode = name === "SIGINT" ? "fast" : "immediate";
    await run([(await findBinaries()).pgCtl, "stop", "-D", data, "-m", mode], ourselves);
  } else if (serves(pid, data)) process.kill(pid, name);
}

async function gone(pid: number, data: string, patience: number): Promise<boolean> {
  for (const end = Date.now() + patience; serves(pid, data); await sleep(10))
    if (Date.now() > end) return false;
  return true;
}
