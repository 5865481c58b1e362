import type { MigrationInterface, QueryRunner } from "typeorm";

/** What a person says of their entries at other networks, and what a node says of its own end; where entries went. */
export class Claims010 implements MigrationInterface {
  // TypeORM orders by the last thirteen signs.
  readonly name = "Claims9710000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("drop table seen.retirement, seen.moved");
    await db.query("delete from base.fact where field in ('sameAs', 'movedFrom')");
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
  `alter table base.fact add constraint fact_field check (field in (${FIELDS}, 'sameAs', 'movedFrom'))`,
  // From when on nothing is told to other nodes any more, and who goes on in this one's place.
  `create table seen.retirement (
    one boolean constraint retirement_pkey primary key default true constraint retirement_one check (one),
    at timestamptz not null,
    successor text
  )`,
  // Where an entry has gone that was withdrawn, for those who are told: its new id at another node. Ours are signed for peers.
  `create table seen.moved (
    audience text not null constraint moved_audience check (audience in ('PUBLIC', 'PARTNERS', 'MEMBERS')),
    id uuid not null,
    origin uuid not null,
    node text not null,
    there uuid not null,
    jws text,
    constraint moved_pkey primary key (audience, id)
  )`,
  "create index moved_origin on seen.moved (origin, id)",
  "grant select on seen.retirement, seen.moved to cadre_reader",
];
