import DataLoader from "dataloader";
import { DirectoryError, badInput } from "./errors.js";
import { isId, type ListedDoc, type ListedKind } from "./listing/listing.js";
import { readListings, type KeptListing } from "./listing/listing.store.js";
import type { Presenting } from "./listing/listing.api.js";
import type { Reader } from "./storage/database.js";
import type { ListedAudience } from "./visibility/audience.js";
import type { Viewer } from "./visibility/viewer.js";

/** A record by kind and id: an organization's id asks for no practitioner. */
type RecordKey = { readonly kind: ListedKind; readonly id: string };

/** What one request carries. Made anew for each, so that nothing one viewer loaded can be met by another. */
export type Context = Presenting & {
  readonly viewer: Viewer;
  readonly request: RequestOrigin;
  /** The listings of the viewer's audience: all that is asked for at one moment is read in one statement. */
  readonly listings: DataLoader<RecordKey, ListedDoc | null, string>;
  /** The same request as somebody else would see its answer. Whoever calls it has made sure that the viewer may look. */
  asSeenBy(audience: ListedAudience): Context;
};

/** What a request brings beside its question. */
export type RequestOrigin = {
  /** Where it comes from, to count attempts by: an address of IPv4, or a network of IPv6. Never kept as it is. */
  readonly source: string;
  /** The session's token; null when nobody has signed in. */
  readonly token: string | null;
  /** Whether people may sign in through it; not through a frontend whose key may only read. */
  readonly accounts: boolean;
};

/** What is the same for every request to a node. */
export type Surroundings = Presenting & { readonly gathered: Gathered };

export function contextFor(viewer: Viewer, surroundings: Surroundings, request: RequestOrigin): Context {
  const { gathered, ...presenting } = surroundings;
  return {
    viewer,
    request,
    listings: listingsFor(gathered[viewer.audience]),
    asSeenBy: (audience) => contextFor({ ...viewer, audience }, surroundings, request),
    ...presenting,
  };
}

function listingsFor(gathered: Gathered[ListedAudience]): Context["listings"] {
  return new DataLoader(async (keys) => Promise.all(keys.map((key) => loadOne(gathered, key))), {
    cacheKeyFn: nameOf,
    maxBatchSize: 1000,
  });
}

async function loadOne(
  gathered: Gathered[ListedAudience],
  { kind, id }: RecordKey,
): Promise<ListedDoc | null> {
  const kept = (await gathered.load(id.toLowerCase())).find((listing) => listing.kind === kind);
  // The document was written by this kind's own room, from a type that extends ListedDoc.
  return kept === undefined ? null : (JSON.parse(kept.doc) as ListedDoc);
}

/**
 * For each audience the listings of an id. What requests of one audience ask for at one moment is read in one statement; nothing is
 * remembered, and no audience meets what another asked for.
 */
export type Gathered = Readonly<Record<ListedAudience, DataLoader<string, readonly KeptListing[]>>>;

export function gather(read: Reader): Gathered {
  const of = (audience: ListedAudience) =>
    new DataLoader<string, readonly KeptListing[]>((ids) => readInOrder(read, audience, ids), {
      cache: false,
      maxBatchSize: 1000,
      batchScheduleFn: setImmediate,
    });
  return { PUBLIC: of("PUBLIC"), PARTNERS: of("PARTNERS"), MEMBERS: of("MEMBERS") };
}

async function readInOrder(
  read: Reader,
  audience: ListedAudience,
  ids: readonly string[],
): Promise<readonly (readonly KeptListing[])[]> {
  const kept = await readListings(read, audience, [...new Set(ids)]);
  const byId = new Map<string, KeptListing[]>(ids.map((id) => [id, []]));
  for (const listing of kept) byId.get(listing.id)?.push(listing);
  return ids.map((id) => byId.get(id) ?? []);
}

function nameOf({ kind, id }: RecordKey): string {
  return `${kind} ${id.toLowerCase()}`;
}

/** The listings of these ids that the viewer sees, in the order asked for; what they may not see is left out, as what never was. */
export async function seenListings<Doc extends ListedDoc>(
  context: Context,
  kind: ListedKind,
  ids: readonly string[],
): Promise<readonly Doc[]> {
  const found = await Promise.all(ids.map((id) => context.listings.load({ kind, id })));
  // The kind in the key decides which room wrote the document.
  return found.filter((doc) => doc !== null) as Doc[];
}

/** The one listing, or the refusal that is the same for a record hidden from the viewer and one that never existed. */
export async function seenListing<Doc extends ListedDoc>(
  context: Context,
  kind: ListedKind,
  id: string,
): Promise<Doc> {
  if (!isId(id)) throw badInput("An id is a UUID, as the node gave it.", ["id"]);
  const [doc] = await seenListings<Doc>(context, kind, [id]);
  if (doc === undefined) throw new DirectoryError("NOT_FOUND", `There is no ${kind} with this id.`, ["id"]);
  return doc;
}
