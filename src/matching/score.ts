import { daysAfter, monthsAfter } from "../clock.js";
import { DEPTHS, PROFICIENCIES, workMark, type WorkRelation } from "../listing/tag.js";
import { firstIn, holds, wordsIn, type Bits } from "../search/bits.js";
import { judgedByRelation, trueOf, type Condition } from "../search/condition.js";
import type { Index, Shared } from "../search/index.js";
import { listedParts } from "../search/where.js";
import type { MessageName, Names } from "./message.js";
import { has, hasSpecialty, saysFor, saysThroughout } from "./requirement.js";
import type { NeededSpecialty, ReadNeed } from "./need.js";
import type { Weights } from "./weights.js";

/** Why somebody fits, in the order in which reasons are told. */
export const REASON_CODES = [
  "SPECIALTY",
  "PRESENCE",
  "LANGUAGE",
  "FOLLOW_UP",
  "COMMUNITY",
  "FORMAT",
  "AVAILABILITY",
  "RAPID_RESPONSE",
  "CONFIRMED",
  "VOUCHED",
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** Why somebody fits, with the points it brought: a message and the codes that it names. */
export type Reason = {
  readonly code: ReasonCode;
  readonly points: number;
  readonly message: MessageName;
  readonly names: Names;
};

/** A reason, and whom it holds for. */
type Grade = Reason & { readonly who: Bits };

/** Several reasons of which somebody has one at most: the first, with the most points. */
type Factor = readonly Grade[];

/** A reason before it is known whom it holds for. */
type Stated = readonly [points: number, message: MessageName, condition: Condition, names?: Names];

/**
 * How well people fit a need: the sum of their reasons' points. Everything is asked of one index, so nothing but what its audience
 * sees moves a point.
 */
export class Score {
  readonly #factors: readonly Factor[];

  constructor(
    private readonly index: Index,
    need: ReadNeed,
    weights: Weights,
    today: string,
  ) {
    this.#factors = factorsOf(index, need, weights, today)
      .map(({ code, stated }) => this.#factor(code, stated))
      .filter((factor) => factor.length > 0);
  }

  /** By ordinal, the points of these people. */
  pointsOf(people: Bits): Uint32Array {
    const points = new Uint32Array(this.index.length);
    const words = wordsIn(people);
    for (const factor of this.#factors) {
      const left = people.slice();
      for (const { who, points: gained } of factor) {
        for (let n = 0; n < words.length; n++) {
          const at = words[n]!;
          const having = left[at]! & who[at]!;
          left[at]! &= ~having;
          for (let word = having; word !== 0; word &= word - 1) points[firstIn(word, at)]! += gained;
        }
      }
    }
    return points;
  }

  /** Why one of them has the points they have. */
  reasonsOf(ordinal: number): readonly Reason[] {
    return this.#factors.flatMap((factor) => factor.find(({ who }) => holds(who, ordinal)) ?? []);
  }

  #factor(code: ReasonCode, stated: readonly Stated[]): Factor {
    return stated
      .filter(([points]) => points > 0)
      .sort(([one], [other]) => other - one)
      .map(([points, message, condition, names = {}]) => ({
        code,
        points,
        message,
        names,
        who: trueOf(this.index, condition),
      }));
  }
}

type StatedFactor = { readonly code: ReasonCode; readonly stated: readonly Stated[] };

function factorsOf(index: Index, need: ReadNeed, weights: Weights, today: string): readonly StatedFactor[] {
  const one = (code: ReasonCode, ...stated: readonly Stated[]): StatedFactor => ({ code, stated });
  return [
    ...need.required.map((specialty) => one("SPECIALTY", ...depthsIn(specialty, 0, index, weights))),
    ...need.wanted.map((specialty) =>
      one("SPECIALTY", ...depthsIn(specialty, weights.wanted, index, weights)),
    ),
    one("PRESENCE", ...presence(need, index, weights)),
    one("LANGUAGE", ...fluency(need, index, weights)),
    one("FOLLOW_UP", [
      weights.followUp + (need.followUp ? weights.followUpAsked : 0),
      "followUp",
      has("followUp", ["true"]),
    ]),
    ...need.communities.map((community) =>
      one("COMMUNITY", [weights.community, "community", has("community", [community]), { community }]),
    ),
    ...need.formats.map((format) =>
      one("FORMAT", [weights.format, "format", has("format", [format]), { format }]),
    ),
    one("AVAILABILITY", ...availability(need, today, weights)),
    ...(need.urgent
      ? [one("RAPID_RESPONSE", [weights.rapidResponse, "rapidResponse", has("format", ["RAPID_RESPONSE"])])]
      : []),
    one("CONFIRMED", ...freshness(today, weights)),
    one("VOUCHED", ...vouches(weights)),
  ];
}

/** `more` is what having the specialty is worth by itself. */
function depthsIn(
  specialty: NeededSpecialty,
  more: number,
  shared: Shared,
  weights: Weights,
): readonly Stated[] {
  const names = { specialty: specialty.code };
  const points = { INTRODUCTORY: weights.introductory, PRACTISED: weights.practised, EXPERT: weights.expert };
  const depths = DEPTHS.map((depth): Stated => {
    const condition = hasSpecialty({ code: specialty.code, depthAtLeast: depth }, shared);
    return [points[depth] + more, "specialty", condition, { ...names, depth }];
  });
  const atAll = hasSpecialty({ code: specialty.code, depthAtLeast: null }, shared);
  return [...depths, [weights.depthUntold + more, "specialty", atAll, { ...names, depth: "UNTOLD" }]];
}

/** Being near counts for what is done in the same place, and only where the need has one. */
function presence(
  { region, delivery, preferLocal }: ReadNeed,
  shared: Shared,
  weights: Weights,
): readonly Stated[] {
  if (region === null || !preferLocal || delivery === "REMOTE") return [];
  const names = { region };
  const related = (relation: WorkRelation): Condition =>
    listedParts.region({ anyOf: [region], relation: [relation] }, [], shared);
  const named = (relation: WorkRelation): Condition => ({
    kind: "has",
    axis: "region",
    codes: [region],
    coarser: [],
    judged: judgedByRelation(workMark(relation)),
  });
  return [
    [weights.basedThere, "basedThere", related("BASED_IN"), names],
    [weights.worksThere, "worksThere", named("WORKS_IN"), names],
    [weights.worksAround, "worksAround", related("WORKS_IN"), names],
    [weights.travelsThere, "travelsThere", related("TRAVELS_TO"), names],
    [weights.helpsFromAfar, "helpsFromAfar", related("REMOTE_TO"), names],
  ];
}

/** The best of the languages somebody has; of those they have equally well, the one that was named first. */
function fluency({ languages }: ReadNeed, shared: Shared, weights: Weights): readonly Stated[] {
  const points = {
    BASIC: weights.basic,
    WORKING: weights.working,
    FLUENT: weights.fluent,
    NATIVE: weights.native,
  };
  return PROFICIENCIES.toReversed().flatMap((level) =>
    languages.map((language): Stated => {
      const condition = listedParts.language({ anyOf: [language], atLeast: level }, [], shared);
      return [points[level], "language", condition, { language, level }];
    }),
  );
}

function availability({ days }: ReadNeed, today: string, weights: Weights): readonly Stated[] {
  const asked = days ?? { from: today, until: today };
  const when = { when: days === null ? "NOW" : "DAYS" };
  return [
    [weights.available, "available", saysThroughout("ACCEPTING", asked), when],
    [weights.partlyAvailable, "partlyAvailable", saysFor("ACCEPTING", asked)],
    [weights.assessesFirst, "assessesFirst", saysFor("ASSESS_FIRST", asked)],
  ];
}

function freshness(today: string, weights: Weights): readonly Stated[] {
  const since = (day: string): Condition => ({
    kind: "within",
    axis: "verified",
    within: (code) => code >= day,
  });
  return [
    [weights.confirmedLately, "confirmedLately", since(monthsAfter(today, -3))],
    [weights.confirmedThisYear, "confirmedThisYear", since(daysAfter(today, -365))],
  ];
}

function vouches(weights: Weights): readonly Stated[] {
  const band = (points: number, code: string): Stated => [
    points,
    "vouched",
    has("vouches", [code]),
    { band: code },
  ];
  return [
    band(weights.vouchedByMany, "MANY"),
    band(weights.vouchedBySome, "SOME"),
    band(weights.vouchedByFew, "FEW"),
  ];
}
