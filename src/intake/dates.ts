import { PAGE_LOCALES } from "../vocabulary/locale.js";
import { fold } from "../vocabulary/word.js";
import { ruleFor, saidFor, tell, type Reading } from "./reading.js";

/**
 * The date of a field, as precise as the source was: a year, a month or a day. Only what can mean one thing is read:
 * 01/02/2024 and a spreadsheet's 45123 are not, and 30 February is no day.
 */
export function dateFor(reading: Reading, field: string): string | null {
  const text = saidFor(reading, field).at(-1) ?? "";
  if (text === "") return null;
  const date = readDate(text);
  if (date !== null) return date;
  const month = /^(\d{4}-\d{2})-00$/.exec(text)?.[1];
  if (month !== undefined && ruleFor(reading, field)?.dayZero === "month") {
    tell(reading, "review", field, "day-00", text);
    return readDate(month);
  }
  tell(reading, "note", field, "unreadable-date", text);
  return null;
}

/** 2024, 2024-03, 2024-03-31 or a month's name and a year; null for everything else. */
export function readDate(text: string): string | null {
  const [, year = "", month, day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text.trim()) ?? [];
  if (year === "") return readMonth(text);
  if (year < "1900" || year > "2100") return null;
  if (month === undefined) return year;
  if (month < "01" || month > "12") return null;
  if (day === undefined) return `${year}-${month}`;
  return Number(day) >= 1 && Number(day) <= daysIn(Number(year), Number(month))
    ? `${year}-${month}-${day}`
    : null;
}

/** Whether a date names a day. */
export function isDay(date: string | null): date is string {
  return date?.length === 10;
}

/** Whether a date has come by a day, as far as it is known: this month has, next month has not. */
export function hasCome(date: string, today: string): boolean {
  return date <= today.slice(0, date.length);
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function readMonth(text: string): string | null {
  const [, name = "", year = ""] = /^(\p{L}+)\.?(?: de)? (\d{4})$/u.exec(text.trim()) ?? [];
  const month = MONTHS.get(fold(name));
  return month === undefined ? null : readDate(`${year}-${String(month).padStart(2, "0")}`);
}

/** The names of the months in the languages of the pages. */
const MONTHS: ReadonlyMap<string, number> = new Map(
  PAGE_LOCALES.flatMap((locale) => {
    const name = new Intl.DateTimeFormat(locale, { month: "long", timeZone: "UTC", calendar: "gregory" });
    return Array.from({ length: 12 }, (_, month): [string, number] => [
      fold(name.format(new Date(Date.UTC(2024, month, 1)))),
      month + 1,
    ]);
  }),
);
