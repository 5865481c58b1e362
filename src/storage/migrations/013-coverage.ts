import type { MigrationInterface, QueryRunner } from "typeorm";

/** Who wants to be counted; what was published of it, in bands; what it was published of; needs that found nobody. */
export class Coverage013 implements MigrationInterface {
  readonly name = "Coverage9713000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("drop table seen.coverage_cell, seen.coverage_epoch");
    await db.query("drop table base.unmet_need, base.coverage_told, base.counted");
  }
}

/** One letter for each language: NONE, FEW, SOME or MANY. */
const bands = (name: string) => `check (${name} ~ '^[NFSM]+$')`;

const statements = [
  // What a person answered when they were asked whether to count them, and to which text a yes was said.
  `create table base.counted (
    practitioner uuid constraint counted_pkey primary key
      constraint counted_practitioner_fkey references base.practitioner (id) on delete cascade,
    agreed boolean not null,
    text_version text not null,
    given date not null
  )`,
  // The counts that bands were worked out from, for as long as it takes three to change one. Languages and counts have spaces between
  // them; '' stands for all languages.
  `create table base.coverage_told (
    measure text not null constraint coverage_told_measure
      check (measure in ('there', 'afar', 'there unseen', 'afar unseen', 'needs')),
    specialty text not null,
    region text not null,
    languages text not null,
    counts text not null constraint coverage_told_counts check (counts ~ '^[1-9][0-9]*( [1-9][0-9]*)*$'),
    bands text not null constraint coverage_told_bands ${bands("bands")},
    constraint coverage_told_pkey primary key (specialty, measure, region)
  )`,
  `create table base.unmet_need (
    week date not null,
    specialty text not null,
    region text not null,
    language text not null,
    count integer not null constraint unmet_need_count check (count > 0),
    constraint unmet_need_pkey primary key (week, specialty, region, language)
  )`,
  // The one that stands.
  `create table seen.coverage_epoch (
    edition bigint generated always as identity constraint coverage_epoch_pkey primary key,
    day date not null,
    next date not null,
    depth integer not null,
    some_from integer not null,
    many_from integer not null,
    merged text[] not null
  )`,
  // A cell that is not here is NONE in everything. '' stands for all of an axis; languages have spaces between them.
  `create table seen.coverage_cell (
    specialty text not null,
    region text not null,
    languages text not null,
    there text not null constraint coverage_cell_there ${bands("there")},
    afar text not null constraint coverage_cell_afar ${bands("afar")},
    resources text not null constraint coverage_cell_resources ${bands("resources")},
    needs text not null constraint coverage_cell_needs ${bands("needs")},
    constraint coverage_cell_pkey primary key (specialty, region)
  )`,
  "grant select on seen.coverage_epoch, seen.coverage_cell to cadre_reader",
];
