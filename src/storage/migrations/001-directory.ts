import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * `base` holds what we keep; `seen` holds what each audience sees and the log of its changes.
 * Requests that read run as `cadre_reader`, which has no right at all on `base`.
 */
export class Directory001 implements MigrationInterface {
  readonly name = "Directory001700000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of [...base, ...seen, ...rights]) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("drop schema seen cascade");
  }
}

const audiences = "'PUBLIC', 'PARTNERS', 'MEMBERS', 'PRIVATE'";

const base = [
  `create table base.practitioner (
    id uuid constraint practitioner_pkey primary key default gen_random_uuid(),
    state text not null constraint practitioner_state
      check (state in ('DRAFT', 'AWAITING_REVIEW', 'LISTED', 'SUSPENDED', 'WITHDRAWN')),
    audience text not null constraint practitioner_audience check (audience in (${audiences})),
    verified date
  )`,
  `create table base.fact (
    practitioner uuid not null constraint fact_practitioner_fkey
      references base.practitioner (id) on delete cascade,
    field text not null constraint fact_field check (field in (
      'alias', 'about', 'pronouns', 'specialties', 'languages', 'regions', 'formats', 'delivery', 'level',
      'communities', 'offersFollowUp', 'coFacilitates', 'availability', 'cost', 'organizations', 'resources',
      'seeks', 'contact', 'referable')),
    "position" integer not null constraint fact_position check ("position" >= 0),
    audience text not null constraint fact_audience check (audience in (${audiences})),
    value jsonb not null,
    ladder jsonb not null default '[]' constraint fact_ladder check (jsonb_typeof(ladder) = 'array'),
    constraint fact_pkey primary key (practitioner, field, "position"),
    constraint fact_contact_stays check (field <> 'contact' or audience in ('MEMBERS', 'PRIVATE'))
  )`,
  `create table base.vouch (
    practitioner uuid not null constraint vouch_practitioner_fkey
      references base.practitioner (id) on delete cascade,
    voucher uuid not null constraint vouch_voucher_fkey references base.practitioner (id) on delete cascade,
    given date,
    constraint vouch_pkey primary key (practitioner, voucher),
    constraint vouch_not_self check (practitioner <> voucher)
  )`,
  `create table base.consent (
    practitioner uuid not null constraint consent_practitioner_fkey
      references base.practitioner (id) on delete cascade,
    field text not null,
    audience text not null constraint consent_audience check (audience in (${audiences})),
    text_version text not null,
    given date,
    constraint consent_pkey primary key (practitioner, field, audience, text_version)
  )`,
  `create table base.organization (
    id uuid constraint organization_pkey primary key default gen_random_uuid(),
    audience text not null constraint organization_audience check (audience in (${audiences})),
    verified date,
    facts jsonb not null constraint organization_named check (facts ->> 'name' <> '')
  )`,
  `create table base.resource (
    id uuid constraint resource_pkey primary key default gen_random_uuid(),
    audience text not null constraint resource_audience check (audience in (${audiences})),
    verified date,
    facts jsonb not null constraint resource_titled check (jsonb_typeof(facts -> 'title') = 'object')
  )`,
  // A record's id in its source is kept as it is spelled there; a record is one by its folded form, which the key is made from.
  `create table base.source (
    source text not null,
    source_key text not null constraint source_key_folded
      check (source_key <> '' and source_key = lower(source_key collate "C")),
    source_id text not null,
    kind text not null constraint source_kind check (kind in ('practitioner', 'organization', 'resource')),
    id uuid not null,
    original text not null,
    constraint source_pkey primary key (source, source_key),
    constraint source_record unique (kind, id)
  )`,
  `create table base.review (
    source text not null,
    source_key text not null,
    reason text not null,
    field text not null,
    original text not null,
    constraint review_pkey primary key (source, source_key, reason, field, original),
    constraint review_source_fkey foreign key (source, source_key)
      references base.source (source, source_key) on delete cascade
  )`,
  `create table base.secret (
    name text constraint secret_pkey primary key,
    value text not null constraint secret_long check (length(value) >= 64)
  )`,
  `insert into base.secret (name, value)
    select 'cursor', replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')`,
];

const seen = [
  "create schema seen",
  `create table seen.network (
    id uuid constraint network_pkey primary key default gen_random_uuid(),
    name text not null,
    url text,
    regions text[] not null default '{}',
    this_node boolean not null default false
  )`,
  "create unique index network_this_node on seen.network (this_node) where this_node",
  `create table seen.listing (
    audience text not null constraint listing_audience check (audience in ('PUBLIC', 'PARTNERS', 'MEMBERS')),
    kind text not null constraint listing_kind check (kind in ('practitioner', 'organization', 'resource')),
    id uuid not null,
    origin uuid not null,
    name text not null,
    doc text not null,
    tags text not null,
    words text not null,
    changed date not null,
    constraint listing_pkey primary key (audience, id, origin)
  )`,
  "create table seen.clock (seq bigint not null)",
  "insert into seen.clock (seq) values (0)",
  `create table seen.change (
    seq bigint constraint change_pkey primary key,
    audience text not null constraint change_audience check (audience in ('PUBLIC', 'PARTNERS', 'MEMBERS')),
    kind text not null,
    id uuid not null,
    origin uuid not null,
    day date not null
  )`,
];

const rights = [
  "revoke all on schema base from public",
  "revoke all on all tables in schema base from public",
  "grant usage on schema seen to cadre_reader",
  "grant select on all tables in schema seen to cadre_reader",
];
