import type { MinutesRange } from "../resources/resource.js";
import { saidFor, tell, type Reading } from "./reading.js";

/** How long it takes: "30-45 minutes", "120+ minutes", "1.5 hours", or a bare number of minutes; what cannot be read is a question. */
export function minutesFor(reading: Reading, field: string): MinutesRange | null {
  const text = saidFor(reading, field).at(-1) ?? "";
  if (text === "") return null;
  const minutes = readMinutes(text);
  if (minutes === null) tell(reading, "review", field, "unreadable-duration", text);
  return minutes;
}

/** Minutes as a range; null for what is no duration. */
export function readMinutes(text: string): MinutesRange | null {
  const plain = text.trim().toLowerCase().replaceAll("–", "-").replaceAll(",", ".");
  return readMixed(plain) ?? readRange(plain);
}

const NUMBER = String.raw`(\d{1,4}(?:\.\d{1,2})?)`;
const MINUTES = String.raw`(?:minutes?|mins?\.?|m)`;
const HOURS = String.raw`(?:hours?|hrs?\.?|h)`;
const RANGE = new RegExp(`^${NUMBER}\\s*(?:(?:-|to)\\s*${NUMBER}|(\\+))?\\s*(${MINUTES}|${HOURS})?$`);
const MIXED = new RegExp(`^${NUMBER}\\s*${HOURS}\\s*(?:and\\s*)?${NUMBER}\\s*${MINUTES}$`);

/** "1 hour 30 minutes" */
function readMixed(text: string): MinutesRange | null {
  const [, hours, minutes] = MIXED.exec(text) ?? [];
  return hours === undefined ? null : range(Number(hours) * 60 + Number(minutes), null, false);
}

function readRange(text: string): MinutesRange | null {
  const [, from, to, open, unit = "minutes"] = RANGE.exec(text) ?? [];
  if (from === undefined) return null;
  const length = unit.startsWith("h") ? 60 : 1;
  return range(Number(from) * length, to === undefined ? null : Number(to) * length, open !== undefined);
}

/** A single number is both ends; with a plus sign the far end is open. */
function range(from: number, to: number | null, open: boolean): MinutesRange | null {
  const min = Math.round(from);
  const max = open ? null : Math.round(to ?? from);
  return min === 0 || (max !== null && max < min) ? null : { min, max };
}
