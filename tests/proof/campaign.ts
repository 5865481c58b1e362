import * as fc from "fast-check";
import {
  buildClientSchema,
  getIntrospectionQuery,
  type GraphQLSchema,
  type IntrospectionQuery,
} from "graphql";
import type { Answer, Arena, Asked } from "./arena.js";
import { Dice } from "./dice.js";
import type { Asking } from "./model.js";
import { pairs, type Pair } from "./pair.js";
import { poolOf, type Pool } from "./pool.js";
import { Questions, coordinatesOf, writeQuestion, type Question } from "./questions.js";

/** Which pairs to try: of those that follow from `seed` the ones from `first` on, each `step`-th, until there were `pairs` of them. */
export type Bounds = {
  readonly seed: number;
  readonly pairs: number;
  readonly first?: number;
  readonly step?: number;
};

/** What was tried. `told` is how many answers told something; `used` the schema coordinates that were asked. */
export type Report = {
  readonly pairs: number;
  readonly answers: number;
  readonly told: number;
  readonly used: readonly string[];
  readonly difference: Difference | null;
};

/** Two databases that whoever asks can tell apart, and how. */
export type Difference = {
  readonly seed: number;
  readonly pair: number;
  readonly asking: Asking;
  readonly asked: Asked | "the change log";
  readonly left: string;
  readonly right: string;
};

const ROUNDS = 2;
const AT_ONCE = 10;
/** So many documents are kept to be asked again with other values: most of what a node is asked, it has been asked before. */
const KEPT = 150;
const MOST_TRIES = 20_000;

export class Campaign {
  readonly #questions: Questions;
  readonly #networks: readonly string[];
  #answers = 0;
  #told = 0;

  private constructor(
    readonly arena: Arena,
    schema: GraphQLSchema,
    networks: readonly string[],
    readonly counting: number,
  ) {
    this.#questions = new Questions(schema);
    this.#networks = networks;
  }

  /** Of one pair in so many coverage is published, which takes longer than all that is asked. */
  static async open(arena: Arena, counting = 4): Promise<Campaign> {
    const [told] = await arena.ask("MEMBERS", { query: getIntrospectionQuery(), variables: {} });
    const [network] = await arena.ask("PUBLIC", { query: "{ network { id } }", variables: {} });
    const schema = buildClientSchema(dataOf(told) as IntrospectionQuery);
    return new Campaign(
      arena,
      schema,
      [(dataOf(network) as { network: { id: string } }).network.id],
      counting,
    );
  }

  get schema(): GraphQLSchema {
    return this.#questions.schema;
  }

  /** Stops at the first difference. */
  async run({ seed, pairs: wanted, first = 0, step = 1 }: Bounds): Promise<Report> {
    this.#answers = 0;
    this.#told = 0;
    const known = this.#known(seed);
    let rare = this.#rare(seed);
    let difference: Difference | null = null;
    let tried = 0;
    for (; tried < wanted && difference === null; tried++) {
      const number = first + tried * step;
      const dice = new Dice(seedOf(seed, number));
      const router = new Dice(seedOf(seed, number) + 1);
      const pair = drawPair(seed, number);
      await this.arena.fill(pair, number % this.counting === 0);
      const found = await this.#differenceIn(pair, dice, known, rare, router);
      rare = [];
      if (found !== null) difference = { seed, pair: number, ...found };
    }
    const used = [...this.#questions.used];
    return { pairs: tried, answers: this.#answers, told: this.#told, used, difference };
  }

  /** The smallest pair found that still answers this difference's question in two ways, within some seconds. */
  async shrink({
    seed,
    pair,
    asked,
  }: Difference): Promise<{ readonly pair: Pair; readonly answers: readonly string[] } | null> {
    let smallest: { pair: Pair; answers: readonly string[] } | null = null;
    const alike = fc.asyncProperty(pairs, async (tried) => {
      await this.arena.fill(tried);
      const answers =
        asked === "the change log"
          ? await this.arena.changes(tried)
          : await this.#inWords(tried.asking, asked);
      if (answers[0] === answers[1]) return true;
      smallest = { pair: tried, answers };
      return false;
    });
    await fc.check(alike, { seed: seedOf(seed, pair), numRuns: 1, interruptAfterTimeLimit: 30_000 });
    return smallest;
  }

  async #inWords(asking: Asking, asked: Asked): Promise<readonly [string, string]> {
    const [left, right] = await this.arena.ask(asking, asked);
    return [inWords(left), inWords(right)];
  }

  #known(seed: number): readonly Question[] {
    const dice = new Dice(seedOf(seed, -1));
    const pool = poolOf(drawPair(seed, -1), this.#networks);
    return Array.from({ length: KEPT }, () => this.#questions.any(dice, pool));
  }

  /** What is seldom drawn is drawn until it is there: a new argument is asked the day it is added. */
  #rare(seed: number): readonly Question[] {
    const dice = new Dice(seedOf(seed, -2));
    const pool = poolOf(drawPair(seed, -1), this.#networks);
    const { used } = this.#questions;
    const missing = new Set(coordinatesOf(this.schema).filter((coordinate) => !used.has(coordinate)));
    const rare: Question[] = [];
    for (let tries = 0; missing.size > 0 && tries < MOST_TRIES; tries++) {
      const question = this.#questions.any(dice, pool);
      const met = [...missing].filter((coordinate) => used.has(coordinate));
      if (met.length > 0) rare.push(question);
      for (const coordinate of met) missing.delete(coordinate);
    }
    return rare;
  }

  /** `also` is asked besides what is drawn, and what a router asks, by dice of its own. */
  async #differenceIn(
    pair: Pair,
    dice: Dice,
    known: readonly Question[],
    also: readonly Question[],
    router: Dice,
  ): Promise<Omit<Difference, "seed" | "pair"> | null> {
    const { asking } = pair;
    const [left, right] = await this.arena.changes(pair);
    if (left !== right) return { asking, asked: "the change log", left, right };
    const pool = poolOf(pair, this.#networks);
    const any = (): Question =>
      dice.chance(0.08)
        ? this.#questions.any(dice, pool)
        : this.#questions.again(dice.pick(known), dice, pool);
    let cursors: readonly Question[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      // Some are new, and some go on where answers of the round before ended.
      const behind = (): Question => (cursors.length > 0 && dice.chance(0.4) ? dice.pick(cursors) : any());
      const drawn = Array.from({ length: AT_ONCE }, behind);
      const asked = round === 0 ? [...drawn, ...also] : drawn;
      const others = round === 0 ? this.#meanwhile(asking, pool) : null;
      const answers = await Promise.all(asked.map((question) => this.#askBoth(asking, question)));
      await others;
      for (const { difference } of answers) if (difference !== null) return difference;
      cursors = answers.flatMap(({ next }) => next);
    }
    const entities = await this.#compare(asking, this.#questions.entities(router, pool));
    if (entities.difference !== null) return entities.difference;
    // What is counted is one question of many, and asked of every pair.
    const counted = await this.#askBoth(asking, this.#questions.one("coverage", router, pool));
    if (counted.difference !== null) return counted.difference;
    // Last, because an index follows what is done when it comes to it.
    const deed = this.#questions.deed(dice, pool);
    return deed === null ? null : (await this.#askBoth(asking, deed)).difference;
  }

  async #askBoth(asking: Asking, drawn: Question) {
    const question = askable(asking, drawn);
    if (question === null) return { difference: null, next: [] };
    const { left, difference } = await this.#compare(asking, writeQuestion(question));
    return { difference, next: cursorsIn(left).map((cursor) => this.#questions.behind(question, cursor)) };
  }

  async #compare(asking: Asking, asked: Asked) {
    const [left, right] = await this.arena.ask(asking, asked);
    this.#answers += 2;
    if (tells(left)) this.#told += 2;
    const [one, other] = [inWords(left), inWords(right)];
    return { left, difference: one === other ? null : { asking, asked, left: one, right: other } };
  }

  /** Somebody else asks for everything at the same moment, and sees what they may: none of it is to reach whoever asks. */
  async #meanwhile(asking: Asking, { records }: Pool): Promise<void> {
    const every = records.map(({ kind, id }, at) => `r${at}: ${kind}(id: "${id}") { __typename }`);
    await this.arena.ask(asking === "MEMBERS" ? "PUBLIC" : "MEMBERS", {
      query: `{ ${every.join(" ")} }`,
      variables: {},
    });
  }
}

/**
 * What a partner or a member sees may be told to everybody on one side and not on the other: coverage, which counts what everybody
 * sees, may tell that, as any stranger's search does. So it is compared where a stranger asks. Null when nothing else was asked.
 */
function askable(asking: Asking, question: Question): Question | null {
  if (asking === "PUBLIC") return question;
  const roots = question.roots.filter(({ field }) => field !== "coverage");
  return roots.length === 0 ? null : { ...question, roots };
}

/** Every pair has a seed of its own, so that it can be made again without those before it. */
function seedOf(seed: number, pair: number): number {
  return Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(pair + 1, 0x85ebca6b);
}

function drawPair(seed: number, number: number): Pair {
  // As `shrink` draws it.
  const [pair] = fc.sample(pairs, { seed: seedOf(seed, number), numRuns: 1 });
  if (pair === undefined) throw new Error("no pair was drawn");
  return pair;
}

function inWords({ status, headers, body }: Answer): string {
  return `${status}\n${headers}\n\n${body}`;
}

function dataOf({ body }: Answer): unknown {
  return (JSON.parse(body) as { data: unknown }).data;
}

function tells({ body }: Answer): boolean {
  return /"r\d":[^n]/.test(body);
}

/** Up to three of the cursors that an answer holds. */
function cursorsIn({ body }: Answer): readonly string[] {
  const found = body.matchAll(/"(?:cursor|startCursor|endCursor)":"([\w-]+)"/g);
  return [...new Set([...found].map((match) => match[1] ?? ""))].slice(0, 3);
}
