import { z } from "zod";
import type { ListedKind } from "../listing/listing.js";
import type { Elsewhere } from "../practitioners/practitioner.js";

/**
 * What a record says on its way between nodes. This is the list of all that may leave: what is not named here does not, whatever a
 * listing comes to hold. Contact points are not here; who wants to reach somebody asks their own network. Left out means nothing
 * is said. Names follow the GraphQL contract; types are those of schema.org.
 */

/** What a record is called on the wire (schema.org). */
export const WIRE_TYPES = {
  practitioner: "Person",
  organization: "Organization",
  resource: "LearningResource",
} as const satisfies Readonly<Record<ListedKind, string>>;
export type WireType = (typeof WIRE_TYPES)[ListedKind];

/** The largest record, in bytes of its signed text; and how deep it may be nested. */
export const LARGEST_RECORD = 16 * 1024;
const DEEPEST = 8;

/** An SPDX identifier. */
export const LICENSE = /^[A-Za-z0-9.+-]{1,100}$/;

const text = (longest: number) => z.string().min(1).max(longest);
const line = text(300);
const code = text(100);
const listOf = <T extends z.ZodType>(item: T) => z.array(item).max(300).default([]);
const day = z.iso.date();
const id = z.uuid();
/** A text in some languages, by BCP 47 tag. */
const localized = z.record(z.string().min(2).max(35), text(6000));
const license = z.string().regex(LICENSE);
/** No address that is read without encryption: the reader's network would see what is read. */
const link = z.url({ protocol: /^https$/ }).max(1000);
/** A word of one network's own comes with wider ones that every node knows. */
const broader = z.array(code).max(300).optional();

export const personShape = z.object({
  alias: line,
  about: localized.optional(),
  pronouns: line.optional(),
  specialties: listOf(z.object({ specialty: code, depth: code.optional() })),
  languages: listOf(z.object({ language: code, level: code, use: listOf(code) })),
  regions: listOf(z.object({ region: code, relation: code, broader })),
  formats: listOf(code),
  delivery: listOf(code),
  level: code.optional(),
  communities: listOf(code),
  offersFollowUp: z.boolean().optional(),
  coFacilitates: z.boolean().optional(),
  availability: z.object({ status: code, from: day.optional(), until: day.optional(), asOf: day }).optional(),
  cost: code.optional(),
  organizations: listOf(id),
  resources: listOf(id),
  seeks: listOf(code),
  vouches: z.object({ band: code, latest: day.optional() }).optional(),
  referable: z.boolean().optional(),
  verified: day.optional(),
});

export const organizationShape = z.object({
  name: line,
  summary: localized.optional(),
  roles: listOf(code),
  specialties: listOf(code),
  languages: listOf(code),
  regions: listOf(z.object({ region: code, broader })),
  acceptsUrgentRequests: z.boolean().optional(),
  website: link.optional(),
  verified: day.optional(),
});

export const learningResourceShape = z.object({
  kind: code,
  title: localized.refine((texts) => Object.keys(texts).length > 0),
  summary: localized.optional(),
  url: link.optional(),
  authors: listOf(line),
  publisher: line.optional(),
  published: z
    .string()
    .regex(/^\d{4}(-\d{2}){0,2}$/)
    .optional(),
  // As SPDX writes it: what is found by it is written on one line, with signs of its own.
  license: license.optional(),
  languages: listOf(z.object({ language: code, url: link.optional(), stale: z.boolean().default(false) })),
  specialties: listOf(code),
  regions: listOf(z.object({ region: code, broader })),
  stages: listOf(code),
  minutes: z
    .object({ min: z.number().int().min(0).max(1e6), max: z.number().int().min(0).max(1e6).optional() })
    .optional(),
  materials: listOf(text(1000)),
  prerequisites: listOf(text(1000)),
  partOf: listOf(id),
  status: code,
  verified: day.optional(),
});

export type Person = z.infer<typeof personShape>;
export type OrganizationBody = z.infer<typeof organizationShape>;
export type LearningResource = z.infer<typeof learningResourceShape>;

/** What a record says, by its type. */
export type Body =
  | { readonly type: "Person"; readonly body: Person }
  | { readonly type: "Organization"; readonly body: OrganizationBody }
  | { readonly type: "LearningResource"; readonly body: LearningResource };

/** What is told of a record: what it says, and beside it which records of other nodes are its person's too, or were before. */
export type Told = Body & { readonly sameAs?: readonly Elsewhere[]; readonly movedFrom?: Elsewhere };

export const bodyShapes = {
  Person: personShape,
  Organization: organizationShape,
  LearningResource: learningResourceShape,
} as const satisfies Readonly<Record<WireType, z.ZodType>>;

/** What is wrong with a body, as a sentence that quotes nothing of it; null when nothing is. */
export function faultOf(type: string, body: unknown): string | null {
  if (deeper(body, DEEPEST)) return `It is nested more than ${DEEPEST} deep.`;
  if (someText(body, unfit))
    return "It holds text that is not NFC, or has control characters or marks that turn the reading direction around.";
  if (!isWireType(type)) return null;
  const read = bodyShapes[type].safeParse(body);
  if (read.success) return null;
  const place = read.error.issues[0]?.path.filter((part) => typeof part === "string").join(".");
  return `Its ${place === "" || place === undefined ? "body" : place} does not have its shape.`;
}

export function isWireType(type: string): type is WireType {
  return Object.hasOwn(bodyShapes, type);
}

function deeper(value: unknown, than: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return than === 0 || Object.values(value).some((inner) => deeper(inner, than - 1));
}

/** Whether a text of it is so, the names of its members included. */
function someText(value: unknown, is: (text: string) => boolean): boolean {
  if (typeof value === "string") return is(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, inner]) => is(name) || someText(inner, is));
}

/** The text as a node takes it from another: in NFC, and without the marks that no text may hold. */
export function tidy(told: string): string {
  return told.normalize("NFC").replace(new RegExp(UNFIT, "gu"), "").trim();
}

/** Text that is not NFC, or holds what no text from elsewhere may. */
export function unfit(told: string): boolean {
  return UNFIT.test(told) || told !== told.normalize("NFC");
}

/** Control characters but for line breaks and tabs, halves of signs, and marks of direction (Unicode Technical Report 36). */
const UNFIT = /[\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|(?![\n\t])\p{Cc}/u;
