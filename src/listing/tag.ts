/**
 * What a listing can be found by: codes on axes, each with a mark that says what is known about it.
 * A record's room writes tags from what one audience sees; the index of that audience reads them.
 */
export type Axis =
  | "specialty"
  | "region"
  | "language"
  | "format"
  | "delivery"
  | "level"
  | "community"
  | "followUp"
  | "coFacilitates"
  | "availability"
  | "availableFrom"
  | "availableUntil"
  | "cost"
  | "organization"
  | "resource"
  | "seeks"
  | "vouches"
  | "role"
  | "urgent"
  | "kind"
  | "stage"
  | "status"
  | "license"
  | "partOf"
  | "verified"
  | "minutes";

/** `mark` is 0 to 255; its meaning belongs to the axis: see `skillMark`, `languageMark`, `workMark`. */
export type Tag = { readonly axis: Axis; readonly code: string; readonly mark: number };

export function tag(axis: Axis, code: string | number | boolean, mark = 0): Tag {
  return { axis, code: String(code), mark };
}

/** Codes hold no space and no "=", so one line of text is enough to store them all. `languagesOfOwn` reads it in SQL. */
export function writeTags(tags: readonly Tag[]): string {
  const lines = tags.map(({ axis, code, mark }) => `${axis}:${code}${mark === 0 ? "" : `=${mark}`}`);
  return [...new Set(lines)].sort().join(" ");
}

export function readTag(text: string): Tag {
  const colon = text.indexOf(":");
  const equals = text.lastIndexOf("=");
  const code = text.slice(colon + 1, equals < 0 ? undefined : equals);
  return { axis: text.slice(0, colon) as Axis, code, mark: equals < 0 ? 0 : Number(text.slice(equals + 1)) };
}

export const DEPTHS = ["INTRODUCTORY", "PRACTISED", "EXPERT"] as const;
export const PROFICIENCIES = ["BASIC", "WORKING", "FLUENT", "NATIVE"] as const;
export const LANGUAGE_USES = ["FACILITATE", "SUPPORT", "WRITE", "INTERPRET"] as const;
export const WORK_RELATIONS = ["BASED_IN", "WORKS_IN", "TRAVELS_TO", "REMOTE_TO"] as const;
export type Depth = (typeof DEPTHS)[number];
export type Proficiency = (typeof PROFICIENCIES)[number];
export type LanguageUse = (typeof LANGUAGE_USES)[number];
export type WorkRelation = (typeof WORK_RELATIONS)[number];

/** 0 when the depth is not known, else 1 to 3. */
export function skillMark(depth: Depth | null): number {
  return depth === null ? 0 : DEPTHS.indexOf(depth) + 1;
}

/** Level 1 to 4 in the low three bits, one bit for each use above them. */
export function languageMark(level: Proficiency, use: readonly LanguageUse[]): number {
  const uses = use.reduce((bits, one) => bits | (8 << LANGUAGE_USES.indexOf(one)), 0);
  return (PROFICIENCIES.indexOf(level) + 1) | uses;
}

/** One bit for each relation. */
export function workMark(relation: WorkRelation): number {
  return 1 << WORK_RELATIONS.indexOf(relation);
}
