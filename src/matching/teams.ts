import { dayOf } from "../clock.js";
import { badInput } from "../errors.js";
import type { LanguageUse, Proficiency } from "../listing/tag.js";
import { holds, keep, membersOf, noneOf, put, type Bits } from "../search/bits.js";
import { trueOf } from "../search/condition.js";
import type { Index } from "../search/index.js";
import { listedParts } from "../search/where.js";
import type { Sought } from "../vocabulary/sought.js";
import type { SpecialtyCode } from "../vocabulary/specialty.js";
import type { Asking } from "./match.js";
import { codesOf, readNeed, soughtBy, type Need, type NeededSpecialty, type ReadNeed } from "./need.js";
import { everybodyFor, hasSpecialty, meeting, requirementsOfEach } from "./requirement.js";
import { Score } from "./score.js";
import { allBrought, LARGEST_TEAM, smallestTeams, type Tongues } from "./team.js";

/** A team for a need. `covers` is the certificate: who brings which of the required specialties. */
type FoundTeam = {
  readonly members: readonly { readonly id: string; readonly covers: readonly SpecialtyCode[] }[];
  readonly language: string;
  readonly interpreter: string | null;
  /** The sum of the members' points. */
  readonly score: number;
};

/**
 * `size` is that of the smallest teams there are, which are not among `teams` when they are larger than was asked for. `sought` is what
 * no team of up to `LARGEST_TEAM` was found for; null when there is such a team, or when networks were left out.
 */
export type FoundTeams = {
  readonly teams: readonly FoundTeam[];
  readonly size: number | null;
  readonly uncovered: readonly SpecialtyCode[];
  readonly sought: Sought | null;
};

const MOST = 20;

/**
 * The smallest teams for a need. Each member meets all that is required but specialties and languages; together they bring every
 * required specialty that anybody brings. Like `match` it works on the index alone.
 */
export function findTeams(
  { index, weights, clock }: Asking,
  asked: Need,
  { maxSize, first }: { readonly maxSize: number; readonly first: number },
): FoundTeams {
  if (!Number.isInteger(maxSize) || maxSize < 1 || maxSize > LARGEST_TEAM)
    throw badInput(`A team has from 1 to ${LARGEST_TEAM} members.`, ["maxSize"]);
  if (!Number.isInteger(first) || first < 0 || first > MOST)
    throw badInput(`first may be at most ${MOST}, and not less than 0.`, ["first"]);
  const today = dayOf(clock());
  const need = readNeed(asked, index.vocabulary, today);
  if (need.required.length === 0)
    throw badInput("A team is made for at least one required specialty.", ["need", "specialties"]);
  const everybody = meeting(index, everybodyFor(index, need, today), requirementsOfEach(need, index));
  const { people, brings } = bringing(index, everybody, need.required);
  const points = new Score(index, need, weights, today).pointsOf(people);
  const { teams, size } = smallestTeams({
    people,
    brings,
    worth: worthOf(index, people, points),
    compare: (one, other) => index.byId(one, other),
    languages: need.languages,
    tongues: tonguesOf(index, need.languageAtLeast),
    first,
  });
  const all = allBrought({ people, brings });
  const coveredBy = (bits: number): readonly SpecialtyCode[] =>
    codesOf(need.required.filter((_, bit) => (bits & (1 << bit)) !== 0));
  const uncovered = coveredBy(~all);
  const shown = size === null || size > maxSize ? [] : teams.slice(0, first);
  return {
    teams: shown.map(({ members, language, interpreter }) => ({
      members: members.map((one) => ({ id: index.id(one), covers: coveredBy(brings[one]!) })),
      language,
      interpreter: interpreter === null ? null : index.id(interpreter),
      score: members.reduce((sum, one) => sum + points[one]!, 0),
    })),
    size,
    uncovered,
    sought: soughtBy(need, size === null ? codesOf(need.required) : uncovered),
  };
}

/** Who of these brings any of the specialties, and by ordinal which, a bit for each. */
function bringing(index: Index, of: Bits, specialties: ReadNeed["required"]) {
  const brings = new Uint16Array(index.length);
  const people = noneOf(index.length);
  specialties.forEach((specialty: NeededSpecialty, bit) => {
    for (const ordinal of membersOf(keep(trueOf(index, hasSpecialty(specialty, index)), of))) {
      brings[ordinal]! |= 1 << bit;
      put(people, ordinal);
    }
  });
  return { people, brings };
}

/** The points, and behind them the random id, so that the order of teams is the same whenever and wherever it is asked for. */
function worthOf(index: Index, people: Bits, points: Uint32Array): Float64Array {
  const worth = new Float64Array(index.length);
  const { idKeys } = index;
  for (const ordinal of membersOf(people))
    worth[ordinal] = points[ordinal]! * ID_KEYS + (ID_KEYS - 1 - idKeys[ordinal]!);
  return worth;
}

const ID_KEYS = 2 ** 32;

/** Who speaks what is much to ask, and the same for every need: it is kept of each index until somebody comes, for the level asked last. */
const kept = new WeakMap<
  Index,
  { readonly length: number; readonly atLeast: Proficiency; readonly tongues: Tongues }
>();

function tonguesOf(index: Index, atLeast: Proficiency): Tongues {
  const known = kept.get(index);
  if (known?.length === index.length && known.atLeast === atLeast) return known.tongues;
  const tongues = askTongues(index, atLeast);
  kept.set(index, { length: index.length, atLeast, tongues });
  return tongues;
}

function askTongues(index: Index, atLeast: Proficiency): Tongues {
  const speaking = (anyOf: readonly string[] | null, use: LanguageUse | null): Bits =>
    trueOf(index, listedParts.language({ anyOf, atLeast, use }, [], index));
  // A language that nobody speaks is not kept: whoever asks could think of any number of them.
  const among = (find: (language: string) => Bits): ((language: string) => Bits) => {
    const found = remembered(find);
    return (language) => (index.on("language").find(language) === undefined ? index.none() : found(language));
  };
  const speakersOf = among((language) => speaking([language], null));
  const interpreters = speaking(null, "INTERPRET");
  return {
    speakersOf,
    interpretersOf: among((language) => speaking([language], "INTERPRET")),
    interpreters: () => interpreters,
    spokenBy: remembered((ordinal) =>
      index
        .codesOf("language", ordinal)
        .filter((language) => holds(speakersOf(language), ordinal))
        .toSorted(),
    ),
  };
}

function remembered<K, V>(find: (of: K) => V): (of: K) => V {
  const known = new Map<K, V>();
  return (of) => {
    const before = known.get(of);
    if (before !== undefined) return before;
    const found = find(of);
    known.set(of, found);
    return found;
  };
}
