import type { Place } from "../storage/seal.js";
import { LEVELS, isAtLeast, type PractitionerLevel } from "./practitioner.js";

/** That somebody reached a level on a pathway of their network. It stays when it counts no longer: what was reached was reached. */
export type Attainment = {
  readonly pathway: string;
  readonly level: PractitionerLevel;
  /** The day it was reached. */
  readonly reached: string;
  /** The day it stops counting; null when it counts for good. */
  readonly ends: string | null;
  /** The day a steward took it back; null when nobody has. */
  readonly revoked: string | null;
};

/** Whether it counts on this day. */
export function counts({ ends, revoked }: Attainment, today: string): boolean {
  return revoked === null && (ends === null || ends > today);
}

/** The highest of the levels that count on this day; null when there is none. */
export function highestOf(attainments: readonly Attainment[], today: string): PractitionerLevel | null {
  const held = attainments.filter((one) => counts(one, today)).map(({ level }) => level);
  return LEVELS.findLast((level) => held.includes(level)) ?? null;
}

/** Whether one of them is for this level of this pathway or above, and counts on this day. */
export function holds(
  attainments: readonly Attainment[],
  pathway: string,
  level: PractitionerLevel,
  today: string,
): boolean {
  return attainments.some(
    (one) => one.pathway === pathway && isAtLeast(one.level, level) && counts(one, today),
  );
}

/** Where it lies sealed. */
export function placeOf(practitioner: string, id: string): Place {
  return ["base.attainment", practitioner, id];
}
