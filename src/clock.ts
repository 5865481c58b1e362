/** Tells the time. A node is given one, so that months can pass in a test. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** The day it is in UTC, as 2026-11-21. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

/** The first moment of a day in UTC. */
export function startOf(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

/** The day so many days later, or earlier when they are less than none. */
export function daysAfter(day: string, days: number): string {
  return dayOf(new Date(startOf(day).getTime() + days * 86_400_000));
}

/** The day so many months later; where that month is shorter, its last day. */
export function monthsAfter(day: string, months: number): string {
  const [year = 0, month = 0, date = 0] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return dayOf(new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))));
}

/** The same day so many years later; the 29th of February becomes the 1st of March where there is none. */
export function yearsAfter(day: string, years: number): string {
  const moment = startOf(day);
  moment.setUTCFullYear(moment.getUTCFullYear() + years);
  return dayOf(moment);
}
