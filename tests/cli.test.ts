import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FIRST_QUESTION } from "../src/server/graphiql.js";
import { readMasterKeys } from "../src/storage/master-key.js";

/** A command as a process of its own, in a data folder of its own, with nothing else in its environment. */
type Command = {
  readonly process: ChildProcess;
  said(): string;
  complained(): string;
  ended: Promise<number | null>;
};

const running = new Set<ChildProcess>();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cadre-cli-"));
  await chmod(folder, 0o711);
});
afterEach(async () => {
  for (const child of running) child.kill("SIGKILL");
  const pid = await postmaster();
  if (pid !== null && alive(pid)) process.kill(pid, "SIGQUIT");
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function cadre(args: readonly string[], env: Record<string, string> = {}): Command {
  const child = spawn(process.execPath, ["dist/src/cli.js", ...args], {
    env: { PATH: process.env["PATH"] ?? "", DATA_DIR: folder, PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let said = "";
  let complained = "";
  child.stdout.on("data", (text: Buffer) => (said += text.toString()));
  child.stderr.on("data", (text: Buffer) => (complained += text.toString()));
  const ended = once(child, "close").then(([status]) => {
    running.delete(child);
    return status as number | null;
  });
  return { process: child, said: () => said, complained: () => complained, ended };
}

/** The address a node serves at, once it says so. */
async function serving(command: Command): Promise<string> {
  for (let tries = 0; tries < 300; tries++) {
    const address = /http:\/\/localhost:\d+/.exec(command.said())?.[0];
    if (address !== undefined) return address;
    if (command.process.exitCode !== null) break;
    await sleep(50);
  }
  throw new Error(`the node did not start: ${command.complained()}`);
}

async function ask(url: string, query: string): Promise<{ data: Record<string, unknown>; errors?: unknown }> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as { data: Record<string, unknown> };
}

const total = "{ practitioners { totalCount } }";

async function postmaster(): Promise<number | null> {
  const file = join(folder, "postgres", "postmaster.pid");
  return existsSync(file) ? Number((await readFile(file, "utf8")).split("\n")[0]) : null;
}

/** What has ended and waits to be collected by the machine's first process is alive no longer. */
function alive(pid: number): boolean {
  const { status, stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return status === 0 && !stdout.trim().startsWith("Z");
}

describe("cadre serve", () => {
  test("serves the demo network from an empty folder, prints a question that works, and stops cleanly on Ctrl-C", async () => {
    const node = cadre(["serve"]);
    const url = await serving(node);
    expect(node.said()).toContain(JSON.stringify({ query: FIRST_QUESTION.replace(/\s+/g, " ") }));
    expect(await ask(url, FIRST_QUESTION)).toMatchObject({ data: { practitioners: { totalCount: 2 } } });
    const database = await postmaster();
    node.process.kill("SIGINT");
    node.process.kill("SIGINT");
    expect(await node.ended).toBe(0);
    expect(database !== null && alive(database)).toBe(false);
    expect(await postmaster()).toBeNull();
  });

  test("stops as cleanly when Ctrl-C is pressed while it is starting", async () => {
    const node = cadre(["serve"]);
    while ((await postmaster()) === null) await sleep(5);
    const database = await postmaster();
    node.process.kill("SIGINT");
    expect(await node.ended).toBe(0);
    expect(database !== null && alive(database)).toBe(false);
    expect(await postmaster()).toBeNull();
  });

  test("after kill -9 takes over what is there and loads no demo over it", async () => {
    const first = cadre(["serve"]);
    const before = await ask(await serving(first), total);
    first.process.kill("SIGKILL");
    await first.ended;
    const second = cadre(["serve"]);
    expect(await ask(await serving(second), total)).toEqual(before);
    expect(second.said()).not.toContain("was empty");
    second.process.kill("SIGTERM");
    expect(await second.ended).toBe(0);
  });

  test("refuses a data folder that another node has open, and says what to do", async () => {
    const first = cadre(["serve"]);
    const url = await serving(first);
    const second = cadre(["serve"]);
    expect(await second.ended).toBe(1);
    expect(second.complained()).toMatch(/in use/);
    expect(second.complained()).not.toMatch(/\n {4}at /);
    expect(await ask(url, total)).toMatchObject({ data: { practitioners: { totalCount: 10 } } });
  });

  test("loads no demo in production", async () => {
    const keys = join(folder, "production.key");
    await readMasterKeys(keys, true);
    const node = cadre(["serve"], { NODE_ENV: "production", HOST: "127.0.0.1", KEY_FILE: keys });
    expect(await ask(await serving(node), total)).toMatchObject({
      data: { practitioners: { totalCount: 0 } },
    });
    expect(node.said()).not.toContain("demo");
  });

  test("serves GraphiQL in development from this machine alone", async () => {
    const url = await serving(cadre(["serve"]));
    const page = await fetch(`${url}/graphql`, { headers: { accept: "text/html" } });
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    const text = await page.text();
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
    for (const [, path] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await fetch(`${url}${path}`)).status).toBe(200);
    }
  });

  test.each([
    ["a port that is no port", { PORT: "many" }, /PORT is a number/],
    ["an address that is no database", { DATABASE_URL: "mysql://x" }, /DATABASE_URL looks like/],
    ["a database that is not there", { DATABASE_URL: "postgres://x:secret@127.0.0.1:1/x" }, /127\.0\.0\.1:1/],
    ["a region nobody knows", { NETWORK_REGIONS: "013,ZZ-1" }, /ZZ-1/],
    ["words that cannot be read", { WORDS_FILE: "package.json" }, /WORDS_FILE/],
  ])("%s gets a sentence and a status, and nothing is started", async (_what, env, sentence) => {
    const node = cadre(["serve"], env as unknown as Record<string, string>);
    expect(await node.ended).toBe(1);
    expect(node.complained()).toMatch(sentence);
    expect(node.complained()).not.toMatch(/secret|\n {4}at /);
    expect(existsSync(join(folder, "postgres"))).toBe(false);
  });

  test("a port that is taken gets a sentence, and the database is stopped again", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? String(address.port) : "";
    const node = cadre(["serve"], { PORT: port });
    expect(await node.ended).toBe(1);
    expect(node.complained()).toContain(`Port ${port} is taken`);
    expect(await postmaster()).toBeNull();
    other.close();
  });
});

describe("cadre import", () => {
  const header =
    "handle,display_name,network,organisation,serves,languages,specialties,level,formats,follow_up,contact,visibility,consent_given,consent_on,last_verified,vouched_by,notes";
  const people = [
    "a1,Sapodilla,latam,,Guatemala,español,digital security,trainer,remote,yes,mailto:a1@example.org,public,yes,2026-01-10,2026-02-01,,",
    "a2,Cenizaro,latam,,Guatemala,español,digital security,trainer,remote,yes,mailto:a2@example.org,public,no,,,,",
    "a3,Mahogany,latam,,Guatemala,Bahasa,digital security,trainer,remote,yes,,public,yes,2026-01-10,,,",
  ];

  async function table(): Promise<string> {
    const file = join(folder, "people.csv");
    await writeFile(file, [header, ...people, ""].join("\r\n"));
    return file;
  }

  test("beside a serving node, which finds what was taken in within a second", async () => {
    const url = await serving(cadre(["serve"]));
    const taken = cadre(["import", await table(), "--mapping", "practitioners-csv"]);
    expect(await taken.ended).toBe(0);
    await sleep(1000);
    const found = await ask(
      url,
      `{ practitioners(search: "sapodilla") { nodes { alias contact { value } } } }`,
    );
    expect(found).toEqual({ data: { practitioners: { nodes: [{ alias: "Sapodilla", contact: [] }] } } });
    expect(await ask(url, `{ practitioners(search: "cenizaro") { totalCount } }`)).toEqual({
      data: { practitioners: { totalCount: 0 } },
    });
  });

  test("reports every row with its outcome, the reason and the original text, and again changes nothing", async () => {
    const file = await table();
    const args = ["import", file, "--mapping", "practitioners-csv"];
    const dry = cadre([...args, "--dry-run"]);
    expect(await dry.ended).toBe(0);
    const first = cadre(args);
    expect(await first.ended).toBe(0);
    const second = cadre(args);
    expect(await second.ended).toBe(0);
    expect(dry.said()).toMatch(/3 {2}created/);
    expect(first.said()).toMatch(/3 {2}created/);
    expect(first.said()).toMatch(/a3[^]*languages[^]*Bahasa/);
    expect(second.said()).toMatch(/0 {2}created[^]*3 {2}unchanged/);
    expect(first.complained()).toBe("");
  });

  test("leaves the name of the network as the node has it", async () => {
    const url = await serving(cadre(["serve"], { NETWORK_NAME: "Red Ceiba" }));
    const taken = cadre(["import", await table(), "--mapping", "practitioners-csv"], {
      NETWORK_NAME: "Another",
    });
    expect(await taken.ended).toBe(0);
    const node = cadre(["migrate"]);
    expect(await node.ended).toBe(0);
    const again = await ask(url, "{ network { name } }");
    expect(again).toEqual({ data: { network: { name: "Red Ceiba" } } });
  });

  test.each([
    ["a file that is not there", ["nowhere.csv", "--mapping", "practitioners-csv"], /nowhere\.csv/],
    ["a mapping that is not there", ["package.json", "--mapping", "nothing"], /nothing/],
  ])("%s gets a sentence and a status", async (_what, args, sentence) => {
    const taken = cadre(["import", ...args]);
    expect(await taken.ended).toBe(1);
    expect(taken.complained()).toMatch(sentence);
    expect(taken.complained()).not.toMatch(/\n {4}at /);
  });
});

describe("cadre invite", () => {
  const offer = (token: string) => `{ invitation(token: "${token}") { role } }`;
  const tokenIn = (text: string): string => /^\s*([\w-]{43})$/m.exec(text)?.[1] ?? "";

  test("the first steward's invitation is told once, at the first start", async () => {
    const first = cadre(["serve"]);
    const url = await serving(first);
    const token = tokenIn(first.said());
    expect(await ask(url, offer(token))).toEqual({ data: { invitation: { role: "STEWARD" } } });
    first.process.kill("SIGTERM");
    await first.ended;
    const second = cadre(["serve"]);
    await serving(second);
    expect(tokenIn(second.said())).toBe("");
  });

  test("invites somebody from the machine itself, beside a serving node", async () => {
    const url = await serving(cadre(["serve"]));
    const invited = cadre(["invite", "--role", "ADMIN", "boss@example.org"], {
      NETWORK_URL: "https://ceiba.example",
    });
    expect(await invited.ended).toBe(0);
    const token = tokenIn(invited.said());
    expect(invited.said()).toContain(`https://ceiba.example/#invitation=${token}`);
    expect(invited.said()).not.toContain("boss@");
    expect(await ask(url, offer(token))).toEqual({ data: { invitation: { role: "ADMIN" } } });
  });

  test.each([
    ["a role nobody can have", ["invite", "--role", "FRONTEND", "boss@example.org"], /role/],
    ["no role", ["invite", "boss@example.org"], /role/],
    ["an address too short to be one", ["invite", "--role", "ADMIN", "x"], /3 to 254/],
  ])("%s gets a sentence and a status", async (_what, args, sentence) => {
    const invited = cadre(args);
    expect(await invited.ended).toBe(1);
    expect(invited.complained()).toMatch(sentence);
    expect(invited.complained()).not.toMatch(/\n {4}at /);
  });
});

describe("cadre migrate", () => {
  test("brings an empty database up to date once", async () => {
    const first = cadre(["migrate"]);
    expect(await first.ended).toBe(0);
    expect(first.said()).toMatch(/^Applied: \w+/);
    const second = cadre(["migrate"]);
    expect(await second.ended).toBe(0);
    expect(second.said()).toBe("The database is up to date.\n");
  });
});
