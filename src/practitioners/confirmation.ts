import { daysAfter, monthsAfter } from "../clock.js";
import { oneStepNarrower, type Audience } from "../visibility/audience.js";
import type { ProfileState } from "./practitioner.js";

/** How long the node takes what people say for true. */
export type Terms = {
  /** An entry that was not confirmed for this many months narrows one step. */
  readonly confirmEvery: number;
  /** So many days before that the person is told. */
  readonly noticeBefore: number;
  /** A vouch counts for this many months. */
  readonly vouchLasts: number;
};

export const usualTerms: Terms = { confirmEvery: 6, noticeBefore: 30, vouchLasts: 24 };

/** By when a listed entry has to be confirmed; null when that has not been said. */
export type Standing = {
  readonly state: ProfileState;
  readonly audience: Audience;
  readonly confirmBy: string | null;
};

/** Whether it is time to ask the person whether their entry is still true. */
export function isDue({ state, confirmBy }: Standing, today: string, { noticeBefore }: Terms): boolean {
  return state === "LISTED" && confirmBy !== null && daysAfter(confirmBy, -noticeBefore) <= today;
}

/**
 * The entry after the days for confirming it that have passed: with each it narrows one step and gets another period. Nothing ever
 * widens by itself, and what is private already has nothing left to lose.
 */
export function lapsed<S extends Standing>(entry: S, today: string, terms: Terms): S {
  const { state, audience, confirmBy } = entry;
  if (state !== "LISTED" || audience === "PRIVATE" || confirmBy === null || confirmBy >= today) return entry;
  const after = {
    ...entry,
    audience: oneStepNarrower(audience),
    confirmBy: monthsAfter(confirmBy, terms.confirmEvery),
  };
  return lapsed(after, today, terms);
}
