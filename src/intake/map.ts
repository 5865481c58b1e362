import { fold } from "../vocabulary/word.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import type { Draft, RowPlace, Refused } from "./draft.js";
import { mapOrganization } from "./map-organization.js";
import { mapPractitioner } from "./map-practitioner.js";
import { mapResource, type Version } from "./map-resource.js";
import type { Mapping } from "./mapping.js";
import { mistake } from "./mistake.js";
import { fill, refuse, tell, type Reading, type Spellings } from "./reading.js";
import { textOf, type Row } from "./row.js";
import { cut } from "./sound-text.js";
import { keyOf } from "./source-key.js";

/** What the rows of a source say in our words: a draft for each record, a refusal for each row that gives none. */
export type Mapped = {
  readonly drafts: readonly Draft[];
  readonly refused: readonly Refused[];
  /** How many files hold words of the source and not records, by folder. */
  readonly passedOver: Readonly<Record<string, number>>;
};

const LONGEST_ID = 300;
/** In bytes. A key, a reason that names another record and an original stand together in an index with room for some 2,700. */
const LONGEST_KEY = 600;

/** Turns rows into drafts: those of one record's translations together, every other row alone. `today` is the latest day that has begun. */
export function mapRows(
  rows: readonly Row[],
  mapping: Mapping,
  vocabulary: Vocabulary,
  today: string,
): Mapped {
  const words = rows.filter((row) => isWordList(row, mapping));
  const records = rows.filter((row) => !isWordList(row, mapping));
  const spellings = readSpellings(words, mapping);
  const read = (row: Row): Reading => ({ row, mapping, vocabulary, spellings, today, reasons: [] });
  const groups = groupById(records, mapping);
  const mapped = [...groups.values()].flatMap((group) => mapGroup(group.map(read)));
  return {
    drafts: mapped.filter((one): one is Draft => one.kind !== "refused"),
    refused: mapped.filter((one): one is Refused => one.kind === "refused"),
    passedOver: countBy(words.map((row) => textOf(row, "@folder"))),
  };
}

/** Refuses files that lack a column the mapping reads: what is missing there is not "nobody has said". */
export function checkColumns(rows: readonly Row[], mapping: Mapping): void {
  const [row] = rows;
  if (mapping.format !== "csv" || row === undefined) return;
  const read = [...namesIn(mapping.id), ...Object.values(mapping.fields).flatMap(({ from }) => from)];
  const missing = read.filter((name) => !/^[@#]/.test(name) && !row.fields.has(name));
  if (missing.length === 0) return;
  throw mistake(
    `${row.file} has no column ${[...new Set(missing)].join(", ")}, which the mapping ${mapping.source} reads; it has ${[...row.fields.keys()].join(", ")}.`,
  );
}

/** The fields of the source that no part of the mapping names, nor leaves out on purpose. */
export function unreadFields(rows: readonly Row[], mapping: Mapping): readonly string[] {
  const links = [...mapping.partOf, ...mapping.parts];
  const read = new Set([
    ...mapping.ignored,
    ...namesIn(mapping.id),
    ...Object.values(mapping.fields).flatMap(({ from }) => from),
    ...links.flatMap(({ from, by }) => [...from, ...by]),
    ...mapping.language.proof,
  ]);
  const present = new Set(rows.flatMap((row) => [...row.fields.keys()]));
  return [...present].filter((name) => !read.has(name)).sort();
}

function namesIn(template: string): readonly string[] {
  return [...template.matchAll(/\{([^{}]+)\}/g)].map(([, name = ""]) => name);
}

function isWordList(row: Row, mapping: Mapping): boolean {
  return mapping.passOver.includes(textOf(row, "@folder"));
}

/** The titles of a word list in the spelling of the original language; translations join by the name of their file. */
function readSpellings(rows: readonly Row[], mapping: Mapping): Spellings {
  const originals = new Map(
    rows
      .filter((row) => languageIn(row, mapping) === mapping.language.original)
      .map((row) => [listKey(row), textOf(row, "title")]),
  );
  const spellings = new Map<string, Map<string, string | null>>();
  for (const row of rows) {
    const spelling = originals.get(listKey(row)) ?? textOf(row, "title");
    const list = spellings.get(textOf(row, "@folder")) ?? new Map<string, string | null>();
    const key = fold(textOf(row, "title"));
    list.set(key, list.has(key) && list.get(key) !== spelling ? null : spelling);
    spellings.set(textOf(row, "@folder"), list);
  }
  return spellings;
}

function listKey(row: Row): string {
  return `${textOf(row, "@folder")}/${textOf(row, "@file")}`;
}

function languageIn(row: Row, mapping: Mapping): string {
  const { original, folder } = mapping.language;
  return folder === null ? original : textOf(row, folder);
}

/** In a source by languages the rows of one id are versions of one record; elsewhere each row stands alone. */
function groupById(rows: readonly Row[], mapping: Mapping): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const [position, row] of rows.entries()) {
    const isVersion = mapping.language.folder !== null && row.trouble === null;
    const key = isVersion ? sourceIdOf(row, mapping) : `row ${position}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

function sourceIdOf(row: Row, mapping: Mapping): string {
  return cut(fill(row, mapping.id), 2 * LONGEST_ID)
    .trim()
    .replace(/^\/+|\/+$/g, "");
}

function mapGroup(readings: readonly Reading[]): readonly (Draft | Refused)[] {
  const [first] = readings;
  if (first === undefined) return [];
  const { row, mapping } = first;
  const place = placeOf(row, mapping);
  // A line too short for its record may still say which record it was.
  if (row.trouble !== null) return [refuse(first, place, "", row.trouble.reason, row.trouble.original)];
  if (place.key === "") return [refuse(first, place, "id", "no-id", "")];
  if (isTooLong(place)) return [refuse(first, place, "id", "id-too-long", place.sourceId)];
  tellRepeated(first);
  if (mapping.kind === "practitioner") return [mapPractitioner(first, place)];
  if (mapping.kind === "organization") return [mapOrganization(first, place)];
  return [mapResource(versionsOf(first, readings), place)];
}

function placeOf(row: Row, mapping: Mapping): RowPlace {
  const sourceId = sourceIdOf(row, mapping);
  return { sourceId, key: keyOf(sourceId), file: row.file, line: row.line };
}

/** Folding can make one sign into eighteen. */
function isTooLong({ sourceId, key }: RowPlace): boolean {
  return sourceId.length > LONGEST_ID || Buffer.byteLength(key) > LONGEST_KEY;
}

function versionsOf(first: Reading, readings: readonly Reading[]): readonly [Version, ...Version[]] {
  const { original } = first.mapping.language;
  const versions = readings.map((reading) => ({
    reading,
    language: languageIn(reading.row, reading.mapping),
  }));
  const own = versions.find(({ language }) => language === original) ?? {
    reading: first,
    language: languageIn(first.row, first.mapping),
  };
  return [own, ...versions.filter(({ reading }) => reading !== own.reading)];
}

/** Two different texts under one name: the later one holds, and somebody should know. */
function tellRepeated(reading: Reading): void {
  for (const [name, values] of reading.row.fields) {
    const texts = values.filter((value): value is string => typeof value === "string" && value.trim() !== "");
    if (new Set(texts).size > 1) tell(reading, "note", name, "said-twice", texts.join(" | "));
  }
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
