import type { Key } from "../storage/seal.js";
import type { Viewer } from "../visibility/viewer.js";

/** What the audit log records: grants, changes of audience, disclosures, exports, keys. Never a search, a filter or a value. */
export const AUDIT_ACTIONS = [
  "INVITED",
  "JOINED",
  "ACCOUNT_REMOVED",
  "PASSWORD_CHANGED",
  "ACCESS_RECOVERED",
  "RECOVERY_CODES_RENEWED",
  "AUTHENTICATOR_REPLACED",
  "PASSKEY_ADDED",
  "PASSKEY_REMOVED",
  "IDENTITY_LINKED",
  "IDENTITY_UNLINKED",
  "SESSIONS_ENDED",
  "ROLE_CHANGED",
  "FRONTEND_KEY_CREATED",
  "FRONTEND_KEY_REVOKED",
  "KEYS_ROTATED",
  "FEED_KEY_ROTATED",
  "FEED_KEY_REVOKED",
  "ROOT_ROTATED",
  "ROOT_TAKEN_OUT",
  "IDENTITY_SIGNED",
  "FEED_BEGUN_ANEW",
  "RETIREMENT_TOLD",
  "RETIREMENT_TAKEN_BACK",
  "IMPORTED",
  "EXPORTED",
  "ENTRY_SAVED",
  "AUDIENCE_CHANGED",
  "SUBMITTED",
  "ACCEPTED",
  "ENTRY_RETURNED",
  "REVIEWED",
  "SUSPENDED",
  "LIFTED",
  "CONFIRMED",
  "LAPSED",
  "WITHDRAWN",
  "MOVED",
  "ERASED",
  "VOUCHED",
  "VOUCH_WITHDRAWN",
  "PATHWAY_SAVED",
  "PROGRESS_SEEN",
  "LEVEL_GRANTED",
  "LEVEL_REVOKED",
  "LEVEL_LAPSED",
  "ORGANIZATION_SAVED",
  "ORGANIZATION_REMOVED",
  "RESOURCE_SAVED",
  "RESOURCE_REMOVED",
  "PEER_INVITED",
  "PEER_INTRODUCED",
  "PEER_ADDED",
  "PEER_TRUSTED",
  "PEER_PAUSED",
  "PEER_BLOCKED",
  "PEER_RETIRED",
  "PEER_RELEASED",
  "PEER_RELAYED",
  "PEER_NOT_RELAYED",
  "PEER_RECORD_HIDDEN",
  "PEER_RECORD_SHOWN",
  "PEER_RECORD_FLAGGED",
  "FLAG_DISMISSED",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who did it: a person by their role and their account's random id, or the node itself, or whoever has a shell on its machine. */
export type Actor = "node" | "operator" | Viewer;

/** What is to be recorded. `object` is the id of what it was done to; `fields` names fields and never holds their values. */
export type Deed = {
  readonly actor: Actor;
  readonly action: AuditAction;
  readonly object: string | null;
  readonly fields?: readonly string[];
};

/** An entry of the log. */
export type AuditEntry = {
  readonly seq: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: AuditAction;
  readonly object: string | null;
  readonly fields: readonly string[];
};

/** An entry as it is kept: its mac holds it, and all entries before it, to what they are. */
export type ChainedEntry = AuditEntry & { readonly mac: Buffer };

/** Where the log ends. Noted elsewhere, it tells later whether entries were taken off the end, which a chain alone does not. */
export type Head = { readonly seq: number; readonly mac: Buffer };

/** How an actor stands in the log: "STEWARD 5f1c…", "node". */
export function pseudonym(actor: Actor): string {
  return typeof actor === "string" ? actor : `${actor.role} ${actor.account ?? actor.frontend ?? ""}`.trim();
}

/** Where a log without entries ends. */
export function beginning(key: Key): Head {
  return { seq: 0, mac: key.mac("the audit log begins") };
}

/** The entries that follow `last`, each with its mac over the one before it. */
export function chain(key: Key, last: Head, deeds: readonly Deed[], at: Date): readonly ChainedEntry[] {
  let head = last;
  return deeds.map(({ actor, action, object, fields = [] }) => {
    const entry = { seq: head.seq + 1, at, actor: pseudonym(actor), action, object, fields };
    head = { seq: entry.seq, mac: macOf(key, head, entry) };
    return { ...entry, mac: head.mac };
  });
}

/** Whether the entry is the one that was recorded after `last`. */
export function follows(key: Key, last: Head, entry: ChainedEntry): boolean {
  return entry.seq === last.seq + 1 && entry.mac.equals(macOf(key, last, entry));
}

/** As an operator notes it: "1204:9f3c…". */
export function writeHead({ seq, mac }: Head): string {
  return `${seq}:${mac.toString("hex")}`;
}

/** What `writeHead` wrote; null when the text is no head. */
export function readHead(text: string): Head | null {
  const [, seq, mac] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text.trim()) ?? [];
  return seq === undefined || mac === undefined ? null : { seq: Number(seq), mac: Buffer.from(mac, "hex") };
}

function macOf(key: Key, last: Head, { seq, at, actor, action, object, fields }: AuditEntry): Buffer {
  return key.mac(writeHead(last), JSON.stringify([seq, at.getTime(), actor, action, object, fields]));
}
