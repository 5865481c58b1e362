import { describeFault, type Log } from "../log.js";
import type { Transaction } from "../storage/database.js";
import {
  TwoStories,
  acceptStatement,
  acceptedHead,
  beginWork,
  keepStatement,
  pauseLiar,
  takePages,
  type SignedHead,
  type TakingParts,
  type Work,
} from "./arriving.js";
import {
  NotReadAnyMore,
  bucketsHeld,
  readAccepted,
  relist,
  saveEtag,
  stillRead,
  type PeerFeed,
  type TakenIn,
} from "./harvest.store.js";
import type { Outbound } from "./outbound.js";
import { aheadOf, clockSentence, isStopped, isWrong } from "./own-clock.js";
import { isHeard, readOwnClock, saveHeard } from "./own-clock.store.js";
import { OutboundError } from "./outbound-error.js";
import { FAULT, STOPPED } from "./holding.js";
import { isTrusted, pauseAfter, usualPause, type Peer } from "./peer.js";
import { claim, readDue, release, saveShares, type Ended } from "./peer.store.js";
import {
  NotAnswered,
  fetchBuckets,
  fetchHead,
  fetchPage,
  fetchStatement,
  say,
  unheard,
  type FetchedPage,
  type Reading,
  type Signer,
} from "./reading.js";
import { claimsOf, keyNamedIn } from "./jws.js";
import { ALL_BUCKETS, differing, setOf } from "./set.js";
import { retireIfEnded } from "./retired.js";
import { moment, readKeptStatement, type Statement } from "./statement.js";
import { TIERS, type Tier } from "./tier.js";
import { Untrusted, type Rule } from "./untrusted.js";
import { askWitnesses } from "./witnesses.js";

/** What reads from peers. */
export type HarvestParts = TakingParts & {
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
/** Nobody is read for longer at a time, in milliseconds: who sends a byte now and then would keep a place for ever. */
const LONGEST_READING = 3_600_000;

/**
 * Reads a peer now, unless somebody else is; null in that case, or when it is not to be read. Never throws for what the peer does.
 * `anew` asks again also for what hardly ever changes: its statement, and which feeds it lets us read.
 */
export async function harvest(parts: HarvestParts, id: string, anew = false): Promise<Harvested | null> {
  const { database, home, log } = parts;
  const began = home.clock();
  const spanned = () => ({ began, ended: home.clock() });
  const peer = await database.transaction((tx) => claim(tx, id, home.clock()));
  if (peer === null) return null;
  const heard = listening(parts);
  const ended = await readAll({ ...parts, outbound: heard.outbound }, peer, anew).catch(
    async (error: unknown) => {
      await database.transaction((tx) =>
        release(tx, id, { ...spanned(), nextPoll: faulty(home.clock()), problem: FAULT, reached: null }),
      );
      throw error;
    },
  );
  // This node is stopping, which is nothing the peer did: it is read again once the claim has ended.
  if (ended.problem === "CLOSED") return null;
  await database.transaction(async (tx) => {
    await heedClock(tx, parts, peer, heard.ahead());
    if (ended.problem === null || ended.problem === GONE)
      await retireIfEnded(tx, parts, id, ended.problem === GONE);
    await release(tx, id, { ...spanned(), ...(await nextFor(tx, parts, peer, ended)) });
  });
  await sendReceipts(parts, peer, ended.taken);
  await askWitnesses(parts, id, UNEXPECTED.includes(ended.problem));
  if (ended.problem !== null) log.warn({ peer: id, problem: ended.problem }, "a peer could not be read");
  return { peer: id, problem: ended.problem, taken: ended.taken };
}

/** What a node that has ended answers. */
const GONE = "HTTP_410";

/** Another key, or another node, than was expected. */
const UNEXPECTED: readonly (string | null)[] = ["WRONG_ROOT", "WRONG_SUBJECT", "UNKNOWN_KEY"];

/** The way to a peer, and by how many seconds our clock is ahead of its, by the last of its answers; null when none told the time. */
function listening({ outbound, home }: HarvestParts) {
  let ahead: number | null = null;
  const get: Outbound["get"] = async (url, asked) => {
    const sent = home.clock();
    const answered = await outbound.get(url, asked);
    ahead = aheadOf(answered.headers.get("date"), sent, home.clock()) ?? ahead;
    return answered;
  };
  return { outbound: { ...outbound, get }, ahead: () => ahead };
}

/** Keeps what a peer's answers say of our clock; says so when by now it is wrong, or right again. */
async function heedClock(
  tx: Transaction,
  { home, log }: HarvestParts,
  { id }: Peer,
  ahead: number | null,
): Promise<void> {
  const now = home.clock();
  if (ahead === null || (await isHeard(tx, id, ahead, now))) return;
  const before = await readOwnClock(tx, home);
  await saveHeard(tx, id, ahead, now);
  const after = await readOwnClock(tx, home);
  if (isWrong(after) && !isWrong(before)) log.error(clockSentence(after));
  if (isWrong(before) && !isWrong(after)) log.warn("this node's clock is right again: it signs heads");
}

/** When a peer is read next. */
async function nextFor(
  tx: Transaction,
  { home }: HarvestParts,
  peer: Peer,
  ended: Read,
): Promise<Omit<Ended, "began" | "ended">> {
  const now = home.clock();
  const { problem, retryAfter } = ended;
  if (problem === null)
    return { nextPoll: new Date(now.getTime() + usualPause(Math.random())), problem, reached: now };
  // What goes wrong while our own clock is wrong is not the peer's doing, and it is by peers that we hear when it is right again.
  const failures = isStopped(await readOwnClock(tx, home)) ? 0 : peer.failures + 1;
  const pause = pauseAfter(failures, retryAfter, Math.random());
  return { nextPoll: new Date(now.getTime() + pause), problem, reached: null };
}

/** What we fail at is tried again in an hour: sooner would fail again. */
function faulty(now: Date): Date {
  return new Date(now.getTime() + usualPause(Math.random()));
}

/** Tells a peer that we trust up to where we hold its feeds now: whoever withdraws there can see who knows of it. */
async function sendReceipts(parts: HarvestParts, peer: Peer, taken: Harvested["taken"]): Promise<void> {
  const { database, outbound, sign } = parts;
  if (sign === null || !isTrusted(peer)) return;
  for (const tier of TIERS.filter((one) => (taken[one] ?? null) !== null)) {
    const held = await database.transaction((tx) => readAccepted(tx, { peer, tier }));
    const receipt = { tier, epoch: held?.epoch, seq: held?.seq };
    await say({ outbound, sign }, `${peer.url}/fed/v1/receipts`, receipt).catch(unheard);
  }
}

/** Reads the peers whose time has come, a few at a time, until stopped. */
export class Harvester {
  #stopped = false;
  #timer: NodeJS.Timeout | null = null;
  readonly #running = new Set<Promise<unknown>>();
  #free = AT_ONCE;

  constructor(
    readonly parts: HarvestParts,
    /** How often it is looked whether somebody is due, in milliseconds. */
    readonly every = 15_000,
  ) {}

  start(): void {
    if (this.#stopped) return;
    // The next round does not wait for the last one: a slow peer keeps one place, and the others are read in the rest.
    this.#timer = setInterval(() => {
      if (this.#free > 0) this.#begin();
    }, this.every).unref();
  }

  #begin(): void {
    const round = this.round()
      .catch((error: unknown) => this.parts.log.error(describeFault(error), "peers could not be read"))
      .finally(() => this.#running.delete(round));
    this.#running.add(round);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.all(this.#running);
  }

  /** Everybody who is due now, once. A slow peer holds up nobody but whoever waits for its place. */
  async round(): Promise<readonly Harvested[]> {
    const { database, home } = this.parts;
    const done: Harvested[] = [];
    const due = [...(await database.transaction((tx) => readDue(tx, home.clock(), MOST_DUE)))];
    const work = async () => {
      for (let id = due.shift(); id !== undefined && !this.#stopped; id = due.shift()) {
        const ended = await harvest(this.parts, id).catch((error: unknown) => {
          // One that we fail at, as when the disk is full, keeps nobody else from being read.
          this.parts.log.error(describeFault(error), "what a peer sent could not be taken in");
          return null;
        });
        if (ended !== null) done.push(ended);
      }
    };
    const worker = async () => {
      this.#free--;
      await work().finally(() => this.#free++);
    };
    await Promise.all(Array.from({ length: Math.max(1, Math.min(this.#free, due.length)) }, worker));
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
    const current = await currentStatement(parts, peer, anew);
    const { statement, fresh } = current;
    const reader = fresh || peer.reached === null ? await withShares(parts, peer, statement) : peer;
    for (const tier of reader.shares) {
      if (statement.feeds[tier] === undefined) continue;
      taken[tier] = await readFeed(parts, { peer: reader, tier }, current);
    }
    return { problem: null, retryAfter: null, taken };
  } catch (error) {
    if (error instanceof TwoStories) await pauseLiar(parts, peer.id, error);
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
  return parts.database.transaction(async (tx) => {
    const now = { ...(await stillRead(tx, peer)), shares };
    await saveShares(tx, peer.id, shares);
    if (isTrusted(now)) await relist(tx, parts, now);
    return now;
  });
}

/** What a steward is told of it; what is a fault of ours goes on its way. */
function problemOf(error: unknown): { readonly problem: string; readonly retryAfter: number | null } {
  if (error instanceof Untrusted) return { problem: error.rule, retryAfter: null };
  if (error instanceof OutboundError) return { problem: error.kind, retryAfter: null };
  if (error instanceof NotReadAnyMore) return { problem: STOPPED, retryAfter: null };
  if (error instanceof NotAnswered) return { problem: `HTTP_${error.status}`, retryAfter: error.retryAfter };
  throw error;
}

type Current = { readonly statement: Statement; readonly fresh: boolean };

/** What the peer says of itself: what was read last, unless that is old. */
async function currentStatement(parts: HarvestParts, peer: Peer, anew: boolean): Promise<Current> {
  const { database, home, outbound } = parts;
  const known = await readKeptStatement(peer.statement);
  const now = home.clock();
  const young = now.getTime() - peer.statementRead.getTime() < STATEMENT_AGE && known.expires > now;
  if (young && !anew) return { statement: known, fresh: false };
  const { jws, statement } = await fetchStatement({ outbound }, peer.url);
  acceptStatement(statement, known, now);
  await database.transaction((tx) => keepStatement(tx, parts, peer, { jws, statement }));
  return { statement, fresh: true };
}

/**
 * Brings what we hold of a feed to what the peer says now. When it does not go on from what was accepted before, a newer statement may
 * say why: it may name a new key, or take back the one that signed what we hold.
 */
async function readFeed(
  parts: HarvestParts,
  feed: PeerFeed,
  { statement, fresh }: Current,
): Promise<TakenIn | null> {
  try {
    return await readFeedBy(parts, feed, { statement, fresh });
  } catch (error) {
    if (fresh || !(error instanceof Untrusted && IN_A_NEWER_STATEMENT.includes(error.rule))) throw error;
    const newer = await currentStatement(parts, feed.peer, true).catch((failure: unknown) => {
      throw error.rule === "UNKNOWN_KEY" ? failure : error;
    });
    return readFeedBy(parts, feed, newer);
  }
}

const IN_A_NEWER_STATEMENT: readonly Rule[] = [
  "UNKNOWN_KEY",
  "TWO_STORIES",
  "REPLAYED",
  "ROLLED_BACK",
  "OLDER_THAN_WITHDRAWAL",
];

/** What reading one feed works with: how it is asked for, and at which address. */
type FeedWork = Work & { readonly reading: Reading; readonly place: string };

async function readFeedBy(
  parts: HarvestParts,
  feed: PeerFeed,
  { statement, fresh }: Current,
): Promise<TakenIn | null> {
  const work: FeedWork = {
    ...(await beginWork(parts, feed, statement)),
    place: statement.feeds[feed.tier]?.url ?? "",
    reading: { outbound: parts.outbound, sign: feed.tier === "partners" ? parts.sign : null },
  };
  const { last, reading, place } = work;
  const fetched = await fetchHead(reading, place, last?.etag ?? null);
  if (last !== null && (fetched === null || fetched.jws === last.head)) {
    await checkAge(parts, last.head);
    return null;
  }
  if (fetched === null) throw new NotAnswered(304, null);
  if (!fresh && last !== null && keyNamedIn(fetched.jws) !== last.signedBy)
    throw new Untrusted("UNKNOWN_KEY", "Another key signs than before.");
  const head = await acceptedHead(work, fetched.jws);
  const taken = await readChanges(work, head, fetched.jws);
  await parts.database.transaction((tx) => saveEtag(tx, feed, fetched));
  return taken;
}

/** A head that nobody renews is held back by somebody, although it is the one that we know. */
async function checkAge({ home }: HarvestParts, head: string): Promise<void> {
  const { exp } = claimsOf(head) as { exp: number };
  if (moment(exp) <= home.clock())
    throw new Untrusted("EXPIRED", "The head is not good any more: somebody may be holding newer ones back.");
}

/**
 * What changed since the last head; when what we hold turns out to be something else, the buckets that differ; everything, when that is
 * of no use either, or the feed began anew.
 */
async function readChanges(work: FeedWork, head: SignedHead, jws: string): Promise<TakenIn> {
  const { last } = work;
  if (last !== null && last.epoch === head.epoch && last.cursor !== null) {
    try {
      return await takePages(work, { head, jws, pages: pagesFrom(work, last.cursor), whole: [] });
    } catch (error) {
      if (!(error instanceof NoSuchPlace) && !isWrongSet(error)) throw error;
      const repaired = isWrongSet(error) ? await repair(work) : null;
      if (repaired !== null) return repaired;
    }
  }
  try {
    return await takePages(work, { head, jws, pages: pagesFrom(work, null), whole: ALL_BUCKETS });
  } catch (error) {
    if (!(error instanceof NoSuchPlace)) throw error;
    throw new Untrusted("MALFORMED", "A feed cannot be read from its start.");
  }
}

/** Takes in the buckets that differ from what we hold, and no other; null when that does not help, and everything has to be read. */
async function repair(work: FeedWork): Promise<TakenIn | null> {
  try {
    const { buckets, head: jws } = await fetchBuckets(work.reading, work.place);
    const head = await acceptedHead(work, jws);
    const held = await work.parts.database.transaction((tx) => bucketsHeld(tx, work.feed));
    const whole = differing(held, buckets);
    if (setOf(buckets) !== head.set || whole.length === 0 || whole.length > MOST_BUCKETS) return null;
    return await takePages(work, { head, jws, pages: bucketsOf(work, whole), whole });
  } catch (error) {
    if (isNoHelp(error)) return null;
    throw error;
  }
}

/** A publisher need not offer buckets, somebody in between may know older ones, and they may change while they are read. */
function isNoHelp(error: unknown): boolean {
  if (error instanceof Untrusted) return NO_HELP.includes(error.rule);
  if (error instanceof NotAnswered) return error.status < 500 && error.status !== 429;
  return error instanceof NoSuchPlace;
}

const NO_HELP: readonly Rule[] = ["WRONG_SET", "MALFORMED", "REPLAYED", "ROLLED_BACK", "EXPIRED"];
/** Where more buckets differ than these, reading everything takes fewer requests. */
const MOST_BUCKETS = 64;

async function* bucketsOf(
  { reading, place }: FeedWork,
  whole: readonly number[],
): AsyncGenerator<FetchedPage> {
  for (const bucket of whole) {
    const page = await fetchPage(reading, place, `${place}/buckets/${bucket}`);
    if (page === null) throw new NoSuchPlace();
    yield page;
  }
}

function isWrongSet(error: unknown): boolean {
  return error instanceof Untrusted && error.rule === "WRONG_SET";
}

/** The peer says that this place in its list is none any more. */
class NoSuchPlace extends Error {
  override readonly name = "NoSuchPlace";
}

/** Page after page of what changed after a place in the list, or of everything. */
async function* pagesFrom({ reading, place }: FeedWork, cursor: string | null): AsyncGenerator<FetchedPage> {
  let url: string | null =
    cursor === null ? `${place}/changes` : `${place}/changes?after=${encodeURIComponent(cursor)}`;
  const until = performance.now() + LONGEST_READING;
  const visited = new Set<string>();
  while (url !== null) {
    if (visited.has(url)) throw new Untrusted("MALFORMED", "A feed goes round in circles.");
    if (visited.size >= MOST_PAGES || performance.now() > until)
      throw new Untrusted("TOO_LARGE", "A feed does not end.");
    visited.add(url);
    const page: FetchedPage | null = await fetchPage(reading, place, url);
    if (page === null) throw new NoSuchPlace();
    yield page;
    url = page.next;
  }
}
