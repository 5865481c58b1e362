import { record } from "../audit/audit.store.js";
import type { Home } from "../listing/home.js";
import type { Log } from "../log.js";
import { hideOrganizations } from "../organizations/organization.store.js";
import { withdrawAgain } from "../practitioners/profile.store.js";
import { hideResources } from "../resources/resource.store.js";
import type { Database, Transaction } from "../storage/database.js";
import {
  beginEpoch,
  endOf,
  listedAmong,
  readMark,
  toldAmong,
  withdrawnAfter,
  type Mark,
} from "./feed.store.js";
import { loadIdentity, mistrustStatement } from "./identity.store.js";
import { addTo, readLedger, writeAnew, type Last, type Ledger } from "./ledger.js";
import { hasEnded } from "./statement.js";
import { TIERS, type Tier } from "./tier.js";

type Parts = { readonly database: Database; readonly home: Home; readonly file: string; readonly log: Log };

/**
 * Holds the feeds against what is written outside the database. A feed is served only once what left it is written down there; and
 * when the database knows less than was served, it was put back to an earlier state, and whoever left since leaves again.
 */
export class Withdrawals {
  readonly #parts: Parts;
  readonly #noted = new Map<Tier, Mark>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether all that a feed was when it stood there is written down. */
  isNoted(tier: Tier, { epoch, seq }: Mark): boolean {
    const noted = this.#noted.get(tier);
    return noted !== undefined && noted.epoch === epoch && noted.seq >= seq;
  }

  /** Whether this is what was written down last. */
  isLast(tier: Tier, { epoch, seq }: Mark): boolean {
    const noted = this.#noted.get(tier);
    return noted?.epoch === epoch && noted.seq === seq;
  }

  /** Compares every feed, at the start and every hour, and writes the file anew with each withdrawal once: also when it is not there yet. */
  async compare(): Promise<void> {
    for (const tier of TIERS) await this.note(tier);
    await this.#held(async (tx) => {
      const { file, home } = this.#parts;
      const { node } = await loadIdentity(tx, home);
      const { tiers, lines, whole } = await readLedger(file, node);
      if (!whole || lines !== 1 + tiers.size) await writeAnew(file, node, tiers, home.clock());
    });
  }

  /**
   * Writes down what left this feed since the last time; or finds that the database was put back. What another process published is
   * written down here too, whether it has the same file or one of its own.
   */
  async note(tier: Tier): Promise<void> {
    const { home, file } = this.#parts;
    const mark = await this.#held(async (tx) => {
      const { node, retiring } = await loadIdentity(tx, home);
      const ledger = await readLedger(file, node);
      const last = ledger.tiers.get(tier);
      const feed = await readMark(tx, tier);
      if (last !== undefined && !(await goesOn(tx, tier, last, feed)))
        return this.#putBack(tx, ledger, node, tier, last);
      if (feed === null) return null;
      return this.#write(tx, ledger, node, tier, feed, hasEnded(retiring, home.clock()));
    });
    if (mark !== null) this.#noted.set(tier, mark);
  }

  /** Processes that share a database write one after the other, each with what the others wrote before its eyes. */
  #held<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#parts.database.transaction(async (tx) => {
      await tx.query("select pg_advisory_xact_lock(hashtext('cadre withdrawals'))");
      return work(tx);
    });
  }

  /** What a committed feed says; it is read after that commit, so the file is never ahead of the database. */
  async #write(
    tx: Transaction,
    ledger: Ledger,
    node: string,
    tier: Tier,
    { epoch, seq }: Mark,
    over: boolean,
  ): Promise<Mark> {
    const { home, file } = this.#parts;
    const last = ledger.tiers.get(tier);
    if (last?.epoch === epoch && last.seq === seq) return { epoch, seq };
    const left = await withdrawnAfter(tx, tier, last?.seq ?? 0);
    // Who leaves the feed because the node ends has not withdrawn.
    const stays = over ? await this.#listed(tx, tier, left) : new Set();
    const gone = left.filter(({ id }) => !stays.has(id));
    const back = await toldAmong(tx, tier, [...(last?.gone.keys() ?? [])]);
    const line = { tier, epoch, seq, gone: gone.map(({ id, day }) => [id, day] as const), back };
    await addTo(file, node, ledger, line, home.clock());
    return { epoch, seq };
  }

  async #listed(tx: Transaction, tier: Tier, some: readonly { readonly id: string }[]) {
    const { home } = this.#parts;
    const listed = await listedAmong(
      tx,
      { home, tier },
      some.map(({ id }) => id),
    );
    return new Set(listed.map(({ id }) => id));
  }

  /** In one transaction; when it fails the file says the same as before, and it is done again. */
  async #putBack(tx: Transaction, ledger: Ledger, node: string, tier: Tier, last: Last): Promise<Mark> {
    const { home, file, log } = this.#parts;
    const listed = await listedAmong(tx, { home, tier }, [...last.gone.keys()]);
    const of = (kind: string) => listed.filter((one) => one.kind === kind).map(({ id }) => id);
    await withdrawAgain(tx, home, of("practitioner"));
    await hideOrganizations(tx, home, of("organization"));
    await hideResources(tx, home, of("resource"));
    const { epoch, seq } = await beginEpoch(tx, tier);
    await mistrustStatement(tx);
    await record(tx, home, { actor: "node", action: "FEED_BEGUN_ANEW", object: null, fields: [tier] });
    await addTo(file, node, ledger, { tier, epoch, seq, gone: [], back: [] }, home.clock());
    log.warn(
      { tier, withdrawn: listed.length },
      "the database was put back to an earlier state: what was withdrawn since is out again, and the feed begins anew",
    );
    return { epoch, seq };
  }
}

/** Whether a feed is the one that was served, or has gone on from there: in an epoch that this node has begun itself as well. */
async function goesOn(tx: Transaction, tier: Tier, last: Last, feed: Mark | null): Promise<boolean> {
  if (feed === null) return false;
  const reached = feed.epoch === last.epoch ? feed.seq : await endOf(tx, tier, last.epoch);
  return reached !== null && reached >= last.seq;
}
