import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Checked } from "../src/conformance/checked.js";
import type { Hands, Pace } from "../src/conformance/kit.js";
import { Origins } from "../src/conformance/origins.js";
import { lookAtReader } from "../src/conformance/reader.js";
import { Search } from "../src/conformance/search.js";
import { BLOCKED, FOUND, PROBATION, TRIALS, UNTRIED } from "../src/conformance/trials.js";
import { openOutbound } from "../src/federation/outbound.js";
import { readMasterKeys } from "../src/storage/master-key.js";
import { cadre } from "./command.js";
import { cloneDatabase } from "./database.js";
import { keyFile } from "./node.js";
import { freePort } from "./peers.js";
import { copyOfProduct, plant } from "./proof/planted.js";
import { FAULTY_READERS, type Fault } from "./reader-faults.js";

/** A reader that is started for this may ask often, so that nobody has to wait. */
const PACE: Pace = { look: 150, settle: 800, reading: 20_000, hands: 30_000, ping: 0, lease: 8 };

/** Looks at a node that has these faults, by these trials; by all when they are null. */
async function lookAt(only: readonly string[] | null, faults: readonly Fault[]): Promise<readonly Checked[]> {
  const folder = faults.length === 0 ? process.cwd() : await copyOfProduct();
  try {
    for (const { changes } of faults)
      for (const { file, find, put } of changes) await plant(join(folder, "dist", "src", file), find, put);
    return await looked(folder, only);
  } finally {
    if (faults.length > 0) await rm(folder, { recursive: true, force: true });
  }
}

async function looked(folder: string, only: readonly string[] | null): Promise<readonly Checked[]> {
  const [reader, origins] = [await startReader(folder), await Origins.start()];
  const outbound = openOutbound({ allowPrivate: true, timeout: 10_000, userAgent: "test" });
  try {
    const { url, hands } = reader;
    const search = new Search(outbound, url);
    return await lookAtReader({ url, outbound, search, origins, hands, pace: PACE, only });
  } finally {
    await Promise.all([reader.close(), origins.close(), outbound.close()]);
  }
}

/** A node in a process of its own, of the product in this folder. */
async function startReader(folder: string) {
  const [database, port] = [await cloneDatabase(), await freePort()];
  const url = `http://localhost:${port}`;
  const child = fork(join(process.cwd(), "tests", "reader-child.mjs"), {
    cwd: folder,
    env: {
      PATH: process.env["PATH"] ?? "",
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      PORT: String(port),
      PUBLIC_URL: url,
      PRIVATE_PEERS: "true",
      DATABASE_URL: database.url,
      KEY_FILE: keyFile,
      RATE_SOURCE: "0",
      RATE_PEER: "0",
    },
    execArgv: ["--no-warnings"],
  });
  await once(child, "message");
  return {
    url,
    hands: handsOf(child),
    close: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      await database.drop();
    },
  };
}

/** Runs the command for a node, and does there what it says; how it ended and what it said, in the end why it could not. */
async function command(options: readonly string[]): Promise<{ status: number | null; said: string }> {
  const [reader, port] = [await startReader(process.cwd()), await freePort()];
  const child = spawn(
    process.execPath,
    ["dist/src/cli.js", "conformance", reader.url, "--as-peer", `http://localhost:${port}`, ...options],
    { env: { PATH: process.env["PATH"] ?? "", PRIVATE_PEERS: "true" }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  child.stdout.on("data", (text: Buffer) => (said += text.toString()));
  const following = follow(child.stderr, reader.hands);
  try {
    const [status] = (await once(child, "close")) as [number | null];
    const complained = await following;
    return { status, said: status === 0 ? said : said + complained };
  } finally {
    await reader.close();
  }
}

/** What stands there to be typed is done, each line in turn; all that stood there. */
async function follow(lines: NodeJS.ReadableStream, hands: Hands): Promise<string> {
  let all = "";
  for await (const line of createInterface({ input: lines })) {
    all += `${line}\n`;
    const [, verb, url = "", number = ""] =
      /^ {2}cadre peer (add|trust|block) (\S+)(?: --as public-only --number "([\d ]+)")?$/.exec(line) ?? [];
    if (verb === "add") await hands.meet([url]);
    if (verb === "trust") await hands.trust([{ url, number }]);
    if (verb === "block") await hands.block([url]);
  }
  return all;
}

/** Whoever runs the node does as they are told. */
function handsOf(child: ChildProcess): Hands {
  let last = 0;
  const tell = (verb: keyof Hands) => async (value: unknown) => {
    const number = ++last;
    const done = new Promise<void>((resolve) => {
      const hear = (told: { readonly number: number }) => {
        if (told.number !== number) return;
        child.off("message", hear);
        resolve();
      };
      child.on("message", hear);
    });
    child.send({ number, verb, value });
    await done;
  };
  return { meet: tell("meet"), trust: tell("trust"), block: tell("block"), takeBundle: tell("takeBundle") };
}

/** The checks that say something is wrong. */
const caught = (checked: readonly Checked[]) =>
  checked.flatMap(({ id, fault }) => (fault === null ? [] : [id])).sort();

const FAULTS = FAULTY_READERS.flatMap(({ faults }, at) =>
  faults.map(({ name, caughtBy }) => [name, caughtBy.join(" and "), at, caughtBy] as const),
);

describe("readers", () => {
  let clean: readonly Checked[];
  let faulty: readonly (readonly Checked[])[];
  let typed: { readonly status: number | null; readonly said: string };

  beforeAll(async () => {
    await readMasterKeys(keyFile, true);
    // Two at a time: that is how many there is room for.
    const waiting: (readonly [plays: readonly string[] | null, faults: readonly Fault[]])[] = [
      [null, []],
      ...FAULTY_READERS.map(({ plays, faults }) => [plays, faults] as const),
    ];
    const checked: (readonly Checked[])[] = [];
    const work = async (from: number): Promise<void> => {
      for (let at = from; at < waiting.length; at = next++) checked[at] = await lookAt(...waiting[at]!);
    };
    let next = 2;
    [typed] = await Promise.all([command(["--only", "P1"]), work(0), work(1)]);
    [clean, ...faulty] = checked as [readonly Checked[], ...(readonly Checked[])[]];
  }, 180_000);

  test("our own node keeps every promise of a reader, and what was not tried says why", () => {
    expect(clean.filter(({ fault }) => fault !== null)).toEqual([]);
    const untried = clean.filter(({ untried }) => untried !== null);
    expect(untried.map(({ id }) => id)).toEqual(["K13", "P2", "P8"]);
  });

  test.each(FAULTS)("a reader that %s is caught by %s", (_name, _by, at, caughtBy) => {
    expect(caught(faulty[at]!)).toEqual(expect.arrayContaining([...caughtBy]));
  });

  test("the command says what to type, what holds, and what was not tried", () => {
    const lines = typed.said.trim().split("\n");
    expect([typed.status, lines.at(-1)]).toEqual([
      0,
      expect.stringMatching(/^Reader: 4 passed, 0 failed, \d+ not tried$/),
    ]);
    expect(lines).toContainEqual(expect.stringMatching(/^✓ P1 /));
    expect(lines).toContainEqual(
      expect.stringMatching(/^– K13 .* Not tried: somebody would have to kill the node\.$/),
    );
  });

  test("nothing is said of a reader but what is wrong with it", () => {
    const expected = FAULTY_READERS.map(({ faults }) => faults.flatMap(({ caughtBy }) => caughtBy).sort());
    expect(faulty.map(caught)).toEqual(expected);
  });
});

test("docs/federation.md names each promise of a reader, and why one is not tried", async () => {
  const lines = (await readFile(join("docs", "federation.md"), "utf8")).split("\n");
  const rows = lines.map((line) => line.split("|").map((cell) => cell.trim()));
  const wanted = [FOUND, PROBATION, BLOCKED, ...TRIALS, ...UNTRIED].map(({ id, promise, ...told }) =>
    [id, "why" in told ? `${promise} _Not tried: ${told.why}._` : promise].join(" "),
  );
  const told = rows.flatMap(([, id = "", promise = ""]) => (/^[KP]\d/.test(id) ? [`${id} ${promise}`] : []));
  expect(told.sort()).toEqual(wanted.sort());
});

describe("the command", () => {
  test.each([
    [["--as-peer", "here"], "--as-peer is an http or https address without a path."],
    [
      ["--as-peer", "https://kit.example.org"],
      "--port says on which port to listen, when the address does not.",
    ],
    [
      ["--as-peer", "http://localhost:1", "--only", "K99"],
      "K99 is not tried by itself: it is shown with every other trial, or it is not tried, or there is none. docs/federation.md has the list.",
    ],
  ])("refuses %j in a sentence", async (options, sentence) => {
    const { status, complained } = await cadre(["conformance", "http://localhost:1", ...options]);
    expect([status, complained.trim()]).toEqual([1, sentence]);
  });
});
