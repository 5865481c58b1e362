import type { MigrationInterface, QueryRunner } from "typeorm";

/** Whose entry it is, by when it has to be confirmed, what became of it; how long a vouch counts. */
export class Profiles004 implements MigrationInterface {
  readonly name = "Profiles004700000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("alter table base.vouch drop column expires, drop column note");
    await db.query(
      "alter table base.practitioner drop column account, drop column confirm_by, drop column lift_to, drop column reason",
    );
  }
}

const statements = [
  // What a steward says to a person is sealed with the person's key.
  `alter table base.practitioner
    add column account uuid constraint practitioner_account unique
      constraint practitioner_account_fkey references base.account (id) on delete set null,
    add column confirm_by date,
    add column lift_to text constraint practitioner_lift_to
      check (lift_to in ('AWAITING_REVIEW', 'LISTED', 'WITHDRAWN')),
    add column reason text`,
  "create index practitioner_confirm_by on base.practitioner (confirm_by) where state = 'LISTED'",
  // A note is the voucher's own, and sealed with the voucher's key.
  `alter table base.vouch
    add column expires date,
    add column note text`,
  "create index vouch_voucher on base.vouch (voucher)",
  "create index vouch_expires on base.vouch (expires)",
];
