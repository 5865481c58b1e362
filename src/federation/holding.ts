import { dayOf } from "../clock.js";
import type { ListedKind } from "../listing/listing.js";
import { WIRE_TYPES, unfit } from "./body.js";
import { claimsOf } from "./jws.js";
import type { OutboundRefusal } from "./outbound-error.js";
import { apart, clockSentence, isOff, isWrong, type OwnClock } from "./own-clock.js";
import type { Peer } from "./peer.js";
import { retiringIn, type Retiring } from "./statement.js";
import type { Rule } from "./untrusted.js";
import { sentencesOf, type Said } from "./witness.js";

/**
 * How a peer's record is held here. SHOWN: for as long as its lease holds. KEPT: it is in order, and nobody sees it, because the
 * peer is not trusted now or this node does not know what kind of record it is.
 */
export const HELD_STATES = ["SHOWN", "KEPT", "WAITING", "QUARANTINED", "HIDDEN", "WITHDRAWN"] as const;
export type HeldState = (typeof HELD_STATES)[number];

/** How many records of a peer are held in each way. */
export type Holds = Readonly<Record<HeldState, number>>;

export const NOTHING_HELD: Holds = {
  SHOWN: 0,
  KEPT: 0,
  WAITING: 0,
  QUARANTINED: 0,
  HIDDEN: 0,
  WITHDRAWN: 0,
};

/** A record as whoever decides about it sees it: enough to recognise it by, and no more. */
export type HeldRecord = {
  /** By which it is known here. */
  readonly id: string;
  readonly kind: ListedKind | null;
  readonly name: string | null;
  readonly state: HeldState;
  readonly problem: string | null;
};

export function kindOf(type: string | null): ListedKind | null {
  const kinds = Object.keys(WIRE_TYPES) as ListedKind[];
  return kinds.find((kind) => WIRE_TYPES[kind] === type) ?? null;
}

/** What a signed record calls itself; null for one that says nothing that could be shown. */
export function nameIn(jws: string | null): string | null {
  const { body } = (jws === null ? {} : claimsOf(jws)) as { readonly body?: Record<string, unknown> };
  const told = body?.["alias"] ?? body?.["name"] ?? body?.["title"];
  const name = typeof told === "object" && told !== null ? Object.values(told)[0] : told;
  return typeof name === "string" && !unfit(name) ? name.slice(0, LONGEST_NAME) : null;
}

const LONGEST_NAME = 300;

/** How reading a peer went the last time. */
export const PEER_STATES = ["NEW", "OK", "UNREACHABLE", "REFUSED", "QUARANTINED", "RETIRED"] as const;
export type PeerState = (typeof PEER_STATES)[number];

export function stateOf({ trust, problem, reached }: Pick<Peer, "trust" | "problem" | "reached">): PeerState {
  if (trust === "RETIRED") return "RETIRED";
  if (problem === null || problem === STOPPED) return reached === null ? "NEW" : "OK";
  if (/^HTTP_(4(?!29)\d\d)$/.test(problem)) return "REFUSED";
  return problem in BROKEN ? "QUARANTINED" : "UNREACHABLE";
}

/** What is known of two clocks: what all peers say of ours, and by how many seconds ours is ahead of this peer's, where it was heard. */
export type Clocks = { readonly own: OwnClock; readonly ahead: number | null };

/** What is known of a peer, by its own word, by that of others, and by how reading it goes. */
type Known = Pick<Peer, "trust" | "problem" | "mirror" | "statement"> & {
  readonly said: readonly Said[];
  readonly withheld: boolean;
  readonly clocks: Clocks;
};

/** What a steward should know of a peer, each as a sentence. Empty when all is well. */
export function problemsOf(
  { trust, problem, mirror, statement, said, withheld, clocks }: Known,
  holds: Holds,
): readonly string[] {
  const told = [...endOf(trust, retiringIn(statement)), ...(problem === null ? [] : [sentenceFor(problem)])];
  if (mirror !== null) told.push(`It was last read over a mirror: ${mirror}.`);
  told.push(...sentencesOf(said, problem !== null));
  told.push(...clockProblems(clocks));
  if (trust === "PROBATION")
    told.push(
      "Nothing of it is shown before both stewards have compared the safety number of their two nodes.",
    );
  if (holds.WAITING > 0)
    told.push(
      `More of it changed in a day than is usual: look at what waits (${holds.WAITING}) before you release it.`,
    );
  if (holds.QUARANTINED > 0)
    told.push(
      `Some of what it sent cannot be shown (${holds.QUARANTINED}): it does not have its shape, or its key was taken back.`,
    );
  if (withheld)
    told.push("Nothing of it is passed on while some of it waits, is hidden here or cannot be shown.");
  return told;
}

/** Where more peers say that ours is wrong, it is not this peer's that is. */
function clockProblems({ own, ahead }: Clocks): readonly string[] {
  if (ahead === null || !isOff(ahead)) return [];
  if (isWrong(own)) return [clockSentence(own)];
  return [
    `Its clock is ${apart(ahead)} ${ahead > 0 ? "behind" : "ahead of"} this node's: what it lends ends early, or cannot be taken at all, until its operator sets it right.`,
  ];
}

/** That it ends, in its own words: who is said to go on in its place is met and compared like anybody else. */
function endOf(trust: Peer["trust"], retiring: Retiring | null): readonly string[] {
  if (retiring === null) return [];
  const { at, successor } = retiring;
  const next =
    successor === null
      ? "It names nobody who goes on in its place."
      : `It says that its successor is ${successor}; ask its steward before you trust that one.`;
  return [`${trust === "RETIRED" ? "It ended" : "It ends"} on ${dayOf(at)}. ${next}`];
}

/** The reading of a peer was ended because it is not to be read any more. */
export const STOPPED = "STOPPED";
/** This node itself failed at what a peer sent. */
export const FAULT = "FAULT";

function sentenceFor(problem: string): string {
  const known: Readonly<Record<string, string>> = { ...BROKEN, ...SILENT };
  return known[problem] ?? `It answers what is asked of it with the status ${problem.replace("HTTP_", "")}.`;
}

/** What it sent broke a rule, and nothing of it was taken. */
const BROKEN: Readonly<Record<Rule, string>> = {
  MALFORMED: "What it sends does not have the form of a feed.",
  TOO_LARGE: "It sends more than a node may.",
  WRONG_TYPE: "It sends a signed text of another kind than was asked for.",
  WRONG_ALGORITHM: "It signs in a way that nodes do not.",
  UNKNOWN_KEY: "It signs with a key that it has not told of.",
  BAD_SIGNATURE: "A signature of it is not right.",
  REVOKED_KEY: "It signs with a key that it has taken back.",
  ENDED_KEY: "It signs with a key that it has said ended before: somebody else may have found it.",
  WRONG_ISSUER: "It sends what another node says.",
  WRONG_SUBJECT: "It says that it is met at another address, or sends a record under another's id.",
  WRONG_TIER: "It sends what is for another feed.",
  FROM_THE_FUTURE: "It signs in the future: one of the two clocks is wrong.",
  EXPIRED: "What it signed last has ended: it stands still, or somebody holds newer words of it back.",
  REPLAYED: "It sends an older state of its feed than was read before.",
  ROLLED_BACK: "Its feed went back to an earlier state, as after a backup was restored.",
  TWO_STORIES:
    "It has signed two different states under one number: somebody else may have its key. It was paused; talk to its steward.",
  OLDER_THAN_WITHDRAWAL: "It sends a record again that it had withdrawn, as it was signed before that.",
  LEASE_TOO_LONG: "It lends a record for longer than anybody may.",
  WRONG_SET: "What it sends is not what it has signed for.",
  WRONG_ROOT:
    "Another node answers at its address, or its root key changed without the word of the one before.",
};

/** It was not asked, there was no answer, or this node failed. */
const SILENT: Readonly<Record<Exclude<OutboundRefusal, Rule> | typeof STOPPED | typeof FAULT, string>> = {
  FORBIDDEN_URL: "Its address is none at which a node may be asked.",
  ONION: "Its address is an onion service, which this node cannot reach.",
  FORBIDDEN_ADDRESS: "Its name leads to a private address, where peers are not asked.",
  UNREACHABLE: "It cannot be reached.",
  TLS: "Its certificate is not good for its name, or has ended.",
  TIMEOUT: "It takes too long to answer.",
  NOT_HTTP: "What answers at its address does not speak HTTP.",
  REDIRECTED: "It sends whoever asks to another address, which is not followed.",
  BAD_ENCODING: "Its answers are packed in a way that cannot be unpacked.",
  TRUNCATED: "Its answers break off.",
  CLOSED: "This node stopped while it was asking.",
  [FAULT]: "This node failed at what it sent, which is a fault of its own: look at its log, and report it.",
  [STOPPED]: "It was paused, blocked or retired while it was being read.",
};
