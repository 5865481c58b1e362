import type { MigrationInterface, QueryRunner } from "typeorm";

/** What comes back after a theft is told from what only says that it does; where somebody went is told for a time. */
export class BroughtBack016 implements MigrationInterface {
  readonly name = "BroughtBack9716000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of [...shown, ...moved]) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("alter table seen.feed_item drop column told_move");
    await db.query("alter table seen.moved drop column day");
    await db.query("alter table base.peer_record drop column shown");
  }
}

const shown = [
  // Digests of what a peer's record said that was shown here: the last few, and of whoever is withdrawn for some days.
  "alter table base.peer_record add column shown bytea[] not null default '{}'",
  "create index peer_record_shown on base.peer_record (peer, tier, gone) where gone is not null and shown <> '{}'",
];

const moved = [
  // Since when it is told where an entry went.
  "alter table seen.moved add column day date not null default current_date",
  "alter table seen.moved alter column day drop default",
  "create index moved_day on seen.moved (day)",
  // Whether a withdrawal was told with where the entry went: once that is taken back, it is told anew without.
  "alter table seen.feed_item add column told_move boolean not null default false",
  `update seen.feed_item as item set told_move = true
   from seen.moved where moved.audience = upper(item.tier) and moved.id = item.id and item.jws is null and moved.jws is not null`,
  "create index feed_item_told_move on seen.feed_item (tier) where told_move",
];
