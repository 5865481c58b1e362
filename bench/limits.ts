/**
 * How much processor time, in milliseconds, each request of `hostile.ts` takes to refuse: asking it included, over HTTP, in one
 * process. Prints the median and the most of several rounds, the first one cold; the goal is 50 ms.
 */
import { Hono } from "hono";
import "reflect-metadata";
import { anonymous } from "../src/visibility/viewer.js";
import { openLog } from "../src/log.js";
import { readVocabulary } from "../src/vocabulary/vocabulary.js";
import { Words } from "../src/vocabulary/vocabulary.api.js";
import { openDoor } from "../src/server/http.js";
import { buildNodeSchemas, type Parts } from "../src/server/schema.js";
import { HOSTILE } from "./hostile.js";
import { median, rounded } from "./report.js";

const ROUNDS = 9;
const GOAL = 50;

// Nothing of what is asked here runs, so there is nothing behind the door.
const words = new Words(readVocabulary());
const door = await openDoor({
  host: "127.0.0.1",
  port: 0,
  schemas: await buildNodeSchemas({ words, desk: {}, coverage: {} } as Parts),
  surroundings: { words } as Parameters<typeof openDoor>[0]["surroundings"],
  recognise: () => ({
    viewer: anonymous,
    request: { source: "bench", token: null, accounts: true },
    frontend: null,
  }),
  isRouter: async () => false,
  sourceOf: () => "bench",
  frontends: { origins: async () => new Set() },
  ownOrigin: null,
  reachable: async () => true,
  development: false,
  introspection: true,
  rates: { source: 0, account: 0, frontend: 0, peer: 0 },
  patience: { headers: 10_000, request: 30_000, answer: 10_000 },
  pictures: new Hono(),
  federation: null,
  log: openLog("silent"),
});

async function refuse(body: string): Promise<number> {
  const before = process.cpuUsage();
  const response = await fetch(`${door.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  await response.text();
  const { user, system } = process.cpuUsage(before);
  if (response.status < 400) throw new Error("what should be refused was answered");
  return (user + system) / 1000;
}

// Each document is another one each time: none is known from the round before.
const differently = (body: string, round: number): string =>
  body.replace('{"query":"', `{"query":"#${round}\\n`);
const figures = [];
for (const { what, body } of HOSTILE) {
  const times = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await refuse(differently(body, round)));
  figures.push({ what, typical: median(times), most: Math.max(...times) });
}
await door.close();
for (const { what, typical, most } of figures.toSorted((one, other) => other.typical - one.typical))
  console.log(`${rounded(typical).padStart(6)} ${rounded(most).padStart(6)}  ${what}`);
const over = figures.filter(({ typical }) => typical > GOAL);
console.log(`${over.length === 0 ? "✓" : "✗"} every refusal takes at most ${GOAL} ms`);
process.exitCode = over.length === 0 ? 0 : 1;
