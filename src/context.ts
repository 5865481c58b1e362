import DataLoader from "dataloader";
import { DirectoryError, badInput } from "./errors.js";
import { isId, type ListedDoc, type ListedKind } from "./listing/listing.js";
import { readListings } from "./listing/listing.store.js";
import type { Presenting } from "./listing/listing.api.js";
import type { Reader } from "./storage/database.js";
import type { Viewer } from "./visibility/viewer.js";

/** A record by kind and id: an organization's id asks for no practitioner. */
type RecordKey = { readonly kind: ListedKind; readonly id: string };

/** What one request carries. Made anew for each, so that nothing one viewer loaded can be met by another. */
export type Context = Presenting & {
  readonly viewer: Viewer;
  /** The listings of the viewer's audience: all that is asked for at one moment is read in one statement. */
  readonly listings: DataLoader<RecordKey, ListedDoc | null, string>;
};

/** What is the same for every request to a node. */
export type Surroundings = Presenting & { readonly read: Reader };

export function contextFor(viewer: Viewer, { read, ...surroundings }: Surroundings): Context {
  return { viewer, listings: listingsFor(viewer, read), ...surroundings };
}

function listingsFor(viewer: Viewer, read: Reader): Context["listings"] {
  return new DataLoader(async (keys) => loadAll(read, viewer, keys), {
    cacheKeyFn: nameOf,
    maxBatchSize: 1000,
  });
}

async function loadAll(
  read: Reader,
  viewer: Viewer,
  keys: readonly RecordKey[],
): Promise<(ListedDoc | null)[]> {
  const kept = await readListings(
    read,
    viewer.audience,
    keys.map(({ id }) => id),
  );
  // The document was written by this kind's own room, from a type that extends ListedDoc.
  const docs = new Map(kept.map((listing) => [nameOf(listing), JSON.parse(listing.doc) as ListedDoc]));
  return keys.map((key) => docs.get(nameOf(key)) ?? null);
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
