import type { Viewer } from "../visibility/viewer.js";

/** What the audit log records: grants, changes of audience, disclosures, exports, keys. Never a search, a filter or a value. */
export const AUDIT_ACTIONS = [
  "INVITED",
  "JOINED",
  "ACCOUNT_REMOVED",
  "FRONTEND_KEY_CREATED",
  "FRONTEND_KEY_REVOKED",
  "KEYS_ROTATED",
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
  "ERASED",
  "VOUCHED",
  "VOUCH_WITHDRAWN",
  "ORGANIZATION_SAVED",
  "ORGANIZATION_REMOVED",
  "RESOURCE_SAVED",
  "RESOURCE_REMOVED",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who did it: a person by their role and their account's random id, or the node itself. */
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

/** How an actor stands in the log: "STEWARD 5f1c…", "node". */
export function pseudonym(actor: Actor): string {
  return typeof actor === "string" ? actor : `${actor.role} ${actor.account ?? actor.frontend ?? ""}`.trim();
}

/** What the chain's mac of an entry is made from, after the mac of the one before it. */
export function chained({ seq, at, actor, action, object, fields }: AuditEntry): readonly string[] {
  return [String(seq), at.toISOString(), actor, action, object ?? "", ...fields];
}
