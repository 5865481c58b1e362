import highs from "highs";

/** What is used of it. Its types describe its CommonJS form, and not what is imported. */
type Solver = { solve(problem: string): { readonly Status: string; readonly ObjectiveValue: number } };
const loadHighs = highs as unknown as () => Promise<Solver>;

/**
 * Somebody who wants to know how many people there are in a cell that they cannot look up. They ask for everything that is
 * published, at two epochs; they know the rules by which it is published, and how many everybody can find; and between the epochs
 * they have put people of their own where it helps them. What they do not know is the veil, and who the others are.
 */
export type Observation = {
  /** The small cells that this one is made of. */
  readonly of: readonly number[];
  /** What was told, how many everybody could find, and how many of the attacker's own were there unseen: then, and a quarter later. */
  readonly then: Look;
  readonly later: Look;
};
type Look = { readonly told: string; readonly seen: number; readonly own: number };

/** How a cell is published, by rules that everybody may read: what is told of it, and what is kept for the next time. */
export type Rules = {
  readonly tell: (
    before: unknown,
    seen: number,
    unseen: number,
    veil: number,
  ) => { readonly told: string; readonly kept: unknown };
  /** How high a veil may be; 0 where there is none. */
  readonly veils: number;
};

/** At least, and at most; the last may be without an end. */
export type Range = { readonly least: number; readonly most: number };

/** What is thinkable of a number: beyond that it counts as endless. */
const MOST = 20;

/** Every number, then and later, under which this cell would have been told as it was, under some veil. */
function thinkable({ tell, veils }: Rules, { then, later }: Observation, still: boolean) {
  const [one, other] = [new Set<number>(), new Set<number>()];
  const numbers = Array.from({ length: MOST + 1 }, (_, number) => number);
  for (let veil = 0; veil <= veils; veil++)
    for (const before of numbers) {
      const first = tell(null, then.seen, before + then.own, veil);
      if (first.told !== then.told) continue;
      const after = still ? [before] : numbers;
      const possible = after.filter(
        (number) => tell(first.kept, later.seen, number + later.own, veil).told === later.told,
      );
      if (possible.length > 0) one.add(before);
      for (const number of possible) other.add(number);
    }
  return [rangeOf(one), rangeOf(other)] as const;
}

function rangeOf(numbers: ReadonlySet<number>): Range {
  const most = Math.max(...numbers);
  return { least: Math.min(...numbers), most: most === MOST ? Infinity : most };
}

/** What is known of a sum of small cells. */
type Bound = Range & { readonly of: readonly number[] };

export class Attacker {
  readonly #known = new Map<string, readonly [Range, Range]>();

  private constructor(
    readonly solver: Solver,
    readonly rules: Rules,
  ) {}

  static async under(rules: Rules): Promise<Attacker> {
    return new Attacker(await loadHighs(), rules);
  }

  /**
   * For each observation how many there can have been, then and later: by what was told of it alone, by what that leaves of the
   * others (bounds propagation), and by all of it at once (a linear program, for those it is `about`). `still`: the attacker knows
   * that nobody else moved.
   */
  look(
    cells: number,
    observed: readonly Observation[],
    still: boolean,
    about: (at: number, epoch: number) => boolean,
  ): readonly (readonly [Range, Range])[] {
    const alone = observed.map((one) => this.#alone(one, still));
    const [then, later] = ([0, 1] as const).map((epoch) => {
      const bounds = observed.map(({ of }, at) => ({ of, ...(alone[at]?.[epoch] ?? endless) }));
      return this.#together(cells, bounds, (at) => about(at, epoch));
    });
    return observed.map((_, at) => [then?.[at] ?? endless, later?.[at] ?? endless] as const);
  }

  /** What looks alike is thought about once. */
  #alone(observation: Observation, still: boolean): readonly [Range, Range] {
    const { then, later } = observation;
    const key = JSON.stringify([then, later, still]);
    const known = this.#known.get(key) ?? thinkable(this.rules, observation, still);
    this.#known.set(key, known);
    return known;
  }

  #together(cells: number, bounds: readonly Bound[], about: (at: number) => boolean): readonly Range[] {
    const each = propagate(cells, bounds);
    return bounds.map(({ of, ...alone }, at) => {
      const parts = of.map((cell) => each[cell] ?? endless);
      const least = parts.reduce((sum, part) => sum + part.least, 0);
      const most = parts.reduce((sum, part) => sum + part.most, 0);
      const range = meet(alone, { least, most });
      return about(at) ? meet(range, this.#solve(bounds, of)) : range;
    });
  }

  #solve(bounds: readonly Bound[], of: readonly number[]): Range {
    const sum = (cells: readonly number[]) => cells.map((cell) => `x${cell}`).join(" + ");
    const rows = bounds.flatMap((bound, at) => [
      ` l${at}: ${sum(bound.of)} >= ${bound.least}`,
      ...(bound.most === Infinity ? [] : [` m${at}: ${sum(bound.of)} <= ${bound.most}`]),
    ]);
    // Where nothing is at most something, there is no most.
    if (bounds.every(({ most }) => most === Infinity)) return endless;
    const best = (aim: "Minimize" | "Maximize"): number => {
      const solved = this.solver.solve(`${aim}\n obj: ${sum(of)}\nSubject To\n${rows.join("\n")}\nEnd`);
      if (solved.Status === "Optimal") return solved.ObjectiveValue;
      if (/unbounded/i.test(solved.Status)) return Infinity;
      throw new Error(`the attacker has made a mistake: ${solved.Status}`);
    };
    // People are whole.
    return { least: Math.ceil(best("Minimize") - 1e-6), most: Math.floor(best("Maximize") + 1e-6) };
  }
}

const endless: Range = { least: 0, most: Infinity };

function meet(one: Range, other: Range): Range {
  return { least: Math.max(one.least, other.least), most: Math.min(one.most, other.most) };
}

/** From what is known of a sum and of all but one of its parts, what is known of the last, until nothing new follows. */
function propagate(cells: number, bounds: readonly Bound[]): readonly Range[] {
  const each: Range[] = Array.from({ length: cells }, () => endless);
  for (let news = true; news;) {
    news = false;
    for (const { of, least, most } of bounds)
      for (const cell of of) {
        const others = of.filter((one) => one !== cell).map((one) => each[one] ?? endless);
        const left = {
          least: least - others.reduce((sum, one) => sum + one.most, 0),
          most: most - others.reduce((sum, one) => sum + one.least, 0),
        };
        const before = each[cell] ?? endless;
        const now = meet(before, left);
        if (now.least === before.least && now.most === before.most) continue;
        each[cell] = now;
        news = true;
      }
  }
  return each;
}
