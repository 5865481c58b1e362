import type { MigrationInterface, QueryRunner } from "typeorm";

/** Keys, wrapped by one that is never in the database, and the log of who changed or disclosed what. */
export class KeysAndAudit002 implements MigrationInterface {
  readonly name = "KeysAndAudit002700000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("drop table base.audit, base.person_key, base.node_key");
    await db.query("drop function base.refuse_change");
    await db.query(
      "create table base.secret (name text constraint secret_pkey primary key, value text not null)",
    );
  }
}

const uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

const statements = [
  // Who has a dump but not the key file could forge cursors with it.
  "drop table base.secret",
  // What is remembered of an import is sealed: a source's own id for somebody can be a name or an address.
  "delete from base.source",
  `alter table base.source
    drop constraint source_key_folded,
    add constraint source_key_mac check (source_key ~ '^[0-9a-f]{64}$')`,
  // So is a question, which quotes what a source said.
  `alter table base.review
    drop constraint review_pkey, drop column reason, drop column field, drop column original,
    add column "position" integer not null constraint review_position check ("position" >= 0),
    add column question text not null,
    add constraint review_pkey primary key (source, source_key, "position")`,
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
  // Names of fields, roles and random ids: nothing that tells of a person fits in.
  `create table base.audit (
    seq bigint constraint audit_pkey primary key,
    at timestamptz(3) not null,
    actor text not null constraint audit_actor check (actor ~ '^[A-Z]*[a-z]*( ${uuid})?$'),
    action text not null constraint audit_action check (action ~ '^[A-Z_]+$'),
    object text constraint audit_object check (object ~ '^${uuid}$'),
    fields text[] not null constraint audit_fields
      check (array_to_string(fields, ' ', '?') ~ '^[A-Za-z: _-]*$'),
    mac bytea not null constraint audit_mac check (length(mac) = 32)
  )`,
  "create index audit_object on base.audit (object, seq)",
  `create function base.refuse_change() returns trigger language plpgsql as $$
    begin raise exception 'the audit log is only added to'; end $$`,
  `create trigger audit_stays before update or delete or truncate on base.audit
    for each statement execute function base.refuse_change()`,
  // Also in a session that plays back another server's changes.
  "alter table base.audit enable always trigger audit_stays",
];
