import { badInput } from "../errors.js";
import type { ListedAudience } from "../visibility/audience.js";
import { inLocale } from "../vocabulary/locale.js";
import { fold, words } from "../vocabulary/word.js";
import type { Lease } from "./standing.js";

/** The kinds of record the directory lists. */
export const LISTED_KINDS = ["practitioner", "organization", "resource"] as const;
export type ListedKind = (typeof LISTED_KINDS)[number];

/**
 * What one audience sees of one record: `doc` is the listing itself as JSON text, `name` what it is sorted by,
 * `tags` and `words` what it is found by. Nothing that the audience may not see is in any of them.
 */
export type Listing = {
  readonly audience: ListedAudience;
  readonly name: string;
  readonly doc: string;
  readonly tags: string;
  readonly words: string;
};

/** A listing before it is said whose it is. */
export type WrittenListing = Omit<Listing, "audience">;

/** A record and all its listings; an audience without one sees nothing, and an empty list withdraws the record. */
export type ListedRecord = {
  readonly kind: ListedKind;
  readonly id: string;
  readonly listings: readonly Listing[];
};

/** A peer's record, and for how long it may be shown. */
export type LeasedRecord = ListedRecord & Lease;

/**
 * What every listing tells, whatever its kind. `verified` is the day somebody last confirmed the record; null when nobody has.
 * `expires` is never kept: a peer's record has it when it is read, the day on which this copy stops being shown.
 */
export type ListedDoc = {
  readonly id: string;
  readonly network: string;
  readonly verified: string | null;
  readonly expires?: string;
};

/** A text in one or more languages, by BCP 47 tag; "und" where the language is not known. */
export type Localized = Readonly<Record<string, string>>;

/** The listing as JSON text with its keys in order, so that what is the same is the same text whichever way it was read. */
export function writeDoc(listing: ListedDoc): string {
  return JSON.stringify(listing, (_, value: unknown) => (isPlain(value) ? inKeyOrder(value) : value));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function inKeyOrder(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** A name as it is sorted: folded, so that Álamo stands beside Alamo. */
export function writeName(name: string): string {
  return fold(name).trim();
}

/** Words to search by: those of names before the bar, those of running text behind it. */
export function writeWords(names: readonly string[], texts: readonly string[]): string {
  const inNames = new Set(names.flatMap(words));
  const inTexts = new Set(texts.flatMap(words));
  return `${[...inNames].sort().join(" ")}|${[...inTexts].sort().join(" ")}`;
}

/** Whether a text has the form of a record's id, a UUID (RFC 9562). */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** The id in its one form, in small letters; BAD_USER_INPUT at `path` for a text that can be no id. */
export function parseId(text: string, path: readonly (string | number)[]): string {
  if (isId(text)) return text.toLowerCase();
  throw badInput("An id is a UUID, as the node gave it.", path);
}

/** The text in the wanted language or the nearest to it, else in English, else in whichever there is; null when there is none. */
export function inLanguage(text: Localized | null, wanted: string | null): string | null {
  return text === null ? null : inLocale(text, wanted ?? "en");
}
