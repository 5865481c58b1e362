import { WIRE_TYPES } from "./body.js";
import type { FeedItem, FeedPage } from "./feed.store.js";
import { ALL_BUCKETS, bucketAt } from "./set.js";

/**
 * A feed as others read it: Activity Streams 2.0 ordered collections as IIIF Change Discovery 1.0 uses them, each record once, at its
 * latest change, oldest first. Anybody who reads such lists can read ours; a peer believes only the signed texts in them.
 */

/** A page holds so many items at most, and so many bytes. */
export const LONGEST_PAGE = 250;
const LARGEST_PAGE = 1024 * 1024;

/**
 * Where in a feed a reader is. Opaque to them: they send it back as they got it. `floor` is what the feed's was when they began at its
 * start: of withdrawals that were dropped before then they have nothing to hear.
 */
export type Cursor = { readonly epoch: string; readonly seq: number; readonly floor: number };

export function writeCursor({ epoch, seq, floor }: Cursor): string {
  return Buffer.from(`${epoch} ${seq} ${floor}`).toString("base64url");
}

/** Null for what no node has given out. */
export function readCursor(text: string): Cursor | null {
  const told = /^(\S+) (\d{1,15})(?: (\d{1,15}))?$/.exec(Buffer.from(text, "base64url").toString("utf8"));
  if (told === null) return null;
  const [, epoch = "", seq, floor = 0] = told;
  return { epoch, seq: Number(seq), floor: Number(floor) };
}

const CONTEXT = ["https://www.w3.org/ns/activitystreams", { cadre: "urn:cadre:feed:" }] as const;

/** The collection itself: where to begin, and how much there is. */
export function collection(base: string, { total }: Pick<FeedPage, "total">): object {
  const last = Math.max(1, Math.ceil(total / LONGEST_PAGE));
  return {
    "@context": CONTEXT,
    id: `${base}/collection`,
    type: "OrderedCollection",
    totalItems: total,
    first: { id: `${base}/page/1`, type: "OrderedCollectionPage" },
    last: { id: `${base}/page/${last}`, type: "OrderedCollectionPage" },
  };
}

/** The digests of all buckets, and the head that was signed of them. */
export function bucketList({ epoch, seq, head, buckets }: Listed): object {
  return { epoch, seq, buckets: ALL_BUCKETS.map((bucket) => bucketAt(buckets, bucket)), head };
}

type Listed = {
  readonly epoch: string;
  readonly seq: number;
  readonly head: string;
  readonly buckets: Buffer;
};

/** One page of the collection, counted from 1. */
export function collectionPage(base: string, number: number, page: FeedPage): object {
  const last = Math.max(1, Math.ceil(page.total / LONGEST_PAGE));
  return {
    ...items(base, page.items),
    id: `${base}/page/${number}`,
    partOf: { id: `${base}/collection`, type: "OrderedCollection" },
    startIndex: (number - 1) * LONGEST_PAGE,
    ...(number > 1 ? { prev: { id: `${base}/page/${number - 1}`, type: "OrderedCollectionPage" } } : {}),
    ...(number < last ? { next: { id: `${base}/page/${number + 1}`, type: "OrderedCollectionPage" } } : {}),
  };
}

/**
 * What changed after a cursor. The last page has no `next`; the head in it is that of the very moment it was read, so that whoever
 * has read up to there holds exactly what the head says.
 */
export function changesPage(base: string, after: Cursor, { feed, items: all }: FeedPage): object {
  const fitting = thatFit(all);
  const whole = fitting.length === all.length && all.length < LONGEST_PAGE;
  const seq = whole ? feed.seq : (fitting.at(-1)?.seq ?? after.seq);
  const cursor = writeCursor({ epoch: feed.epoch, seq, floor: after.floor });
  return {
    ...items(base, fitting),
    id: `${base}/changes?after=${writeCursor(after)}`,
    partOf: { id: `${base}/collection`, type: "OrderedCollection" },
    "cadre:cursor": cursor,
    ...(whole
      ? { "cadre:head": feed.head }
      : { next: { id: `${base}/changes?after=${cursor}`, type: "OrderedCollectionPage" } }),
  };
}

/** What stands in one bucket, for a reader whose set differs there. */
export function bucketPage(base: string, bucket: number, { feed, items: all }: FeedPage): object {
  return {
    ...items(base, all),
    id: `${base}/buckets/${bucket}`,
    partOf: { id: `${base}/collection`, type: "OrderedCollection" },
    "cadre:cursor": writeCursor(feed),
    "cadre:head": feed.head,
  };
}

/** A record of another origin, as it signed it. */
export type RelayedRecord = {
  readonly id: string;
  readonly type: string;
  readonly jws: string;
  readonly day: string;
};

/** What stands in one bucket of another origin's feed, which lies at `origin`, for a reader that does not get it there. */
export function relayedBucketPage(
  base: string,
  origin: string,
  bucket: number,
  { head, records }: { readonly head: string; readonly records: readonly RelayedRecord[] },
): object {
  return {
    "@context": CONTEXT,
    type: "OrderedCollectionPage",
    orderedItems: records.map(({ id, type, jws, day }) => ({
      type: "Update",
      object: { id: `${origin}/records/${id}`, type },
      endTime: firstMoment(day),
      "cadre:jws": jws,
    })),
    id: `${base}/buckets/${bucket}`,
    partOf: { id: `${origin}/collection`, type: "OrderedCollection" },
    "cadre:head": head,
  };
}

/** What is left of a withdrawn record. */
export function tombstone(base: string, { id, kind, day }: FeedItem): object {
  return {
    id: `${base}/records/${id}`,
    type: "Tombstone",
    formerType: WIRE_TYPES[kind],
    deleted: firstMoment(day),
  };
}

function items(base: string, all: readonly FeedItem[]): object {
  return {
    "@context": CONTEXT,
    type: "OrderedCollectionPage",
    orderedItems: all.map((item) => activity(base, item)),
  };
}

/** The day and no more: to the second it would tell when somebody was at work. */
export function activity(base: string, item: FeedItem): object {
  const { id, kind, change, day, seq, jws, move } = item;
  return {
    type: move === null ? change : "Move",
    object: jws === null ? tombstone(base, item) : { id: `${base}/records/${id}`, type: WIRE_TYPES[kind] },
    endTime: firstMoment(day),
    "cadre:seq": seq,
    ...(jws === null ? {} : { "cadre:jws": jws }),
    ...(move === null ? {} : { "cadre:move": move }),
  };
}

function firstMoment(day: string): string {
  return `${day}T00:00:00Z`;
}

/** As many as a page may hold: never fewer than one. */
function thatFit(all: readonly FeedItem[]): readonly FeedItem[] {
  let size = 2000;
  const over = all.findIndex((item, at) => {
    size += (item.jws?.length ?? 0) + 400;
    return at > 0 && size > LARGEST_PAGE;
  });
  return over < 0 ? all : all.slice(0, over);
}
