/** Tries pairs of databases until one can be told apart: `npm run proof -- --pairs 20000 --seed 1`. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import startServer from "../database-server.js";
import stopServer from "../database-server-stop.js";
import { openArena } from "./arena.js";
import { Campaign, type Bounds, type Difference, type Report } from "./campaign.js";
import { coordinatesOf } from "./questions.js";

/** What a process that did its part sends to the one that started it. */
export type Part = Report & { readonly coordinates: readonly string[]; readonly shrunk: string | null };

const { values: asked } = parseArgs({
  options: {
    pairs: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    processes: { type: "string", default: "2" },
    /** Which of the processes this is; the one that starts the others is none. */
    part: { type: "string" },
  },
});
const processes = Number(asked.processes);
const [wanted, seed] = [Number(asked.pairs), Number(asked.seed)];

if (asked.part === undefined) process.exitCode = await conduct();
else process.send?.(await takePart({ seed, pairs: wanted, first: Number(asked.part), step: processes }));

async function takePart(bounds: Bounds): Promise<Part> {
  const arena = await openArena();
  try {
    const campaign = await Campaign.open(arena);
    const report = await campaign.run(bounds);
    const { difference } = report;
    const shrunk = difference === null ? null : await campaign.shrink(difference);
    return {
      ...report,
      coordinates: coordinatesOf(campaign.schema),
      shrunk: shrunk && JSON.stringify(shrunk, null, 1),
    };
  } finally {
    await arena.close();
  }
}

async function conduct(): Promise<number> {
  const given = process.env["CADRE_TEST_SERVER"] !== undefined;
  const began = Date.now();
  if (!given) await startServer();
  try {
    const parts = await Promise.all(Array.from({ length: processes }, (_, at) => start(at)));
    report(parts, (Date.now() - began) / 1000);
    return parts.some(({ difference }) => difference !== null) ? 1 : 0;
  } finally {
    if (!given) await stopServer();
  }
}

function start(part: number): Promise<Part> {
  const share = Math.ceil((wanted - part) / processes);
  const args = [
    "--pairs",
    String(share),
    "--seed",
    String(seed),
    "--processes",
    String(processes),
    "--part",
    String(part),
  ];
  const child = fork(fileURLToPath(import.meta.url), args, { stdio: ["ignore", 2, 2, "ipc"] });
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as Part));
    child.once("exit", (code) => reject(new Error(`a part of the campaign ended with ${code}`)));
  });
}

function report(parts: readonly Part[], seconds: number): void {
  const sum = (of: (part: Part) => number): number => parts.reduce((all, part) => all + of(part), 0);
  const used = new Set(parts.flatMap((part) => part.used));
  const answers = sum((part) => part.answers);
  const summary = {
    seed,
    pairs: sum((part) => part.pairs),
    answers,
    told: sum((part) => part.told),
    seconds: Math.round(seconds * 10) / 10,
    answersPerSecond: Math.round(answers / seconds),
    neverAsked: (parts[0]?.coordinates ?? []).filter((coordinate) => !used.has(coordinate)),
  };
  console.log(JSON.stringify(summary));
  for (const { difference, shrunk } of parts)
    if (difference !== null) console.log(describe(difference, shrunk));
}

function describe(
  { seed: from, pair, asking, asked: question, left, right }: Difference,
  shrunk: string | null,
): string {
  const words = typeof question === "string" ? question : JSON.stringify(question, null, 1);
  const smallest =
    shrunk === null
      ? "Alone, the question is answered alike."
      : `The smallest pair that still differs:\n${shrunk}`;
  return `\n${asking} can tell pair ${pair} of seed ${from} apart by asking\n${words}\n\nleft:\n${left}\n\nright:\n${right}\n\n${smallest}`;
}
