import {
  RESOURCE_KINDS,
  RESOURCE_STATUSES,
  STAGES,
  type ResourceFacts,
  type Translation,
} from "../resources/resource.js";
import type { Localized } from "../listing/listing.js";
import { fold } from "../vocabulary/word.js";
import { dateFor } from "./dates.js";
import { languageOf } from "./detect.js";
import type { Naming, RowPlace, Refused, ResourceDraft } from "./draft.js";
import type { LinkRule } from "./mapping.js";
import { minutesFor } from "./minutes.js";
import { firstParagraph, plainText, shortened } from "./plain-text.js";
import {
  among,
  codeFor,
  codesFor,
  fill,
  listFor,
  partAll,
  refuse,
  ruleFor,
  saidFor,
  tell,
  textFor,
  unique,
  type Reading,
} from "./reading.js";
import { textOf, textsOf } from "./row.js";
import { cut } from "./sound-text.js";

const LONGEST_SUMMARY = 600;

/** A text of a record in one language: the row it is in, and the language that row says it is in. */
export type Version = { readonly reading: Reading; readonly language: string };

/** A resource from the row of its original and those of its translations, the original first. */
export function mapResource(
  versions: readonly [Version, ...Version[]],
  place: RowPlace,
): ResourceDraft | Refused {
  const [{ reading, language }] = versions;
  const kind = codeFor(reading, "kind", among(RESOURCE_KINDS));
  if (kind === null) return refuse(reading, place, "kind", "no-kind", saidFor(reading, "kind").join(", "));
  if (plainText(textFor(reading, "title") ?? "") === "")
    return refuse(reading, place, "title", "no-title", "");
  const own = isReally(versions[0]) ? language : "und";
  return {
    kind: "resource",
    ...place,
    facts: { ...describe(reading), kind, ...textsIn(versions, own, place.sourceId) },
    names: namesOf(versions),
    partOf: reading.mapping.partOf.flatMap((rule) => namings(reading, rule)),
    parts: reading.mapping.parts.flatMap((rule) => namings(reading, rule)),
    reasons: reading.reasons,
  };
}

type Described = Omit<ResourceFacts, "partOf" | "kind" | "title" | "summary" | "url" | "languages">;

function describe(reading: Reading): Described {
  const { specialties, regions } = reading.vocabulary;
  return {
    authors: listFor(reading, "authors").map(plainText),
    publisher: textFor(reading, "publisher"),
    published: dateFor(reading, "published"),
    license: licenseOf(reading),
    specialties: codesFor(reading, "specialties", (text) => specialties.find(text)),
    regions: codesFor(reading, "regions", (text) => regions.find(text)),
    stages: codesFor(reading, "stages", among(STAGES)),
    minutes: minutesFor(reading, "minutes"),
    materials: itemsOf(reading, "materials"),
    prerequisites: spelled(reading, "prerequisites"),
    status: codeFor(reading, "status", among(RESOURCE_STATUSES)) ?? "PUBLISHED",
  };
}

type Texts = Pick<ResourceFacts, "title" | "summary" | "url" | "languages">;

function textsIn(versions: readonly [Version, ...Version[]], own: string, id: string): Texts {
  const [original, ...others] = versions;
  const translations = others.filter(isReally);
  return {
    title: localized([[own, titleOf(original)], ...others.map((one) => titleIn(one, original))]),
    summary: emptyToNull(localized([[own, summaryOf(original.reading)], ...others.map(summaryIn)])),
    url: urlOf(original, id),
    languages: [original, ...translations].filter(isReally).map((one) => translation(one, id)),
  };
}

function translation(version: Version, id: string): Translation {
  return { language: version.language, url: urlOf(version, id), stale: false };
}

function urlOf({ reading, language }: Version, id: string): string | null {
  const template = reading.mapping.urls[language];
  return template === undefined ? null : fill(reading.row, template, id);
}

/** Whether the text one works from is in the language its folder says. A mapping without proof takes the source's word. */
function isReally({ reading, language }: Version): boolean {
  const { original, proof } = reading.mapping.language;
  if (proof.length === 0) return true;
  const text = proof.map((name) => textOf(reading.row, name)).find((said) => said !== "") ?? "";
  const found = languageOf(text, unique([original, language]));
  return found === language || (found === null && language === original);
}

/** A translated title is shown when it differs from the original and something of the text is translated too. */
function titleIn(version: Version, original: Version): readonly [string, string] {
  const title = titleOf(version);
  const differs = fold(title) !== fold(titleOf(original));
  return [version.language, differs && (isReally(version) || summaryIn(version)[1] !== "") ? title : ""];
}

/** A summary counts for itself: it can be translated where the rest is not. */
function summaryIn(version: Version): readonly [string, string] {
  const summary = summaryOf(version.reading);
  const found = languageOf(summary, unique([version.reading.mapping.language.original, version.language]));
  return [version.language, found === version.language ? summary : ""];
}

function titleOf({ reading }: Version): string {
  return plainText(textFor({ ...reading, reasons: [] }, "title") ?? "");
}

function summaryOf(reading: Reading): string {
  const [said = ""] = saidFor({ ...reading, reasons: [] }, "summary");
  const isBody = said !== "" && said === reading.row.body.trim();
  const text = isBody ? firstParagraph(said) : plainText(cut(said, 20 * LONGEST_SUMMARY));
  return shortened(text, LONGEST_SUMMARY);
}

function localized(texts: readonly (readonly [string, string])[]): Localized {
  return Object.fromEntries(texts.filter(([, text]) => text !== ""));
}

function emptyToNull(texts: Localized): Localized | null {
  return Object.keys(texts).length === 0 ? null : texts;
}

/** The licence the text names, else the one of the whole source. */
function licenseOf(reading: Reading): string | null {
  const rule = ruleFor(reading, "license");
  const texts = saidFor(reading, "license");
  const named = Object.entries(rule?.contains ?? {}).find(([words]) =>
    texts.some((text) => text.includes(words)),
  );
  return named?.[1] ?? rule?.otherwise[0] ?? null;
}

/** The items of a list, whether it is one in the source or a text with a bullet for each. */
function itemsOf(reading: Reading, field: string): readonly string[] {
  const items = listFor(reading, field).length === 0 ? [] : saidFor(reading, field).flatMap(bullets);
  return unique(items.map((item) => shortened(plainText(item), 300)).filter((item) => item !== ""));
}

function bullets(text: string): readonly string[] {
  const pieces = text.split(/^[ \t]{0,20}[-*•][ \t]+/m);
  return pieces.length === 1 ? [text] : pieces.slice(1).map((piece) => piece.split(/\n\s*\n|\n#/)[0] ?? "");
}

/** Words in the spelling of the source's own list of them, which may differ from page to page by letter case. */
function spelled(reading: Reading, field: string): readonly string[] {
  const folder = ruleFor(reading, field)?.spelling ?? null;
  const words = listFor(reading, field).map(plainText);
  if (folder === null) return words;
  const spellings = reading.spellings.get(folder);
  return unique(
    words.map((word) => {
      const spelling = spellings?.get(fold(word)) ?? null;
      if (spelling === null) tell(reading, "note", field, `not-in:${folder}`, word);
      return spelling ?? word;
    }),
  );
}

/** What the links of a source may call this record, in every version of it. */
function namesOf(versions: readonly Version[]): ResourceDraft["names"] {
  const { partOf, parts } = versions[0]?.reading.mapping ?? { partOf: [], parts: [] };
  const fields = unique([...partOf, ...parts].flatMap(({ by }) => by)).filter((name) => name !== "@id");
  return Object.fromEntries(
    fields.map((name) => [
      name,
      unique(versions.map(({ reading }) => textOf(reading.row, name)).filter((text) => text !== "")),
    ]),
  );
}

function namings(reading: Reading, rule: LinkRule): readonly Naming[] {
  const said = rule.from.flatMap((name) => textsOf(reading.row, name, rule.key));
  const texts = unique(said.flatMap((text) => partAll(text, rule.split)));
  return texts.map((text) => ({ text, by: rule.by, under: rule.under }));
}
