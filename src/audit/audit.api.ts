import { Field, ObjectType } from "type-graphql";
import { enumOf } from "../vocabulary/enum.api.js";
import { DateTimeScalar } from "../vocabulary/scalars.api.js";
import { AUDIT_ACTIONS, type AuditAction, type AuditEntry } from "./audit.js";

const AuditActionEnum = enumOf(
  "AuditAction",
  AUDIT_ACTIONS,
  "What was done. The log holds grants, changes of audience, disclosures and keys; never a search, a filter or a value.",
  {
    INVITED: "Somebody was invited to the network.",
    JOINED: "Somebody took up an invitation.",
    ACCOUNT_REMOVED: "An account was removed, and its sessions with it.",
    PASSWORD_CHANGED: "A password was changed.",
    ACCESS_RECOVERED: "Somebody came back into their account by a recovery code.",
    RECOVERY_CODES_RENEWED: "An account's recovery codes were made anew; the old ones ended.",
    AUTHENTICATOR_REPLACED: "An account was given another second factor.",
    PASSKEY_ADDED: "A passkey was added to an account.",
    PASSKEY_REMOVED: "A passkey was taken off an account.",
    IDENTITY_LINKED: "An account was linked to an identity at the network's own sign-in.",
    IDENTITY_UNLINKED: "An account was parted from its identity at the network's own sign-in.",
    SESSIONS_ENDED: "Sessions of an account were ended.",
    ROLE_CHANGED: "Somebody was given another role.",
    FRONTEND_KEY_CREATED: "A key was made for a frontend of the network.",
    FRONTEND_KEY_REVOKED: "A frontend's key was revoked.",
    KEYS_ROTATED: "The keys that seal what is private were wrapped anew.",
    FEED_KEY_ROTATED: "A new key was made for the node to sign its feeds by.",
    FEED_KEY_REVOKED: "A key that the node signed its feeds by was revoked.",
    ROOT_ROTATED: "The node's root key handed over to a new one.",
    ROOT_TAKEN_OUT: "The node's root key was taken out of the node, to be kept elsewhere.",
    IDENTITY_SIGNED: "What the node says of itself to other nodes was signed.",
    FEED_BEGUN_ANEW:
      "A feed began anew: because its operator said so, or because the database was put back to an earlier state, and what was withdrawn since was taken out again.",
    RETIREMENT_TOLD: "The node said on which day it ends for other networks.",
    RETIREMENT_TAKEN_BACK: "The node said that it does not end after all.",
    IMPORTED: "Fields were taken over from a file.",
    EXPORTED: "Records were written out to a file.",
    ENTRY_SAVED: "An entry was written by its practitioner.",
    AUDIENCE_CHANGED: "Who may see something was changed.",
    SUBMITTED: "An entry was handed in for review.",
    ACCEPTED: "A steward took an entry up into the directory.",
    REVIEWED: "A steward looked at an entry that waits for review or is suspended.",
    ENTRY_RETURNED: "An entry was reviewed and given back to its practitioner.",
    SUSPENDED: "An entry or an account was suspended.",
    LIFTED: "A suspension was lifted.",
    CONFIRMED: "A practitioner said that their entry is still true.",
    LAPSED: "An entry that nobody had confirmed was narrowed.",
    WITHDRAWN: "An entry was withdrawn from every listing.",
    MOVED: "An entry was withdrawn because its practitioner has another at another network.",
    ERASED: "An entry was erased, with its key.",
    VOUCHED: "A practitioner stood behind another.",
    VOUCH_WITHDRAWN: "A practitioner no longer stands behind another.",
    PATHWAY_SAVED: "What the levels of a pathway ask for was added or changed.",
    PROGRESS_SEEN: "A steward looked at how far somebody has come on a pathway.",
    LEVEL_GRANTED: "A steward recorded that somebody reached a level, or reached it anew.",
    LEVEL_REVOKED: "A steward recorded that a level of somebody's counts no longer.",
    LEVEL_LAPSED: "A level that was not renewed stopped counting.",
    ORGANIZATION_SAVED: "An organization was added or changed.",
    ORGANIZATION_REMOVED: "An organization was removed.",
    RESOURCE_SAVED: "A resource was added or changed.",
    RESOURCE_REMOVED: "A resource was removed.",
    PEER_INVITED: "An invitation for another network was made.",
    PEER_INTRODUCED: "A peer was introduced to another.",
    PEER_ADDED: "Another network's node was met; nothing of it is shown yet.",
    PEER_TRUSTED: "Two stewards compared their safety number: what the peer sends is shown.",
    PEER_PAUSED: "What a peer sends is hidden for now.",
    PEER_BLOCKED: "Everything a peer sent was deleted, and its word is refused.",
    PEER_RETIRED: "A peer has ended its node.",
    PEER_RELEASED: "A steward looked at what had been held back of a peer, and let it be shown.",
    PEER_RECORD_HIDDEN: "A steward hid a peer's record here.",
    PEER_RECORD_FLAGGED: "A steward flagged a peer's record to its network.",
    FLAG_DISMISSED: "A steward dismissed what peers had flagged of a record.",
    PEER_RELAYED: "A peer's public feed began to be passed on to whoever asks.",
    PEER_NOT_RELAYED: "A peer's public feed stopped being passed on.",
    PEER_RECORD_SHOWN: "A steward let a peer's record be shown here again.",
  },
);

@ObjectType("AuditEntry", {
  description:
    "One entry of the audit log, so that people can see what was done to what is theirs. Seen by whomever it is about; nobody can change it.",
})
export class AuditEntryObject {
  @Field(() => DateTimeScalar, { simple: true, description: "When it was done." })
  readonly at: Date;

  @Field(() => String, {
    simple: true,
    description:
      "Who did it: a role and the random id of an account or key, `operator` for a command on the node's machine, or `node` for the node itself. Never a name.",
  })
  readonly actor: string;

  @Field(() => AuditActionEnum, { simple: true, description: "What was done." })
  readonly action: AuditAction;

  @Field(() => [String], {
    simple: true,
    description: "Which fields it was about; empty when it was about the whole. Their values are not kept.",
  })
  readonly fields: readonly string[];

  constructor({ at, actor, action, fields }: AuditEntry) {
    this.at = at;
    this.actor = actor;
    this.action = action;
    this.fields = fields;
  }
}
