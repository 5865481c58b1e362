/** Measures, inside one process and without a database, how long it takes to match a need and to find the smallest teams for one. */
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { Origins } from "../src/listing/origins.js";
import { match, type Asking } from "../src/matching/match.js";
import type { Need } from "../src/matching/need.js";
import { findTeams } from "../src/matching/teams.js";
import { readWeights } from "../src/matching/weights.js";
import { listingsOf, type Practitioner } from "../src/practitioners/practitioner.js";
import { Index, share } from "../src/search/index.js";
import { Key } from "../src/storage/seal.js";
import { readVocabulary } from "../src/vocabulary/vocabulary.js";
import { Generator } from "./generate.js";
import { revision } from "./machine.js";
import { below, oneOf, randomFor, several, shuffled, type Random } from "./random.js";

const { values: asked } = parseArgs({
  options: {
    n: { type: "string", default: "100000" },
    /** How many people there are of whom teams are made: about a third of them bring something that is needed. */
    candidates: { type: "string", default: "3000" },
    needs: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
  },
});

/** Milliseconds at the 99th percentile. A busy machine is no reason to fail: only what misses them by far is. */
const GOALS = { match: 10, teams: 5 } as const;
const BY_FAR = 3;

const clock = () => new Date("2026-11-22T12:00:00Z");
const own = {
  id: "00000000-0000-4000-8000-000000000001",
  name: "Bench",
  url: null,
  regions: [],
  thisNode: true,
};
const vocabulary = readVocabulary();
const generator = new Generator(Number(asked.seed), vocabulary);
const random = randomFor(Number(asked.seed), "needs");

const directory = Array.from({ length: Number(asked.n) }, (_, number) => generator.practitioner(number));
const matched = timesOf(Number(asked.needs), askingOf(directory), (asking) => {
  const need = needOf(random, oneOf(random, directory));
  return () => match(asking, need, 10).totalCount;
});
const people = generatedFor(Number(asked.candidates));
const teamed = timesOf(Number(asked.needs) / 4, askingOf(people.all), (asking) => {
  const need = { specialties: people.specialties.map((code) => ({ code })), languages: languagesOf(random) };
  return () => findTeams(asking, need, { maxSize: 6, first: 5 }).size ?? 0;
});

console.log(
  `revision ${revision()}, ${cpus().length} cores, load ${loadavg()
    .map((one) => one.toFixed(1))
    .join(" ")}`,
);
report(`match, ${directory.length} practitioners`, matched, GOALS.match, "found");
report(`teams, ${people.all.length} candidates, 10 required`, teamed, GOALS.teams, "members");

// ── what is asked ───────────────────────────────────────────────────────────────────────────────────────────────────

/** A need that at least one person would meet, were nothing hidden. */
function needOf(from: Random, { facts }: Practitioner): Need {
  const codes = facts.specialties.map(({ value }) => value.specialty);
  const broad = from() < 0.35;
  const wanted = several(from, 1 + below(from, 2), (dice) => oneOf(dice, codes));
  const region = facts.regions[0]?.value.region ?? null;
  return {
    specialties: [...new Set(wanted.map((code) => (broad ? (code.split(".")[0] ?? code) : code)))].map(
      (code) => ({
        code,
      }),
    ),
    languages: facts.languages.slice(0, 2).map(({ value }) => value.language),
    languageAtLeast: from() < 0.5 ? "BASIC" : "WORKING",
    region: from() < 0.6 ? region : null,
    communities: ["WOMEN", "INDIGENOUS"].slice(0, below(from, 3)),
    formats: from() < 0.5 ? ["WORKSHOP", "FOLLOW_UP"] : null,
    followUp: from() < 0.5,
    urgent: from() < 0.2,
    ...(from() < 0.3 ? { from: "2027-03-01", until: "2027-03-31" } : {}),
  };
}

function languagesOf(from: Random): readonly string[] {
  return shuffled(from, ["en", "es", "fr", "ar", "pt", "ru", "sw"]).slice(0, 1 + below(from, 3));
}

/** So many people who each bring one of the same ten specialties at least, and those ten. */
function generatedFor(many: number) {
  const codes = vocabulary.specialties.all.map(({ code }) => code).filter((code) => code.includes("."));
  const specialties = shuffled(randomFor(Number(asked.seed), "ten"), codes).slice(0, 10);
  const bears = ({ facts }: Practitioner): boolean =>
    facts.specialties.some(({ value }) =>
      specialties.some((code) => value.specialty === code || value.specialty.startsWith(`${code}.`)),
    );
  const all: Practitioner[] = [];
  for (let number = 0; all.length < many; number++) {
    const person = generator.practitioner(number);
    if (bears(person)) all.push(person);
  }
  return { all, specialties };
}

// ── how long it takes ───────────────────────────────────────────────────────────────────────────────────────────────

/** An index of what members see, packed as at the start of a node. */
function askingOf(all: readonly Practitioner[]): Asking {
  const origins = new Origins(async () => ({ networks: [own], standings: [] }));
  origins.take({ networks: [own], standings: [] });
  const growing = new Index("practitioner", share(vocabulary), { audience: "MEMBERS", origins, clock });
  const contacts = Key.random();
  for (const person of all) {
    const listing = listingsOf(person, { network: own.id, contacts }).find(
      ({ audience }) => audience === "MEMBERS",
    );
    if (listing === undefined) continue;
    growing.put({ ...listing, kind: "practitioner", id: person.id, origin: own.id, lease: 0, notAfter: 0 });
  }
  return { index: growing.renewed(), weights: readWeights(), clock };
}

/** By need: milliseconds by the clock and of processor time, and how many were found. */
type Times = {
  readonly elapsed: readonly number[];
  readonly worked: readonly number[];
  readonly found: readonly number[];
};

/** Each need is asked once: what was remembered of others helps it as it does on a node. */
function timesOf(many: number, asking: Asking, draw: (asking: Asking) => () => number): Times {
  const times = Array.from({ length: many }, () => {
    const work = draw(asking);
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    const found = work();
    const elapsed = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    return { found, elapsed, worked: (user + system) / 1000 };
  }).slice(many / 10);
  return {
    elapsed: times.map((one) => one.elapsed),
    worked: times.map((one) => one.worked),
    found: times.map((one) => one.found),
  };
}

/** While others use the machine the clock says how busy they are: then processor time tells. */
function report(what: string, { elapsed, worked, found }: Times, goal: number, unit: string): void {
  const at = (list: readonly number[], share: number): number =>
    list.toSorted((one, other) => one - other)[Math.floor((list.length - 1) * share)] ?? 0;
  const told = (list: readonly number[]): string =>
    `p50 ${at(list, 0.5).toFixed(2)}, p99 ${at(list, 0.99).toFixed(2)}, most ${at(list, 1).toFixed(2)} ms`;
  const p99 = Math.min(at(elapsed, 0.99), at(worked, 0.99));
  console.log(
    `${what}: ${told(elapsed)}; processor ${told(worked)} (goal ${goal} ms at p99: ${p99 <= goal ? "met" : "missed"}); ${unit} p50 ${at(found, 0.5)}, p95 ${at(found, 0.95)}, most ${at(found, 1)}`,
  );
  if (p99 > goal * BY_FAR) process.exitCode = 1;
}
