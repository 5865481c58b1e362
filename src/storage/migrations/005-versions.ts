import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Every listing has a version, a random one, by which whoever has read a document knows whether it still stands. It changes with
 * every change of the row, also with one that is made by hand.
 */
export class Versions005 implements MigrationInterface {
  readonly name = "Versions005700000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("drop trigger listing_version on seen.listing");
    await db.query("drop function seen.new_version");
    await db.query("alter table seen.listing drop column version");
  }
}

const statements = [
  "alter table seen.listing add column version uuid not null default gen_random_uuid()",
  `create function seen.new_version() returns trigger language plpgsql as $$
    begin new.version = gen_random_uuid(); return new; end $$`,
  `create trigger listing_version before insert or update on seen.listing
    for each row execute function seen.new_version()`,
  // Also in a session that plays back changes.
  "alter table seen.listing enable always trigger listing_version",
];
