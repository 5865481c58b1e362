/** Peer L: the product's own index, and the answer made by hand: what is left when everything between the two is taken away. */
import { openLog } from "../src/log.js";
import type { ListedDoc } from "../src/listing/listing.js";
import { inLanguage } from "../src/listing/listing.js";
import { readListings } from "../src/listing/listing.store.js";
import type { OrganizationListing } from "../src/organizations/organization.js";
import type { PractitionerListing } from "../src/practitioners/practitioner.js";
import type { ResourceListing } from "../src/resources/resource.js";
import { find, type Count, type Found, type Query } from "../src/search/find.js";
import { allocateForAnswers, collectGarbage } from "../src/heap.js";
import { Indexes } from "../src/search/indexes.js";
import { openDatabase } from "../src/storage/database.js";
import { Key } from "../src/storage/seal.js";
import { anonymous } from "../src/visibility/viewer.js";
import { languageName, type LanguageTag } from "../src/vocabulary/language.js";
import type { RegionCode } from "../src/vocabulary/region.js";
import type { SpecialtyCode } from "../src/vocabulary/specialty.js";
import { readVocabulary } from "../src/vocabulary/vocabulary.js";
import { serveBare } from "./bare-server.js";
import type { Question } from "./questions.js";

const log = openLog("warn");
const vocabulary = readVocabulary();
const database = await openDatabase(process.env["DATABASE_URL"] ?? "", [], log);
allocateForAnswers();
const indexes = await Indexes.load(database, vocabulary, Key.random(), log);
collectGarbage();
indexes.follow();

serveBare(async (question) => JSON.stringify({ data: await answer(question) }));

async function answer(question: Question): Promise<object> {
  if (question.operation === "profile") {
    const [practitioner] = await shown([question.id]);
    return { practitioner };
  }
  const found = find(indexes, anonymous, asked(question));
  const { totalCount, facets } = found;
  const nodes = await shown(found.ids);
  if (question.operation === "text") return { practitioners: { totalCount, nodes } };
  return { practitioners: { totalCount, nodes, facets: shownFacets(facets) } };
}

function asked(question: Exclude<Question, { operation: "profile" }>): Query {
  const where = {
    specialty: { anyOf: [question.specialty] },
    region: { anyOf: [question.region], orPartOf: question.partly },
    language: question.operation === "search" ? { anyOf: [question.language] } : null,
  };
  const search = question.operation === "text" ? question.words : null;
  return { kind: "practitioner", where, search, orderBy: "RELEVANCE", first: 20, after: null };
}

function shownFacets(facets: Found["facets"]): object {
  const counts = (list: readonly Count[], of: string, word: (code: string) => object) =>
    list.map(({ code, count }) => ({ [of]: word(code), count }));
  return {
    specialties: counts(facets.specialties(20), "specialty", specialty),
    regions: counts(facets.regions("COUNTRY", 20), "region", region),
    languages: counts(facets.languages(20), "language", language),
  };
}

async function shown(ids: readonly string[]): Promise<readonly object[]> {
  const docs = await read<PractitionerListing>(ids);
  const people = ids.flatMap((id) => docs.get(id) ?? []);
  const linked = people.flatMap((one) => [...one.organizations, ...one.resources]);
  const links = linked.length === 0 ? new Map() : await read<OrganizationListing | ResourceListing>(linked);
  return people.map((person) => present(person, links));
}

function present(
  person: PractitionerListing,
  links: ReadonlyMap<string, OrganizationListing | ResourceListing>,
): object {
  return {
    id: person.id,
    alias: person.alias,
    specialties: person.specialties.map((one) => ({ specialty: specialty(one.specialty), depth: one.depth })),
    languages: person.languages.map((one) => ({
      language: language(one.language),
      level: one.level,
      use: one.use,
    })),
    regions: person.regions.map((one) => ({ region: region(one.region), relation: one.relation })),
    formats: person.formats,
    delivery: person.delivery,
    level: person.level,
    offersFollowUp: person.offersFollowUp,
    coFacilitates: person.coFacilitates,
    cost: person.cost,
    organizations: person.organizations.flatMap((id) => {
      const link = links.get(id);
      return link !== undefined && "name" in link ? [{ id, name: link.name }] : [];
    }),
    resources: person.resources.flatMap((id) => {
      const link = links.get(id);
      return link !== undefined && "title" in link ? [{ id, title: inLanguage(link.title, null) ?? "" }] : [];
    }),
    provenance: { network: network(person.network), verified: person.verified },
  };
}

const specialty = remembered((code) => ({
  code,
  name: vocabulary.specialties.name(code as SpecialtyCode, "en"),
}));
const region = remembered((code) => ({ code, name: vocabulary.regions.name(code as RegionCode, "en") }));
const language = remembered((tag) => ({ tag, name: languageName(tag as LanguageTag, "en") }));
const network = remembered((id) => ({ id, name: indexes.origins.get(id)?.name ?? "" }));

function remembered(make: (code: string) => object): (code: string) => object {
  const known = new Map<string, object>();
  return (code) => {
    const made = known.get(code) ?? make(code);
    known.set(code, made);
    return made;
  };
}

type Waiting = {
  readonly ids: readonly string[];
  readonly take: (docs: ReadonlyMap<string, ListedDoc>) => void;
  readonly fail: (error: unknown) => void;
};
let waiting: Waiting[] = [];

/** What several requests ask for in the same turn of the event loop is read in one statement. */
function read<Doc extends ListedDoc>(ids: readonly string[]): Promise<ReadonlyMap<string, Doc>> {
  return new Promise((resolve, fail) => {
    // The ids decide which room wrote the documents.
    const take = (docs: ReadonlyMap<string, ListedDoc>) => resolve(docs as ReadonlyMap<string, Doc>);
    if (waiting.push({ ids, take, fail }) === 1) setImmediate(() => void readAll());
  });
}

async function readAll(): Promise<void> {
  const together = waiting;
  waiting = [];
  try {
    const ids = new Set(together.flatMap((one) => one.ids));
    const asking = { audience: "PUBLIC", now: new Date(), own: indexes.origins.own.id } as const;
    const kept = await readListings(database.read, asking, [...ids], []);
    const docs = new Map(kept.map(({ id, doc }) => [id, JSON.parse(doc ?? "null") as ListedDoc]));
    for (const { take } of together) take(docs);
  } catch (error) {
    for (const { fail } of together) fail(error);
  }
}
