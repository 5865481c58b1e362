import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, readFileSync } from "node:fs";
import {
  chmod,
  chown,
  cp,
  lchown,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { openLog } from "../src/log.js";
import { openEmbedded, type Embedded } from "../src/storage/embedded.js";

const log = openLog("silent");
/** What is promised about root alone; jest shows it as skipped for anybody else. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;
/** The number of the user `postgres`, where there is one. */
const POSTGRES = Number(/^postgres:[^:]*:(\d+):/m.exec(usersHere())?.[1]);
const asRootBesidePostgres = POSTGRES > 0 ? asRoot : test.skip;
/** A user without rights, who is there everywhere: `nobody`. */
const SOMEBODY = 65534;
/** Made once and stopped; a test that is not about making copies it. */
let pristine: string;
let parent: string;
let folder: string;

beforeAll(async () => {
  pristine = await makeParent();
  const server = await openEmbedded(join(pristine, "data"), "owner", log, { durable: false });
  await server.stop();
});
afterAll(() => rm(pristine, { recursive: true }));

beforeEach(async () => {
  parent = await makeParent();
  folder = join(parent, "data");
  cpSync(join(pristine, "data"), folder, { recursive: true });
  await chmod(folder, 0o711);
});
afterEach(async () => {
  expect(await processesIn(parent)).toEqual([]);
  await rm(parent, { recursive: true });
});

test("after kill -9 the next start takes over the orphaned server and loses nothing acknowledged", async () => {
  const node = await startChild("owner");
  node.say("write");
  await node.heard((event) => event.number === 50);
  await node.kill();
  const acknowledged = node.last("acknowledged")?.number ?? 0;
  const next = await openEmbedded(folder, "owner", log);
  expect(next.pid).toBe(node.opened?.pid);
  expect(await countKept(next)).toBeGreaterThanOrEqual(acknowledged);
  await next.stop();
});

test("after kill -9 of the node and of PostgreSQL the next start recovers and loses nothing acknowledged", async () => {
  const node = await startChild("owner");
  node.say("write");
  await node.heard((event) => event.number === 50);
  await node.kill();
  process.kill(node.opened?.pid ?? 0, "SIGKILL");
  const acknowledged = node.last("acknowledged")?.number ?? 0;
  const next = await openEmbedded(folder, "owner", log);
  expect(next.pid).not.toBe(node.opened?.pid);
  expect(await countKept(next)).toBeGreaterThanOrEqual(acknowledged);
  await next.stop();
});

test("a server that dies under its node is back by itself, at the same address", async () => {
  const server = await openOwn();
  const before = server.pid;
  process.kill(before, "SIGKILL");
  await until(() => Promise.resolve(server.pid !== before));
  expect(await rowsOf(server.url, "select")).toHaveLength(1);
  await expect(openOwn()).rejects.toThrow("is in use by process");
  await server.stop();
});

test("one data folder is never opened twice", async () => {
  const node = await startChild("owner");
  await expect(openEmbedded(folder, "owner", log)).rejects.toMatchObject({
    name: "OperatorError",
    message: `The data folder ${folder} is in use by process ${node.pid}; stop it, or set DATABASE_URL or another DATA_DIR.`,
  });
  await node.end("stop");
});

test("of nodes that start at the same moment in an empty folder exactly one opens it", async () => {
  await emptyFolder();
  const nodes = await Promise.all([1, 2, 3].map(() => startChild("owner")));
  const opened = nodes.find((node) => node.opened !== undefined);
  const others = nodes.filter((node) => node !== opened);
  expect(others).toHaveLength(2);
  for (const node of others) expect(node.events[0]?.message).toContain(`in use by process ${opened?.pid}`);
  await opened?.end("stop");
});

test("a command joins the node's server, and leaves it running", async () => {
  const node = await openOwn();
  const command = await openEmbedded(folder, "guest-or-owner", log);
  expect(command).toMatchObject({ url: node.url, pid: node.pid });
  await command.stop();
  expect(await rowsOf(node.url, "select")).toHaveLength(1);
  await node.stop();
});

test("a command with no node beside it owns the server while it runs", async () => {
  const command = await startChild("guest-or-owner");
  await expect(openOwn()).rejects.toThrow(`in use by process ${command.pid}`);
  await command.end("stop");
  const node = await openOwn();
  await node.stop();
});

test("a half-made folder is made anew, and a whole one is left alone", async () => {
  await emptyFolder();
  await mkdir(join(folder, "postgres.new-1"), { recursive: true, mode: 0o711 });
  await chmod(folder, 0o711);
  await mkdir(join(folder, "postgres.new-999999999", "base"), { recursive: true });
  await writeFile(join(folder, "postgres.new-999999999", "PG_VERSION"), "18\n");
  await writeFile(join(folder, "secret"), "");
  const server = await openOwn();
  await rowsOf(server.url, "create table kept as select 1 as number");
  await server.stop();
  expect((await readdir(folder)).filter((name) => name.includes("999999999"))).toEqual([]);
  const again = await openOwn();
  expect(await countKept(again)).toBe(1);
  await again.stop();
});

test("a folder with something else in it is refused and not touched", async () => {
  await emptyFolder();
  await mkdir(join(folder, "postgres"), { recursive: true });
  await writeFile(join(folder, "postgres", "letter.txt"), "kept");
  await writeFile(join(folder, "secret"), "0".repeat(64));
  await expect(openOwn()).rejects.toThrow(
    "not a whole PostgreSQL database; move it away, or set another DATA_DIR.",
  );
  expect(await readFile(join(folder, "postgres", "letter.txt"), "utf8")).toBe("kept");
});

test("a copy of a folder in use is a database of its own, and the original goes on", async () => {
  const original = await openOwn();
  const copied = join(parent, "copy");
  await rowsOf(original.url, "checkpoint");
  await cp(folder, copied, { recursive: true, preserveTimestamps: true });
  await chmod(copied, 0o711);
  const copy = await openEmbedded(copied, "owner", log, { durable: false });
  expect(copy.pid).not.toBe(original.pid);
  await copy.stop();
  expect(await rowsOf(original.url, "select")).toHaveLength(1);
  await original.stop();
});

test("a postmaster.pid that names a stranger's process does not keep the server from starting", async () => {
  const first = await openOwn();
  await first.stop();
  await writeFile(
    join(folder, "postgres", "postmaster.pid"),
    `${process.pid}\n${join(folder, "postgres")}\n1700000000\n5432\n\n127.0.0.1\n`,
  );
  const second = await openOwn();
  await second.stop();
});

test("the password is in one file that only its owner reads, and nothing answers without it", async () => {
  const server = await openOwn();
  const wrong = new URL(server.url);
  wrong.password = "guess";
  await expect(rowsOf(wrong.href, "select")).rejects.toThrow("password authentication failed");
  expect(wrong.hostname).toBe("127.0.0.1");
  await server.stop();
});

test("stop() leaves no process behind, also with clients still connected", async () => {
  const server = await openOwn();
  const client = new Client(server.url);
  client.on("error", () => undefined);
  await client.connect();
  await server.stop();
  expect(await processesIn(parent)).toEqual([]);
  expect(existsSync(join(folder, "postgres", "postmaster.pid"))).toBe(false);
  await server.stop();
});

asRoot.each([
  { name: "secret", kind: "symbolic", plant: symlink },
  { name: "secret", kind: "hard", plant: link },
  { name: "postgres.log", kind: "symbolic", plant: symlink },
  { name: "postgres.log", kind: "hard", plant: link },
])("root neither writes nor gives away a file of its own by a $kind link at $name", async (planted) => {
  const { file } = await makePrivate();
  await rm(join(folder, planted.name), { force: true });
  if (planted.name === "secret") await rm(join(folder, "postgres"), { recursive: true });
  await give(folder, SOMEBODY);
  await planted.plant(file, join(folder, planted.name));
  await expectRefusal(`${join(folder, planted.name)} must be a plain file`);
  await expectPrivate(file);
});

asRoot("root never gives its database to somebody who put a link to it in their folder", async () => {
  const { within } = await makePrivate();
  await cp(join(folder, "postgres"), join(within, "postgres"), { recursive: true });
  await rm(join(folder, "postgres"), { recursive: true });
  await give(folder, SOMEBODY);
  await symlink(join(within, "postgres"), join(folder, "postgres"));
  await expectRefusal(`${join(folder, "postgres")} must be a plain folder`);
  expect(await ownersIn(join(within, "postgres"))).toEqual([0]);
});

asRoot("root never gives its database to somebody whose link is the data folder", async () => {
  await cp(folder, join(parent, "owned"), { recursive: true });
  await rm(folder, { recursive: true });
  await symlink(join(parent, "owned"), folder);
  await lchown(folder, SOMEBODY, SOMEBODY);
  await expectRefusal(`${folder} must be a plain folder`);
  expect(await ownersIn(join(parent, "owned"))).toEqual([0]);
});

asRoot.each([
  { kind: "symbolic", plant: symlink },
  { kind: "hard", plant: link },
])("a $kind link inside the database keeps root from giving the database to anybody", async ({ plant }) => {
  const { file } = await makePrivate();
  await plant(file, join(folder, "postgres", "base", "planted"));
  await chown(folder, SOMEBODY, SOMEBODY);
  await expectRefusal(`${join(folder, "postgres", "base", "planted")} must be a plain file`);
  await expectPrivate(file);
});

asRoot("in somebody's folder root runs the database as them, and all of it is theirs", async () => {
  for (const made of [true, false]) {
    if (!made) await emptyFolder();
    await mkdir(folder, { recursive: true, mode: 0o711 });
    await chown(folder, SOMEBODY, SOMEBODY);
    if (made) await chown(join(folder, "secret"), SOMEBODY, SOMEBODY);
    const server = await openOwn();
    expect((await stat(`/proc/${server.pid}`)).uid).toBe(SOMEBODY);
    await server.stop();
    if (!made) expect(await ownersIn(folder)).toEqual([SOMEBODY]);
    expect(await ownersIn(join(folder, "postgres"))).toEqual([SOMEBODY]);
  }
});

asRoot(
  "somebody who shuts their folder to themselves does not get their database run with root's rights",
  async () => {
    await give(folder, SOMEBODY);
    await chmod(folder, 0);
    await expectRefusal(`runs as the owner of ${folder}`);
    expect(await ownersIn(folder)).toEqual([SOMEBODY]);
  },
);

asRoot("in root's own folder the data is root's alone, and what was nobody's becomes root's", async () => {
  for (const before of ["nothing", "nobody's"]) {
    if (before === "nothing") await emptyFolder();
    else await give(join(folder, "postgres"), SOMEBODY);
    const server = await openOwn();
    await server.stop();
    expect(await ownersIn(folder)).toEqual([0]);
  }
});

asRoot("below a folder that is closed to all but root the database is made and opens again", async () => {
  await emptyFolder();
  await chmod(parent, 0o700);
  for (const time of ["first", "second"]) {
    const server = await openOwn();
    expect(await rowsOf(server.url, `create table ${time}_time ()`)).toEqual([]);
    await server.stop();
  }
});

asRoot("without user namespaces and a user postgres who gets there, root is told what to do", async () => {
  await chmod(parent, 0o700);
  const node = await startChild("owner", await withoutNamespaces());
  expect(node.last("refused")).toMatchObject({
    name: "OperatorError",
    message: expect.stringMatching(/user namespaces.*"postgres".*Run Cadre as an ordinary user/) as string,
  });
  expect(await ownersIn(folder)).toEqual([0]);
});

asRootBesidePostgres(
  "without user namespaces the data is the user postgres's, and each way opens what the other made",
  async () => {
    const node = await startChild("owner", await withoutNamespaces());
    expect(node.opened).toBeDefined();
    await node.end("stop");
    expect(await ownersIn(join(folder, "postgres"))).toEqual([POSTGRES]);
    const same = await openOwn();
    expect((await stat(`/proc/${same.pid}`)).uid).toBe(POSTGRES);
    await same.stop();
    await chmod(parent, 0o700);
    const closed = await openOwn();
    await closed.stop();
    expect(await ownersIn(folder)).toEqual([0]);
  },
);

asRoot("data that anybody could have put in a folder open to all gets no rights but theirs", async () => {
  await give(join(folder, "postgres"), SOMEBODY);
  await chmod(folder, 0o777);
  await expectRefusal("PostgreSQL refuses to run as root");
  expect(await ownersIn(join(folder, "postgres"))).toEqual([SOMEBODY]);
});

function usersHere(): string {
  return existsSync("/etc/passwd") ? readFileSync("/etc/passwd", "utf8") : "";
}

/** What nobody but root may read, in a folder nobody but root may enter. */
async function makePrivate(): Promise<{ readonly within: string; readonly file: string }> {
  const within = join(parent, "private");
  const file = join(within, "shadow");
  await mkdir(within, { mode: 0o700 });
  await writeFile(file, "root's", { mode: 0o600 });
  return { within, file };
}

async function expectPrivate(file: string): Promise<void> {
  expect(await readFile(file, "utf8")).toBe("root's");
  expect((await stat(file)).uid).toBe(0);
}

async function expectRefusal(words: string): Promise<void> {
  await expect(openOwn().then((server) => server.stop())).rejects.toMatchObject({
    name: "OperatorError",
    message: expect.stringContaining(words) as string,
  });
}

async function give(path: string, user: number): Promise<void> {
  for (const name of await readdir(path, { recursive: true })) await lchown(join(path, name), user, user);
  await chown(path, user, user);
}

async function ownersIn(path: string): Promise<readonly number[]> {
  const paths = [path, ...(await readdir(path, { recursive: true })).map((name) => join(path, name))];
  const found = await Promise.all(paths.map((one) => stat(one)));
  return [...new Set(found.map(({ uid }) => uid))];
}

/** An environment in which `unshare` says no, as in many containers. */
async function withoutNamespaces(): Promise<NodeJS.ProcessEnv> {
  const programs = join(parent, "programs");
  await mkdir(programs);
  await writeFile(join(programs, "unshare"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  return { ...process.env, PATH: [programs, process.env["PATH"]].join(delimiter) };
}

/** As root PostgreSQL runs as another user, who must be able to pass. */
async function makeParent(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "cadre-embedded-"));
  await chmod(made, 0o711);
  return made;
}

/** For what happens in a place where nothing is yet. */
async function emptyFolder(): Promise<void> {
  await rm(folder, { recursive: true });
}

function openOwn(): Promise<Embedded> {
  return openEmbedded(folder, "owner", log, { durable: false });
}

async function rowsOf(url: string, sql: string): Promise<readonly object[]> {
  const client = new Client(url);
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<object>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function countKept(server: Embedded): Promise<number> {
  const [row] = (await rowsOf(server.url, "select count(*)::int as count from kept")) as readonly {
    readonly count: number;
  }[];
  return row?.count ?? 0;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let turns = 0; turns < 200; turns++) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error("it did not come to hold within ten seconds");
}

/** Every PostgreSQL process works in its data folder, so this sees the postmaster and all its children. */
async function processesIn(parentFolder: string): Promise<readonly string[]> {
  if (process.platform !== "linux") return [];
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
  return pids.filter((_, at) => places[at]?.startsWith(parentFolder));
}

type Event = {
  readonly kind: string;
  readonly url?: string;
  readonly pid?: number;
  readonly number?: number;
  readonly message?: string;
};

/** Resolves when the child said its first word: open, or refused. */
async function startChild(as: "owner" | "guest-or-owner", env = process.env): Promise<Child> {
  const child = new Child(as, env);
  await child.heard(() => true);
  return child;
}

class Child {
  readonly events: Event[] = [];
  private readonly process: ChildProcessWithoutNullStreams;

  constructor(as: string, env: NodeJS.ProcessEnv) {
    const program = join(import.meta.dirname, "embedded-child.js");
    this.process = spawn(process.execPath, [program, folder, as], { env });
    createInterface({ input: this.process.stdout }).on("line", (line) =>
      this.events.push(JSON.parse(line) as Event),
    );
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  get opened(): Event | undefined {
    return this.last("open");
  }

  last(kind: string): Event | undefined {
    return this.events.findLast((event) => event.kind === kind);
  }

  say(line: string): void {
    this.process.stdin.write(`${line}\n`);
  }

  heard(which: (event: Event) => boolean): Promise<void> {
    return until(() => Promise.resolve(this.events.some(which)));
  }

  async end(word: "stop" | "leave"): Promise<void> {
    const closed = once(this.process, "close");
    this.say(word);
    await closed;
  }

  async kill(): Promise<void> {
    const closed = once(this.process, "close");
    this.process.kill("SIGKILL");
    await closed;
  }
}
