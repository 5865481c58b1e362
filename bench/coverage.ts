/** How long an epoch takes to publish and a coverage answer to make, over an invented directory; see README.md in this folder. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { readConfig } from "../src/config.js";
import { cellsAsked, type Asked } from "../src/coverage/asked.js";
import { Epochs, publishNow } from "../src/coverage/coverage.store.js";
import { gapsAmong, whyOf } from "../src/coverage/gaps.js";
import { openGround, type Ground } from "../src/ground.js";
import { listedBy } from "../src/listing/home.js";
import { openLog } from "../src/log.js";
import { listingsOf } from "../src/practitioners/practitioner.js";
import { Generator } from "./generate.js";
import { median, rounded } from "./report.js";

const { values: given } = parseArgs({
  options: { n: { type: "string", default: "100000" }, times: { type: "string", default: "200" } },
});
async function bench({ database, home, vocabulary }: Ground): Promise<void> {
  await fill(Number(given.n));
  const waiting = monitorEventLoopDelay({ resolution: 1 });
  waiting.enable();
  const began = performance.now();
  await publishNow({ database, home, vocabulary, terms: config.coverage });
  const published = performance.now() - began;
  waiting.disable();
  const epochs = new Epochs(database.read, vocabulary);
  const reading = performance.now();
  await epochs.current();
  const read = performance.now() - reading;
  console.log(`${given.n} practitioners; publishing ${rounded(published / 1000)} s, once a quarter`);
  console.log(
    `meanwhile others waited ${rounded(waiting.percentile(99) / 1e6)} ms for their turn at the 99th percentile, ${rounded(waiting.max / 1e6)} ms at most; memory ${rounded(process.memoryUsage().rss / 2 ** 20)} MiB`,
  );
  console.log(`first question after that, which reads the epoch: ${rounded(read / 1000)} s`);
  for (const [what, asked] of QUESTIONS) console.log(await timed(epochs, what, asked));
}

/** What everybody finds people by, and nothing else of them. */
async function fill(n: number): Promise<void> {
  const { database, home, vocabulary } = ground;
  const generator = new Generator(1, vocabulary);
  const by = listedBy(home);
  for (let from = 0; from < n; from += 2000) {
    const numbers = Array.from({ length: Math.min(2000, n - from) }, (_, at) => from + at);
    const rows = numbers.flatMap((number) => {
      const person = generator.practitioner(number);
      return listingsOf(person, by).map((listing) => ({ id: person.id, ...listing }));
    });
    await database.transaction((tx) =>
      tx.query(insertListings, [
        home.network,
        rows.map(({ audience }) => audience),
        rows.map(({ id }) => id),
        rows.map(({ tags }) => tags),
      ]),
    );
  }
}

const insertListings = `
  insert into seen.listing (audience, kind, id, origin, name, doc, tags, words, changed)
  select row.audience, 'practitioner', row.id, $1, '', '{}', row.tags, '', current_date
  from unnest($2::text[], $3::uuid[], $4::text[]) as row (audience, id, tags)`;

const all: Asked = {
  by: ["SPECIALTY", "REGION"],
  specialties: null,
  regions: null,
  languages: null,
  regionLevel: "COUNTRY",
  specialtyDepth: 1,
};
const QUESTIONS: readonly (readonly [string, Asked])[] = [
  ["every specialty root in every country, with gaps", all],
  [
    "one specialty in five languages in Latin America, with gaps",
    {
      ...all,
      by: ["SPECIALTY", "REGION", "LANGUAGE"],
      specialties: ["psychosocial"],
      regions: ["419"],
      languages: ["quc", "qu", "ay", "gn", "mam"],
    },
  ],
];

/** The answer as a request makes it: is it still the same epoch, the cells, the gaps, and why of the first twenty. */
async function timed(epochs: Epochs, what: string, asked: Asked): Promise<string> {
  const took: number[] = [];
  const inside: number[] = [];
  for (let time = 0; time < Number(given.times); time++) {
    const began = performance.now();
    const published = await epochs.current();
    if (published === null) throw new Error("nothing was published");
    const read = performance.now();
    const gaps = gapsAmong(published, cellsAsked(published, asked)).slice(0, 20);
    for (const gap of gaps) whyOf(published, gap, "en");
    took.push(performance.now() - began);
    inside.push(performance.now() - read);
  }
  const worst = [...inside].sort((one, other) => one - other)[Math.floor(inside.length * 0.99)] ?? 0;
  const goal = median(inside) <= 5 ? "✓" : "✗";
  return `${goal} ${what}: ${rounded(median(inside))} ms inside the process (99th percentile ${rounded(worst)}), ${rounded(median(took))} ms with the database`;
}

const folder = await mkdtemp(join(tmpdir(), "cadre-bench-coverage-"));
const config = readConfig({ NODE_ENV: "development", DATA_DIR: folder });
const ground = await openGround(config, "guest-or-owner", openLog("warn"));
try {
  await bench(ground);
} finally {
  await ground.close();
  await rm(folder, { recursive: true, force: true });
}
