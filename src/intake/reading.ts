import { fold } from "../vocabulary/word.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { cut } from "./sound-text.js";
import type { RowPlace, Reason, Refused } from "./draft.js";
import type { Mapping, Rule } from "./mapping.js";
import { everyTextOf, textOf, textsOf, type Row } from "./row.js";

/** One row being read. `reasons` gathers what could not be said with certainty. */
export type Reading = {
  readonly row: Row;
  readonly mapping: Mapping;
  readonly vocabulary: Vocabulary;
  /** How words are spelled, by the folder that lists them. */
  readonly spellings: Spellings;
  readonly reasons: Reason[];
  /** The latest day that has begun anywhere; what is later has not happened. */
  readonly today: string;
};

/** By folder, then by folded word; null where two words fold alike and mean different things. */
export type Spellings = ReadonlyMap<string, ReadonlyMap<string, string | null>>;

/** PostgreSQL keeps the original in an index, which has room for some 2,700 bytes. */
export const LONGEST_ORIGINAL = 400;

/** Adds a reason to what is told of the row. */
export function tell(
  reading: Reading,
  weight: Reason["weight"],
  field: string,
  reason: string,
  original: string,
): void {
  reading.reasons.push({ weight, field, reason, original: cut(original, LONGEST_ORIGINAL) });
}

/** A row of which nothing can be made, with why. */
export function refuse(
  reading: Reading,
  place: RowPlace,
  field: string,
  reason: string,
  original: string,
): Refused {
  tell(reading, "refusal", field, reason, original);
  return { kind: "refused", ...place, reasons: reading.reasons };
}

/** What the row says for a field of ours, by the first source field that says anything. */
export function saidFor(reading: Reading, field: string): readonly string[] {
  const rule = ruleFor(reading, field);
  if (rule === null) return [];
  if (rule.every) return rule.from.flatMap((name) => textsOf(reading.row, name, null));
  for (const [position, name] of rule.from.entries()) {
    const texts = textsOf(reading.row, name, null);
    if (texts.length === 0) continue;
    if (position > 0 && rule.tellFallback)
      tell(reading, "note", field, `taken-from:${name}`, texts.join("; "));
    return texts;
  }
  return [];
}

/** All that the row says for a field by the first source field that says anything, none of it corrected by what comes later. */
export function everySaidFor(reading: Reading, field: string): readonly string[] {
  const rule = ruleFor(reading, field);
  const said = rule?.from.map((name) => everyTextOf(reading.row, name)) ?? [];
  return rule?.every === true ? said.flat() : (said.find((texts) => texts.length > 0) ?? []);
}

/** One text without control characters; what the mapping says otherwise when there is none. */
export function textFor(reading: Reading, field: string): string | null {
  const text = oneLine(saidFor(reading, field).at(-1) ?? "");
  return text === "" ? (ruleFor(reading, field)?.otherwise[0] ?? null) : text;
}

/** The texts of a list, parted by the rule's separators. */
export function listFor(reading: Reading, field: string): readonly string[] {
  const rule = ruleFor(reading, field);
  if (rule === null) return [];
  const items = saidFor(reading, field).flatMap((text) => partAll(text, rule.split));
  const kept = items.filter((item) => rule.words.get(fold(item))?.codes.length !== 0);
  return unique(kept.length === 0 ? rule.otherwise : kept.map(oneLine));
}

/** The codes that the words of a field stand for; what nobody knows is a question and no code. */
export function codesFor<Code extends string>(
  reading: Reading,
  field: string,
  find: (text: string) => Code | null,
): readonly Code[] {
  const rule = ruleFor(reading, field);
  if (rule === null) return [];
  const texts = saidFor(reading, field);
  if (texts.length === 0 && rule.whenEmpty !== null) tell(reading, "review", field, rule.whenEmpty, "");
  const meant = texts.flatMap((text) => meaningOf(reading, field, rule, find, text));
  return unique(
    texts.length === 0 || meant.length === 0 ? [...meant, ...known(rule.otherwise, find)] : meant,
  );
}

/** The only code of a field; null when there is none, or when there are several to choose from. */
export function codeFor<Code extends string>(
  reading: Reading,
  field: string,
  find: (text: string) => Code | null,
): Code | null {
  const [code, another] = codesFor(reading, field, find);
  if (code === undefined || another === undefined) return code ?? null;
  tell(reading, "review", field, "several", saidFor(reading, field).join("; "));
  return null;
}

/**
 * The code of a field that decides who sees a person: only where all that is said under it is understood and means one thing.
 * A row that contradicts itself is asked, and null until then.
 */
export function agreedFor<Code extends string>(
  reading: Reading,
  field: string,
  find: (text: string) => Code | null,
): Code | null {
  const rule = ruleFor(reading, field);
  const texts = everySaidFor(reading, field);
  if (rule === null || texts.length === 0) return codeFor(reading, field, find);
  const meant = texts.map((text) => meaningOf(reading, field, rule, find, text));
  const [code, another] = unique(meant.flat());
  if (another !== undefined) tell(reading, "review", field, CONTRADICTS_ITSELF, texts.join(" | "));
  return another === undefined && meant.every(({ length }) => length > 0) ? (code ?? null) : null;
}

/** The question that a row asks which says two things of one matter. */
export const CONTRADICTS_ITSELF = "contradicts-itself";

/** Yes, no, or nobody has said. */
export function yesOrNo(reading: Reading, field: string): boolean | null {
  const code = codeFor(reading, field, among(["yes", "no"]));
  return code === null ? null : code === "yes";
}

/** Finds a code of a closed list by its own name: "national team" is NATIONAL_TEAM. */
export function among<Code extends string>(codes: readonly Code[]): (text: string) => Code | null {
  return (text) =>
    codes.find((code) => fold(code.replaceAll("_", " ")) === fold(text.replaceAll("_", " "))) ?? null;
}

/** How the mapping fills a field of ours; null when it does not. */
export function ruleFor(reading: Reading, field: string): Rule | null {
  return reading.mapping.fields[field] ?? null;
}

/** The parts of a text at the first of these separators that stands in it; null when there is none. */
function partsOf(text: string, separators: readonly string[]): readonly string[] | null {
  const separator = separators.find((one) => text.includes(one));
  if (separator === undefined) return null;
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** The parts of a text at all of the separators. */
export function partAll(text: string, separators: readonly string[]): readonly string[] {
  const parts = partsOf(text, separators);
  return parts === null
    ? [text.trim()].filter((part) => part !== "")
    : parts.flatMap((part) => partAll(part, separators));
}

/** A template such as {@folder}/{@file}, filled from the row. */
export function fill(row: Row, template: string, id = ""): string {
  return template.replace(/\{([^{}]+)\}/g, (_, name: string) => (name === "@id" ? id : textOf(row, name)));
}

/** On one line, without control characters and the marks that turn text around. */
function oneLine(text: string): string {
  return text
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
}

/** Each item once, in the order of their first appearance. */
export function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}

function meaningOf<Code extends string>(
  reading: Reading,
  field: string,
  rule: Rule,
  find: (text: string) => Code | null,
  text: string,
): readonly Code[] {
  return meaningOfPhrase(reading, field, rule, find, withoutRemarks(reading, field, rule, text));
}

/** A whole phrase counts before its parts: "Eastern Europe & Central Asia" is one thing, "DRC & Burundi" are two. */
function meaningOfPhrase<Code extends string>(
  reading: Reading,
  field: string,
  rule: Rule,
  find: (text: string) => Code | null,
  text: string,
): readonly Code[] {
  const word = rule.words.get(fold(text));
  if (word !== undefined) {
    if (word.review !== null) tell(reading, "review", field, word.review, text);
    return known(word.codes, find);
  }
  const found = find(text);
  if (found !== null) return [found];
  const parts = partsOf(text, rule.split);
  if (parts !== null) return parts.flatMap((part) => meaningOfPhrase(reading, field, rule, find, part));
  if (rule.unknown !== "ignore")
    tell(reading, rule.unknown, field, `unknown-${UNKNOWN[field] ?? field}`, text);
  return [];
}

const UNKNOWN: Readonly<Record<string, string>> = {
  specialties: "specialty",
  seeks: "specialty",
  languages: "language",
  regions: "region",
  stages: "stage",
  roles: "role",
  formats: "format",
  communities: "community",
};

/** A code of a mapping that the vocabulary does not have is the mapping's mistake, and the codes beside it still hold. */
function known<Code extends string>(
  codes: readonly string[],
  find: (text: string) => Code | null,
): readonly Code[] {
  return codes.map((code) => find(code)).filter((code) => code !== null);
}

function withoutRemarks(reading: Reading, field: string, rule: Rule, text: string): string {
  if (rule.remarks === "keep" || !text.includes("(")) return text;
  tell(reading, "note", field, "remark-left-out", text);
  return withoutParentheses(text);
}

function withoutParentheses(text: string): string {
  let depth = 0;
  const outside = Array.from(text).filter((sign) => {
    if (sign === "(") depth += 1;
    const shown = depth === 0;
    if (sign === ")") depth = Math.max(0, depth - 1);
    return shown;
  });
  return outside.join("").trim();
}
