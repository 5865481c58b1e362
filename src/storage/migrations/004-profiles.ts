import type { MigrationInterface, QueryRunner } from "typeorm";

/** Whose entry it is, and by when it has to be confirmed. */
export class Profiles004 implements MigrationInterface {
  readonly name = "Profiles004700000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("alter table base.practitioner drop column account");
  }
}

const statements = [
  `alter table base.practitioner
    add column account uuid constraint practitioner_account unique
      constraint practitioner_account_fkey references base.account (id) on delete set null`,
];
