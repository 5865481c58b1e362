import { record } from "../audit/audit.store.js";
import type { Actor, AuditAction } from "../audit/audit.js";
import { badInput } from "../errors.js";
import { deleteOrigin } from "../listing/listing.store.js";
import { forgetMoves } from "../listing/moved.store.js";
import { namesBeside, savePeerNetwork } from "../listing/network.store.js";
import type { Transaction } from "../storage/database.js";
import { forget, relist, stand, type Taking } from "./harvest.store.js";
import { looksLike } from "./look-alike.js";
import { networkIdOf, shortForm } from "./node-id.js";
import { isTrusted, type Peer, type Trust } from "./peer.js";
import { insertPeer, makeDue, readPeer, saveTrust } from "./peer.store.js";
import type { Statement } from "./statement.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";

/** A node that was met: what it says of itself, as its root has signed it. */
export type Met = {
  readonly jws: string;
  readonly statement: Statement;
  readonly introducedBy: string | null;
};

/** Begins to know a node, on probation: it is read, and nobody sees it before two stewards have compared their number. */
export async function meet(
  tx: Transaction,
  { home, vocabulary }: Taking,
  { jws, statement, introducedBy }: Met,
  actor: Actor,
) {
  const now = home.clock();
  const id = networkIdOf(statement.node);
  const peer: Peer = {
    id,
    node: statement.node,
    url: statement.url,
    trust: "PROBATION",
    shares: ["public"],
    statement: jws,
    statementRead: now,
    introducedBy,
    added: now,
    nextPoll: now,
    reached: null,
    failures: 0,
    problem: null,
    mirror: null,
    relayed: false,
  };
  await saveNetwork(tx, id, statement, vocabulary);
  await insertPeer(tx, peer);
  await record(tx, home, { actor, action: "PEER_ADDED", object: id });
  return peer;
}

/**
 * Keeps what a network says of itself, as everybody may read it. Behind a name that looks like that of another network stands the
 * short form of its node; a region that is no word of ours is left out.
 */
export async function saveNetwork(
  tx: Transaction,
  id: string,
  { node, url, network }: Pick<Statement, "node" | "url" | "network">,
  vocabulary: Vocabulary,
): Promise<void> {
  const others = await namesBeside(tx, id);
  const taken = others.some((other) => looksLike(other, network.name));
  await savePeerNetwork(tx, {
    id,
    name: taken ? `${network.name} (${shortForm(node)})` : network.name,
    url,
    regions: network.regions.filter((region) => vocabulary.regions.has(region)),
  });
}

/**
 * Lets a peer's word count for so much from now on, with the commit: what is not trusted any more is hidden at once, and what came
 * from a blocked node is deleted. Of one that is blocked or has ended nobody is led to where somebody went either.
 */
export async function setTrust(
  tx: Transaction,
  taking: Taking,
  id: string,
  trust: Trust,
  actor: Actor,
): Promise<Peer> {
  const before = await readPeer(tx, id, { toChange: true });
  if (before === null) throw badInput("There is no peer with this id.", ["id"]);
  if (before.trust === trust) return before;
  await saveTrust(tx, id, trust);
  if (trust === "BLOCKED" || trust === "RETIRED") await forgetMoves(tx, id, null);
  const peer = { ...before, trust };
  if (trust === "BLOCKED") {
    await forget(tx, id);
    await deleteOrigin(tx, id);
  } else if (isTrusted(peer)) {
    await relist(tx, taking, peer);
    await makeDue(tx, id, taking.home.clock());
  } else await stand(tx, peer);
  await record(tx, taking.home, { actor, action: ACTIONS[trust], object: id });
  return peer;
}

const ACTIONS: Readonly<Record<Trust, AuditAction>> = {
  PROBATION: "PEER_ADDED",
  PUBLIC_ONLY: "PEER_TRUSTED",
  PARTNER: "PEER_TRUSTED",
  PAUSED: "PEER_PAUSED",
  BLOCKED: "PEER_BLOCKED",
  RETIRED: "PEER_RETIRED",
};
