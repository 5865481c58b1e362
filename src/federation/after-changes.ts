import { CHANGES } from "../listing/listing.store.js";
import { describeFault, type Log } from "../log.js";
import type { Database, Listener } from "../storage/database.js";

/** What is done after a change: `soon` so many milliseconds later, once for all that changes until then. */
export type Following = {
  readonly database: Pick<Database, "listen">;
  readonly log: Log;
  readonly soon: number;
  readonly work: () => Promise<unknown>;
  /** What is said when changes cannot be heard of, and when the work fails. */
  readonly deaf: string;
  readonly failed: string;
};

/** Follows the change log by listening. Nobody who writes waits for it, and one piece of work follows another. */
export class AfterChanges {
  #listener: Promise<Listener | null> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(readonly following: Following) {}

  start(): void {
    const { database, log, soon, deaf } = this.following;
    const hear = () => this.lookIn(soon);
    this.#listener = database.listen(CHANGES, hear, hear).catch((error: unknown) => {
      log.warn(describeFault(error), deaf);
      return null;
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await (await this.#listener)?.close();
    await this.#running;
  }

  /** Does the work in so many milliseconds, unless it is to be done sooner anyway. */
  lookIn(pause: number): void {
    const { work, log, failed } = this.following;
    if (this.#stopped || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#running = this.#running
        .then(work)
        .catch((error: unknown) => log.error(describeFault(error), failed));
    }, pause).unref();
  }
}
