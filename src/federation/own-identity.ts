import type { Home } from "../listing/home.js";
import type { Database } from "../storage/database.js";
import type { Identity } from "./identity.js";
import { loadIdentity, readSigned } from "./identity.store.js";

/** What this node is, and what its root has signed last; null before anything was. */
export type Own = { readonly identity: Identity; readonly statement: string | null };

/** In milliseconds. */
const BELIEVED_FOR = 2000;

/** What this node is, believed for two seconds: to look it up takes a lock, and whoever asks us often must not hold that. */
export class OwnIdentity {
  #held: { readonly own: Promise<Own>; readonly until: number } | null = null;

  constructor(readonly parts: { readonly database: Database; readonly home: Home }) {}

  now(): Promise<Own> {
    if (this.#held !== null && performance.now() < this.#held.until) return this.#held.own;
    const own = this.#read();
    this.#held = { own, until: performance.now() + BELIEVED_FOR };
    own.catch(() => (this.#held = null));
    return own;
  }

  async #read(): Promise<Own> {
    const { database, home } = this.parts;
    const identity = await database.transaction((tx) => loadIdentity(tx, home));
    return { identity, statement: (await readSigned(database.read))?.statement ?? null };
  }
}
