import type { MigrationInterface, QueryRunner } from "typeorm";

/** How a cadre grows here: what each level asks for, what people have done towards it, and which levels they have reached. */
export class Pathways014 implements MigrationInterface {
  readonly name = "Pathways9714000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("drop table base.supervising, base.attainment, base.step, base.pathway");
  }
}

const statements = [
  `create table base.pathway (
    id uuid constraint pathway_pkey primary key,
    specialty text,
    binding boolean not null,
    name jsonb not null constraint pathway_named check (jsonb_typeof(name) = 'object'),
    levels jsonb not null constraint pathway_levels check (jsonb_typeof(levels) = 'array')
  )`,
  "create index pathway_binding on base.pathway (binding) where binding",
  // What was done is sealed with the person's key. Whom they named as supervisor stands beside it as a mac alone, to be found by.
  `create table base.step (
    id uuid constraint step_pkey primary key,
    practitioner uuid not null constraint step_practitioner_fkey
      references base.practitioner (id) on delete cascade,
    supervisor text constraint step_supervisor check (supervisor ~ '^[0-9a-f]{64}$'),
    sealed text not null
  )`,
  "create index step_practitioner on base.step (practitioner)",
  "create index step_supervisor on base.step (supervisor) where supervisor is not null",
  // Which level it is, and on which pathway, is sealed as well; 'due' is when it stops counting, until that has been seen to.
  `create table base.attainment (
    id uuid constraint attainment_pkey primary key,
    practitioner uuid not null constraint attainment_practitioner_fkey
      references base.practitioner (id) on delete cascade,
    due date,
    sealed text not null
  )`,
  "create index attainment_practitioner on base.attainment (practitioner)",
  "create index attainment_due on base.attainment (due) where due is not null",
  // How many sessions somebody confirmed, sealed with their own key: it outlasts those whom they supervised.
  `create table base.supervising (
    practitioner uuid constraint supervising_pkey primary key
      constraint supervising_practitioner_fkey references base.practitioner (id) on delete cascade,
    sealed text not null
  )`,
];
