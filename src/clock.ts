/** Tells the time. A node is given one, so that months can pass in a test. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** The day it is in UTC, as 2026-11-21. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
