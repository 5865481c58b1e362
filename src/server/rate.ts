import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { DirectoryError } from "../errors.js";
import type { Frontend } from "../accounts/frontend-key.js";
import type { Asker } from "../accounts/recognise.js";

/**
 * How many points a minute are given to one source without an account, to one account, to one frontend's key, and to one source that
 * asks as other nodes do; 0 does not count.
 */
export type Rates = Readonly<Record<"source" | "account" | "frontend" | "peer", number>>;

/** Every request costs a point, and one more for so much of what it costs to answer. */
const COST_OF_A_POINT = 2500;
/** To draw a picture takes as long as to answer so many small questions. */
const PICTURE = 5;
/** Beside what a minute gives, so many minutes' worth can be asked for at once, every ten minutes. */
const BURST = 2;

/** A refusal that says when to come back. */
export class TooMany extends DirectoryError {
  constructor(readonly seconds: number) {
    super("RATE_LIMITED", `Too many questions at once; ask again in ${seconds} s.`);
  }
}

/**
 * Counts what each viewer asks, in this process's memory. What is counted depends on the question alone, never on what is found,
 * so that nobody learns anything from being refused.
 */
export class Meter {
  readonly #limiters: Readonly<Record<keyof Rates, BurstyRateLimiter | null>>;

  constructor({ source, account, frontend, peer }: Rates) {
    this.#limiters = {
      source: limiter(source),
      account: limiter(account),
      frontend: limiter(frontend),
      peer: limiter(peer),
    };
  }

  /** Counts a request that just came in. */
  async begin(asker: Asker): Promise<void> {
    await this.#take(asker, 1);
  }

  /** Counts what it costs to answer it. */
  async pay(asker: Asker, cost: number): Promise<void> {
    const points = Math.floor(cost / COST_OF_A_POINT);
    if (points > 0) await this.#take(asker, points);
  }

  /** Counts a request from somebody who brought a key or a session that is not good. */
  async refused(source: string): Promise<void> {
    await take(this.#limiters.source, source, 1);
  }

  /** Counts a picture that somebody asks for. */
  async picture(source: string): Promise<void> {
    await take(this.#limiters.source, source, PICTURE);
  }

  /** Counts what is asked of the feeds: by where it comes from, before anybody has looked who signed it. */
  async fromPeer(source: string): Promise<void> {
    await take(this.#limiters.peer, source, 1);
  }

  async #take({ viewer, request, frontend }: Asker, points: number): Promise<void> {
    if (viewer.account !== null) await take(this.#limiters.account, viewer.account, points);
    else if (frontend !== null) await this.#takeThrough(frontend, request.source, points);
    else await take(this.#limiters.source, request.source, points);
  }

  /** A key that browsers use can be read from the page: whoever copies it has no more of it than one visitor. */
  async #takeThrough({ id, origins }: Frontend, source: string, points: number): Promise<void> {
    if (origins.length > 0) await take(this.#limiters.source, `${id} ${source}`, points);
    await take(this.#limiters.frontend, id, points);
  }
}

function limiter(points: number): BurstyRateLimiter | null {
  if (points === 0) return null;
  return new BurstyRateLimiter(
    new RateLimiterMemory({ points, duration: 60 }),
    new RateLimiterMemory({ points: points * BURST, duration: 600 }),
  );
}

async function take(limiter: BurstyRateLimiter | null, name: string, points: number): Promise<void> {
  await limiter?.consume(name, points).catch((refused: unknown) => {
    throw refused instanceof RateLimiterRes
      ? new TooMany(Math.max(1, Math.ceil(refused.msBeforeNext / 1000)))
      : refused;
  });
}
