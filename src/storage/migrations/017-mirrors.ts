import type { MigrationInterface, QueryRunner } from "typeorm";

/** Feeds that are read over mirrors, and passed on for peers. */
export class Mirrors017 implements MigrationInterface {
  readonly name = "Mirrors9717000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of mirrors) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
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
