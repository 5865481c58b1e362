import type { MigrationInterface, QueryRunner } from "typeorm";

/** What a node needs to come back from a stolen key: its own feeds, and those of its peers. */
export class Thieves012 implements MigrationInterface {
  // Migrations run in the order of the last thirteen digits of their names.
  readonly name = "Thieves9712000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of [...epochs, ...takenBack, ...counted, ...keys, ...witnesses])
      await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("drop table base.peer_testimony");
    await db.query("alter table base.peer drop column witnessed");
    await db.query("alter table base.peer add column keys text[] not null default '{}'");
    await db.query("create index peer_keys on base.peer using gin (keys)");
    await db.query("alter table base.peer_feed drop column counted");
    await db.query(
      "alter table base.peer_feed add column new_people integer not null default 0, add column changed integer not null default 0",
    );
    await db.query("alter table base.peer_record drop column taken_back");
    await db.query("drop table base.feed_epoch");
  }
}

const epochs = [
  // Where each epoch of a feed ended that this node has ended itself: what is written down outside the database goes on from there.
  `create table base.feed_epoch (
    tier text not null constraint feed_epoch_tier check (tier in ('public', 'partners')),
    epoch uuid not null,
    seq bigint not null,
    constraint feed_epoch_pkey primary key (tier, epoch)
  )`,
];

const takenBack = [
  // Signed, or withdrawn, by a key that its node has taken back since. A withdrawal is signed by the key of the head that brought it.
  "alter table base.peer_record add column taken_back boolean not null default false",
  "create index peer_record_taken_back on base.peer_record (peer, tier) where taken_back",
];

const keys = [
  // A request says which node it speaks for, and is held against the statement of that node.
  "alter table base.peer drop column keys",
];

const witnesses = [
  // When others were last asked about a peer, and what each said.
  "alter table base.peer add column witnessed timestamptz",
  `create table base.peer_testimony (
    peer uuid not null,
    witness uuid not null,
    saying text not null constraint peer_testimony_saying
      check (saying in ('SAME', 'NEWER', 'OLDER', 'OTHER_ROOT', 'TWO_STORIES')),
    at timestamptz not null,
    constraint peer_testimony_pkey primary key (peer, witness),
    constraint peer_testimony_peer_fkey foreign key (peer) references base.peer (id) on delete cascade,
    constraint peer_testimony_witness_fkey foreign key (witness) references base.peer (id) on delete cascade
  )`,
];

const counted = [
  // What came in the day, by kind of record.
  "alter table base.peer_feed add column counted jsonb not null default '[]', drop column new_people, drop column changed",
];
