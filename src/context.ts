import DataLoader from "dataloader";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "./clock.js";
import { DirectoryError } from "./errors.js";
import { parseId, type ListedDoc, type ListedKind } from "./listing/listing.js";
import { isUnchanged, readListings, type Asking, type KeptListing } from "./listing/listing.store.js";
import { Remembered, type ReadListing } from "./listing/remembered.js";
import type { Origins } from "./listing/origins.js";
import { expiresOf } from "./listing/standing.js";
import type { Presenting } from "./listing/listing.api.js";
import type { Reader } from "./storage/database.js";
import type { ListedAudience } from "./visibility/audience.js";
import type { Viewer } from "./visibility/viewer.js";

/** What one request carries. Made anew for each, so that nothing one viewer loaded can be met by somebody of another audience. */
export type Context = Presenting & {
  readonly viewer: Viewer;
  readonly request: RequestOrigin;
  readonly listings: Listings;
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
    listings: new Listings(gathered[viewer.audience]),
    asSeenBy: (audience) => contextFor({ ...viewer, audience }, surroundings, request),
    ...presenting,
  };
}

/** A listing as it is shown now. */
type ShownListing = Pick<ReadListing, "kind" | "doc">;

/** An id may be that of several: two networks, or two kinds of record, may say they have it. What is this node's own comes first. */
type ReadById = ReadonlyMap<string, readonly ShownListing[]>;

/** The listings of the viewer's audience, each read once in a request. */
class Listings {
  readonly #read = new Map<string, readonly ShownListing[]>();

  constructor(readonly gathered: Gathered[ListedAudience]) {}

  /** Those of these ids that the viewer sees; at once when they have been read, because a promise costs more than a name. */
  of(kind: ListedKind, ids: readonly string[]): readonly ListedDoc[] | Promise<readonly ListedDoc[]> {
    if (ids.every((id) => this.#read.has(id))) return this.#known(kind, ids);
    return this.read(ids).then(() => this.#known(kind, ids));
  }

  /**
   * Reads them, so that `of` has them at once; and together with them what `links` led to when they were last read: most lead
   * there still. `links` is for ids that the viewer sees: of others it would take as long as they once had links.
   */
  async read(ids: readonly string[], links: (doc: ListedDoc) => readonly string[] = () => []): Promise<void> {
    const { loader, remembered } = this.gathered;
    const linked = ids.flatMap((id) => (remembered.of(id) ?? []).flatMap(({ doc }) => links(doc)));
    const missing = [...ids, ...linked].filter((id) => !this.#read.has(id));
    if (missing.length === 0) return;
    const found = await loader.load(missing);
    // Whoever was read together is answered one after the other: side by side, all their answers would be in memory at once.
    await nextTurn();
    for (const id of missing) this.#read.set(id, found.get(id) ?? []);
  }

  #known(kind: ListedKind, ids: readonly string[]): readonly ListedDoc[] {
    const docs: ListedDoc[] = [];
    for (const id of ids) {
      const kept = this.#read.get(id)?.find((one) => one.kind === kind);
      if (kept !== undefined) docs.push(kept.doc);
    }
    return docs;
  }
}

/**
 * For each audience the listings of some ids. What requests of one audience ask for at one moment is asked of the database together:
 * in one statement, or in two when something is not as it was. No audience meets what another asked for.
 */
export type Gathered = Readonly<
  Record<
    ListedAudience,
    { readonly loader: DataLoader<readonly string[], ReadById>; readonly remembered: Remembered }
  >
>;

export function gather(read: Reader, clock: Clock, origins: Origins): Gathered {
  const of = (audience: ListedAudience) => {
    const remembered = new Remembered();
    const loader = new DataLoader<readonly string[], ReadById>(
      async (lists) => {
        const asking = () => ({ audience, now: clock(), own: origins.own.id });
        const asked = { read, asking, origins, remembered };
        const found = await readAll(asked, [...new Set(lists.flat())]);
        return lists.map(() => found);
      },
      { cache: false, batchScheduleFn: setImmediate },
    );
    return { loader, remembered };
  };
  return { PUBLIC: of("PUBLIC"), PARTNERS: of("PARTNERS"), MEMBERS: of("MEMBERS") };
}

/** One statement asks for so many at most. */
const AT_ONCE = 1000;

/** Whom it is read for and at which moment, what is known of where listings come from, and what was read before. */
type Reading = {
  readonly read: Reader;
  readonly asking: () => Asking;
  readonly origins: Origins;
  readonly remembered: Remembered;
};

/** What is remembered saves sending and parsing, and nothing else: which listings are shown is what the database says now. */
async function readAll(reading: Reading, ids: readonly string[]): Promise<ReadById> {
  return (await readAsBefore(reading, ids)) ?? readAnew(reading, ids);
}

/** What was read before under all of these ids, when it is this node's own and all of it stands as it was; else null. */
async function readAsBefore(
  { read, asking, remembered }: Reading,
  ids: readonly string[],
): Promise<ReadById | null> {
  if (ids.length > AT_ONCE) return null;
  const before = new Map<string, readonly ReadListing[]>();
  const versions: string[] = [];
  for (const id of ids) {
    const listings = remembered.of(id);
    if (listings === undefined || !listings.every(({ own }) => own)) return null;
    before.set(id, listings);
    for (const { version } of listings) versions.push(version);
  }
  return (await isUnchanged(read, asking(), ids, versions)) ? before : null;
}

async function readAnew(reading: Reading, ids: readonly string[]): Promise<ReadById> {
  const { read, asking, origins, remembered } = reading;
  const shown = new Map<string, ShownListing[]>(ids.map((id) => [id, []]));
  const stands = new Map<string, ReadListing[]>(ids.map((id) => [id, []]));
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE);
    const known = new Map(some.flatMap((id) => remembered.of(id) ?? []).map((one) => [one.version, one]));
    const asker = asking();
    const kept = await readListings(read, asker, some, [...known.keys()]);
    await origins.meet(new Set(kept.map(({ origin }) => origin)));
    for (const one of kept) {
      const listing = known.get(one.version) ?? parsed(one, one.origin === asker.own);
      stands.get(one.id)?.push(listing);
      if (origins.get(one.origin) !== undefined) shown.get(one.id)?.push(asShown(listing, one));
    }
  }
  for (const [id, listings] of stands) remembered.keep(id, listings);
  return shown;
}

/** A peer's document says neither whose it is nor until when: the row it lies in does. */
function asShown(listing: ReadListing, { id, origin, ends }: KeptListing): ShownListing {
  if (ends === null) return listing;
  const { kind, doc } = listing;
  return { kind, doc: { ...doc, id, network: origin, expires: expiresOf(ends) } };
}

function parsed({ kind, version, doc: text }: KeptListing, own: boolean): ReadListing {
  if (text === null) throw new Error("a listing was left out that is not known");
  // The document was written by this kind's own room, from a type that extends ListedDoc.
  return { own, version, kind, doc: JSON.parse(text) as ListedDoc, length: text.length };
}

/** The listings of these ids that the viewer sees, in the order asked for; what they may not see is left out, as what never was. */
export function seenListings<Doc extends ListedDoc>(
  context: Context,
  kind: ListedKind,
  ids: readonly string[],
): readonly Doc[] | Promise<readonly Doc[]> {
  // The kind decides which room wrote the documents.
  return context.listings.of(kind, ids) as readonly Doc[] | Promise<readonly Doc[]>;
}

/** The one listing, or the refusal that is the same for a record hidden from the viewer and one that never existed. */
export async function seenListing<Doc extends ListedDoc>(
  context: Context,
  kind: ListedKind,
  id: string,
): Promise<Doc> {
  const [doc] = await seenListings<Doc>(context, kind, [parseId(id, ["id"])]);
  if (doc === undefined) throw new DirectoryError("NOT_FOUND", `There is no ${kind} with this id.`, ["id"]);
  return doc;
}
