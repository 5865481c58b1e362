import type { Transaction } from "../storage/database.js";
import type { TakingParts } from "./arriving.js";
import { claimsOf } from "./jws.js";
import { readLastHeads } from "./harvest.store.js";
import { isRead } from "./peer.js";
import { readPeer } from "./peer.store.js";
import { hasEnded, retiringIn } from "./statement.js";
import { setTrust } from "./trust.store.js";

/**
 * Retires a peer that has ended: its root said that it would by now, and nothing stands in any feed of it that this node reads, or
 * there is none any more (`gone`). What it says alone ends nothing: until its feeds are empty it is read as before.
 */
export async function retireIfEnded(
  tx: Transaction,
  parts: TakingParts,
  id: string,
  gone: boolean,
): Promise<void> {
  const peer = await readPeer(tx, id, { toChange: true });
  if (peer === null || !isRead(peer)) return;
  if (!hasEnded(retiringIn(peer.statement), parts.home.clock())) return;
  const heads = await readLastHeads(tx, peer);
  const empty = heads.length > 0 && heads.every((head) => (claimsOf(head) as { count: number }).count === 0);
  if (empty || gone) await setTrust(tx, parts, id, "RETIRED", "node");
}
