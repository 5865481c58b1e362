import type { Log } from "../log.js";
import {
  TwoStories,
  acceptedHead,
  beginWork,
  checkAge,
  takePages,
  type TakingParts,
  type Told,
  type Work,
} from "./arriving.js";
import { NotReadAnyMore, type TakenIn } from "./harvest.store.js";
import { compareBuckets } from "./compare-buckets.js";
import type { Outbound } from "./outbound.js";
import { OutboundError } from "./outbound-error.js";
import { LEASES } from "./entry.js";
import { isRead, type Peer } from "./peer.js";
import { holdOn, readPeer } from "./peer.store.js";
import { problemOf } from "./problem.js";
import { MOST_PAGES, NotAnswered, fetchHead, fetchPage, type FetchedPage } from "./reading.js";
import { ALL_BUCKETS, bucketAt, emptyBuckets } from "./set.js";
import { readStatement, type Statement } from "./statement.js";
import { Untrusted } from "./untrusted.js";

/** What reads over mirrors. */
export type MirrorParts = TakingParts & { readonly outbound: Outbound; readonly log: Log };

/** What came over which mirror; `taken` is null when it has nothing newer than what is held. */
export type OverMirror = { readonly mirror: string; readonly taken: TakenIn | null };

/** So many mirrors of a peer are asked, and all of them together may take so long, in milliseconds. */
const MOST_ASKED = 3;
const LONGEST = 600_000;
/** Without a word from the peer itself for as long as people are leased, in milliseconds, nobody can tell whether its key was taken back. */
const OLDEST_STATEMENT = LEASES.Person * 1000;

/**
 * Reads a peer's public feed where its last accepted statement says that it is to be read as well, in that order, until one has
 * something newer. It is believed by the same rules: a mirror can hold back what it knows, until the head ends, and nothing else.
 * `since` is when the reading began: a statement that was read later is as new as it can be. Null when no mirror can be read.
 */
export async function readOverMirrors(
  parts: MirrorParts,
  id: string,
  since: Date,
): Promise<OverMirror | null> {
  const { database, home } = parts;
  const peer = await database.transaction((tx) => readPeer(tx, id));
  if (peer === null || !isRead(peer) || !peer.shares.includes("public")) return null;
  const statement = await readStatement(peer.statement);
  const now = home.clock().getTime();
  if (statement.expires.getTime() <= now || now - peer.statementRead.getTime() >= OLDEST_STATEMENT)
    return null;
  const place = { peer, statement, fresh: peer.statementRead >= since, until: performance.now() + LONGEST };
  let same: OverMirror | null = null;
  for (const address of (statement.feeds.public?.mirrors ?? []).slice(0, MOST_ASKED)) {
    if (performance.now() > place.until) break;
    const mirror = address.replace(/\/+$/, "");
    await database.transaction((tx) => holdOn(tx, id, home.clock()));
    const read = await readOrLeave(parts, { ...place, mirror });
    if (read !== null && read.taken !== null) return read;
    same ??= read;
  }
  return same;
}

/** A mirror of a peer, and until when all of them together may be read. */
type Place = {
  readonly peer: Peer;
  readonly statement: Statement;
  readonly fresh: boolean;
  readonly until: number;
  readonly mirror: string;
};

/** Null for a mirror that cannot be read: that is its own fault, and the next one is asked. What the peer has signed itself is its own. */
async function readOrLeave(parts: MirrorParts, place: Place): Promise<OverMirror | null> {
  const { mirror, peer } = place;
  try {
    return { mirror, taken: await readAt(parts, place) };
  } catch (error) {
    const stopping = error instanceof OutboundError && error.kind === "CLOSED";
    if (stopping || error instanceof TwoStories || error instanceof NotReadAnyMore) throw error;
    const { problem } = problemOf(error);
    parts.log.warn({ peer: peer.id, mirror, problem }, "a mirror of a peer could not be read");
    return null;
  }
}

async function readAt(parts: MirrorParts, place: Place): Promise<TakenIn | null> {
  const { peer, statement, fresh, mirror } = place;
  const work = await beginWork(parts, { peer, tier: "public" }, { statement, fresh });
  const fetched = await fetchHead({ outbound: parts.outbound, sign: null }, mirror, null);
  if (fetched === null) throw new NotAnswered(304, null);
  if (work.last !== null && work.last.head === fetched.jws) {
    checkAge(fetched.jws, parts.home.clock());
    return null;
  }
  const head = await acceptedHead(work, fetched.jws);
  const asked = { ...place, outbound: parts.outbound, cursor: cursorKept(work, head.epoch) };
  const told = (await byBuckets(work, asked)) ?? {
    head,
    jws: fetched.jws,
    pages: numberedPages(asked),
    whole: ALL_BUCKETS,
  };
  return takePages(work, told);
}

/** Where the peer's own list goes on: a mirror has no list of its own, and what it would say of that is not believed. */
function cursorKept({ last }: Work, epoch: string): string | null {
  return last?.epoch === epoch ? last.cursor : null;
}

type Asked = Place & { readonly outbound: Outbound; readonly cursor: string | null };

/** The buckets that differ from what is held; null where there are none to be had, as there may not be among files. */
async function byBuckets(work: Work, asked: Asked): Promise<Told | null> {
  const reading = { outbound: asked.outbound, sign: null };
  const compared = await compareBuckets(work, reading, asked.mirror).catch((error: unknown) => {
    if (error instanceof NotAnswered && error.status === 404) return null;
    throw error;
  });
  if (compared === null) return null;
  const { head, jws, buckets, whole } = compared;
  const filled = whole.filter((bucket) => bucketAt(buckets, bucket) !== bucketAt(emptyBuckets, bucket));
  return { head, jws, pages: bucketPages(asked, filled), whole };
}

async function* bucketPages(asked: Asked, buckets: readonly number[]): AsyncGenerator<FetchedPage> {
  // What is only signed anew brings no page, and the place in the list stays all the same.
  yield { items: [], next: null, cursor: asked.cursor, head: null };
  for (const bucket of buckets) yield pageAt(asked, `buckets/${bucket}`);
}

async function* numberedPages(asked: Asked): AsyncGenerator<FetchedPage> {
  for (let number = 1; number <= MOST_PAGES; number++) {
    const page = await pageAt(asked, `page/${number}`);
    yield page;
    if (page.next === null) return;
  }
  throw new Untrusted("TOO_LARGE", "A feed does not end.");
}

/** What stands, and no more: who left is told by the set, and where they went by the peer itself. */
async function pageAt({ outbound, mirror, cursor, until }: Asked, path: string): Promise<FetchedPage> {
  if (performance.now() > until) throw new Untrusted("TOO_LARGE", "A mirror takes too long.");
  const page = await fetchPage({ outbound, sign: null }, mirror, `${mirror}/${path}`);
  if (page === null) throw new NotAnswered(410, null);
  return { ...page, items: page.items.filter(({ gone }) => gone === null), cursor };
}
