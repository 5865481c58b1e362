import { dayOf } from "../clock.js";
import type { Home } from "../listing/home.js";
import { savePeerMoves } from "../listing/moved.store.js";
import type { Database, Transaction } from "../storage/database.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { ENTRY_RULES, HEAD_RULES, accept, withdrawnSince, type Expected } from "./accept.js";
import { faultOf } from "./body.js";
import { readEntry } from "./entry.js";
import {
  audiencesOf,
  beginStaging,
  forgetReturned,
  readAccepted,
  stage,
  stillRead,
  sweepStaged,
  takeBackRevoked,
  takeIn,
  withdrawnOn,
  type Accepted,
  type Arriving,
  type PeerFeed,
  type Staged,
  type TakenIn,
} from "./harvest.store.js";
import { isOver, readHead, type FeedHead } from "./head.js";
import { keyNamedIn } from "./jws.js";
import { readMove, type Move } from "./move.js";
import { localIdOf } from "./node-id.js";
import { faultIn, isRead, type Peer } from "./peer.js";
import { holdOn, keepEvidence, readPeer, saveStatement } from "./peer.store.js";
import type { FetchedItem, FetchedPage } from "./reading.js";
import { digestOf } from "./set.js";
import { readStatement, type Statement } from "./statement.js";
import { saveNetwork, setTrust } from "./trust.store.js";
import type { Tier } from "./tier.js";
import { Untrusted } from "./untrusted.js";

/** The one way in for what another node tells, whether it was asked for it or somebody carried it here in a file. */

/** What takes in what peers tell. */
export type TakingParts = {
  readonly database: Database;
  readonly home: Home;
  readonly vocabulary: Vocabulary;
  /** Told after each page how many records were read of a feed so far. */
  readonly onRead?: (feed: PeerFeed, records: number) => void | Promise<void>;
};

/** Everything that taking in one feed works with. */
export type Work = {
  readonly parts: TakingParts;
  readonly feed: PeerFeed;
  readonly expected: Expected;
  readonly last: Accepted | null;
  /** Whether what the peer says of its keys has just been read. */
  readonly fresh: boolean;
};

export async function beginWork(
  parts: TakingParts,
  feed: PeerFeed,
  { statement, fresh }: Pick<Work, "fresh"> & { readonly statement: Statement },
): Promise<Work> {
  const last = await parts.database.transaction((tx) => readAccepted(tx, feed));
  const keys = new Map(statement.feedKeys.map((key) => [key.thumbprint, key]));
  return { parts, feed, last, fresh, expected: { node: feed.peer.node, tier: feed.tier, keys, last } };
}

/** Whether this may be what a peer says of itself now; Untrusted when it may not. */
export function acceptStatement(statement: Statement, known: Statement, now: Date): void {
  const fault = faultIn(statement, known);
  if (fault !== null) throw new Untrusted("WRONG_ROOT", fault);
  if (statement.expires <= now) throw new Untrusted("EXPIRED", "The statement of a peer has ended.");
}

/** Goes by what the peer says of itself from now on. */
export async function keepStatement(
  tx: Transaction,
  parts: TakingParts,
  peer: Peer,
  { jws, statement }: { readonly jws: string; readonly statement: Statement },
): Promise<void> {
  const current = await stillRead(tx, peer);
  const before = await readStatement(current.statement);
  await saveStatement(tx, peer.id, jws, statement, parts.home.clock());
  await saveNetwork(tx, peer.id, statement, parts.vocabulary);
  await takeBackRevoked(tx, parts, current, { before, now: statement });
}

export type SignedHead = FeedHead & { readonly signedBy: string };

/** Two heads of one feed that contradict each other, as they were signed. */
export class TwoStories extends Untrusted {
  constructor(
    readonly tier: Tier,
    readonly one: string,
    readonly other: string,
    message: string,
  ) {
    super("TWO_STORIES", message);
  }
}

/** What a head says, if it is to be believed. */
export async function acceptedHead(
  { parts, feed, expected, last, fresh }: Work,
  jws: string,
): Promise<SignedHead> {
  // Another key than before is met by whoever has just read what the peer says of its keys, and by nobody else.
  if (!fresh && last !== null && keyNamedIn(jws) !== last.signedBy)
    throw new Untrusted("UNKNOWN_KEY", "Another key signs than before.");
  const head = await readHead(jws, expected.keys);
  try {
    accept(HEAD_RULES, head, expected, parts.home.clock());
  } catch (error) {
    if (error instanceof Untrusted && error.rule === "TWO_STORIES" && last !== null)
      throw new TwoStories(feed.tier, last.head, jws, error.message);
    throw error;
  }
  return head;
}

/** A head that nobody renews is held back by somebody, although it is the one that we know. */
export function checkAge(head: string, now: Date): void {
  if (isOver(head, now))
    throw new Untrusted("EXPIRED", "The head is not good any more: somebody may be holding newer ones back.");
}

/** Hides a peer that signed two stories, and keeps both. */
export async function pauseLiar(
  parts: TakingParts,
  peer: string,
  { tier, one, other }: Pick<TwoStories, "tier" | "one" | "other">,
): Promise<void> {
  await parts.database.transaction(async (tx) => {
    const now = await readPeer(tx, peer, { toChange: true });
    if (now === null || !isRead(now)) return;
    await keepEvidence(tx, peer, { tier, one, other, found: parts.home.clock() });
    await setTrust(tx, parts, peer, "PAUSED", "node");
  });
}

/** A head and the pages that it speaks of. `whole` names the buckets of which they hold everything that stands in the feed. */
export type Told = {
  readonly head: SignedHead;
  readonly jws: string;
  readonly pages: AsyncIterable<FetchedPage>;
  readonly whole: readonly number[];
};

/**
 * Puts page after page by, each verified, and takes all of it in at once, if it is what the head says: Untrusted otherwise, and
 * nothing has changed. `beside` is done in the same transaction, just before.
 */
export async function takePages(
  work: Work,
  { head, jws, pages, whole }: Told,
  beside: (tx: Transaction) => Promise<void> = async () => undefined,
): Promise<TakenIn> {
  const { database } = work.parts;
  try {
    const last = await putBy(work, { head, jws, pages });
    const taken = await database.transaction(async (tx) => {
      const peer = await stillRead(tx, work.feed.peer);
      await beside(tx);
      // Time has passed, and somebody else may have read it meanwhile.
      const expected = { ...work.expected, last: await readAccepted(tx, work.feed) };
      accept(HEAD_RULES, last.head, expected, work.parts.home.clock());
      const taken = await takeIn(tx, work.parts, { ...work.feed, peer }, { ...last, whole });
      await keepMoves(tx, { ...work.feed, peer }, last, work.parts.home.clock());
      return taken;
    });
    if (last.records > MANY_RECORDS) await sweepStaged(database);
    return taken;
  } catch (error) {
    await database
      .transaction((tx) => beginStaging(tx, work.feed))
      .then(() => sweepStaged(database))
      .catch(() => undefined);
    throw error;
  }
}

/** The pages as they are put by, and the head and the place in the list that the last of them tells. */
async function putBy(work: Work, { head, jws, pages }: Omit<Told, "whole">): Promise<PutBy> {
  const { parts, feed } = work;
  const { database, home } = parts;
  if (head.count > MOST_RECORDS) throw new Untrusted("TOO_LARGE", "A feed holds more than any network has.");
  await database.transaction((tx) => beginStaging(tx, feed));
  let last = { head, jws, cursor: null as string | null };
  const gone: string[] = [];
  const moves: Move[] = [];
  let records = 0;
  for await (const { page, staged } of ahead(verifiedPages(work, ahead(pages)))) {
    await database.transaction(async (tx) => {
      await stage(tx, feed, staged);
      await holdOn(tx, feed.peer.id, home.clock());
    });
    if (page.head !== null && page.head !== jws)
      last = { ...last, head: await acceptedHead(work, page.head), jws: page.head };
    last = { ...last, cursor: page.cursor };
    records += page.items.length;
    gone.push(...page.items.flatMap((item) => (item.gone === null ? [] : [item.id])));
    moves.push(...(await movesIn(work, page.items)));
    if (records > last.head.count + MOST_BESIDE)
      throw new Untrusted("TOO_LARGE", "A feed holds more than its head says.");
    await parts.onRead?.(feed, records);
  }
  return { ...last, gone, moves, records };
}

type PutBy = Omit<Arriving, "whole"> & Leaving & { readonly head: SignedHead; readonly records: number };

/** Who left a feed, and of whom it is said where they went. */
type Leaving = { readonly gone: readonly string[]; readonly moves: readonly Move[] };

async function movesIn({ expected }: Work, items: readonly FetchedItem[]): Promise<readonly Move[]> {
  const told = items.flatMap((item) => (item.gone === null || item.move === null ? [] : [item]));
  const read = await Promise.all(told.map(({ move, id }) => readMove(move!, id, expected)));
  return read.filter((move) => move !== null);
}

async function keepMoves(
  tx: Transaction,
  { peer, tier }: PeerFeed,
  { gone, moves }: Leaving,
  now: Date,
): Promise<void> {
  const local = (id: string) => localIdOf(peer.node, id);
  // The later word on a record counts.
  const latest = new Map(moves.map((move) => [move.id, move]));
  const told = [...latest.values()].map(({ id, to, iat }) => ({
    id: local(id),
    node: to.node,
    there: to.id,
    day: dayOf(iat < now ? iat : now),
  }));
  const audiences = audiencesOf(tier, peer);
  await savePeerMoves(tx, peer.id, audiences, gone.map(local), told);
  await forgetReturned(tx, { peer, tier }, audiences);
}

async function* verifiedPages(work: Work, pages: AsyncIterable<FetchedPage>) {
  for await (const page of pages) yield { page, staged: await verified(work, page.items) };
}

/** The same, each of which is asked for while the one before is worked on. */
async function* ahead<T>(pages: AsyncIterable<T>): AsyncIterable<T> {
  const rest = pages[Symbol.asyncIterator]();
  const ask = () => {
    const asked = rest.next();
    // Whoever waits for it is told; until then it is no unhandled rejection.
    asked.catch(() => undefined);
    return asked;
  };
  let next = ask();
  try {
    for (;;) {
      const page = await next;
      if (page.done === true) return;
      next = ask();
      yield page.value;
    }
  } finally {
    await rest.return?.();
  }
}

/** From so many on what was put by leaves much behind. */
const MANY_RECORDS = 10_000;
/** So many records one network has at most. */
const MOST_RECORDS = 500_000;
/** So many withdrawals, and changes that came meanwhile, a reading may bring beside what stands. */
const MOST_BESIDE = 100_000;

/** The items of a page, each verified by every rule. One that breaks a rule spoils the whole reading. */
async function verified(
  { parts, feed, expected }: Work,
  items: readonly FetchedItem[],
): Promise<readonly Staged[]> {
  const gone = await parts.database.transaction((tx) =>
    withdrawnOn(
      tx,
      feed,
      items.map(({ id }) => id),
    ),
  );
  const now = parts.home.clock();
  const verify = async (item: FetchedItem): Promise<Staged> => {
    if (item.gone !== null) return { id: item.id, gone: item.gone };
    const entry = await readEntry(item.jws, expected.keys);
    const left = gone.get(item.id);
    const withdrawn = left === undefined ? null : withdrawnSince(left, expected.keys);
    const arrived = { ...entry, sentAs: item.id, withdrawn };
    accept(ENTRY_RULES, arrived, expected, now);
    const { jws, id } = item;
    return { id, gone: null, jws, digest: digestOf(jws), entry, problem: faultOf(entry.type, entry.body) };
  };
  const staged: Staged[] = [];
  // A few at a time: whoever asks this node something meanwhile is not kept waiting.
  for (let from = 0; from < items.length; from += AT_ONCE)
    staged.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(verify))));
  return staged;
}

const AT_ONCE = 20;
