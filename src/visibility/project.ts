import { narrower, reaches, type Audience } from "./audience.js";

/** One value with the audience that may see it; `ladder` holds coarser values that wider audiences see instead. */
export type Fact<T> = {
  readonly value: T;
  readonly audience: Audience;
  readonly ladder?: readonly Rung<T>[];
};

/** A coarser value and the audience it is for: Mexico to partners where Oaxaca is for members. */
export type Rung<T> = { readonly value: T; readonly audience: Audience };

/** A field's facts: one, null when there is none, or a list whose items each have their own audience. */
export type Held = Fact<unknown> | null | readonly Fact<unknown>[];
export type Facts<F> = { readonly [K in keyof F]: Held };

/** What the node does with one field when the person has said nothing, and how far it may ever go. */
export type FieldPolicy<T> = {
  /** The audience of a fact nobody chose one for; "ENTRY" is the audience of the entry itself. */
  readonly byDefault: Audience | "ENTRY" | ((value: T) => Audience | "ENTRY");
  /** The widest audience the field can be shown to. */
  readonly ceiling: Audience;
  /** How the field's coarser values meet each other; null where there is no ladder. */
  readonly ladder: Ladder<T> | null;
};

/**
 * Two values may become one on a ladder: two cantons one country. `code` tells when they have, and `modest` what is then told,
 * which is no more than either says: two entries for one code would count what is hidden.
 */
export type Ladder<T> = {
  code(value: T): string;
  modest(one: T, other: T): T;
};

/** Declared over every key of the record, so that a forgotten field does not compile. */
export type Policy<F> = { readonly [K in keyof F]-?: FieldPolicy<ValueOf<F[K]>> };

type ValueOf<F> = [F] extends [readonly Fact<infer T>[]] ? T : [F] extends [Fact<infer T> | null] ? T : never;

/** What one audience sees of a record's facts: values without audiences; what is hidden is null or missing from its list. */
export type Seen<F> = {
  readonly [K in keyof F]: F[K] extends readonly Fact<infer T>[]
    ? readonly T[]
    : F[K] extends Fact<infer T> | null
      ? T | null
      : never;
};

/**
 * What `audience` sees of a record, or null when the entry does not reach it at all. PRIVATE is the person: they see everything.
 * Runs when the record is written; a read has nothing left to filter.
 */
export function project<F extends Facts<F>>(
  entry: Audience,
  facts: F,
  policy: Policy<F>,
  audience: Audience,
): Seen<F> | null {
  if (!reaches(entry, audience)) return null;
  const fields = Object.keys(policy) as (keyof F)[];
  const seen = fields.map((field) => [field, seenBy(audience, facts[field], policy[field])]);
  return Object.fromEntries(seen) as Seen<F>;
}

/** The audience a new fact gets when the person has not chosen one. */
export function audienceByDefault<T>(policy: FieldPolicy<T>, entry: Audience, value: T): Audience {
  const { byDefault, ceiling } = policy;
  const wanted = typeof byDefault === "function" ? byDefault(value) : byDefault;
  return narrower(wanted === "ENTRY" ? entry : wanted, ceiling);
}

/** What a policy holds a fact to: never wider than the ceiling, and no coarser values where the field has no ladder. */
type Bounds = Pick<FieldPolicy<unknown>, "ceiling" | "ladder">;

function seenBy(audience: Audience, held: Held, policy: Bounds): unknown {
  if (held === null) return null;
  if (!isList(held)) return show(audience, held, policy)?.value ?? null;
  const rungs = held.map((fact) => show(audience, fact, policy)).filter((rung) => rung !== null);
  return distinct(
    rungs.map((rung) => rung.value),
    policy.ladder ?? plain,
  );
}

/** The most precise value of the fact that the audience may see: the rung meant for the fewest people among those that reach it. */
function show<T>(audience: Audience, fact: Fact<T>, { ceiling, ladder }: Bounds): Rung<T> | null {
  const rungs = ladder === null ? [fact] : [fact, ...(fact.ladder ?? [])];
  const visible = rungs.filter((rung) => reaches(narrower(rung.audience, ceiling), audience));
  return visible.reduce<Rung<T> | null>(
    (best, rung) => (best === null || !reaches(rung.audience, best.audience) ? rung : best),
    null,
  );
}

/** Each code once, where it first stands. */
function distinct<T>(values: readonly T[], ladder: Ladder<T>): readonly T[] {
  const told = new Map<string, T>();
  for (const value of values) {
    const code = ladder.code(value);
    const before = told.get(code);
    told.set(code, before === undefined ? value : ladder.modest(before, value));
  }
  return [...told.values()];
}

/** Values without a ladder are one only when they are the same. */
const plain: Ladder<unknown> = { code: (value) => JSON.stringify(value), modest: (one) => one };

function isList<T>(held: T | readonly T[]): held is readonly T[] {
  return Array.isArray(held);
}
