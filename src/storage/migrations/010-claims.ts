import type { MigrationInterface, QueryRunner } from "typeorm";

/** What a person says of their entries at other networks, and what a node says of its own end. */
export class Claims010 implements MigrationInterface {
  // TypeORM orders by the last thirteen signs.
  readonly name = "Claims0109710000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("drop table seen.retirement");
    await db.query("delete from base.fact where field = 'sameAs'");
    await db.query("alter table base.fact drop constraint fact_field");
    await db.query(`alter table base.fact add constraint fact_field check (field in (${FIELDS}))`);
  }
}

const FIELDS = `
      'alias', 'about', 'pronouns', 'specialties', 'languages', 'regions', 'formats', 'delivery', 'level',
      'communities', 'offersFollowUp', 'coFacilitates', 'availability', 'cost', 'organizations', 'resources',
      'seeks', 'contact', 'referable'`;

const statements = [
  "alter table base.fact drop constraint fact_field",
  `alter table base.fact add constraint fact_field check (field in (${FIELDS}, 'sameAs'))`,
  // From when on nothing is told to other nodes any more, and who goes on in this one's place.
  `create table seen.retirement (
    one boolean constraint retirement_pkey primary key default true constraint retirement_one check (one),
    at timestamptz not null,
    successor text
  )`,
  "grant select on seen.retirement to cadre_reader",
];
