import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * What a node signs by, what it offers to its peers, and how long what it got from them may be shown. `seen` holds what is served to
 * others; private keys are sealed, and lie in `base`.
 */
export class Federation006 implements MigrationInterface {
  readonly name = "Federation006700000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of [...identity, ...feeds, ...leases, ...rights]) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("alter table seen.listing drop column lease, drop column not_after");
    await db.query(
      "drop table seen.standing, seen.feed_item, seen.feed, seen.node_identity, base.signing_key",
    );
  }
}

const tiers = "'public', 'partners'";
const audiences = "'PUBLIC', 'PARTNERS', 'MEMBERS'";

const identity = [
  // Named by its thumbprint (RFC 7638). Without a private part it is kept elsewhere, or used no more. A new root is vouched for by the one
  // before it. A feed key that no statement has told of yet is known to nobody.
  `create table base.signing_key (
    thumbprint text constraint signing_key_pkey primary key
      constraint signing_key_thumbprint check (thumbprint ~ '^[A-Za-z0-9_-]{43}$'),
    purpose text not null constraint signing_key_purpose check (purpose in ('root', 'feed')),
    public_key text not null constraint signing_key_public_key check (public_key ~ '^[A-Za-z0-9_-]{43}$'),
    sealed text,
    succession text,
    starts timestamptz not null,
    ends timestamptz,
    revoked timestamptz,
    reason text,
    told timestamptz
  )`,
  // What the root has signed last, as it is served: who this node is, and the keys it no longer uses.
  `create table seen.node_identity (
    one boolean constraint node_identity_pkey primary key default true constraint node_identity_one check (one),
    node text not null,
    statement text not null,
    historical_keys text not null,
    expires timestamptz not null
  )`,
];

const feeds = [
  `create table seen.feed (
    tier text constraint feed_pkey primary key constraint feed_tier check (tier in (${tiers})),
    epoch uuid not null,
    seq bigint not null,
    floor bigint not null,
    log_seq bigint not null,
    looked_seq bigint not null default 0,
    count integer not null,
    buckets bytea not null constraint feed_buckets check (length(buckets) = 8192),
    head text not null,
    iat timestamptz(3) not null
  )`,
  // One row for each record: where it last changed, and its signed listing; none once it was withdrawn. What is stale is looked at again.
  `create table seen.feed_item (
    tier text not null constraint feed_item_tier check (tier in (${tiers})),
    id uuid not null,
    seq bigint not null,
    kind text not null,
    change text not null constraint feed_item_change check (change in ('Create', 'Update', 'Delete')),
    day date not null,
    jws text,
    digest bytea,
    body bytea,
    stale boolean not null default false,
    constraint feed_item_pkey primary key (tier, id),
    constraint feed_item_seq unique (tier, seq),
    constraint feed_item_gone check ((change = 'Delete') = (jws is null)),
    constraint feed_item_digest check ((jws is null) = (digest is null) and (jws is null) = (body is null))
  )`,
  "create index feed_item_stale on seen.feed_item (tier, id) where stale",
];

const leases = [
  // In seconds after the origin's last head; both are null for a record of this node.
  `alter table seen.listing
    add column lease integer constraint listing_lease check (lease between 1 and 7776000),
    add column not_after timestamptz`,
  // When the last accepted head of an origin was signed. What is leased is shown only while its origin stands here.
  `create table seen.standing (
    origin uuid not null,
    audience text not null constraint standing_audience check (audience in (${audiences})),
    head timestamptz(3) not null,
    constraint standing_pkey primary key (origin, audience)
  )`,
];

const rights = ["grant select on all tables in schema seen to cadre_reader"];
