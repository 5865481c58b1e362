import { readConfig } from "../src/config.js";
import { publishNow } from "../src/coverage/coverage.store.js";
import { veilFrom } from "../src/coverage/band.js";
import { Attacker, type Observation, type Range, type Rules } from "./coverage/attacker.js";
import { arrive, say } from "./coverage/people.js";
import { asPublished, naive } from "./coverage/rules.js";
import { startTestNode, type Ask, type TestNode } from "./node.js";
import { Dice } from "./proof/dice.js";

const SPECIALTIES = ["psychosocial", "legal"];
const REGIONS = ["GT", "HN"];
const LANGUAGES = ["mam", "quc"];

/** The smallest cells, and every cell that is made of them: totals over one axis, over two, and over all. */
const SMALL = SPECIALTIES.flatMap((specialty) =>
  REGIONS.flatMap((region) => LANGUAGES.map((language) => ({ specialty, region, language }))),
);
const CUBE = [...SPECIALTIES, null].flatMap((specialty) =>
  [...REGIONS, null].flatMap((region) =>
    [...LANGUAGES, null].map((language) => {
      const of = SMALL.flatMap((small, at) =>
        (specialty ?? small.specialty) === small.specialty &&
        (region ?? small.region) === small.region &&
        (language ?? small.language) === small.language
          ? [at]
          : [],
      );
      return { specialty, region, language, of };
    }),
  ),
);

/** How many people are in each small cell. */
type People = {
  /** Whom everybody can find. */
  readonly seen: readonly number[];
  readonly unseen: readonly number[];
  /** The attacker's own, who look like the unseen. */
  readonly own: readonly number[];
};
type World = { readonly then: People; readonly later: People };

/** Few are in most cells, nobody in many; some come and go; and the attacker's own are put where they may tip a band. */
function worldOf(dice: Dice, still: boolean): World {
  const few = () => SMALL.map(() => dice.pick([0, 0, 0, 0, 1, 1, 2, 3, 4]));
  const seen = SMALL.map(() => dice.pick([0, 0, 0, 1, 3, 4, 5]));
  const unseen = few();
  const moved = unseen.map((count) => Math.max(0, count + dice.pick([0, 0, 0, 1, -1, 3])));
  const own = () => SMALL.map(() => dice.pick([0, 0, 1, 2, 3, 4]));
  return {
    then: { seen, unseen, own: dice.chance(0.5) ? own() : SMALL.map(() => 0) },
    later: { seen, unseen: still ? unseen : moved, own: own() },
  };
}

function sumOf(counts: readonly number[], of: readonly number[]): number {
  return of.reduce((sum, cell) => sum + (counts[cell] ?? 0), 0);
}

/** What everybody can know of a world under these rules. */
function observe(rules: Rules, { then, later }: World, veil: () => number): readonly Observation[] {
  return CUBE.map(({ of }) => {
    const hidden = rules.veils === 0 ? 0 : veil();
    const count = ({ seen, unseen, own }: People) =>
      [sumOf(seen, of), sumOf(unseen, of) + sumOf(own, of)] as const;
    const first = rules.tell(null, ...count(then), hidden);
    const second = rules.tell(first.kept, ...count(later), hidden);
    const look = (told: string, { seen, own }: People) => ({
      told,
      seen: sumOf(seen, of),
      own: sumOf(own, of),
    });
    return { of, then: look(first.told, then), later: look(second.told, later) };
  });
}

type Pinned = { readonly count: number; readonly range: Range };

/** The cells of one to four people of which the attacker knows the number, or all but one more or less. */
function pinned(
  attacker: Attacker,
  world: World,
  observed: readonly Observation[],
  still: boolean,
): readonly Pinned[] {
  const epochs = [world.then, world.later];
  const countOf = (at: number, epoch: number) => sumOf(epochs[epoch]?.unseen ?? [], observed[at]?.of ?? []);
  const isSmall = (at: number, epoch: number) => countOf(at, epoch) >= 1 && countOf(at, epoch) <= 4;
  return attacker.look(SMALL.length, observed, still, isSmall).flatMap((ranges, at) =>
    ranges.flatMap((range, epoch) => {
      const count = countOf(at, epoch);
      if (range.least > count || range.most < count)
        throw new Error("the attacker is wrong, and so is what follows");
      return isSmall(at, epoch) && range.most - range.least <= 1 ? [{ count, range }] : [];
    }),
  );
}

function veilOf(dice: Dice): number {
  return veilFrom(Uint8Array.from({ length: 4 }, () => Math.floor(dice.throw() * 256)));
}

/** Thinking takes longer where others move. */
const WORLDS = { still: 8, moving: 2 };

async function attack(rules: Rules, still: boolean): Promise<readonly Pinned[]> {
  const attacker = await Attacker.under(rules);
  return Array.from({ length: still ? WORLDS.still : WORLDS.moving }, (_, seed) => new Dice(seed)).flatMap(
    (dice) => {
      const world = worldOf(dice, still);
      return pinned(
        attacker,
        world,
        observe(rules, world, () => veilOf(dice)),
        still,
      );
    },
  );
}

describe("whoever asks for everything at two epochs, with people of their own in the directory,", () => {
  test.each(Object.entries(naive))("pins small cells under other rules: %s", async (_, rules) => {
    const found = await attack(rules, true);
    expect(found.some(({ range }) => range.least === range.most)).toBe(true);
  });

  test.each([
    ["even when they know that nobody else moved", true],
    ["when others come and go", false],
  ])("pins no cell of one to four people, to one number or two: %s", async (_, still) => {
    expect(await attack(asPublished, still)).toEqual([]);
  });
});

describe("from a node that is asked through its door", () => {
  let moment = new Date("2027-01-01T12:00:00Z");
  let node: TestNode;
  beforeAll(async () => {
    node = await startTestNode(null, {}, () => moment);
  });
  afterAll(() => node.close());

  const terms = readConfig({ NODE_ENV: "development" }).coverage;

  async function comeIn(before: People | null, after: People): Promise<void> {
    for (const [at, small] of SMALL.entries()) {
      const more = (counts: (of: People) => readonly number[]) =>
        (counts(after)[at] ?? 0) - (before === null ? 0 : (counts(before)[at] ?? 0));
      await arrive(
        node,
        Math.max(
          0,
          more(({ seen }) => seen),
        ),
        small,
      );
      const unseen = more(({ unseen: others }) => others) + more(({ own }) => own);
      const people = await arrive(node, Math.max(0, unseen), { ...small, to: "MEMBERS" });
      await say(node, people, true);
    }
  }

  /** Everything coverage says of the cube, and how many everybody finds in each cell. */
  async function askAll(ask: Ask) {
    const looks = [];
    for (const { specialty, region, language } of CUBE) {
      const named = (name: string, code: string | null) => (code === null ? "" : `${name}: ["${code}"] `);
      const match = (name: string, code: string | null, more = "") =>
        code === null ? "" : `${name}: { anyOf: ["${code}"] ${more}} `;
      const where = `${named("specialties", specialty)}${named("regions", region)}${named("languages", language)}`;
      // An axis has to be named, and one of its codes; all there are of the others is the cell.
      const by = specialty !== null ? "SPECIALTY" : region !== null ? "REGION" : "LANGUAGE";
      const all = specialty === null && region === null && language === null;
      const { data } = await ask<{
        coverage: { cells: readonly { practitioners: string }[] };
        practitioners: { totalCount: number };
      }>(`{ ${all ? "" : `coverage(by: [${by}], where: { ${where}}) { cells { practitioners } }`}
        practitioners(first: 0, where: { ${match("specialty", specialty)}${match("region", region, "relation: [WORKS_IN] ")}${match("language", language, "atLeast: WORKING ")}}) { totalCount } }`);
      looks.push({
        told: all ? null : data.coverage.cells[0]?.practitioners,
        seen: data.practitioners.totalCount,
      });
    }
    return looks;
  }

  test("nobody learns how many there are of whom they cannot find", async () => {
    const world = worldOf(new Dice(7), true);
    // Nobody of the attacker's leaves between the epochs here: `comeIn` only brings people.
    const still = { ...world, then: { ...world.then, own: SMALL.map(() => 0) } };
    const funder = await node.signedIn("FUNDER");
    await comeIn(null, still.then);
    await publishNow({ ...node.ground, terms });
    await followed(still.then);
    const then = await askAll(funder.ask);
    await comeIn(still.then, still.later);
    moment = new Date("2027-04-01T12:00:00Z");
    await publishNow({ ...node.ground, terms });
    const later = await askAll(node.ask);
    const observed = CUBE.flatMap(({ of }, at): readonly Observation[] => {
      const [one, other] = [then[at], later[at]];
      if (one?.told == null || other?.told == null) return [];
      const own = (people: People) => sumOf(people.own, of);
      return [
        {
          of,
          then: { told: one.told, seen: one.seen, own: own(still.then) },
          later: { told: other.told, seen: other.seen, own: own(still.later) },
        },
      ];
    });
    expect(observed.map(({ then: { seen } }) => seen)).toEqual(
      observed.map(({ of }) => sumOf(still.then.seen, of)),
    );
    const attacker = await Attacker.under(asPublished);
    expect(pinned(attacker, still, observed, true)).toEqual([]);
    // And there was something to learn.
    expect(observed.some(({ then: look }) => look.told !== "NONE")).toBe(true);
  }, 120_000);

  async function followed({ seen }: People): Promise<void> {
    const wanted = sumOf(
      seen,
      SMALL.map((_, at) => at),
    );
    for (let tries = 0; tries < 500; tries++) {
      const { data } = await node.ask<{ practitioners: { totalCount: number } }>(
        "{ practitioners(first: 0) { totalCount } }",
      );
      if (data.practitioners.totalCount === wanted) return;
      await new Promise((wake) => setTimeout(wake, 10));
    }
  }
});
