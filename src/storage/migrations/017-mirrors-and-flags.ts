import type { MigrationInterface, QueryRunner } from "typeorm";

/** Feeds that are read over mirrors, and passed on for peers; what networks flag of each other's records. */
export class MirrorsAndFlags017 implements MigrationInterface {
  readonly name = "MirrorsAndFlags9717000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of [...mirrors, ...flags]) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("drop table base.flag_to_tell, base.peer_flag");
    await db.query("drop index base.peer_record_hidden");
    await db.query("alter table base.peer drop column mirror, drop column relayed");
  }
}

const mirrors = [
  // Where a peer was read when it was not read at its own address; and whether a steward lets its public feed be passed on here.
  "alter table base.peer add column mirror text, add column relayed boolean not null default false",
  // Nothing of a peer is passed on while a steward hides some of it.
  "create index peer_record_hidden on base.peer_record (peer, tier) where hidden and gone is null",
];

const reasons =
  "'NOT_THIS_PERSON', 'CONSENT_WITHDRAWN', 'UNSAFE_DETAIL', 'OUT_OF_DATE', 'DUPLICATE', 'HARMFUL'";

const flags = [
  // What a peer flags of our records, and what is still to be told to one of its own. Days only, and nothing of who thought of it.
  `create table base.peer_flag (
    peer uuid not null,
    record uuid not null,
    reason text not null constraint peer_flag_reason check (reason in (${reasons})),
    day date not null,
    dismissed boolean not null default false,
    constraint peer_flag_pkey primary key (peer, record, reason),
    constraint peer_flag_peer_fkey foreign key (peer) references base.peer (id) on delete cascade
  )`,
  "create index peer_flag_day on base.peer_flag (peer, day)",
  `create table base.flag_to_tell (
    peer uuid not null,
    record uuid not null,
    reason text not null constraint flag_to_tell_reason check (reason in (${reasons})),
    day date not null,
    told date,
    constraint flag_to_tell_pkey primary key (peer, record, reason),
    constraint flag_to_tell_peer_fkey foreign key (peer) references base.peer (id) on delete cascade
  )`,
];
