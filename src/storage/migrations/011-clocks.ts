import type { MigrationInterface, QueryRunner } from "typeorm";

/** What peers' answers say of this node's clock. */
export class Clocks011 implements MigrationInterface {
  // The last thirteen digits are the order in which migrations are applied.
  readonly name = "Clocks9711000000000";

  async up(db: QueryRunner): Promise<void> {
    // By how many seconds ours is ahead of a peer's, and when (by ours) that was heard.
    await db.query(`create table base.peer_clock (
      peer uuid constraint peer_clock_pkey primary key,
      ahead integer not null,
      heard timestamptz not null,
      constraint peer_clock_peer_fkey foreign key (peer) references base.peer (id) on delete cascade
    )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("drop table base.peer_clock");
  }
}
