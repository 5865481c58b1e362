import { badInput } from "../errors.js";
import { parseLanguage } from "../vocabulary/language.js";
import type { ContactKind, ContactPoint } from "./contact-point.js";
import type { Localized } from "./listing.js";

/**
 * What people tell of a record, checked at the door: texts that can be kept and shown, addresses that lead somewhere, lists of a
 * reasonable length. Refusals name the place and what is possible, and never repeat what was told.
 */

/** Where in the input something stands. */
export type Path = readonly (string | number)[];

/** A text in one language, as it is told. */
export type ToldText = { readonly in: string; readonly text: string };
export type ToldContact = {
  readonly kind: ContactKind;
  readonly value: string;
  readonly note?: string | null;
};

/** What a field holds after it was told: left out, it stays; null makes it empty. */
export function change<T, U>(held: U, empty: U, told: T | null | undefined, read: (told: T) => U): U {
  if (told === undefined) return held;
  return told === null ? empty : read(told);
}

/** A day on which something was confirmed: it is not in the future. */
export function dayThatCame(told: string, today: string, path: Path): string {
  if (told > today) throw badInput("This takes a day that has come.", path);
  return told;
}

/** The most items a list takes. */
export const MOST_ITEMS = 50;

/** A text on one line, at most this many characters long. */
export function line(told: string, most: number, path: Path): string {
  const text = told.normalize("NFC").trim();
  if (UNFIT.test(text) || /[\n\t]/.test(text))
    throw badInput("This takes text on one line, without control characters.", path);
  return fitting(text, most, path);
}

/** Running text with line breaks, at most this many characters long. */
export function prose(told: string, most: number, path: Path): string {
  const text = told.replaceAll("\r\n", "\n").normalize("NFC").trim();
  if (UNFIT.test(text)) throw badInput("This takes text without control characters.", path);
  return fitting(text, most, path);
}

/** One text a language; null when there is none at all. */
export function texts(told: readonly ToldText[], most: number, path: Path): Localized | null {
  const entries = list(told, path).map(({ in: language, text }, position): [string, string] => [
    parseLanguage(language, [...path, position, "in"]),
    prose(text, most, [...path, position, "text"]),
  ]);
  refuseTwins(
    entries.map(([language]) => language),
    path,
  );
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** A list that is not too long. */
export function list<T>(told: readonly T[], path: Path): readonly T[] {
  if (told.length <= MOST_ITEMS) return told;
  throw badInput(`This takes at most ${MOST_ITEMS} items.`, path);
}

/** Codes as the vocabulary has them, each once. */
export function codes<Code extends string>(
  told: readonly string[],
  parse: (text: string, path: Path) => Code,
  path: Path,
): readonly Code[] {
  return [...new Set(list(told, path).map((text, position) => parse(text, [...path, position])))];
}

/** Refuses a list in which one thing stands twice: which of the two was meant? */
export function refuseTwins(names: readonly string[], path: Path): void {
  const twin = names.findIndex((name, position) => names.indexOf(name) !== position);
  if (twin >= 0) throw badInput("This is in the list twice; name it once.", [...path, twin]);
}

/** An address on the web: http or https, with a host and without a password. */
export function webAddress(told: string, path: Path): string {
  const text = line(told, 1000, path);
  const url = /^https?:\/\/\S+$/i.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username !== "" || url.password !== "")
    throw badInput("This takes a web address such as https://example.org, without a password.", path);
  return text;
}

export function contactPoints(told: readonly ToldContact[], path: Path): readonly ContactPoint[] {
  const points = list(told, path).map((one, position) => contactPoint(one, [...path, position]));
  refuseTwins(points.map(contactCode), path);
  return points;
}

/** What tells one contact point from another. */
export function contactCode({ kind, value }: ContactPoint): string {
  return `${kind} ${value}`;
}

function contactPoint({ kind, value, note = null }: ToldContact, path: Path): ContactPoint {
  const said =
    kind === "PGP" ? prose(value, 12_000, [...path, "value"]) : line(value, 500, [...path, "value"]);
  if (!FORMS[kind].form.test(said))
    throw badInput(`For ${kind} this takes ${FORMS[kind].wanted}.`, [...path, "value"]);
  const kept = kind === "WEBSITE" ? webAddress(said, [...path, "value"]) : said;
  return { kind, value: kept, note: note === null ? null : line(note, 200, [...path, "note"]) };
}

const PHONE = "\\+?\\d[\\d ().-]{3,28}\\d";
const FORMS: Readonly<Record<ContactKind, { readonly form: RegExp; readonly wanted: string }>> = {
  EMAIL: {
    form: /^[^\s@<>()[\],;:"\\]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u,
    wanted: "an e-mail address",
  },
  SIGNAL: {
    form: new RegExp(`^(?:${PHONE}|[A-Za-z_]\\w{2,31}\\.\\d{2,9}|https://signal\\.(?:me|group)/\\S+)$`),
    wanted: "a telephone number, a Signal name such as name.01 or a signal.me link",
  },
  PGP: {
    form: /^(?:(?:0x)?(?:[0-9A-F]\s*){40}|(?:0x)?(?:[0-9A-F]\s*){64}|-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]+-----END PGP PUBLIC KEY BLOCK-----)$/i,
    wanted: "a fingerprint of 40 or 64 hexadecimal digits, or a public key block",
  },
  PHONE: { form: new RegExp(`^${PHONE}$`), wanted: "a telephone number" },
  WEBSITE: { form: /^https?:\/\//i, wanted: "a web address that starts with http or https" },
  OTHER: { form: /./, wanted: "a text" },
};

/** What cannot be kept or shown: control characters, halves of signs, marks that turn the reading direction around. */
const UNFIT = /[\0-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\p{Cs}]/u;
/** Letters, numbers, punctuation or symbols: something to see. */
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

function fitting(text: string, most: number, path: Path): string {
  if (!VISIBLE.test(text)) throw badInput("This takes a text that is not empty.", path);
  if (text.length > most) throw badInput(`This takes at most ${most} characters.`, path);
  return text;
}
