import { badInput } from "../errors.js";
import type { Sources } from "../listing/standing.js";
import type { Viewer } from "../visibility/viewer.js";
import { adviceFor, type Advice, type Asked } from "./advice.js";
import { keep, membersOf } from "./bits.js";
import { trueOf } from "./condition.js";
import { questionOf } from "./cursor.js";
import { facetsOf, type Count, type Facets } from "./facets.js";
import type { Index, Shared } from "./index.js";
import type { Indexes } from "./indexes.js";
import { ordering, pageOf, type Order } from "./order.js";
import { findText, readSearch } from "./text.js";
import {
  partsOfOrganizations,
  partsOfPractitioners,
  partsOfResources,
  type OrganizationWhere,
  type Part,
  type PractitionerWhere,
  type ResourceWhere,
} from "./where.js";

export type { Advice, Count, Facets, Order };

type Question<K, W> = {
  readonly kind: K;
  readonly where: W | null;
  readonly search: string | null;
  readonly orderBy: Order;
  /** How many to show at most, up to 50. */
  readonly first: number;
  /** The cursor of the record after which the page begins; null for the first page. */
  readonly after: string | null;
};

/** What somebody asks of the directory, of one kind of record. */
export type Query =
  | Question<"practitioner", PractitionerWhere>
  | Question<"organization", OrganizationWhere>
  | Question<"resource", ResourceWhere>;

/** One page of the answer, and what can be said of all of it. Facets and advice are worked out when they are asked for. */
export type Found = {
  readonly ids: readonly string[];
  /** For each id the cursor that begins after it. */
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly totalCount: number;
  readonly facets: Facets;
  advice(): readonly Advice[];
  /** Not of what was found, but of all there is of this kind for this audience. */
  sources(): Sources;
};

const LONGEST_PAGE = 50;

/** Whom the viewer may find: everything comes from the index of their audience. */
export function find(indexes: Indexes, viewer: Viewer, query: Query): Found {
  const index = indexes.indexOf(viewer, query.kind);
  const first = checkedLength(query.first);
  const asked = read(query, index);
  const question = once(() =>
    questionOf(viewer.audience, query.kind, [query.where, asked.words, query.orderBy]),
  );
  const after = query.after === null ? null : indexes.cursors.read(question(), query.after);
  const { matches, points } = matching(index, asked);
  const order = ordering(index, query.orderBy, points);
  const { ordinals, more } = pageOf(index, matches, order, after, first);
  const places = ordinals.map((ordinal) => ({ value: order.valueOf(ordinal), id: index.id(ordinal) }));
  const advice = once(() => (matches.length < first ? adviceFor(index, asked) : []));
  const cursors = once(() => places.map((place) => indexes.cursors.write(question(), place)));
  return {
    ids: places.map(({ id }) => id),
    hasNextPage: more,
    hasPreviousPage: after !== null,
    totalCount: matches.length,
    facets: facetsOf(index, matches),
    advice,
    sources: () => index.sources(),
    get cursors() {
      return cursors();
    },
  };
}

function checkedLength(first: number): number {
  if (Number.isInteger(first) && first >= 0 && first <= LONGEST_PAGE) return first;
  throw badInput(`first may be at most ${LONGEST_PAGE}, and not less than 0.`, ["first"]);
}

function read(query: Query, shared: Shared): Asked {
  return { parts: partsOf(query, shared), where: query.where, words: readSearch(query.search) };
}

function partsOf(query: Query, shared: Shared): readonly Part[] {
  switch (query.kind) {
    case "practitioner":
      return partsOfPractitioners(query.where ?? {}, shared);
    case "organization":
      return partsOfOrganizations(query.where ?? {}, shared);
    case "resource":
      return partsOfResources(query.where ?? {}, shared);
    default:
      return query satisfies never;
  }
}

/** The living that all conditions hold for, in ascending order, and how well the words fit; points are null when nothing was searched. */
function matching(
  index: Index,
  { parts, words }: Asked,
): { matches: Uint32Array; points: Uint16Array | null } {
  const hits = words === null ? null : findText(index, words);
  const [first = index.alive.slice(), ...others] = [
    ...parts.map(({ condition }) => trueOf(index, condition)),
    ...(hits === null ? [] : [hits.found]),
  ];
  const matches = keep(others.reduce(keep, first), index.alive);
  return { matches: membersOf(matches), points: hits?.points ?? null };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
