import { narrower, reaches, type Audience, type ListedAudience } from "./audience.js";

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
  /** Which coarser values the field's ladder climbs to; null where there is no ladder. */
  readonly ladder: "region" | "specialty" | "language" | null;
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
 * What `audience` sees of a record, or null when the entry does not reach it at all.
 * Runs when the record is written; a read has nothing left to filter.
 */
export function project<F extends Facts<F>>(
  entry: Audience,
  facts: F,
  policy: Policy<F>,
  audience: ListedAudience,
): Seen<F> | null {
  if (!reaches(entry, audience)) return null;
  const fields = Object.keys(policy) as (keyof F)[];
  const seen = fields.map((field) => [field, seenBy(audience, facts[field], policy[field].ceiling)]);
  return Object.fromEntries(seen) as Seen<F>;
}

/** The audience a new fact gets when the person has not chosen one. */
export function audienceByDefault<T>(policy: FieldPolicy<T>, entry: Audience, value: T): Audience {
  const { byDefault, ceiling } = policy;
  const wanted = typeof byDefault === "function" ? byDefault(value) : byDefault;
  return narrower(wanted === "ENTRY" ? entry : wanted, ceiling);
}

function seenBy(audience: ListedAudience, held: Held, ceiling: Audience): unknown {
  if (held === null) return null;
  if (!isList(held)) return show(audience, held, ceiling)?.value ?? null;
  const rungs = held.map((fact) => show(audience, fact, ceiling)).filter((rung) => rung !== null);
  return distinct(rungs.map((rung) => rung.value));
}

/** The most precise value of the fact that the audience may see: the rung meant for the fewest people among those that reach it. */
function show<T>(audience: ListedAudience, fact: Fact<T>, ceiling: Audience): Rung<T> | null {
  const visible = [fact, ...(fact.ladder ?? [])].filter((rung) =>
    reaches(narrower(rung.audience, ceiling), audience),
  );
  return visible.reduce<Rung<T> | null>(
    (best, rung) => (best === null || !reaches(rung.audience, best.audience) ? rung : best),
    null,
  );
}

/** Two places that became one on the ladder are told once: a repetition would count what is hidden. */
function distinct(values: readonly unknown[]): readonly unknown[] {
  const told = new Map(values.map((value) => [JSON.stringify(value), value] as const).reverse());
  return [...told.values()].reverse();
}

function isList<T>(held: T | readonly T[]): held is readonly T[] {
  return Array.isArray(held);
}
