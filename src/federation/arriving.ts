import type { Home } from "../listing/home.js";
import { savePeerNetwork } from "../listing/network.store.js";
import type { Database, Transaction } from "../storage/database.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { AHEAD, ENTRY_RULES, HEAD_RULES, accept, type Expected } from "./accept.js";
import { quarantineOf, readEntry } from "./entry.js";
import {
  beginStaging,
  readAccepted,
  stage,
  takeBackRevoked,
  takeIn,
  withdrawnOn,
  type Accepted,
  type PeerFeed,
  type Staged,
  type TakenIn,
} from "./harvest.store.js";
import { readHead, type FeedHead } from "./head.js";
import { faultIn, type Peer } from "./peer.js";
import { holdOn, keepEvidence, saveStatement } from "./peer.store.js";
import type { FetchedItem, FetchedPage } from "./reading.js";
import { digestOf } from "./set.js";
import type { Statement } from "./statement.js";
import { networkOf, setTrust } from "./trust.store.js";
import { Untrusted } from "./untrusted.js";

/** The one way in for what another node tells, whether it was asked for it or somebody carried it here in a file. */

/** What takes in what peers tell. */
export type TakingParts = {
  readonly database: Database;
  readonly home: Home;
  readonly vocabulary: Vocabulary;
};

/** Everything that taking in one feed works with. */
export type Work = {
  readonly parts: TakingParts;
  readonly feed: PeerFeed;
  readonly expected: Expected;
  readonly last: Accepted | null;
};

export async function beginWork(parts: TakingParts, feed: PeerFeed, statement: Statement): Promise<Work> {
  const last = await parts.database.transaction((tx) => readAccepted(tx, feed));
  const keys = new Map(statement.feedKeys.map((key) => [key.thumbprint, key]));
  return { parts, feed, last, expected: { node: feed.peer.node, tier: feed.tier, keys, last } };
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
  await saveStatement(tx, peer.id, jws, statement, parts.home.clock());
  await savePeerNetwork(tx, { id: peer.id, ...networkOf(statement, parts.vocabulary) });
  await takeBackRevoked(tx, parts, peer, statement);
}

/** What a head says, if it is to be believed. Two heads that contradict each other are kept, as they were signed. */
export async function acceptedHead({ parts, feed, expected, last }: Work, jws: string): Promise<FeedHead> {
  const head = await readHead(jws, expected.keys);
  try {
    accept(HEAD_RULES, head, expected, parts.home.clock());
  } catch (error) {
    if (error instanceof Untrusted && error.rule === "TWO_STORIES" && last !== null) {
      const evidence = { tier: feed.tier, one: last.head, other: jws, found: parts.home.clock() };
      await parts.database.transaction((tx) => keepEvidence(tx, feed.peer.id, evidence));
    }
    throw error;
  }
  return head;
}

/** Hides a peer that signed two stories. */
export async function pauseLiar(parts: TakingParts, peer: string): Promise<void> {
  await parts.database.transaction((tx) => setTrust(tx, parts, peer, "PAUSED", "node"));
}

/** A head and the pages that it speaks of. `whole` when they hold everything that stands in the feed. */
export type Told = {
  readonly head: FeedHead;
  readonly jws: string;
  readonly pages: AsyncIterable<FetchedPage>;
  readonly whole: boolean;
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
  const { parts, feed } = work;
  const { database, home } = parts;
  await database.transaction((tx) => beginStaging(tx, feed));
  let last = { head, jws, cursor: null as string | null };
  for await (const page of pages) {
    const staged = await verified(work, page.items);
    await database.transaction(async (tx) => {
      await stage(tx, feed, staged);
      await holdOn(tx, feed.peer.id, home.clock());
    });
    if (page.head !== null && page.head !== jws)
      last = { ...last, head: await acceptedHead(work, page.head), jws: page.head };
    last = { ...last, cursor: page.cursor };
  }
  return database.transaction(async (tx) => {
    await beside(tx);
    return takeIn(tx, parts, feed, { ...last, whole });
  });
}

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
  return Promise.all(
    items.map(async (item): Promise<Staged> => {
      if (item.gone !== null) return { id: item.id, gone: until(now, item.gone) };
      const entry = await readEntry(item.jws, expected.keys);
      const arrived = { ...entry, sentAs: item.id, withdrawn: gone.get(item.id) ?? null };
      accept(ENTRY_RULES, arrived, expected, now);
      const { jws, id } = item;
      return { id, gone: null, jws, digest: digestOf(jws), entry, problem: quarantineOf(entry) };
    }),
  );
}

/** Nobody signs the day of a withdrawal. One in the future would keep out whoever comes back, and with them everybody else. */
function until(now: Date, gone: string): string {
  if (Date.parse(`${gone}T00:00:00Z`) <= now.getTime() + AHEAD) return gone;
  throw new Untrusted(
    "FROM_THE_FUTURE",
    "A record was withdrawn in the future: one of the two clocks is wrong.",
  );
}
