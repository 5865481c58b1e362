import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { DirectoryError } from "../errors.js";
import type { Home } from "../listing/home.js";
import type { Database } from "../storage/database.js";

/** Who tries: from where, and for which account; `account` is null when the attempt names none. */
export type Attempt = { readonly source: string; readonly account: Buffer | null };

/** After so many failures each further attempt has to wait; after `forgotten` seconds they count no more. */
type Patience = { readonly failures: number; readonly forgotten: number };

const HOUR = 60 * 60;
const ofAccount: Patience = { failures: 5, forgotten: 24 * HOUR };
/** Many people can share one address, as they do behind Tor. */
const ofSource: Patience = { failures: 30, forgotten: HOUR };
/** The longest wait, in seconds. */
const LONGEST_WAIT = 15 * 60;

/** Limits how often somebody can guess. What is kept of accounts and sources are macs. */
export class Attempts {
  readonly #accounts: Counter;
  readonly #sources: Counter;
  readonly #home: Home;

  constructor(database: Database, home: Home) {
    this.#home = home;
    this.#accounts = new Counter(database, "account", ofAccount);
    this.#sources = new Counter(database, "source", ofSource);
  }

  /**
   * Does the work if it is not too soon, RATE_LIMITED otherwise. Counted before it is tried: many attempts at once get no more
   * tries than one after the other. Work that succeeds does not count, and leaves no trace: if it made others' failures forgotten,
   * whoever failed on purpose could tell afterwards that somebody has this address, and when they came.
   */
  async limit<T>({ source, account }: Attempt, work: () => Promise<T>): Promise<T> {
    const from = this.#nameOf("source", source);
    const of = account === null ? null : this.#nameOf("account", account.toString("base64url"));
    await this.#sources.count(from);
    if (of !== null) await this.#accounts.count(of);
    const done = await work();
    await this.#sources.takeBack(from);
    if (of !== null) await this.#accounts.undo(of);
    return done;
  }

  #nameOf(kind: string, value: string): string {
    return this.#home.seals.key("attempt").mac(kind, value).toString("base64url");
  }
}

/** The failures of one kind, and until when whoever had too many has to wait. */
class Counter {
  readonly #failures: RateLimiterPostgres;
  readonly #waits: RateLimiterPostgres;
  readonly #most: number;

  constructor({ write }: Database, kind: string, { failures, forgotten }: Patience) {
    const table = { storeClient: write, storeType: "typeorm", schemaName: "base", tableName: "attempt" };
    const limiter = (keyPrefix: string, duration: number) =>
      new RateLimiterPostgres({ ...table, tableCreated: true, keyPrefix, points: 1, duration });
    this.#failures = limiter(`${kind} failures`, forgotten);
    this.#waits = limiter(`${kind} waits`, LONGEST_WAIT);
    this.#most = failures;
  }

  async count(name: string): Promise<void> {
    const waiting = await this.#waits.get(name);
    if (waiting !== null && waiting.msBeforeNext > 0) throw tooSoon(waiting.msBeforeNext);
    const { consumedPoints } = await this.#failures.penalty(name);
    if (consumedPoints >= this.#most) await this.#wait(name, consumedPoints - this.#most);
  }

  /** One attempt takes the turn and makes all others wait for the next. */
  async #wait(name: string, times: number): Promise<void> {
    const customDuration = Math.min(2 ** Math.min(times, 20), LONGEST_WAIT);
    await this.#waits.consume(name, 1, { customDuration }).catch((refused: unknown) => {
      throw refused instanceof RateLimiterRes ? tooSoon(refused.msBeforeNext) : refused;
    });
  }

  async takeBack(name: string): Promise<void> {
    await this.#failures.reward(name);
  }

  /** The turn that was taken is given back as well. */
  async undo(name: string): Promise<void> {
    await Promise.all([this.#failures.reward(name), this.#waits.delete(name)]);
  }
}

function tooSoon(milliseconds: number): DirectoryError {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  const wait = seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return new DirectoryError("RATE_LIMITED", `Too many attempts have failed; try again in ${wait}.`);
}
