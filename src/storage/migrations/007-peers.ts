import type { MigrationInterface, QueryRunner } from "typeorm";

/** The nodes this one knows, what was agreed with each, and what they sent: as they signed it. */
export class Peers007 implements MigrationInterface {
  readonly name = "Peers007700000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      "drop table base.peer_evidence, base.peer_staged, base.peer_record, base.peer_feed, base.peer_invitation, base.peer_nonce, base.peer",
    );
  }
}

const tiers = "'public', 'partners'";
const feed = `peer uuid not null, tier text not null constraint NAME_tier check (tier in (${tiers}))`;
const feedOf = (name: string) => feed.replace("NAME", name);

const statements = [
  `create table base.peer (
    id uuid constraint peer_pkey primary key,
    node text not null constraint peer_node_unique unique,
    url text not null,
    trust text not null constraint peer_trust
      check (trust in ('PROBATION', 'PUBLIC_ONLY', 'PARTNER', 'PAUSED', 'BLOCKED', 'RETIRED')),
    shares text[] not null default '{public}' constraint peer_shares check (shares <@ array[${tiers}]),
    statement text not null,
    keys text[] not null,
    statement_read timestamptz not null,
    introduced_by uuid,
    added timestamptz not null,
    next_poll timestamptz not null,
    claimed timestamptz,
    reached timestamptz,
    failures integer not null default 0,
    problem text
  )`,
  "create index peer_keys on base.peer using gin (keys)",
  "create index peer_next_poll on base.peer (next_poll) where trust not in ('BLOCKED', 'RETIRED', 'PAUSED')",
  // An invitation is used once. Who has used it is known by their node.
  `create table base.peer_invitation (
    id uuid constraint peer_invitation_pkey primary key,
    tier text not null constraint peer_invitation_tier check (tier in (${tiers})),
    expires timestamptz not null,
    used_by text
  )`,
  // A request is signed for one use.
  `create table base.peer_nonce (
    nonce text constraint peer_nonce_pkey primary key,
    expires timestamptz not null
  )`,
  `create table base.peer_feed (
    ${feedOf("peer_feed")},
    epoch text not null,
    seq bigint not null,
    iat timestamptz(3) not null,
    set_digest text not null,
    head text not null,
    etag text,
    cursor text,
    buckets bytea not null constraint peer_feed_buckets check (length(buckets) = 8192),
    day date not null,
    new_people integer not null default 0,
    changed integer not null default 0,
    constraint peer_feed_pkey primary key (peer, tier),
    constraint peer_feed_peer_fkey foreign key (peer) references base.peer (id) on delete cascade
  )`,
  // A record as its origin signed it. Without a signed text it was withdrawn, on that day.
  `create table base.peer_record (
    ${feedOf("peer_record")},
    id uuid not null,
    local uuid not null,
    type text,
    jws text,
    digest bytea,
    said bytea,
    signed_by text,
    iat timestamptz,
    lease integer,
    not_after timestamptz,
    state text not null constraint peer_record_state
      check (state in ('TAKEN', 'QUARANTINED', 'WAITING', 'GONE')),
    hidden boolean not null default false,
    problem text,
    gone date,
    constraint peer_record_pkey primary key (peer, tier, id),
    constraint peer_record_peer_fkey foreign key (peer) references base.peer (id) on delete cascade,
    constraint peer_record_gone check ((state = 'GONE') = (jws is null) and (state = 'GONE') = (gone is not null))
  )`,
  "create index peer_record_state on base.peer_record (peer, tier, state) where state in ('QUARANTINED', 'WAITING')",
  // Pages of a feed that are being read: nothing of them counts before all of them fit the head.
  `create table base.peer_staged (
    ${feedOf("peer_staged")},
    id uuid not null,
    type text,
    jws text,
    digest bytea,
    said bytea,
    signed_by text,
    iat timestamptz,
    lease integer,
    not_after timestamptz,
    problem text,
    gone date,
    constraint peer_staged_pkey primary key (peer, tier, id),
    constraint peer_staged_peer_fkey foreign key (peer) references base.peer (id) on delete cascade
  )`,
  // Two heads of one number that tell two different stories, as they were signed.
  `create table base.peer_evidence (
    ${feedOf("peer_evidence")},
    one text not null,
    other text not null,
    found timestamptz not null,
    constraint peer_evidence_pkey primary key (peer, tier, found)
  )`,
];
