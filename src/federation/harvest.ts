import { describeFault, type Log } from "../log.js";
import type { Home } from "../listing/home.js";
import { savePeerNetwork } from "../listing/network.store.js";
import type { Database, Transaction } from "../storage/database.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { ENTRY_RULES, HEAD_RULES, accept, type Expected } from "./accept.js";
import { quarantineOf, readEntry } from "./entry.js";
import {
  beginStaging,
  readAccepted,
  relist,
  saveEtag,
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
import type { Outbound } from "./outbound.js";
import { OutboundError } from "./outbound-error.js";
import { faultIn, isTrusted, pauseAfter, usualPause, type Peer } from "./peer.js";
import {
  claim,
  holdOn,
  keepEvidence,
  readDue,
  release,
  saveShares,
  saveStatement,
  type Ended,
} from "./peer.store.js";
import {
  NotAnswered,
  fetchHead,
  fetchPage,
  fetchStatement,
  type FetchedItem,
  type Reading,
  type Signer,
} from "./reading.js";
import { digestOf } from "./set.js";
import { readStatement, type Statement } from "./statement.js";
import type { Tier } from "./tier.js";
import { networkOf, setTrust } from "./trust.store.js";
import { Untrusted } from "./untrusted.js";

/** What reads from peers. */
export type HarvestParts = {
  readonly database: Database;
  readonly home: Home;
  readonly vocabulary: Vocabulary;
  readonly outbound: Outbound;
  readonly sign: Signer | null;
  readonly log: Log;
};

/** How a reading of a peer ended: `problem` is null when it went well. `taken` is what changed, by feed; null where nothing did. */
export type Harvested = {
  readonly peer: string;
  readonly problem: string | null;
  readonly taken: Readonly<Partial<Record<Tier, TakenIn | null>>>;
};

/** A statement is read again after so long, in milliseconds; sooner when a key is met that it does not name. */
const STATEMENT_AGE = 24 * 3_600_000;
/** Nobody's feed is longer: a list that goes on and on would never end. */
const MOST_PAGES = 20_000;

/**
 * Reads a peer now, unless somebody else is; null in that case, or when it is not to be read. Never throws for what the peer does.
 * `anew` asks again also for what hardly ever changes: its statement, and which feeds it lets us read.
 */
export async function harvest(parts: HarvestParts, id: string, anew = false): Promise<Harvested | null> {
  const { database, home, log } = parts;
  const peer = await database.transaction((tx) => claim(tx, id, home.clock()));
  if (peer === null) return null;
  const ended = await readAll(parts, peer, anew);
  const now = home.clock().getTime();
  const pause =
    ended.problem === null
      ? usualPause(Math.random())
      : pauseAfter(peer.failures + 1, ended.retryAfter, Math.random());
  if (ended.problem === "TWO_STORIES")
    await database.transaction((tx) => setTrust(tx, parts, id, "PAUSED", "node"));
  const end: Ended = {
    nextPoll: new Date(now + pause),
    problem: ended.problem,
    reached: ended.problem === null ? home.clock() : null,
  };
  await database.transaction((tx) => release(tx, id, end));
  if (ended.problem !== null) log.warn({ peer: id, problem: ended.problem }, "a peer could not be read");
  return { peer: id, problem: ended.problem, taken: ended.taken };
}

/** Reads the peers whose time has come, a few at a time, until stopped. */
export class Harvester {
  #stopped = false;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    readonly parts: HarvestParts,
    /** How often it is looked whether somebody is due, in milliseconds. */
    readonly every = 15_000,
  ) {}

  start(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.round()
        .catch((error: unknown) => this.parts.log.error(describeFault(error), "peers could not be read"))
        .finally(() => this.start());
    }, this.every).unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  /** Everybody who is due now, once. A slow peer holds up nobody but whoever waits for its place. */
  async round(): Promise<readonly Harvested[]> {
    const { database, home } = this.parts;
    const done: Harvested[] = [];
    const due = [...(await database.transaction((tx) => readDue(tx, home.clock(), MOST_DUE)))];
    const worker = async () => {
      for (let id = due.shift(); id !== undefined && !this.#stopped; id = due.shift()) {
        const ended = await harvest(this.parts, id).catch((error: unknown) => {
          // One that we fail at, as when the disk is full, keeps nobody else from being read.
          this.parts.log.error(describeFault(error), "what a peer sent could not be taken in");
          return null;
        });
        if (ended !== null) done.push(ended);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return done;
  }
}

const MOST_DUE = 5000;
const AT_ONCE = 16;

type Read = {
  readonly problem: string | null;
  readonly retryAfter: number | null;
  readonly taken: Harvested["taken"];
};

async function readAll(parts: HarvestParts, peer: Peer, anew: boolean): Promise<Read> {
  const taken: Partial<Record<Tier, TakenIn | null>> = {};
  try {
    const { statement, fresh } = await currentStatement(parts, peer, anew);
    const reader = fresh || peer.reached === null ? await withShares(parts, peer, statement) : peer;
    for (const tier of reader.shares) {
      if (statement.feeds[tier] === undefined) continue;
      taken[tier] = await readFeed(parts, { peer: reader, tier }, statement);
    }
    return { problem: null, retryAfter: null, taken };
  } catch (error) {
    return { ...problemOf(error), taken };
  }
}

/** The peer with the feeds that it lets us read by now: what its partners see is told to whoever it made one. */
async function withShares(parts: HarvestParts, peer: Peer, { feeds }: Statement): Promise<Peer> {
  const { outbound, sign } = parts;
  const place = feeds.partners?.url;
  const asked =
    place === undefined || sign === null
      ? false
      : await fetchHead({ outbound, sign }, place, null).then(
          () => true,
          (error: unknown) => {
            if (error instanceof NotAnswered && error.status < 500) return false;
            throw error;
          },
        );
  const shares: readonly Tier[] = asked ? ["public", "partners"] : ["public"];
  if (shares.length === peer.shares.length) return peer;
  const now = { ...peer, shares };
  await inTurn(parts, async (tx) => {
    await saveShares(tx, peer.id, shares);
    if (isTrusted(peer)) await relist(tx, parts, now);
  });
  return now;
}

/** What a steward is told of it; what is a fault of ours goes on its way. */
function problemOf(error: unknown): { readonly problem: string; readonly retryAfter: number | null } {
  if (error instanceof Untrusted) return { problem: error.rule, retryAfter: null };
  if (error instanceof OutboundError) return { problem: error.kind, retryAfter: null };
  if (error instanceof NotAnswered) return { problem: `HTTP_${error.status}`, retryAfter: error.retryAfter };
  throw error;
}

type Current = { readonly statement: Statement; readonly fresh: boolean };

/** What the peer says of itself: what was read last, unless that is old. */
async function currentStatement(parts: HarvestParts, peer: Peer, anew: boolean): Promise<Current> {
  const { database, home, vocabulary, outbound } = parts;
  const known = await readStatement(peer.statement);
  const now = home.clock();
  const young = now.getTime() - peer.statementRead.getTime() < STATEMENT_AGE && known.expires > now;
  if (young && !anew) return { statement: known, fresh: false };
  const { jws, statement } = await fetchStatement({ outbound }, peer.url);
  const fault = faultIn(statement, known);
  if (fault !== null) throw new Untrusted("WRONG_ROOT", fault);
  if (statement.expires <= now) throw new Untrusted("EXPIRED", "The statement of a peer has ended.");
  await database.transaction(async (tx) => {
    await saveStatement(tx, peer.id, jws, statement, now);
    await savePeerNetwork(tx, { id: peer.id, ...networkOf(statement, vocabulary) });
    await takeBackRevoked(tx, parts, peer, statement);
  });
  return { statement, fresh: true };
}

/** Brings what we hold of a feed to what the peer says now. A key nobody knew yet may stand in a newer statement. */
async function readFeed(parts: HarvestParts, feed: PeerFeed, statement: Statement): Promise<TakenIn | null> {
  try {
    return await readFeedBy(parts, feed, statement);
  } catch (error) {
    if (!(error instanceof Untrusted && error.rule === "UNKNOWN_KEY")) throw error;
    return readFeedBy(parts, feed, (await currentStatement(parts, feed.peer, true)).statement);
  }
}

/** Everything that reading one feed works with. */
type Work = {
  readonly parts: HarvestParts;
  readonly feed: PeerFeed;
  readonly reading: Reading;
  readonly expected: Expected;
  readonly last: Accepted | null;
  /** The feed's address. */
  readonly place: string;
};

async function readFeedBy(
  parts: HarvestParts,
  feed: PeerFeed,
  statement: Statement,
): Promise<TakenIn | null> {
  const last = await inTurn(parts, (tx) => readAccepted(tx, feed));
  const work: Work = {
    parts,
    feed,
    last,
    place: statement.feeds[feed.tier]?.url ?? "",
    reading: { outbound: parts.outbound, sign: feed.tier === "partners" ? parts.sign : null },
    expected: {
      node: feed.peer.node,
      tier: feed.tier,
      keys: new Map(statement.feedKeys.map((key) => [key.thumbprint, key])),
      last,
    },
  };
  const fetched = await fetchHead(work.reading, work.place, last?.etag ?? null);
  if (fetched === null || fetched.jws === last?.head) return null;
  const head = await acceptedHead(work, fetched.jws);
  const taken = await readChanges(work, head, fetched.jws);
  await inTurn(parts, (tx) => saveEtag(tx, feed, fetched.etag));
  return taken;
}

async function acceptedHead({ parts, feed, expected, last }: Work, jws: string): Promise<FeedHead> {
  const head = await readHead(jws, expected.keys);
  try {
    accept(HEAD_RULES, head, expected, parts.home.clock());
  } catch (error) {
    if (error instanceof Untrusted && error.rule === "TWO_STORIES" && last !== null) {
      const evidence = { tier: feed.tier, one: last.head, other: jws, found: parts.home.clock() };
      await inTurn(parts, (tx) => keepEvidence(tx, feed.peer.id, evidence));
    }
    throw error;
  }
  return head;
}

/** What changed since the last head; everything, when the feed began anew, or when what we hold turns out to be something else. */
async function readChanges(work: Work, head: FeedHead, jws: string): Promise<TakenIn> {
  const goesOn = work.last !== null && work.last.epoch === head.epoch && work.last.cursor !== null;
  if (goesOn) {
    try {
      const taken = await readPages(work, head, jws, work.last?.cursor ?? null);
      if (taken !== null) return taken;
    } catch (error) {
      if (!(error instanceof Untrusted && error.rule === "WRONG_SET")) throw error;
    }
  }
  const taken = await readPages(work, head, jws, null);
  if (taken === null) throw new Untrusted("MALFORMED", "A feed cannot be read from its start.");
  return taken;
}

/** Reads page after page and puts them by; null when the peer says that this place in its list is none any more. */
async function readPages(
  work: Work,
  head: FeedHead,
  jws: string,
  cursor: string | null,
): Promise<TakenIn | null> {
  const { parts, feed, reading, place } = work;
  await inTurn(parts, (tx) => beginStaging(tx, feed));
  let url: string | null =
    cursor === null ? `${place}/changes` : `${place}/changes?after=${encodeURIComponent(cursor)}`;
  let last = { head, jws, cursor: null as string | null };
  for (let pages = 0; url !== null; pages++) {
    if (pages > MOST_PAGES) throw new Untrusted("TOO_LARGE", "A feed does not end.");
    const page = await fetchPage(reading, place, url);
    if (page === null) return null;
    const staged = await verified(work, page.items);
    await inTurn(parts, async (tx) => {
      await stage(tx, feed, staged);
      await holdOn(tx, feed.peer.id, parts.home.clock());
    });
    if (page.head !== null && page.head !== jws)
      last = { ...last, head: await acceptedHead(work, page.head), jws: page.head };
    last = { ...last, cursor: page.cursor };
    url = page.next;
  }
  const { home, vocabulary } = parts;
  return inTurn(parts, (tx) => takeIn(tx, { home, vocabulary }, feed, { ...last, whole: cursor === null }));
}

/** The items of a page, each verified by every rule. One that breaks a rule spoils the whole reading. */
async function verified(
  { parts, feed, expected }: Work,
  items: readonly FetchedItem[],
): Promise<readonly Staged[]> {
  const gone = await inTurn(parts, (tx) =>
    withdrawnOn(
      tx,
      feed,
      items.map(({ id }) => id),
    ),
  );
  const now = parts.home.clock();
  return Promise.all(
    items.map(async (item): Promise<Staged> => {
      if (item.gone !== null) return { id: item.id, gone: item.gone };
      const entry = await readEntry(item.jws, expected.keys);
      const arrived = { ...entry, sentAs: item.id, withdrawn: gone.get(item.id) ?? null };
      accept(ENTRY_RULES, arrived, expected, now);
      const { jws, id } = item;
      return { id, gone: null, jws, digest: digestOf(jws), entry, problem: quarantineOf(entry) };
    }),
  );
}

function inTurn<T>({ database }: HarvestParts, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return database.transaction(work);
}
