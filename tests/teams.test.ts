import * as fc from "fast-check";
import { isDeepStrictEqual } from "node:util";
import { smallestTeams, type Task, type Team, type Teams } from "../src/matching/team.js";
import { noneOf, onesIn, put } from "../src/search/bits.js";

describe("the search for teams", () => {
  test("agrees with trying every team, for thousands of random needs", () => {
    let interpreted = 0;
    let larger = 0;
    fc.assert(
      fc.property(randomTask, (drawn) => {
        const answer = smallestTeams(taskOf(drawn));
        const expected = byTryingAll(drawn);
        if (!isDeepStrictEqual(answer, expected))
          throw new Error(`${JSON.stringify(answer)} is not ${JSON.stringify(expected)}`);
        if (!answer.teams.every((team) => certified(drawn, team)))
          throw new Error("a team is not what it says");
        if (answer.teams.some(({ interpreter }) => interpreter !== null)) interpreted++;
        if ((answer.size ?? 0) > 2) larger++;
      }),
      { numRuns: 2000, seed: 20261122 },
    );
    // Else the needs would be too easy.
    expect(interpreted).toBeGreaterThan(100);
    expect(larger).toBeGreaterThan(200);
  }, 120_000);
});

type Drawn = {
  readonly people: readonly {
    readonly brings: number;
    readonly worth: number;
    /** By language, whether they speak it, and whether they interpret in it. */
    readonly tongues: readonly { readonly speaks: boolean; readonly interprets: boolean }[];
  }[];
  readonly languages: number;
  readonly first: number;
};

const LANGUAGES = ["es", "quc", "mam", "en"];

const tongue = fc.constantFrom(
  { speaks: false, interprets: false },
  { speaks: false, interprets: false },
  { speaks: true, interprets: false },
  { speaks: true, interprets: true },
);

const size = fc.record({ things: fc.integer({ min: 1, max: 7 }), many: fc.integer({ min: 1, max: 14 }) });

const randomTask: fc.Arbitrary<Drawn> = size.chain(({ things, many }) =>
  fc.record({
    people: fc.array(
      fc.record({
        // Most bring little, or everything would be covered by two.
        brings: fc
          .uniqueArray(fc.nat(things - 1), { minLength: 1, maxLength: Math.max(1, Math.min(3, things - 1)) })
          .map((bits) => bits.reduce((all, bit) => all | (1 << bit), 0)),
        worth: fc.nat(5),
        tongues: fc.tuple(tongue, tongue, tongue, tongue),
      }),
      { minLength: many, maxLength: many },
    ),
    languages: fc.integer({ min: 1, max: 2 }),
    first: fc.integer({ min: 1, max: 5 }),
  }),
);

function taskOf({ people, languages, first }: Drawn): Task {
  const all = noneOf(people.length);
  people.forEach((_, at) => put(all, at));
  const whoever =
    (has: (one: Drawn["people"][number]["tongues"][number]) => boolean) => (language: string) => {
      const bits = noneOf(people.length);
      people.forEach(({ tongues }, at) => {
        const one = tongues[LANGUAGES.indexOf(language)];
        if (one !== undefined && has(one)) put(bits, at);
      });
      return bits;
    };
  return {
    people: all,
    brings: Uint16Array.from(people, ({ brings }) => brings),
    worth: Float64Array.from(people, ({ worth }) => worth),
    compare: (one, other) => one - other,
    languages: LANGUAGES.slice(0, languages),
    tongues: {
      speakersOf: whoever(({ speaks }) => speaks),
      interpretersOf: whoever(({ interprets }) => interprets),
      interpreters: () => {
        const bits = noneOf(people.length);
        people.forEach(({ tongues }, at) => tongues.some(({ interprets }) => interprets) && put(bits, at));
        return bits;
      },
      spokenBy: (ordinal) => LANGUAGES.filter((_, at) => people[ordinal]?.tongues[at]?.speaks),
    },
    first,
  };
}

/** The language in which a team can talk and who interprets, by the words of the contract; null when it cannot. */
function talk(drawn: Drawn, members: readonly number[]): Pick<Team, "language" | "interpreter"> | null {
  const asked = LANGUAGES.slice(0, drawn.languages).map((_, at) => at);
  const tonguesOf = (member: number) => drawn.people[member]?.tongues ?? [];
  const speaks = (member: number, language: number) => tonguesOf(member)[language]?.speaks ?? false;
  const interprets = (member: number, language: number) => tonguesOf(member)[language]?.interprets ?? false;
  for (const language of asked) {
    if (members.every((one) => speaks(one, language)))
      return { language: LANGUAGES[language] ?? "", interpreter: null };
  }
  for (const language of asked) {
    const interpreter = members.find(
      (one) =>
        speaks(one, language) &&
        members.every(
          (other) =>
            speaks(other, language) ||
            LANGUAGES.some(
              (_, common) =>
                speaks(one, common) &&
                speaks(other, common) &&
                (interprets(one, language) || interprets(one, common)),
            ),
        ),
    );
    if (interpreter !== undefined) return { language: LANGUAGES[language] ?? "", interpreter };
  }
  return null;
}

function byTryingAll(drawn: Drawn): Teams {
  const { people, first } = drawn;
  const all = people.reduce((bits, { brings }) => bits | brings, 0);
  const inOrder = people
    .map((_, at) => at)
    .sort((one, other) => worthOf(drawn, other) - worthOf(drawn, one) || one - other);
  const brought = new Uint16Array(1 << people.length);
  const covering: number[] = [];
  for (let team = 1; team < brought.length; team++) {
    const lowest = inOrder[31 - Math.clz32(team & -team)] ?? 0;
    brought[team] = (brought[team & (team - 1)] ?? 0) | (people[lowest]?.brings ?? 0);
    if (brought[team] === all) covering.push(team);
  }
  const sum = ({ members }: Team) => members.reduce((total, one) => total + worthOf(drawn, one), 0);
  for (let size = 1; size <= 6; size++) {
    const teams = covering.flatMap((team) => {
      if (onesIn(team) !== size) return [];
      const members = inOrder.filter((_, place) => (team & (1 << place)) !== 0);
      const talking = talk(drawn, members);
      return talking === null ? [] : [{ members, ...talking }];
    });
    const best = teams.sort((one, other) => sum(other) - sum(one) || compareMembers(one, other));
    if (teams.length > 0) return { teams: best.slice(0, first), size };
  }
  return { teams: [], size: null };
}

function compareMembers(one: Team, other: Team): number {
  const at = one.members.findIndex((member, place) => member !== other.members[place]);
  return at < 0 ? 0 : (one.members[at] ?? 0) - (other.members[at] ?? 0);
}

function worthOf({ people }: Drawn, member: number): number {
  return people[member]?.worth ?? 0;
}

/** A team is what it says: everything is covered, and it can talk. */
function certified(drawn: Drawn, team: Team): boolean {
  const all = drawn.people.reduce((bits, { brings }) => bits | brings, 0);
  const brought = team.members.reduce((bits, one) => bits | (drawn.people[one]?.brings ?? 0), 0);
  const apart = new Set(team.members).size === team.members.length;
  return apart && brought === all && talk(drawn, team.members) !== null;
}
