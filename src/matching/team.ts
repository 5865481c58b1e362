import { add, holds, keep, membersOf, onesIn, type Bits } from "../search/bits.js";

/** What a team is made for and from. People are ordinals; what they bring is a set of bits, one for each thing to be covered. */
export type Task = {
  /** Those who may be members; each brings something. */
  readonly people: Bits;
  /** By ordinal, what they bring. */
  readonly brings: Uint16Array;
  /** By ordinal, what they are worth in a team: a team is worth the sum. */
  readonly worth: Float64Array;
  /** Decides between people of the same worth. */
  readonly compare: (one: number, other: number) => number;
  readonly languages: readonly string[];
  readonly tongues: Tongues;
  /** So many teams at most, the best first. */
  readonly first: number;
};

/** Who speaks what, as well as was asked. */
export type Tongues = {
  speakersOf(language: string): Bits;
  /** Of those who speak it, the ones who interpret from it or into it. */
  interpretersOf(language: string): Bits;
  /** Who interprets from any language or into it. */
  interpreters(): Bits;
  /** What one of the people speaks. */
  spokenBy(ordinal: number): readonly string[];
};

/** A team: its members, the best first, the language of the need in which it works, and who interprets where not all speak that. */
export type Team = {
  readonly members: readonly number[];
  readonly language: string;
  readonly interpreter: number | null;
};

/** The best teams of the least size, and that size; null when no team of `LARGEST` or fewer covers all that can be covered. */
export type Teams = { readonly teams: readonly Team[]; readonly size: number | null };

/** No team is larger. */
export const LARGEST_TEAM = 6;
/** As many things as a set of bits has room for here. */
const MOST_COVERED = 10;

/**
 * The smallest teams that bring everything that anybody brings, and that can talk. A team can talk in a language of the need when
 * every member speaks it, or when one of them, the interpreter, speaks it and has with each of the others who does not a
 * language in common, and interprets in one of the two.
 *
 * Exact: sizes are tried from one up, and of the least size the best teams are found by branch and bound. In a smallest team
 * everybody but the interpreter brings something that nobody else in it brings, so each step has to cover the first thing that
 * is not covered yet.
 */
export function smallestTeams(task: Task): Teams {
  const all = allBrought(task);
  if (all === 0) return { teams: [], size: null };
  const ranks = ranked(task);
  const everybody = new Pool(task, ranks, task.people, false);
  const rooms = roomsOf(task, ranks, everybody);
  // Could all of them talk with each other, fewer would still not do.
  let least = 1;
  while (least <= LARGEST_TEAM && everybody.bound(all, least) === NONE) least++;
  for (let size = least; size <= LARGEST_TEAM; size++) {
    const best = new Best(task);
    for (const room of rooms) room.search(all, size, best);
    if (best.teams.length > 0) return { teams: best.teams.map(({ team }) => team), size };
  }
  return { teams: [], size: null };
}

/** Everything that anybody brings. */
export function allBrought({ people, brings }: Pick<Task, "people" | "brings">): number {
  let all = 0;
  for (const ordinal of membersOf(people)) all |= brings[ordinal]!;
  return all;
}

/** Where people can talk, and teams of which size and worth there are among them. */
type Room = { search(wanted: number, size: number, best: Best): void };

/** One for each language, whose speakers understand each other; then those in which somebody interprets. */
function roomsOf(task: Task, ranks: readonly Group[], everybody: Pool): readonly Room[] {
  const pools = new Pools(task, ranks);
  const shared = task.languages.map((language) => {
    const speakers = keep(task.people.slice(), task.tongues.speakersOf(language));
    return new SharedRoom(new Pool(task, ranks, speakers, true), language);
  });
  const interpreted = task.languages.map(
    (language) => new InterpretedRooms(task, language, pools, everybody),
  );
  return [...shared, ...interpreted];
}

/** For languages, whoever speaks one of them. */
class Pools {
  readonly #known = new Map<string, Pool>();

  constructor(
    private readonly task: Task,
    private readonly ranks: readonly Group[],
  ) {}

  of(languages: readonly string[]): Pool {
    const key = languages.toSorted().join(" ");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { people, tongues } = this.task;
    const speakers = languages
      .map((one) => tongues.speakersOf(one))
      .reduce(add, new Uint32Array(people.length));
    const pool = new Pool(this.task, this.ranks, keep(speakers, people), false);
    this.#known.set(key, pool);
    return pool;
  }
}

class SharedRoom implements Room {
  constructor(
    private readonly pool: Pool,
    private readonly language: string,
  ) {}

  search(wanted: number, size: number, best: Best): void {
    const { language } = this;
    this.pool.search(wanted, size, { members: [], worth: 0, language, interpreter: null }, best);
  }
}

/** Those who interpret for one language of the need, each with the people they make understood. */
class InterpretedRooms implements Room {
  constructor(
    private readonly task: Task,
    private readonly language: string,
    private readonly pools: Pools,
    private readonly everybody: Pool,
  ) {}

  search(wanted: number, size: number, best: Best): void {
    const { task, language } = this;
    for (const ordinal of this.#interpreters()) {
      const left = wanted & ~task.brings[ordinal]!;
      const worth = task.worth[ordinal]!;
      // Were everybody understood it would still not do.
      if (!best.takes(worth + this.everybody.bound(left, size - 1))) continue;
      const others = this.#othersOf(ordinal);
      if (others.length === 0) continue;
      const begun = { members: [ordinal], worth, language, interpreter: ordinal };
      this.pools.of([language, ...others]).search(left, size - 1, begun, best);
    }
  }

  /** Whoever may interpret, the best first. */
  readonly #interpreters = once((): readonly number[] => {
    const { people, tongues, worth, compare } = this.task;
    const speakers = keep(people.slice(), tongues.speakersOf(this.language));
    return [...membersOf(keep(speakers, tongues.interpreters()))].sort(
      (one, other) => worth[other]! - worth[one]! || compare(one, other),
    );
  });

  /** The other languages whose speakers one of them makes understood. */
  #othersOf(ordinal: number): readonly string[] {
    const { tongues } = this.task;
    const fromIt = holds(tongues.interpretersOf(this.language), ordinal);
    return tongues
      .spokenBy(ordinal)
      .filter((one) => one !== this.language && (fromIt || holds(tongues.interpretersOf(one), ordinal)));
  }
}

/** People who bring the same, the best first. */
type Group = { readonly brings: number; readonly members: number[]; readonly worth: number };

const NONE = -Infinity;

/** People among whom a team is looked for, grouped by what they bring. */
class Pool {
  readonly #groups: readonly Group[];
  /** Those of them that have to be looked at to know what the best team is worth. */
  readonly #telling: readonly Group[];
  /** By what they bring, the groups that do; made when they are asked for. */
  readonly #bringing: (readonly Group[])[] = [];
  readonly #tellingOf: (readonly Group[])[] = [];
  /** By size and by what is wanted, what the best team would be worth. */
  readonly #bounds = new Map<number, number>();
  /** The most things that anybody brings. */
  readonly #most: number;

  /**
   * `smallest`: it is asked for no teams but of the least size there is in it. Then a group that brings no more than another, which is
   * worth as much, makes no team better: with the other the rest would be covered as well, and no fewer members would do.
   */
  constructor(
    private readonly task: Task,
    ranks: readonly Group[],
    people: Bits,
    smallest: boolean,
  ) {
    const groups: Group[] = [];
    let most = 0;
    for (const rank of ranks) {
      const group = among(rank, people, task);
      if (group === null) continue;
      groups.push(group);
      most = Math.max(most, onesIn(group.brings));
    }
    this.#groups = groups;
    this.#telling = smallest ? undominated(groups) : groups;
    this.#most = most;
  }

  /** What the best team of this size is worth that brings all this, each member something nobody before brought; NONE without one. */
  bound(wanted: number, size: number): number {
    if (wanted === 0 || size <= 0) return wanted === 0 && size === 0 ? 0 : NONE;
    if (onesIn(wanted) > size * this.#most) return NONE;
    const state = (size << MOST_COVERED) | wanted;
    const known = this.#bounds.get(state);
    if (known !== undefined) return known;
    let best = NONE;
    for (const { brings, worth } of bringersOf(this.#telling, lowest(wanted), this.#tellingOf)) {
      const rest = this.bound(wanted & ~brings, size - 1);
      if (worth + rest > best) best = worth + rest;
    }
    this.#bounds.set(state, best);
    return best;
  }

  /** Offers every team that could be among the best, made of what has begun and so many more. */
  search(wanted: number, size: number, begun: Begun, best: Best): void {
    if (size === 0) {
      if (wanted === 0) best.offer(begun);
      return;
    }
    if (!best.takes(begun.worth + this.bound(wanted, size))) return;
    for (const { group, rest } of this.#next(wanted, size, begun.worth, best)) {
      for (const member of group.members) {
        const worth = begun.worth + this.task.worth[member]!;
        if (!best.takes(worth + rest)) break;
        const members = [...begun.members, member];
        this.search(wanted & ~group.brings, size - 1, { ...begun, members, worth }, best);
      }
    }
  }

  /** The groups that bring the first of what is wanted, the most promising first. */
  #next(wanted: number, size: number, worth: number, best: Best) {
    const next: { readonly group: Group; readonly rest: number }[] = [];
    for (const group of bringersOf(this.#groups, lowest(wanted), this.#bringing)) {
      const rest = this.bound(wanted & ~group.brings, size - 1);
      if (best.takes(worth + group.worth + rest)) next.push({ group, rest });
    }
    return next.sort((one, other) => other.group.worth + other.rest - one.group.worth - one.rest);
  }
}

/** All the people by what they bring, the best first. */
function ranked({ people, brings, worth, compare }: Task): readonly Group[] {
  const byWhat = new Map<number, number[]>();
  for (const ordinal of membersOf(people)) {
    const what = brings[ordinal]!;
    const members = byWhat.get(what);
    if (members === undefined) byWhat.set(what, [ordinal]);
    else members.push(ordinal);
  }
  return [...byWhat].map(([what, members]) => {
    members.sort((one, other) => worth[other]! - worth[one]! || compare(one, other));
    return { brings: what, members, worth: worth[members[0]!]! };
  });
}

/**
 * Those of a group who are among these people. Whoever stands behind `first` others of them is in none of the best teams: each of those
 * would do better in their place.
 */
function among({ brings, members }: Group, people: Bits, { worth, first }: Task): Group | null {
  const some: number[] = [];
  for (const member of members) {
    if (!holds(people, member)) continue;
    some.push(member);
    if (some.length >= Math.max(1, first)) break;
  }
  const [best] = some;
  return best === undefined ? null : { brings, members: some, worth: worth[best]! };
}

/** The groups that bring this. */
function bringersOf(groups: readonly Group[], bit: number, known: (readonly Group[])[]): readonly Group[] {
  return (known[bit] ??= groups.filter(({ brings }) => (brings & (1 << bit)) !== 0));
}

/** Written anew each time: a search takes no turns with another. */
const mostBrought = new Float64Array(1 << MOST_COVERED);

/** Without the groups that bring less than another that is worth as much. */
function undominated(groups: readonly Group[]): readonly Group[] {
  // By what is brought, the most that anybody is worth who brings it, and possibly more.
  const most = mostBrought.fill(NONE);
  for (const { brings, worth } of groups) most[brings] = worth;
  for (let bit = 1; bit < most.length; bit <<= 1) {
    for (let what = 0; what < most.length; what++) {
      if ((what & bit) === 0 && most[what | bit]! > most[what]!) most[what] = most[what | bit]!;
    }
  }
  return groups.filter(({ brings, worth }) => {
    for (let bit = 1; bit < most.length; bit <<= 1) {
      if ((brings & bit) === 0 && most[brings | bit]! >= worth) return false;
    }
    return true;
  });
}

function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** A team that is being put together. */
type Begun = Team & { readonly worth: number };

/** The best teams so far, each once. */
class Best {
  readonly teams: { readonly team: Team; readonly key: string; readonly worth: number }[] = [];

  constructor(private readonly task: Task) {}

  /** Whether a team that is worth this could be among the best. */
  takes(worth: number): boolean {
    if (worth === NONE) return false;
    const last = this.teams[Math.max(1, this.task.first) - 1];
    return last === undefined || worth >= last.worth;
  }

  offer({ worth, language, interpreter, members: unsorted }: Begun): void {
    const { compare, first } = this.task;
    const members = unsorted.toSorted((one, other) => this.#order(one, other));
    const key = members.join(" ");
    if (this.teams.some((known) => known.key === key)) return;
    this.teams.push({ team: { members, language, interpreter }, key, worth });
    this.teams.sort(
      (one, other) => other.worth - one.worth || compareLists(one.team.members, other.team.members, compare),
    );
    if (this.teams.length > Math.max(1, first)) this.teams.pop();
  }

  #order(one: number, other: number): number {
    const { worth, compare } = this.task;
    return worth[other]! - worth[one]! || compare(one, other);
  }
}

function compareLists(
  one: readonly number[],
  other: readonly number[],
  compare: (one: number, other: number) => number,
): number {
  const at = one.findIndex((member, place) => member !== other[place]);
  return at < 0 ? 0 : compare(one[at]!, other[at]!);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
