import type { MigrationInterface, QueryRunner } from "typeorm";

/** Who may sign in, and who has. */
export class Accounts003 implements MigrationInterface {
  readonly name = "Accounts003700000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("drop table base.session, base.account");
  }
}

const statements = [
  `create table base.account (
    id uuid constraint account_pkey primary key default gen_random_uuid(),
    role text not null constraint account_role
      check (role in ('SEEKER', 'FUNDER', 'PRACTITIONER', 'STEWARD', 'ADMIN')),
    suspended boolean not null default false,
    created timestamptz not null
  )`,
  // A session's token is not kept, only its SHA-256.
  `create table base.session (
    token bytea constraint session_pkey primary key constraint session_token check (length(token) = 32),
    account uuid not null constraint session_account_fkey references base.account (id) on delete cascade,
    expires timestamptz not null
  )`,
  "create index session_account on base.session (account)",
];
