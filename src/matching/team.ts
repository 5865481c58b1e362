import { firstIn, holds, keep, membersOf, onesIn, type Bits } from "../search/bits.js";

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
  /** What one of the people speaks, in an order that is the same for all of them. */
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
  const kinds = new Kinds(task);
  const everybody = new Pool(kinds, [kinds.among(task.people)], false);
  const rooms = roomsOf(task, kinds, everybody);
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
function roomsOf(task: Task, kinds: Kinds, everybody: Pool): readonly Room[] {
  const pools = new Pools(task, kinds);
  const shared = task.languages.map((language) => new SharedRoom(pools.of([language], true), language));
  const interpreted = task.languages.map(
    (language) => new InterpretedRooms(task, language, pools, everybody),
  );
  return [...shared, ...interpreted];
}

/** For languages, whoever speaks one of them. */
class Pools {
  readonly #known = new Map<string, Pool>();
  readonly #speakers = new Map<string, Among>();

  constructor(
    private readonly task: Task,
    private readonly kinds: Kinds,
  ) {}

  /** `smallest` as a pool has it. */
  of(languages: readonly string[], smallest: boolean): Pool {
    const key = `${languages.join(" ")} ${smallest}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const speakers = languages.map((one) => this.#speakersOf(one));
    const pool = new Pool(this.kinds, speakers, smallest);
    this.#known.set(key, pool);
    return pool;
  }

  #speakersOf(language: string): Among {
    const known = this.#speakers.get(language);
    if (known !== undefined) return known;
    const speakers = this.kinds.among(this.task.tongues.speakersOf(language));
    this.#speakers.set(language, speakers);
    return speakers;
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
      const begun = { members: [ordinal], worth, language, interpreter: ordinal };
      this.#poolOf(ordinal)?.search(left, size - 1, begun, best);
    }
  }

  readonly #known = new Map<number, Pool | null>();

  /** Those whom one of them makes understood, with whoever needs nobody for that; null when there is no language for that. */
  #poolOf(ordinal: number): Pool | null {
    const known = this.#known.get(ordinal);
    if (known !== undefined) return known;
    const others = this.#othersOf(ordinal);
    const pool = others.length === 0 ? null : this.pools.of([this.language, ...others], false);
    this.#known.set(ordinal, pool);
    return pool;
  }

  /** Whoever may interpret, the best first. */
  readonly #interpreters = once((): readonly number[] => {
    const { people, tongues } = this.task;
    const speakers = keep(people.slice(), tongues.speakersOf(this.language));
    return [...membersOf(keep(speakers, tongues.interpreters()))].sort((one, other) =>
      inOrder(this.task, one, other),
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

const NONE = -Infinity;

/** Some people, and by kind what the best of them is worth; NONE where there is nobody. */
type Among = { readonly people: Bits; readonly worth: Float64Array };

/** The different sets of things that anybody brings, each a kind of people. */
class Kinds {
  /** By kind, what they bring. */
  readonly brings: number[] = [];
  /** By thing, the kinds that bring it. */
  readonly bringing: readonly number[][] = Array.from({ length: MOST_COVERED }, () => []);
  readonly #kindOf = new Int16Array(1 << MOST_COVERED).fill(-1);
  readonly #members: number[][] = [];
  readonly #isSorted: boolean[] = [];

  constructor(readonly task: Task) {
    const people = membersOf(task.people);
    for (let at = 0; at < people.length; at++)
      this.#members[this.#kindFor(task.brings[people[at]!]!)]!.push(people[at]!);
  }

  #kindFor(what: number): number {
    const known = this.#kindOf[what]!;
    if (known >= 0) return known;
    const kind = this.brings.push(what) - 1;
    this.#kindOf[what] = kind;
    this.#members.push([]);
    this.bringing.forEach((kinds, thing) => {
      if ((what & (1 << thing)) !== 0) kinds.push(kind);
    });
    return kind;
  }

  /** Of the people a team may be made of, those who are among these. */
  among(people: Bits): Among {
    const { task } = this;
    const worth = new Float64Array(this.brings.length).fill(NONE);
    for (let at = 0; at < task.people.length; at++) {
      for (let word = task.people[at]! & people[at]!; word !== 0; word &= word - 1) {
        const ordinal = firstIn(word, at);
        const kind = this.#kindOf[task.brings[ordinal]!]!;
        if (task.worth[ordinal]! > worth[kind]!) worth[kind] = task.worth[ordinal]!;
      }
    }
    return { people, worth };
  }

  /** Everybody of a kind, the best first. */
  members(kind: number): readonly number[] {
    const members = this.#members[kind]!;
    if (this.#isSorted[kind] !== true) members.sort((one, other) => inOrder(this.task, one, other));
    this.#isSorted[kind] = true;
    return members;
  }
}

/** Negative when the one comes before the other: for they are worth more, or else by their ids. */
function inOrder({ worth, compare }: Task, one: number, other: number): number {
  return worth[other]! - worth[one]! || compare(one, other);
}

/** People among whom a team is looked for, all of these together. */
class Pool {
  /** By kind, what the best of it is worth; NONE where there is nobody. */
  readonly #worth: Float64Array;
  /** The same without the kinds that need not be looked at to know what the best team is worth. */
  readonly #telling: Float64Array;
  /** Everything that anybody brings, and the most things that one does. */
  #brought = 0;
  #most = 0;
  readonly #members: (readonly number[])[] = [];
  /** By size and by what is wanted, what the best team would be worth. */
  readonly #bounds = new Map<number, number>();

  /**
   * `smallest`: it is asked for no teams but of the least size there is in it. Then a kind that brings no more than another, which is
   * worth as much, makes no team better: with the other the rest would be covered as well, and no fewer members would do.
   */
  constructor(
    private readonly kinds: Kinds,
    private readonly all: readonly Among[],
    smallest: boolean,
  ) {
    this.#worth = new Float64Array(kinds.brings.length).fill(NONE);
    for (const { worth } of all) {
      for (let kind = 0; kind < worth.length; kind++)
        if (worth[kind]! > this.#worth[kind]!) this.#worth[kind] = worth[kind]!;
    }
    kinds.brings.forEach((brings, kind) => {
      if (this.#worth[kind] === NONE) return;
      this.#brought |= brings;
      this.#most = Math.max(this.#most, onesIn(brings));
    });
    this.#telling = smallest ? undominated(kinds.brings, this.#worth) : this.#worth;
  }

  /** What the best team of this size is worth that brings all this, each member something nobody before brought; NONE without one. */
  bound(wanted: number, size: number): number {
    if (wanted === 0 || size <= 0) return wanted === 0 && size === 0 ? 0 : NONE;
    if ((wanted & ~this.#brought) !== 0 || onesIn(wanted) > size * this.#most) return NONE;
    const state = (size << MOST_COVERED) | wanted;
    const known = this.#bounds.get(state);
    if (known !== undefined) return known;
    const { brings, bringing } = this.kinds;
    let best = NONE;
    for (const kind of bringing[lowest(wanted)]!) {
      const worth = this.#telling[kind]!;
      if (worth === NONE) continue;
      const rest = this.bound(wanted & ~brings[kind]!, size - 1);
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
    for (const { kind, rest } of this.#next(wanted, size, begun.worth, best)) {
      const left = wanted & ~this.kinds.brings[kind]!;
      for (const member of this.#membersOf(kind)) {
        const worth = begun.worth + this.kinds.task.worth[member]!;
        if (!best.takes(worth + rest)) break;
        this.search(left, size - 1, { ...begun, members: [...begun.members, member], worth }, best);
      }
    }
  }

  /**
   * The best of a kind, so many as there are teams to find: whoever stands behind them is in none of the best teams, since each of them
   * would do better in their place.
   */
  #membersOf(kind: number): readonly number[] {
    const known = this.#members[kind];
    if (known !== undefined) return known;
    const { first } = this.kinds.task;
    const best: number[] = [];
    for (const ordinal of this.kinds.members(kind)) {
      if (!this.all.some(({ people }) => holds(people, ordinal))) continue;
      if (best.push(ordinal) >= first) break;
    }
    return (this.#members[kind] = best);
  }

  /** The kinds that bring the first of what is wanted, the most promising first. */
  #next(wanted: number, size: number, begun: number, best: Best) {
    const next: { readonly kind: number; readonly rest: number; readonly worth: number }[] = [];
    for (const kind of this.kinds.bringing[lowest(wanted)]!) {
      if (this.#worth[kind] === NONE) continue;
      const rest = this.bound(wanted & ~this.kinds.brings[kind]!, size - 1);
      const worth = begun + this.#worth[kind]! + rest;
      if (best.takes(worth)) next.push({ kind, rest, worth });
    }
    return next.sort((one, other) => other.worth - one.worth);
  }
}

/** Written anew each time: a search takes no turns with another. */
const mostBrought = new Float64Array(1 << MOST_COVERED);

/** By kind what it is worth, and NONE for those that bring less than another that is worth as much. */
function undominated(brings: readonly number[], worth: Float64Array): Float64Array {
  // By what is brought, the most that anybody is worth who brings it, and possibly more.
  const most = mostBrought.fill(NONE);
  brings.forEach((what, kind) => (most[what] = worth[kind]!));
  for (let bit = 1; bit < most.length; bit <<= 1) {
    for (let what = 0; what < most.length; what++) {
      if ((what & bit) === 0 && most[what | bit]! > most[what]!) most[what] = most[what | bit]!;
    }
  }
  return worth.map((own, kind) => {
    for (let bit = 1; bit < most.length; bit <<= 1) {
      if ((brings[kind]! & bit) === 0 && most[brings[kind]! | bit]! >= own) return NONE;
    }
    return own;
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
    const members = unsorted.toSorted((one, other) => inOrder(this.task, one, other));
    const key = members.join(" ");
    if (this.teams.some((known) => known.key === key)) return;
    this.teams.push({ team: { members, language, interpreter }, key, worth });
    this.teams.sort(
      (one, other) => other.worth - one.worth || compareLists(one.team.members, other.team.members, compare),
    );
    if (this.teams.length > Math.max(1, first)) this.teams.pop();
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
