import { dayOf, type Clock } from "../clock.js";
import { badInput } from "../errors.js";
import { adviseOn, type Advice } from "../search/advice.js";
import { membersOf, sizeOf, type Bits } from "../search/bits.js";
import type { Index } from "../search/index.js";
import { ordering, pageOf } from "../search/order.js";
import type { Sought } from "../vocabulary/sought.js";
import { codesOf, readNeed, soughtBy, type Need } from "./need.js";
import {
  everybodyFor,
  meeting,
  requirementOfLanguages,
  requirementsOfEach,
  requirementsOfSpecialties,
} from "./requirement.js";
import { Score, type Reason } from "./score.js";
import type { Weights } from "./weights.js";

/** What a question about a need is answered from: the index of the asker's audience, this node's weights, and the day it is. */
export type Asking = { readonly index: Index; readonly weights: Weights; readonly clock: Clock };

/** Somebody who fits, and why. `score` is the sum of the reasons' points. */
type Fit = { readonly id: string; readonly score: number; readonly reasons: readonly Reason[] };

/** The best of those who fit a need. Nobody was found for it when `totalCount` is 0, whatever `first` is. */
export type Matched = {
  readonly fits: readonly Fit[];
  readonly totalCount: number;
  readonly advice: () => readonly Advice[];
  /** What was looked for in vain; null when somebody was found, or somebody's network was not wanted. */
  readonly sought: Sought | null;
};

const LONGEST = 50;

/**
 * Whom a need finds: everybody whom each requirement is known to hold for, in the order of their points, and of their random ids
 * where those are equal. Works on sets and counts alone: nobody's listing is read.
 */
export function match({ index, weights, clock }: Asking, asked: Need, first: number): Matched {
  if (!Number.isInteger(first) || first < 0 || first > LONGEST)
    throw badInput(`first may be at most ${LONGEST}, and not less than 0.`, ["first"]);
  const today = dayOf(clock());
  const need = readNeed(asked, index.vocabulary, today);
  const everybody = everybodyFor(index, need, today);
  const requirements = [
    ...requirementsOfSpecialties(need, index),
    requirementOfLanguages(need, index),
    ...requirementsOfEach(need, index),
  ];
  const found = meeting(index, everybody, requirements);
  const totalCount = sizeOf(found);
  const score = new Score(index, need, weights, today);
  return {
    fits: best(index, found, score, first),
    totalCount,
    sought: totalCount > 0 ? null : soughtBy(need, codesOf(need.required)),
    advice: () => {
      if (totalCount >= first) return [];
      const held = requirements.map((one) => ({ held: meeting(index, everybody, [one]), ways: one.ways() }));
      return adviseOn(index, everybody, held);
    },
  };
}

function best(index: Index, found: Bits, score: Score, first: number): readonly Fit[] {
  const points = score.pointsOf(found);
  const { ordinals } = pageOf(index, membersOf(found), ordering(index, "RELEVANCE", points), null, first);
  return ordinals.map((ordinal) => ({
    id: index.id(ordinal),
    score: points[ordinal] ?? 0,
    reasons: score.reasonsOf(ordinal),
  }));
}
