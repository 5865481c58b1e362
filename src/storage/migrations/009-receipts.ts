import type { MigrationInterface, QueryRunner } from "typeorm";

/** What this node's peers have told it that they read of its feeds, and what it told them last. */
export class Receipts009 implements MigrationInterface {
  readonly name = "Receipts009700000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("drop table base.peer_ping, base.peer_receipt");
  }
}

const statements = [
  // Up to where a peer holds a feed of ours, when it first said so, and when last.
  `create table base.peer_receipt (
    peer uuid not null,
    tier text not null constraint peer_receipt_tier check (tier in ('public', 'partners')),
    epoch text not null,
    seq bigint not null,
    first timestamptz not null,
    last timestamptz not null,
    constraint peer_receipt_pkey primary key (peer, tier),
    constraint peer_receipt_peer_fkey foreign key (peer) references base.peer (id) on delete cascade
  )`,
  // Where our feeds stood when a peer was last told that something has changed in them.
  `create table base.peer_ping (
    peer uuid constraint peer_ping_pkey primary key,
    told text not null,
    at timestamptz not null,
    constraint peer_ping_peer_fkey foreign key (peer) references base.peer (id) on delete cascade
  )`,
];
