import type { MigrationInterface, QueryRunner } from "typeorm";

/** Keys, wrapped by one that is never in the database, and the log of who changed or disclosed what. */
export class KeysAndAudit002 implements MigrationInterface {
  readonly name = "KeysAndAudit002700000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("drop table base.audit, base.person_key, base.node_key");
  }
}

const statements = [
  `create table base.node_key (
    one boolean constraint node_key_pkey primary key default true constraint node_key_one check (one),
    master text not null,
    wrapped bytea not null
  )`,
  `create table base.person_key (
    practitioner uuid constraint person_key_pkey primary key
      constraint person_key_practitioner_fkey references base.practitioner (id) on delete cascade,
    master text not null,
    wrapped bytea not null
  )`,
  `create table base.audit (
    seq bigint constraint audit_pkey primary key,
    at timestamptz not null,
    actor text not null,
    action text not null,
    object text,
    fields text[] not null,
    mac bytea not null constraint audit_mac check (length(mac) = 32)
  )`,
  "create index audit_object on base.audit (object, seq)",
  `create function base.refuse_change() returns trigger language plpgsql as $$
    begin raise exception 'the audit log is only added to'; end $$`,
  `create trigger audit_stays before update or delete or truncate on base.audit
    for each statement execute function base.refuse_change()`,
];
