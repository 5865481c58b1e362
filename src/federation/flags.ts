import type { Actor } from "../audit/audit.js";
import type { Home } from "../listing/home.js";
import type { Database } from "../storage/database.js";
import { readFlag, writeFlag, type Flag, type FlagReason } from "./flag.js";
import {
  dismissFlag,
  flagHeld,
  forgetFlags,
  isAnyFlagged,
  readFlagged,
  readToTell,
  saveFlag,
  saveTold,
  type Flagged,
} from "./flag.store.js";
import type { Outbound } from "./outbound.js";
import { isTrusted, type Peer } from "./peer.js";
import { say, unheard, type Signer } from "./reading.js";

type FlagParts = { readonly database: Database; readonly home: Home };

/** What stewards tell each other's nodes of single records: that there is something to look at, and of what kind. It changes nothing by itself. */
export class Flags {
  constructor(readonly parts: FlagParts) {}

  /** What peers have flagged of our records, and nobody has dismissed. */
  all(first: number): Promise<readonly Flagged[]> {
    return this.parts.database.transaction((tx) => readFlagged(tx, first));
  }

  dismiss(actor: Actor, flag: Flag): Promise<void> {
    const { database, home } = this.parts;
    return database.transaction((tx) => dismissFlag(tx, home, flag, actor));
  }

  /** Flags a peer's record by its id here. */
  flag(actor: Actor, local: string, reason: FlagReason): Promise<void> {
    const { database, home } = this.parts;
    return database.transaction((tx) => flagHeld(tx, home, local, reason, actor));
  }

  /** A peer flags a record of ours. Whether it was a flag; whether there is such a record is told to nobody. */
  async hear(peer: Peer, body: string): Promise<boolean> {
    const { database, home } = this.parts;
    const flag = readFlag(body);
    if (flag === null) return false;
    await database.transaction((tx) => saveFlag(tx, peer, flag, home.clock()));
    return true;
  }

  /** Forgets what is flagged of records that left every feed; `publish` takes out of the feeds who withdrew, and is done only where something is flagged. */
  async keepUp(publish: () => Promise<void>): Promise<void> {
    const { database, home } = this.parts;
    if (await database.transaction(isAnyFlagged)) await publish();
    await database.transaction((tx) => forgetFlags(tx, home.clock()));
  }
}

/** Tells a peer that we trust what is flagged of its records. What it does not take now it is told at the next contact. */
export async function tellFlags(
  {
    database,
    home,
    outbound,
    sign,
  }: FlagParts & { readonly outbound: Outbound; readonly sign: Signer | null },
  peer: Peer,
): Promise<void> {
  if (sign === null || !isTrusted(peer)) return;
  for (const flag of await database.transaction((tx) => readToTell(tx, peer.id, home.clock()))) {
    const heard = await say({ outbound, sign }, `${peer.url}/fed/v1/flags`, writeFlag(flag)).catch(unheard);
    if (heard?.status !== 202) return;
    await database.transaction((tx) => saveTold(tx, peer.id, flag, home.clock()));
  }
}
