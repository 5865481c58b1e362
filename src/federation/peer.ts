import type { Statement } from "./statement.js";
import type { Tier } from "./tier.js";

/**
 * What we let another node's word count for. In PROBATION it is read and kept, and nobody sees it: two stewards have still to compare
 * their safety number. PUBLIC_ONLY and PARTNER are trusted: their records are shown, and a PARTNER reads what members of trusted
 * networks may see. PAUSED is hidden for now. What came from a BLOCKED node is deleted, and its word is refused. RETIRED has ended.
 */
export const TRUSTS = ["PROBATION", "PUBLIC_ONLY", "PARTNER", "PAUSED", "BLOCKED", "RETIRED"] as const;
export type Trust = (typeof TRUSTS)[number];

/** A node we know. */
export type Peer = {
  /** Of its network, here and everywhere. */
  readonly id: string;
  readonly node: string;
  /** Where it is met: what its statement says. */
  readonly url: string;
  readonly trust: Trust;
  /** The feeds it lets us read. */
  readonly shares: readonly Tier[];
  /** The last statement of its root, and when it was read. */
  readonly statement: string;
  readonly statementRead: Date;
  /** The peer that told us of it; null when nobody did. */
  readonly introducedBy: string | null;
  readonly added: Date;
  readonly nextPoll: Date;
  /** When it was last read without a problem; null when it never was. */
  readonly reached: Date | null;
  /** How often in a row reading it has failed. */
  readonly failures: number;
  /** Why it failed the last time: a rule, a kind of silence, or a status; null when it did not. */
  readonly problem: string | null;
  /** The mirror that it was read over the last time that it could be read; null when that was at its own address. */
  readonly mirror: string | null;
  /** Whether its public feed is passed on here to whoever asks, by a steward's word. */
  readonly relayed: boolean;
};

/** Whether what it sends is shown to anybody. */
export function isTrusted({ trust }: Pick<Peer, "trust">): boolean {
  return trust === "PUBLIC_ONLY" || trust === "PARTNER";
}

/** Whether its feeds are read. */
export function isRead(peer: Pick<Peer, "trust">): boolean {
  return isTrusted(peer) || peer.trust === "PROBATION";
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How long to wait before a peer is asked again, in milliseconds: an hour, a quarter more or less, so that not all come at once. */
export function usualPause(random: number): number {
  return HOUR * (0.75 + random / 2);
}

/** After failures twice as long each time, up to a day; what the peer itself asked for counts, within that. */
export function pauseAfter(failures: number, retryAfter: number | null, random: number): number {
  const doubled = Math.min(24 * HOUR, usualPause(random) * 2 ** Math.min(failures, 10));
  return retryAfter === null ? doubled : Math.min(24 * HOUR, Math.max(5 * MINUTE, retryAfter));
}

/** Why a statement cannot be that of this peer; null when it can. Who the node is never changes, and no root is forgotten. */
export function faultIn(statement: Statement, known: Statement): string | null {
  if (statement.node !== known.node) return "Another node answers at the address of this peer.";
  if (statement.issued < known.issued) return "The statement is older than one that was read before.";
  const roots = known.roots.every((root, at) => statement.roots[at] === root);
  return roots ? null : "The root key changed without the word of the one before it.";
}
