import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { PROFICIENCIES } from "../listing/tag.js";
import { fold } from "../vocabulary/word.js";
import { mistake } from "./mistake.js";

/** The fields a mapping can fill, by kind of record. */
const FILLED = {
  practitioner: [
    "alias",
    "regions",
    "languages",
    "specialties",
    "seeks",
    "formats",
    "delivery",
    "level",
    "communities",
    "cost",
    "offersFollowUp",
    "coFacilitates",
    "organizations",
    "contact",
    "visibility",
    "consent",
    "consentOn",
    "verified",
    "vouchers",
  ],
  organization: [
    "name",
    "summary",
    "roles",
    "specialties",
    "languages",
    "regions",
    "acceptsUrgentRequests",
    "website",
    "contact",
  ],
  resource: [
    "kind",
    "title",
    "summary",
    "authors",
    "publisher",
    "published",
    "license",
    "specialties",
    "regions",
    "stages",
    "minutes",
    "materials",
    "prerequisites",
    "status",
  ],
} as const;

const word = z.union([
  z.array(z.string()).transform((codes) => ({ codes, review: null })),
  z.strictObject({ codes: z.array(z.string()).default([]), review: z.string() }),
]);

const texts = z
  .union([z.string(), z.array(z.string())])
  .transform((one) => (typeof one === "string" ? [one] : one));

const rule = z.strictObject({
  /** Where the source says it: the first of these fields that says anything. See `valuesOf` for names with @ and #. */
  from: texts.default([]),
  /** Take what all of the fields say, not only the first. */
  every: z.boolean().default(false),
  /** What holds when the source says nothing. */
  otherwise: texts.default([]),
  /** What parts the values of a text, strongest first. */
  split: z.array(z.string()).default([]),
  /** What words of the source mean: our codes, or a question for a person, or both. */
  words: z
    .record(z.string(), word)
    .default({})
    .transform((words) => new Map(Object.entries(words).map(([text, meant]) => [fold(text), meant]))),
  /** A text that contains this says that. */
  contains: z.record(z.string(), z.string()).default({}),
  /** What becomes of a word that nobody knows. */
  unknown: z.enum(["review", "note", "ignore"]).default("review"),
  /** The question to ask when the source says nothing. */
  whenEmpty: z.string().nullable().default(null),
  /** Whether remarks in parentheses belong to the word. */
  remarks: z.enum(["keep", "drop"]).default("keep"),
  /** What a date with day 00 is: a month, with a question, or nothing. */
  dayZero: z.enum(["month", "nothing"]).default("nothing"),
  /** Whether to tell when a field after the first had to do. */
  tellFallback: z.boolean().default(false),
  /** The folder whose titles say how a word is spelled. */
  spelling: z.string().nullable().default(null),
});

const link = z.strictObject({
  from: texts,
  split: z.array(z.string()).default([]),
  /** The part of an item that names the other record. */
  key: z.string().nullable().default(null),
  /** What it is named by: `@id`, or fields of the other record; the first is its proper name. */
  by: z.array(z.string()).min(1),
  /** What the ids of those it can mean begin with. */
  under: z.string().default(""),
});

const mapping = z.strictObject({
  source: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "is lower-case words joined by hyphens"),
  about: z.string(),
  kind: z.enum(["practitioner", "organization", "resource"]),
  format: z.enum(["csv", "markdown"]),
  /** The source's own id of a record, such as {handle} or {@folder}/{@file}. */
  id: z.string().min(1),
  fields: z.record(z.string(), rule),
  /** Fields that are read on purpose by nobody. */
  ignored: z.array(z.string()).default([]),
  /** Folders that hold words and not records. */
  passOver: z.array(z.string()).default([]),
  /** How well somebody speaks a language when the source only names it. */
  languageLevel: z.enum(PROFICIENCIES).default("WORKING"),
  /** Whether a consent whose date cannot be read still lets an entry be public. */
  consentNeedsDate: z.boolean().default(false),
  /** The language of the texts; of files in folders by language, which folder, and the fields that prove it. */
  language: z
    .strictObject({
      original: z.string(),
      folder: z.enum(["@folder", "@above"]).nullable().default(null),
      proof: z.array(z.string()).default([]),
    })
    .default({ original: "und", folder: null, proof: [] }),
  /** The address of a record by language, such as https://example.org/{@id}/. */
  urls: z.record(z.string(), z.string()).default({}),
  partOf: z.array(link).default([]),
  parts: z.array(link).default([]),
});

/** How the records of one source are read: which of its fields fill which of ours, and what its words mean. */
export type Mapping = z.output<typeof mapping>;
/** How one field of ours is filled. */
export type Rule = z.output<typeof rule>;
/** How a record of the source names another. */
export type LinkRule = z.output<typeof link>;

/** The mapping of this name in `seeds/mappings`, or in the file at this path. */
export function readMapping(nameOrPath: string): Mapping {
  const file = isPath(nameOrPath) ? nameOrPath : join(mappingsFolder(), `${nameOrPath}.json`);
  if (!existsSync(file)) throw mistake(unknownMapping(nameOrPath));
  return parseMapping(nameOrPath, readJson(nameOrPath, file));
}

/** A mapping from JSON; every mistake is one sentence that says where it is. */
export function parseMapping(name: string, json: unknown): Mapping {
  const parsed = mapping.safeParse(json);
  if (!parsed.success) throw mistake(`The mapping ${name} cannot be used: ${mistakes(parsed.error)}.`);
  refuseUnknownFields(name, parsed.data);
  return parsed.data;
}

function refuseUnknownFields(name: string, { kind, fields }: Mapping): void {
  const filled: readonly string[] = FILLED[kind];
  const unknown = Object.keys(fields).find((field) => !filled.includes(field));
  if (unknown === undefined) return;
  throw mistake(
    `The mapping ${name} fills "${unknown}", which no ${kind} has; it may fill ${filled.join(", ")}.`,
  );
}

function mistakes(error: z.ZodError): string {
  const [first, ...more] = error.issues;
  const where =
    first === undefined || first.path.length === 0 ? "the file" : first.path.map(String).join(".");
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  return `${where}: ${first?.message ?? "unknown"}${others}`;
}

function readJson(name: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw mistake(`The mapping ${name} is not readable JSON (${file}).`);
  }
}

function isPath(text: string): boolean {
  return text.endsWith(".json") || /[\\/]/.test(text);
}

function unknownMapping(name: string): string {
  if (isPath(name)) return `There is no mapping file ${name}.`;
  const known = readdirSync(mappingsFolder()).filter((file) => file.endsWith(".json"));
  const names = known.map((file) => parse(file).name).sort();
  return `There is no mapping "${name}"; there are ${names.join(", ")}, or name a file of your own.`;
}

/** Beside package.json, whether this file runs from `src` or from `dist/src`. */
function mappingsFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const above = dirname(folder);
    if (above === folder) throw mistake("The folder with package.json and seeds/ is missing.");
    folder = above;
  }
  return join(folder, "seeds", "mappings");
}
