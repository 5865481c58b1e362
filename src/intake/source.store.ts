import { Any } from "typeorm";
import type { Home } from "../listing/home.js";
import { consentTable, waitForVouches, type Vouch } from "../practitioners/practitioner.store.js";
import type { Transaction } from "../storage/database.js";
import type { Key, Place } from "../storage/seal.js";
import type { Seals } from "../storage/seals.js";
import type { Mapping } from "./mapping.js";
import { mistake } from "./mistake.js";
import { keyOf, type SourceKey } from "./source-key.js";

/**
 * What is remembered of a record's last import: a fingerprint of each field, so that an unchanged field is known without
 * keeping a second copy of anybody's data, and what links of the same source need to know.
 */
export type Memory = {
  readonly fields: Readonly<Record<string, string>>;
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly parts: readonly SourceKey[];
};

/** A record of the source as it was last imported. `kept` is false when it was erased here since; of a person nothing else is known then. */
export type Imported = {
  readonly key: SourceKey;
  readonly sourceId: string;
  readonly id: string;
  readonly kept: boolean;
  /** Whether it is a person's entry that has become their own: from then on it is theirs to change. */
  readonly owned: boolean;
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

/**
 * What this source has brought before. Of a person who was erased here nothing is left but a mark that only the node's key can
 * make from their id, so they are known again by the `keys` of the rows at hand, and are missing when no row speaks of them.
 */
export async function loadImported(
  tx: Transaction,
  { seals }: Home,
  { source, kind }: Origin,
  keys: readonly SourceKey[],
): Promise<readonly Imported[]> {
  const rows = await tx.query<ImportedRow[]>(selectImported, [source]);
  const other = rows.find((row) => row.kind !== kind);
  if (other !== undefined)
    throw mistake(
      `The source ${source} has brought ${other.kind}s before and its mapping now says ${kind}; give the mapping another source name.`,
    );
  const isErased = (row: ImportedRow) => !row.kept && kind === "practitioner";
  const readable = rows.filter((row) => !isErased(row));
  const keyFor = await keysOf(tx, seals, kind, idsOf(readable));
  const marks = new Map(keys.map((key) => [markOf(seals, source, key), key]));
  const erased = rows.filter(isErased).flatMap(({ mark, id }): Imported[] => {
    const key = marks.get(mark);
    return key === undefined ? [] : [{ key, sourceId: "", id, kept: false, owned: false, memory: nothing }];
  });
  return [...readable.map((row) => openImported(row, keyFor(row.id))), ...erased];
}

/** The open questions about these records. */
export async function loadQuestions(
  tx: Transaction,
  { seals }: Home,
  { source, kind }: Origin,
  imported: readonly Imported[],
): Promise<readonly Question[]> {
  const known = new Map(imported.filter(({ kept }) => kept).map(({ id, key }) => [id, key]));
  const rows = await tx.query<QuestionRow[]>(selectQuestions, [source]);
  const keyFor = await keysOf(tx, seals, kind, [...known.keys()]);
  return rows.flatMap(({ id, mark, position, question }): Question[] => {
    const key = known.get(id);
    if (key === undefined) return [];
    const text = keyFor(id).open(questionAt(mark, position), question);
    return [{ key, ...(JSON.parse(text) as Omit<Question, "key">) }];
  });
}

/** Remembers what was imported, and replaces the questions about these records. The records themselves are there already. */
export async function saveImported(
  tx: Transaction,
  { seals }: Home,
  { source, kind }: Origin,
  imported: readonly Omit<Imported, "kept" | "owned">[],
  questions: readonly Question[],
): Promise<void> {
  const keyFor = await keysOf(tx, seals, kind, idsOf(imported));
  const rows = imported.map((one) => {
    const mark = markOf(seals, source, one.key);
    return {
      ...sealImported(one, mark, keyFor(one.id)),
      questions: questions
        .filter(({ key }) => key === one.key)
        .map(({ field, reason, original }, position) =>
          keyFor(one.id).seal(questionAt(mark, position), JSON.stringify({ field, reason, original })),
        ),
    };
  });
  await tx.query(upsertImported, [source, kind, JSON.stringify(rows)]);
  await tx.query(deleteQuestions, [source, rows.map(({ mark }) => mark)]);
  await tx.query(insertQuestions, [source, JSON.stringify(rows)]);
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

type Origin = Pick<Mapping, "source" | "kind">;

/** A row as it is kept: the source's own words for somebody can be a name or an address, so they are sealed like what it said. */
type ImportedRow = {
  readonly mark: string;
  readonly sourceId: string;
  readonly kind: string;
  readonly id: string;
  readonly kept: boolean;
  readonly owned: boolean;
  readonly original: string;
};
type QuestionRow = {
  readonly id: string;
  readonly mark: string;
  readonly position: number;
  readonly question: string;
};

const nothing: Memory = { fields: {}, names: {}, parts: [] };

/** What a record of a source is found by: the same for the same id, and nobody without the node's key can guess along. */
function markOf(seals: Seals, source: string, key: SourceKey): string {
  return seals.key("import").mac(source, key).toString("hex");
}

/** What is kept of a person's row is sealed under the person's key, and gone with it; the rest under the node's own. */
async function keysOf(
  tx: Transaction,
  seals: Seals,
  kind: Mapping["kind"],
  ids: readonly string[],
): Promise<(id: string) => Key> {
  const keys = kind === "practitioner" ? await seals.personKeys(tx, ids) : new Map<string, Key>();
  return (id) => {
    const key = kind === "practitioner" ? keys.get(id) : seals.key("import");
    if (key === undefined) throw new Error("an imported practitioner has no key");
    return key;
  };
}

function sealImported({ sourceId, id, memory }: Omit<Imported, "kept" | "owned">, mark: string, key: Key) {
  return {
    mark,
    id,
    sourceId: key.seal(sourceIdAt(mark), sourceId),
    original: key.seal(originalAt(mark), JSON.stringify(memory)),
  };
}

function openImported({ mark, id, kept, owned, ...sealed }: ImportedRow, key: Key): Imported {
  const sourceId = key.open(sourceIdAt(mark), sealed.sourceId);
  const memory = JSON.parse(key.open(originalAt(mark), sealed.original)) as Memory;
  return { key: keyOf(sourceId), sourceId, id, kept, owned, memory };
}

function sourceIdAt(mark: string): Place {
  return ["base.source", mark, "source_id"];
}

function originalAt(mark: string): Place {
  return ["base.source", mark, "original"];
}

function questionAt(mark: string, position: number): Place {
  return ["base.review", mark, "question", String(position)];
}

function idsOf(imported: readonly { readonly id: string }[]): readonly string[] {
  return imported.map(({ id }) => id);
}

const selectImported = `
  select source.source_key as mark, source.source_id as "sourceId", source.kind, source.id, source.original,
    coalesce(practitioner.id, organization.id, resource.id) is not null as kept,
    practitioner.account is not null as owned
  from base.source
  left join base.practitioner on source.kind = 'practitioner' and practitioner.id = source.id
  left join base.organization on source.kind = 'organization' and organization.id = source.id
  left join base.resource on source.kind = 'resource' and resource.id = source.id
  where source.source = $1`;

const selectQuestions = `
  select source.id, review.source_key as mark, review.position, review.question
  from base.review
  join base.source on source.source = review.source and source.source_key = review.source_key
  where review.source = $1
  order by review.source_key, review.position`;

const upsertImported = `
  insert into base.source (source, source_key, source_id, kind, id, original)
  select $1, imported.mark, imported."sourceId", $2, imported.id, imported.original
  from jsonb_to_recordset($3::jsonb) as imported (mark text, "sourceId" text, id uuid, original text)
  on conflict (source, source_key) do update set source_id = excluded.source_id, original = excluded.original`;

const deleteQuestions = `
  delete from base.review
  where review.source = $1 and review.source_key = any ($2::text[])`;

const insertQuestions = `
  insert into base.review (source, source_key, position, question)
  select $1, imported.mark, question.number - 1, question.text
  from jsonb_to_recordset($2::jsonb) as imported (mark text, questions jsonb)
  cross join jsonb_array_elements_text(imported.questions) with ordinality as question (text, number)`;

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
