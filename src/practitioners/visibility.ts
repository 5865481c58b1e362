import { badInput } from "../errors.js";
import {
  LISTED_AUDIENCES,
  isWider,
  narrower,
  widest,
  type Audience,
  type ListedAudience,
} from "../visibility/audience.js";
import { project, type Fact, type Rung } from "../visibility/project.js";
import {
  FACT_KEYS,
  asHeld,
  asList,
  ceilingOf,
  fieldOf,
  itemOf,
  keyOf,
  type FactKey,
  type ProfileField,
} from "./field.js";
import { practitionerPolicy, shownFacts, type Practitioner } from "./practitioner.js";

/** Who sees one field, or one item of a list. */
export type FieldVisibility = {
  readonly field: ProfileField;
  readonly item: string | null;
  readonly audience: Audience;
  readonly ceiling: Audience;
  /** Coarser values and the wider audiences that see them instead. */
  readonly coarser: readonly { readonly item: string; readonly audience: Audience }[];
};

/** What is to be shown to whom: a whole field, or one item of a list. */
export type Showing = {
  readonly field: ProfileField;
  readonly item?: string | null;
  readonly to: Audience;
};

type Path = readonly (string | number)[];

/**
 * The person with a field shown to this audience, be it wider or narrower. An entry is shown under its alias, so an alias that was
 * shown as widely as the entry goes with it. What is made private takes its coarser values along.
 */
export function show(person: Practitioner, { field, item = null, to }: Showing, at: Path = []): Practitioner {
  if (field === "ENTRY") return showEntry(person, item, to, at);
  if (field === "VOUCHES")
    throw badInput(
      "Vouches are given by others; partners and members see them as a band. Choose another field.",
      [...at, "field"],
    );
  const ceiling = ceilingOf(field);
  if (isWider(to, ceiling)) throw badInput(`${field} can be shown to ${ceiling} at most.`, [...at, "to"]);
  const key = keyOf(field);
  const facts = asList(person.facts[key]);
  const chosen = choose(field, facts, item, at);
  return withFacts(
    person,
    key,
    facts.map((fact) => (chosen.includes(fact) ? shownTo(fact, to) : fact)),
  );
}

/** The same, but never wider: what is narrower already stays as it is. */
export function narrow(person: Practitioner, showing: Showing, at: Path): Practitioner {
  const shown = show(person, showing, at);
  if (showing.field === "ENTRY") return { ...person, audience: narrower(person.audience, shown.audience) };
  const key = keyOf(showing.field);
  const after = asList(shown.facts[key]);
  const facts = asList(person.facts[key]).map((fact, position) => {
    const now = after[position] ?? fact;
    return isWider(now.audience, fact.audience) ? fact : now;
  });
  return withFacts(person, key, facts);
}

/** The person with other facts in one field. */
function withFacts(person: Practitioner, key: FactKey, facts: readonly Fact<unknown>[]): Practitioner {
  // The facts are the field's own with other audiences.
  return { ...person, facts: { ...person.facts, [key]: asHeld(key, facts) } };
}

function showEntry(person: Practitioner, item: string | null, to: Audience, at: Path): Practitioner {
  if (item !== null) throw badInput("ENTRY has no items: leave item out.", [...at, "item"]);
  const { alias } = person.facts;
  const follows = alias !== null && isWider(to, person.audience) && !isWider(person.audience, alias.audience);
  if (!follows) return { ...person, audience: to };
  const shown = { ...alias, audience: widest([alias.audience, to]) };
  return { ...person, audience: to, facts: { ...person.facts, alias: shown } };
}

function shownTo(fact: Fact<unknown>, to: Audience): Fact<unknown> {
  const ladder = to === "PRIVATE" ? [] : (fact.ladder ?? []).filter((rung) => isWider(rung.audience, to));
  return factWith(fact.value, to, ladder);
}

export function factWith<T>(value: T, audience: Audience, ladder: readonly Rung<T>[]): Fact<T> {
  return ladder.length === 0 ? { value, audience } : { value, audience, ladder };
}

/** The facts meant: all of the field, or the one item; a region may be named without how one relates to it when that is clear. */
function choose(
  field: Exclude<ProfileField, "ENTRY">,
  facts: readonly Fact<unknown>[],
  item: string | null,
  at: Path,
): readonly Fact<unknown>[] {
  if (facts.length === 0)
    throw badInput(`${field} holds nothing yet: save something first.`, [...at, "field"]);
  if (item === null) return facts;
  const key = keyOf(field);
  const named = facts.map((fact) => ({ fact, name: itemOf(key, fact.value) }));
  if (named.every(({ name }) => name === null))
    throw badInput(`${field} has no items: leave item out.`, [...at, "item"]);
  const exactly = named.filter(({ name }) => name === item);
  const found =
    exactly.length > 0 || field !== "REGIONS"
      ? exactly
      : named.filter(({ name }) => name?.split(" ")[1] === item);
  if (found.length === 1) return found.map(({ fact }) => fact);
  const why = found.length === 0 ? "There is no such item" : "There are several such items";
  const how = field === "REGIONS" ? 'name one as "WORKS_IN GT"' : "name one as visibility does";
  throw badInput(`${why} in ${field}; ${how}.`, [...at, "item"]);
}

/** Who sees what of an entry, told to its owner: every field that holds something, and every item of a list. */
export function visibilityOf(person: Practitioner): readonly FieldVisibility[] {
  const entry = told("ENTRY", null, person.audience);
  return [
    entry,
    ...FACT_KEYS.flatMap((key) => asList(person.facts[key]).map((fact) => visibilityOfFact(key, fact))),
  ];
}

function visibilityOfFact(key: FactKey, { value, audience, ladder = [] }: Fact<unknown>): FieldVisibility {
  const coarser = ladder.map((rung) => ({ item: itemOf(key, rung.value) ?? "", audience: rung.audience }));
  return { ...told(fieldOf(key), itemOf(key, value), audience), coarser };
}

function told(field: ProfileField, item: string | null, audience: Audience): FieldVisibility {
  return { field, item, audience, ceiling: ceilingOf(field), coarser: [] };
}

/**
 * The same, told to a steward: made from what each audience sees and from nothing else, so it holds what members see and no trace
 * of what is hidden from them. Empty when members see nothing.
 */
export function visibilityForSteward(person: Practitioner): readonly FieldVisibility[] {
  const lines = new Map<string, FieldVisibility>();
  for (const audience of LISTED_AUDIENCES) {
    for (const line of seenIn(person, audience)) {
      const name = JSON.stringify([line.field, line.item]);
      if (!lines.has(name)) lines.set(name, line);
    }
  }
  const order = ["ENTRY", ...FACT_KEYS.map(fieldOf)];
  return [...lines.values()].sort((one, other) => order.indexOf(one.field) - order.indexOf(other.field));
}

/** Widest first, so the first audience that sees an item is the widest that does. */
function seenIn(person: Practitioner, audience: ListedAudience): readonly FieldVisibility[] {
  const seen = project(person.audience, shownFacts(person), practitionerPolicy, audience);
  if (seen === null || seen.alias === null) return [];
  const lines = FACT_KEYS.flatMap((key) => {
    const value: unknown = seen[key];
    const values = Array.isArray(value) ? value : value === null ? [] : [value];
    return values.map((one) => told(fieldOf(key), itemOf(key, one), audience));
  });
  return [told("ENTRY", null, audience), ...lines];
}
