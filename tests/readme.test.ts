import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { ceiba } from "../seeds/cast.js";
import { readConfig } from "../src/config.js";
import { publishNow } from "../src/coverage/coverage.store.js";
import { FIRST_QUESTION } from "../src/server/graphiql.js";
import { loadDemo } from "../src/demo.js";
import { seen } from "./eventually.js";
import { startTestNode } from "./node.js";

const readme = readFileSync("README.md", "utf8");

function block(language: string, after = "## A first question"): string {
  const from = readme.slice(readme.indexOf(after));
  return new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(from)?.[1]?.trim() ?? "";
}

const plain = (text: string): string => text.replace(/\s+/g, " ").trim();

type Named = { name: string };
type Found = {
  totalCount: number;
  nodes: {
    alias: string;
    offersFollowUp: boolean;
    specialties: { specialty: Named; depth: string }[];
    languages: { language: Named; level: string }[];
    regions: { region: Named; relation: string }[];
  }[];
  advice: { relax: string; would: number }[];
};

test("README's first question is the one that npm start prints, and its answer is the one that the node gives", async () => {
  const question = block("graphql");
  expect(plain(question)).toBe(plain(FIRST_QUESTION));
  const node = await startTestNode();
  const { data } = await node.ask<{ practitioners: Found }>(question);
  await node.close();
  const { totalCount, nodes, advice } = data.practitioners;
  const shortened = nodes.map(({ alias, offersFollowUp, specialties, languages, regions }) => ({
    alias,
    offersFollowUp,
    specialties: specialties.map(({ specialty, depth }) => `${specialty.name}: ${depth}`),
    languages: languages.map(({ language, level }) => `${language.name}: ${level}`),
    regions: regions.map(({ region, relation }) => `${region.name}: ${relation}`),
  }));
  expect({ totalCount, nodes: shortened, advice }).toEqual(JSON.parse(block("json")));
});

test("README's need is answered as it says", async () => {
  const after = "### Ask for a need";
  const node = await startTestNode(undefined, {}, () => new Date("2026-11-22T12:00:00Z"));
  const { data } = await node.ask<{ match: unknown }>(block("graphql", after));
  await node.close();
  expect(data.match).toEqual(JSON.parse(block("json", after)));
});

test("README's funder gets the answer that it tells", async () => {
  const after = "## Where nobody serves";
  const node = await startTestNode();
  await publishNow({ ...node.ground, terms: readConfig({ NODE_ENV: "development" }).coverage });
  const { data } = await node.ask<{ coverage: unknown }>(block("graphql", after));
  await node.close();
  expect(data.coverage).toEqual(JSON.parse(block("json", after)));
});

test("README's cadre has come as far as it says, and nobody is shown with a level that they only claim", async () => {
  const after = "### How a cadre grows";
  const told = JSON.parse(block("json", after)) as unknown;
  const node = await startTestNode(null);
  const { database, home } = node.ground;
  await database.transaction((tx) => loadDemo(tx, home, "ceiba"));
  type Shown = { nodes: { alias: string; level: string | null }[] };
  const asked = async (query: string) => (await node.ask<{ practitioners: Shown }>(query)).data.practitioners;
  const everybody = () => asked("{ practitioners(first: 50) { nodes { alias level } } }");
  const levels = () => asked(block("graphql", after));
  await seen(async () => isDeepStrictEqual(await levels(), told), true).catch(() => undefined);
  const [reached, all] = [await levels(), await everybody()];
  await node.close();
  expect(reached).toEqual(told);
  const claimed = ceiba.practitioners.filter(({ facts }) => facts.level !== null);
  expect(claimed.map(({ facts }) => facts.alias?.value)).toEqual(expect.arrayContaining(["Copal", "Nance"]));
  for (const alias of ["Copal", "Nance"])
    expect(all.nodes.find((one) => one.alias === alias)).toMatchObject({ level: null });
});

test("README names every setting that the node reads, and no other", () => {
  const read = readFileSync("src/config.ts", "utf8").match(/^ {2}([A-Z][A-Z_]+):/gm) ?? [];
  const named = readme.match(/^\| `[A-Z_`, ]+/gm)?.flatMap((row) => row.match(/[A-Z][A-Z_]+/g) ?? []) ?? [];
  expect(named.toSorted()).toEqual(read.map((line) => line.replace(/[ :]/g, "")).toSorted());
});
