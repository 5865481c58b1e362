import { describeFault, type Log } from "../log.js";
import type { Transaction } from "../storage/database.js";
import {
  TwoStories,
  acceptStatement,
  acceptedHead,
  beginWork,
  checkAge,
  keepStatement,
  pauseLiar,
  takePages,
  type SignedHead,
  type TakingParts,
  type Work,
} from "./arriving.js";
import { readAccepted, relist, saveEtag, stillRead, type PeerFeed, type TakenIn } from "./harvest.store.js";
import { compareBuckets } from "./compare-buckets.js";
import type { Outbound } from "./outbound.js";
import { aheadOf, clockSentence, isStopped, isWrong } from "./own-clock.js";
import { isHeard, readOwnClock, saveHeard } from "./own-clock.store.js";
import { RENEWED } from "./head.js";
import { FAULT, STOPPED } from "./holding.js";
import { isTrusted, pauseAfter, usualPause, type Peer } from "./peer.js";
import { claim, readDue, readPeer, release, saveShares, type Ended } from "./peer.store.js";
import {
  MOST_PAGES,
  NotAnswered,
  fetchHead,
  fetchPage,
  fetchStatement,
  say,
  unheard,
  type FetchedPage,
  type Reading,
  type Signer,
} from "./reading.js";
import { readOverMirrors } from "./mirrors.js";
import { tellFlags } from "./flags.js";
import { problemOf } from "./problem.js";
import { ALL_BUCKETS } from "./set.js";
import { retireIfEnded } from "./retired.js";
import { readKeptStatement, type Statement } from "./statement.js";
import { TIERS, type Tier } from "./tier.js";
import { Untrusted, type Rule } from "./untrusted.js";
import { askWitnesses } from "./witnesses.js";

/** What reads from peers. */
export type HarvestParts = TakingParts & {
  readonly outbound: Outbound;
  readonly sign: Signer | null;
  readonly log: Log;
};

/**
 * How a reading of a peer ended: `problem` is what went wrong at its own address, null when nothing did; `mirror` is where it was read
 * instead, null when that was nowhere. `taken` is what changed, by feed; null where nothing did.
 */
export type Harvested = {
  readonly peer: string;
  readonly problem: string | null;
  readonly mirror: string | null;
  readonly taken: Readonly<Partial<Record<Tier, TakenIn | null>>>;
};

/** A statement is read again after so long, in milliseconds; sooner when a key is met that it does not name. */
const STATEMENT_AGE = 24 * 3_600_000;
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
  const ended = await readAll({ ...parts, outbound: heard.outbound }, peer, anew)
    // By the plain way out: what a mirror's answers say of the time is not this peer's word.
    .then((read) => orElsewhere(parts, peer, read, began))
    .catch(async (error: unknown) => {
      const fault = { nextPoll: faulty(home.clock()), problem: FAULT, mirror: null, reached: null };
      await database.transaction((tx) => release(tx, id, { ...spanned(), ...fault }));
      throw error;
    });
  // This node is stopping, which is nothing the peer did: it is read again once the claim has ended.
  if (ended.problem === "CLOSED") return null;
  const still = await database.transaction(async (tx) => {
    await heedClock(tx, parts, peer, heard.ahead());
    if (ended.problem === null || ended.mirror !== null || ended.problem === GONE)
      await retireIfEnded(tx, parts, id, ended.problem === GONE);
    await release(tx, id, { ...spanned(), ...(await nextFor(tx, parts, peer, ended)) });
    return readPeer(tx, id);
  });
  // Whoever was paused while they were read is told nothing more.
  if (still !== null && isTrusted(still)) {
    await sendReceipts(parts, still, ended.taken);
    await tellFlags(parts, still);
  }
  await askWitnesses(parts, id, UNEXPECTED.includes(ended.problem));
  const { problem, mirror, taken } = ended;
  if (problem !== null)
    log.warn({ peer: id, problem, mirror }, "a peer could not be read at its own address");
  return { peer: id, problem, mirror, taken };
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
  const { problem, mirror, retryAfter } = ended;
  if (problem === null)
    return { nextPoll: new Date(now.getTime() + usualPause(Math.random())), problem, mirror, reached: now };
  // What goes wrong while our own clock is wrong is not the peer's doing, and it is by peers that we hear when it is right again.
  const excused = mirror !== null || isStopped(await readOwnClock(tx, home));
  const failures = excused ? 0 : peer.failures + 1;
  const pause = pauseAfter(failures, retryAfter, Math.random());
  return { nextPoll: new Date(now.getTime() + pause), problem, mirror, reached: null };
}

/** What we fail at is tried again in an hour: sooner would fail again. */
function faulty(now: Date): Date {
  return new Date(now.getTime() + usualPause(Math.random()));
}

/** Tells a peer that we trust up to where we hold its feeds now: whoever withdraws there can see who knows of it. */
async function sendReceipts(parts: HarvestParts, peer: Peer, taken: Harvested["taken"]): Promise<void> {
  const { database, outbound, sign } = parts;
  if (sign === null) return;
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

type Read = Pick<Harvested, "problem" | "mirror" | "taken"> & {
  readonly retryAfter: number | null;
  /** Whether its head is good and older than one should be that nobody holds back. */
  readonly still: boolean;
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
    const still = taken.public === null && (await standsStill(parts, reader, statement));
    return { problem: null, retryAfter: null, mirror: null, taken, still };
  } catch (error) {
    if (error instanceof TwoStories) await pauseLiar(parts, peer.id, error);
    return { ...problemOf(error), mirror: null, taken, still: false };
  }
}

/** Somebody may be holding newer heads back: whoever has mirrors can be asked there. */
async function standsStill({ database, home }: HarvestParts, peer: Peer, { feeds }: Statement) {
  if ((feeds.public?.mirrors ?? []).length === 0) return false;
  const last = await database.transaction((tx) => readAccepted(tx, { peer, tier: "public" }));
  return last !== null && home.clock().getTime() - last.iat.getTime() > STILL;
}

/** Twice as long as a node takes to sign its head anew, in milliseconds. */
const STILL = 2 * RENEWED * 3_600_000;
/** What no mirror changes: the peer contradicts itself, is not to be read any more, or this node is stopping. */
const FINAL: readonly (string | null)[] = ["TWO_STORIES", STOPPED, "CLOSED"];

/** What could not be read at the peer's own address is read over a mirror; what went wrong there stays what is said of the peer. */
async function orElsewhere(parts: HarvestParts, peer: Peer, read: Read, since: Date): Promise<Read> {
  const failed = read.problem !== null && read.taken.public === undefined && !FINAL.includes(read.problem);
  if (!failed && !read.still) return read;
  try {
    const over = await readOverMirrors(parts, peer.id, since);
    if (over === null || (over.taken === null && !failed)) return read;
    return { ...read, mirror: over.mirror, taken: { ...read.taken, public: over.taken } };
  } catch (error) {
    if (error instanceof TwoStories) await pauseLiar(parts, peer.id, error);
    return { ...read, ...problemOf(error) };
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
    ...(await beginWork(parts, feed, { statement, fresh })),
    place: statement.feeds[feed.tier]?.url ?? "",
    reading: { outbound: parts.outbound, sign: feed.tier === "partners" ? parts.sign : null },
  };
  const { last, reading, place } = work;
  const fetched = await fetchHead(reading, place, last?.etag ?? null);
  if (last !== null && (fetched === null || fetched.jws === last.head)) {
    checkAge(last.head, parts.home.clock());
    return null;
  }
  if (fetched === null) throw new NotAnswered(304, null);
  const head = await acceptedHead(work, fetched.jws);
  const taken = await readChanges(work, head, fetched.jws);
  await parts.database.transaction((tx) => saveEtag(tx, feed, fetched));
  return taken;
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
    const { head, jws, whole } = await compareBuckets(work, work.reading, work.place);
    if (whole.length === 0 || whole.length > MOST_BUCKETS) return null;
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
