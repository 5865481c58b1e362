import { workMark } from "../listing/tag.js";
import { LEVELS, type AvailabilityStatus, type Cost } from "../practitioners/practitioner.js";
import { widenLanguage, widenRegion, widenSpecialty, type Way } from "../search/advice.js";
import { drop, keep, type Bits } from "../search/bits.js";
import { judgedByRelation, trueOf, type Condition } from "../search/condition.js";
import type { Index, IndexAxis, Shared } from "../search/index.js";
import { TOLD } from "../search/posting.js";
import { listedParts } from "../search/where.js";
import type { Days, NeededSpecialty, NeedField, ReadNeed } from "./need.js";

/** What somebody must meet, and the ways to ask for less, which are worked out only for advice. */
export type Requirement = { readonly condition: Condition; readonly ways: () => readonly Way[] };

/** Costs from nothing up. */
const DEAREST_LAST: readonly Cost[] = ["PRO_BONO", "EXPENSES_ONLY", "SLIDING_SCALE", "PAID"];

/**
 * Who can be found for a need at all: whoever can be seen, without those who say that they take no new work now, and without the
 * networks left out. These two are never relaxed.
 */
export function everybodyFor(index: Index, need: ReadNeed, today: string): Bits {
  const everybody = index.alive.slice(0, index.none().length);
  drop(everybody, trueOf(index, saysFor("NOT_ACCEPTING", { from: today, until: today })));
  const left = index.none();
  index.on("network").fill(need.notNetworks, null, left);
  return drop(everybody, left);
}

/** Of these the ones whom every requirement holds for. */
export function meeting(index: Index, of: Bits, all: readonly Requirement[]): Bits {
  return all.map(({ condition }) => trueOf(index, condition)).reduce(keep, of.slice());
}

/** What every member of a team must meet: all that is required but specialties and languages. */
export function requirementsOfEach(need: ReadNeed, shared: Shared): readonly Requirement[] {
  return [
    ...placeOf(need, shared),
    ...deliveryOf(need, shared),
    ...datesOf(need),
    ...costOf(need),
    ...levelOf(need),
  ];
}

export function requirementsOfSpecialties(need: ReadNeed, shared: Shared): readonly Requirement[] {
  return need.required.map((specialty) => ({
    condition: hasSpecialty(specialty, shared),
    ways: () => [
      ...widenSpecialty({ anyOf: [specialty.code], depthAtLeast: specialty.depthAtLeast }, shared),
      without(shared.vocabulary.specialties.name(specialty.code, "en")),
    ],
  }));
}

export function requirementOfLanguages(need: ReadNeed, shared: Shared): Requirement {
  const match = { anyOf: need.languages, atLeast: need.languageAtLeast };
  return {
    condition: listedParts.language(match, [], shared),
    ways: () => [...widenLanguage(match, shared), without("the language")],
  };
}

/** Has the specialty or something narrower, at this depth. */
export function hasSpecialty({ code, depthAtLeast }: NeededSpecialty, shared: Shared): Condition {
  return listedParts.specialty({ anyOf: [code], depthAtLeast }, [], shared);
}

/** Serves the region, or one around it: in person who works there or comes there, otherwise in any way. */
function placeOf({ region, delivery, orUnknown }: ReadNeed, shared: Shared): readonly Requirement[] {
  if (region === null) return [];
  const match = {
    anyOf: [region],
    relation: delivery === "IN_PERSON" ? (["WORKS_IN", "TRAVELS_TO"] as const) : null,
  };
  const condition = listedParts.region(match, [], shared);
  const ways = () => [...widenRegion(match, "practitioner", shared), without("the region")];
  return [orUnknownTo(orUnknown, "REGION", "region", "where they work", condition, ways)];
}

/** Tells that they work in this way. Who helps the region, or any, from afar works remotely, whether they say so again or not. */
function deliveryOf({ region, delivery, orUnknown }: ReadNeed, shared: Shared): readonly Requirement[] {
  if (delivery === null) return [];
  const told = has("delivery", [delivery]);
  const condition =
    delivery === "IN_PERSON" ? told : ({ kind: "or", any: [told, helpsFromAfar(region, shared)] } as const);
  const ways = () => [without("how they work, in person or remotely")];
  return [orUnknownTo(orUnknown, "DELIVERY", "delivery", "how they work", condition, ways)];
}

function helpsFromAfar(region: string | null, shared: Shared): Condition {
  const relation = ["REMOTE_TO"] as const;
  if (region !== null) return listedParts.region({ anyOf: [region], relation }, [], shared);
  const judged = judgedByRelation(workMark("REMOTE_TO"));
  return { kind: "has", axis: "region", codes: [TOLD], coarser: [], judged };
}

/** Takes new work, or looks at each request first, on one of the days at least. */
function datesOf({ days, orUnknown }: ReadNeed): readonly Requirement[] {
  if (days === null) return [];
  const takes = (["ACCEPTING", "ASSESS_FIRST"] as const).map((status) => saysFor(status, days));
  const condition: Condition = { kind: "or", any: takes };
  return [
    orUnknownTo(orUnknown, "DATES", "availability", "whether they have time", condition, () => [
      without("the dates"),
    ]),
  ];
}

function costOf({ maxCost, orUnknown }: ReadNeed): readonly Requirement[] {
  if (maxCost === null) return [];
  const condition = has("cost", DEAREST_LAST.slice(0, DEAREST_LAST.indexOf(maxCost) + 1));
  return [orUnknownTo(orUnknown, "COST", "cost", "what they cost", condition, () => [without("the cost")])];
}

function levelOf({ levelAtLeast, orUnknown }: ReadNeed): readonly Requirement[] {
  if (levelAtLeast === null) return [];
  const condition = has("level", LEVELS.slice(LEVELS.indexOf(levelAtLeast)));
  return [
    orUnknownTo(orUnknown, "LEVEL", "level", "how far they have come", condition, () => [
      without("the level"),
    ]),
  ];
}

/** Says this of their work for at least one of these days. */
export function saysFor(status: AvailabilityStatus, { from, until }: Days): Condition {
  const begun = until === null ? [] : [openOr("availableFrom", (day) => day <= until)];
  const notOver = openOr("availableUntil", (day) => day >= from);
  return { kind: "and", all: [has("availability", [status]), ...begun, notOver] };
}

/** Says this of their work for all of these days. */
export function saysThroughout(status: AvailabilityStatus, { from, until }: Days): Condition {
  const begun = openOr("availableFrom", (day) => day <= from);
  const notOver = openOr("availableUntil", (day) => until !== null && day >= until);
  return { kind: "and", all: [has("availability", [status]), begun, notOver] };
}

/** An end that was not told is open. */
function openOr(axis: "availableFrom" | "availableUntil", within: (day: string) => boolean): Condition {
  return {
    kind: "or",
    any: [
      { kind: "untold", axes: [axis] },
      { kind: "within", axis, within },
    ],
  };
}

/** A requirement that whoever tells nothing on the axis meets only where the need says so; else advice offers it. */
function orUnknownTo(
  accepted: ReadonlySet<NeedField>,
  field: NeedField,
  axis: IndexAxis,
  named: string,
  condition: Condition,
  ways: () => readonly Way[],
): Requirement {
  const either: Condition = { kind: "or", any: [condition, { kind: "untold", axes: [axis] }] };
  if (accepted.has(field)) return { condition: either, ways };
  const relax = `Accept those of whom you cannot see ${named} (orUnknown: ${field})`;
  return { condition, ways: () => [...ways(), { relax, condition: either }] };
}

export function has(axis: IndexAxis, codes: readonly string[]): Condition {
  return { kind: "has", axis, codes, coarser: [], judged: null };
}

function without(named: string): Way {
  return { relax: `Leave out ${named}`, condition: null };
}
