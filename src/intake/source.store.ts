import { Any } from "typeorm";
import { consentTable, waitForVouches, type Vouch } from "../practitioners/practitioner.store.js";
import type { Transaction } from "../storage/database.js";
import type { Mapping } from "./mapping.js";
import { mistake } from "./mistake.js";
import type { SourceKey } from "./source-key.js";

/**
 * What is remembered of a record's last import: a fingerprint of each field, so that an unchanged field is known without
 * keeping a second copy of anybody's data, and what links of the same source need to know.
 */
export type Memory = {
  readonly fields: Readonly<Record<string, string>>;
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly parts: readonly SourceKey[];
};

/** A record of the source as it was last imported. `kept` is false when it was erased here since. */
export type Imported = {
  readonly key: SourceKey;
  readonly sourceId: string;
  readonly id: string;
  readonly kept: boolean;
  readonly memory: Memory;
};

/** A question about an imported record that nobody has answered yet. */
export type Question = {
  readonly key: SourceKey;
  readonly field: string;
  readonly reason: string;
  readonly original: string;
};

/** One import at a time: two that run together would each make the same new records. */
export async function waitForTurn(tx: Transaction): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtext('cadre import'))");
  await waitForVouches(tx);
}

/** Everything this source has brought before. */
export async function loadImported(
  tx: Transaction,
  { source, kind }: Pick<Mapping, "source" | "kind">,
): Promise<readonly Imported[]> {
  const rows = await tx.query<ImportedRow[]>(selectImported, [source]);
  const other = rows.find((row) => row.kind !== kind);
  if (other !== undefined)
    throw mistake(
      `The source ${source} has brought ${other.kind}s before and its mapping now says ${kind}; give the mapping another source name.`,
    );
  return rows.map(({ key, sourceId, id, kept, original }) => ({
    key,
    sourceId,
    id,
    kept,
    memory: JSON.parse(original) as Memory,
  }));
}

/** The open questions of this source. */
export async function loadQuestions(tx: Transaction, source: string): Promise<readonly Question[]> {
  return tx.query<Question[]>(selectQuestions, [source]);
}

/** Remembers what was imported, and replaces the questions about these records. */
export async function saveImported(
  tx: Transaction,
  { source, kind }: Pick<Mapping, "source" | "kind">,
  imported: readonly Omit<Imported, "kept">[],
  questions: readonly Question[],
): Promise<void> {
  const rows = imported.map(({ key, sourceId, id, memory }) => ({
    key,
    sourceId,
    id,
    original: JSON.stringify(memory),
  }));
  await tx.query(upsertImported, [source, kind, JSON.stringify(rows)]);
  await tx.query(deleteQuestions, [source, imported.map(({ key }) => key)]);
  await tx.query(insertQuestions, [source, JSON.stringify(questions)]);
}

/** Takes back what earlier imports of the source said about these people and this one does not; returns who lost a vouch. */
export async function takeBack(
  tx: Transaction,
  people: readonly string[],
  textVersion: string,
  vouchers: readonly string[],
  vouches: readonly Vouch[],
): Promise<readonly string[]> {
  await tx.delete(consentTable, { practitioner: Any(people), textVersion });
  const gone = await tx.query<{ practitioner: string }[]>(deleteVouches, [
    people,
    vouchers,
    JSON.stringify(vouches),
  ]);
  return gone.map(({ practitioner }) => practitioner);
}

/** The organizations with exactly one of these names, by name. */
export async function findOrganizations(
  tx: Transaction,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ name: string; ids: string[] }[]>(selectOrganizations, [names]);
  return new Map(
    rows.flatMap(({ name, ids: [id, another] }) =>
      id === undefined || another !== undefined ? [] : [[name, id]],
    ),
  );
}

type ImportedRow = Omit<Imported, "memory"> & { readonly kind: string; readonly original: string };

const selectImported = `
  select source.source_key as key, source.source_id as "sourceId", source.kind, source.id, source.original,
    coalesce(practitioner.id, organization.id, resource.id) is not null as kept
  from base.source
  left join base.practitioner on source.kind = 'practitioner' and practitioner.id = source.id
  left join base.organization on source.kind = 'organization' and organization.id = source.id
  left join base.resource on source.kind = 'resource' and resource.id = source.id
  where source.source = $1`;

const selectQuestions = `
  select review.source_key as key, review.field, review.reason, review.original
  from base.review
  where review.source = $1`;

const upsertImported = `
  insert into base.source (source, source_key, source_id, kind, id, original)
  select $1, imported.key, imported."sourceId", $2, imported.id, imported.original
  from jsonb_to_recordset($3::jsonb) as imported (key text, "sourceId" text, id uuid, original text)
  on conflict (source, source_key) do update set source_id = excluded.source_id, original = excluded.original`;

const deleteQuestions = `
  delete from base.review
  where review.source = $1 and review.source_key = any ($2::text[])`;

const insertQuestions = `
  insert into base.review (source, source_key, field, reason, original)
  select $1, question.key, question.field, question.reason, question.original
  from jsonb_to_recordset($2::jsonb) as question (key text, field text, reason text, original text)
  on conflict do nothing`;

const deleteVouches = `
  with gone as (
    delete from base.vouch
    where vouch.practitioner = any ($1::uuid[]) and vouch.voucher = any ($2::uuid[])
      and not exists (
        select 1 from jsonb_to_recordset($3::jsonb) as wanted (practitioner uuid, voucher uuid)
        where wanted.practitioner = vouch.practitioner and wanted.voucher = vouch.voucher)
    returning vouch.practitioner
  )
  select gone.practitioner from gone`;

const selectOrganizations = `
  select organization.facts ->> 'name' as name, array_agg(organization.id::text) as ids
  from base.organization
  where organization.facts ->> 'name' = any ($1::text[])
  group by organization.facts ->> 'name'`;
