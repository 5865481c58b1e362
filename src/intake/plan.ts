import { randomUUID } from "node:crypto";
import { loadOrganizations } from "../organizations/organization.store.js";
import type { Home } from "../listing/home.js";
import { loadPractitioners, lockPractitioners } from "../practitioners/practitioner.store.js";
import { loadResources } from "../resources/resource.store.js";
import { withoutConsent } from "./consent.js";
import type { Draft, PractitionerDraft, Reason, RowPlace } from "./draft.js";
import type { Sorted } from "./duplicates.js";
import { linkAll, type LinkCount, type LinkCounts, type Linked, type Target } from "./links.js";
import type { Transaction } from "../storage/database.js";
import type { Mapping } from "./mapping.js";
import { fieldsOf, merge, printOf, printsOf, type Fields } from "./merge.js";
import { organizationFrom, practitionerFrom, resourceFrom, type Ties, type Wanted } from "./records.js";
import { keyOf, type SourceKey } from "./source-key.js";
import {
  findOrganizations,
  loadImported,
  loadQuestions,
  type Imported,
  type Memory,
  type Question,
} from "./source.store.js";

/** What an import would do to one record. */
export type Step = RowPlace & {
  readonly outcome: "created" | "changed" | "unchanged" | "refused";
  readonly id: string;
  /** The record to be written; a change that is only about its questions writes none. */
  readonly wanted: Wanted;
  readonly writes: boolean;
  /** The names of the fields that the record gets, or that become different. */
  readonly fields: readonly string[];
  readonly memory: Memory;
  readonly reasons: readonly Reason[];
};

/** What an import would do to all of them, and how many records of the source its rows do not speak of. */
export type Plan = { readonly steps: readonly Step[]; readonly links: LinkCounts; readonly absent: number };

/** Holds the drafts against the directory. Reads, and writes nothing. */
export async function planChanges(
  tx: Transaction,
  home: Home,
  { drafts, refused }: Sorted,
  mapping: Mapping,
): Promise<Plan> {
  const keys = [...drafts, ...refused].map(({ key }) => key);
  const before = await loadImported(tx, home, mapping, keys);
  const questions = await loadQuestions(tx, home, mapping, before);
  const ids = idsFor(drafts, before);
  const { wishes, links } = await wishesOf(tx, drafts, before, ids, mapping);
  const known = new Map(before.map((one) => [one.key, one]));
  const steps = wishes.map((one) => stepFor(one, known.get(one.draft.key), questions));
  const absent = countAbsent(before, [...drafts, ...refused]);
  return { steps: await mergeAll(tx, home, steps, known), links, absent };
}

/** A record that the files no longer hold may have been forgotten there or taken out; a person has to say which. */
function countAbsent(before: readonly Imported[], rows: readonly RowPlace[]): number {
  const present = new Set(rows.map(({ key }) => key));
  return before.filter(({ key, kept }) => kept && !present.has(key)).length;
}

/** A draft, the record it asks for, and what is to be remembered of it. */
type Wish = {
  readonly draft: Draft;
  readonly wanted: Wanted;
  readonly reasons: readonly Reason[];
  readonly memory: Memory;
};
type Ids = ReadonlyMap<SourceKey, string>;

/** A record keeps the id of its first import; a new one gets a random one. */
function idsFor(drafts: readonly Draft[], before: readonly Imported[]): Ids {
  const known = new Map(before.map(({ key, id }) => [key, id]));
  return new Map([
    ...known,
    ...drafts.map(({ key }): [SourceKey, string] => [key, known.get(key) ?? randomUUID()]),
  ]);
}

function idOf(ids: Ids, key: SourceKey): string {
  const id = ids.get(key);
  if (id === undefined) throw new Error("a record of the plan has no id");
  return id;
}

type Wishes = { readonly wishes: readonly Wish[]; readonly links: LinkCounts };

async function wishesOf(
  tx: Transaction,
  drafts: readonly Draft[],
  before: readonly Imported[],
  ids: Ids,
  mapping: Mapping,
): Promise<Wishes> {
  const people = drafts.filter((draft) => draft.kind === "practitioner");
  const linked = linkAll(
    drafts.filter((draft) => draft.kind === "resource"),
    before.map(targetOf),
  );
  const organizations = drafts.filter((draft) => draft.kind === "organization");
  const wishes = [
    ...(await peopleWishes(tx, people, before, ids, mapping)),
    ...organizations.map((draft) => wish(draft, organizationFrom(draft, idOf(ids, draft.key)), [])),
    ...resourceWishes(linked, before, ids),
  ];
  return { wishes, links: sumLinks(linked) };
}

function wish(draft: Draft, wanted: Wanted, reasons: readonly Reason[], linked?: Linked): Wish {
  const all = [...draft.reasons, ...reasons];
  const { record } = wanted;
  const [vouchers, consents] = wanted.kind === "practitioner" ? [wanted.vouchers, wanted.consents] : [[], []];
  const fields = {
    ...printsOf(fieldsOf(record)),
    [VOUCHERS]: printOf(vouchers),
    [CONSENTS]: printOf(consents),
    "@questions": printOf(all.filter(isQuestion)),
  };
  const names = draft.kind === "resource" ? draft.names : {};
  return { draft, wanted, reasons: all, memory: { fields, names, parts: linked?.parts ?? [] } };
}

/** Under which names a memory keeps the fingerprints of who stands behind a person, and of what the source said they agreed to. */
const VOUCHERS = "@vouchers";
const CONSENTS = "@consents";

// ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────

async function peopleWishes(
  tx: Transaction,
  drafts: readonly PractitionerDraft[],
  before: readonly Imported[],
  ids: Ids,
  mapping: Mapping,
): Promise<readonly Wish[]> {
  const organizations = await findOrganizations(tx, [
    ...new Set(drafts.flatMap((draft) => draft.organizations)),
  ]);
  const gone = new Set(before.filter(({ kept }) => !kept).map(({ key }) => key));
  const people = new Map([...ids].filter(([key]) => !gone.has(key)));
  return drafts.map((draft) => {
    const id = idOf(ids, draft.key);
    const { ties, reasons } = tiesOf(draft, id, organizations, people);
    return wish(draft, practitionerFrom(draft, id, ties, mapping), reasons);
  });
}

/** Organizations are linked by exact name, people by their id in the source; nobody stands behind themselves. */
function tiesOf(
  draft: PractitionerDraft,
  id: string,
  organizations: ReadonlyMap<string, string>,
  people: Ids,
): { readonly ties: Ties; readonly reasons: readonly Reason[] } {
  const named = draft.organizations.map((name) => ({ name, id: organizations.get(name) }));
  const vouchers = draft.vouchers.map((name) => ({ name, id: people.get(keyOf(name)) }));
  const unknown = named.filter((one) => one.id === undefined);
  return {
    ties: {
      organizations: present(named),
      vouchers: present(vouchers).filter((voucher) => voucher !== id),
    },
    reasons: [
      ...unknown.map(({ name }) => note("organizations", "unknown-organization", name)),
      ...vouchers
        .filter((one) => one.id === undefined)
        .map(({ name }) => note("vouchers", "unknown-voucher", name)),
      ...vouchers.filter((one) => one.id === id).map(({ name }) => note("vouchers", "self-vouch", name)),
    ],
  };
}

function present(named: readonly { readonly id: string | undefined }[]): readonly string[] {
  return [...new Set(named.flatMap(({ id }) => (id === undefined ? [] : [id])))];
}

function note(field: string, reason: string, original: string): Reason {
  return { weight: "note", field, reason, original };
}

// ── resources ───────────────────────────────────────────────────────────────────────────────────────────────────────

function resourceWishes(linked: readonly Linked[], before: readonly Imported[], ids: Ids): readonly Wish[] {
  const claims = claimsOn(linked, before);
  return linked.map((one) => {
    const wholes = [...new Set([...one.wholes, ...(claims.get(one.draft.key) ?? [])])];
    const partOf = wholes.filter((whole) => whole !== one.draft.key).map((whole) => idOf(ids, whole));
    return wish(one.draft, resourceFrom(one, idOf(ids, one.draft.key), partOf), one.reasons, one);
  });
}

/** Which records name a record as their part, those of earlier imports that are not in this one included. */
function claimsOn(
  linked: readonly Linked[],
  before: readonly Imported[],
): ReadonlyMap<SourceKey, readonly SourceKey[]> {
  const now = new Set(linked.map(({ draft }) => draft.key));
  const earlier = before.filter(({ key, kept }) => kept && !now.has(key));
  const claims = new Map<SourceKey, SourceKey[]>();
  const claim = (whole: SourceKey, part: SourceKey) => claims.set(part, [...(claims.get(part) ?? []), whole]);
  for (const { draft, parts } of linked) for (const part of parts) claim(draft.key, part);
  for (const { key, memory } of earlier) for (const part of memory.parts) claim(key, part);
  return claims;
}

function targetOf({ key, memory }: Imported): Target {
  return { key, names: memory.names };
}

function sumLinks(linked: readonly Linked[]): LinkCounts {
  const sum = (counts: readonly LinkCount[]): LinkCount => ({
    named: counts.reduce((total, { named }) => total + named, 0),
    otherwise: counts.reduce((total, { otherwise }) => total + otherwise, 0),
    open: counts.reduce((total, { open }) => total + open, 0),
  });
  return {
    partOf: sum(linked.map(({ counts }) => counts.partOf)),
    parts: sum(linked.map(({ counts }) => counts.parts)),
  };
}

// ── against what is there ───────────────────────────────────────────────────────────────────────────────────────────

function stepFor(
  { draft, wanted, reasons, memory }: Wish,
  before: Imported | undefined,
  open: readonly Question[],
): Step {
  const { sourceId, key, file, line } = draft;
  const step = { sourceId, key, file, line, id: wanted.record.id, wanted, fields: [], memory, reasons };
  if (before === undefined)
    return { ...step, outcome: "created", writes: true, fields: differing({}, fieldsWith(wanted)) };
  if (!before.kept) return { ...step, outcome: "refused", writes: false, reasons: [erased(sourceId)] };
  if (before.owned) return { ...step, outcome: "refused", writes: false, reasons: [owned(sourceId)] };
  if (printOf(before.memory) !== printOf(memory)) return { ...step, outcome: "changed", writes: true };
  return { ...step, outcome: "unchanged", writes: false, reasons: stillOpen(reasons, key, open) };
}

/** The fields of a record, and what else a row says of a person. */
function fieldsWith(wanted: Wanted): Fields {
  const { id: _id, ...fields } = fieldsOf(wanted.record) as Fields & { readonly id: string };
  if (wanted.kind !== "practitioner") return fields;
  return { ...fields, vouches: wanted.vouchers, consent: wanted.consents };
}

/** The names of fields that are not as they were; what was not there and says nothing is as it was. */
function differing(before: Fields, now: Fields): readonly string[] {
  const isNothing = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);
  return Object.keys(now).filter((name) =>
    name in before ? printOf(now[name]) !== printOf(before[name]) : !isNothing(now[name]),
  );
}

/** Whoever had their entry erased is not brought back by a file. */
function erased(sourceId: string): Reason {
  return { weight: "refusal", field: "id", reason: "erased-here", original: sourceId };
}

/** What somebody says of themselves is not changed by what a file says of them. */
function owned(sourceId: string): Reason {
  return { weight: "refusal", field: "id", reason: "owned-here", original: sourceId };
}

/** Of an unchanged row only the questions are told that nobody has answered since. */
function stillOpen(reasons: readonly Reason[], key: SourceKey, open: readonly Question[]): readonly Reason[] {
  return reasons.filter(
    (reason) =>
      isQuestion(reason) &&
      open.some(
        (question) =>
          question.key === key &&
          question.field === reason.field &&
          question.reason === reason.reason &&
          question.original === reason.original,
      ),
  );
}

/** Whether a person has to answer. */
export function isQuestion({ weight }: Reason): boolean {
  return weight === "review";
}

/** Changed records become what is here with what the source changed. */
async function mergeAll(
  tx: Transaction,
  home: Home,
  steps: readonly Step[],
  known: ReadonlyMap<SourceKey, Imported>,
): Promise<readonly Step[]> {
  const changed = steps.filter(({ outcome }) => outcome === "changed");
  const here = await loadHere(tx, home, changed);
  return steps.map((step) => {
    const record = here.get(step.id);
    const last = known.get(step.key)?.memory.fields;
    return step.outcome !== "changed" || record === undefined || last === undefined
      ? step
      : mergeStep(step, record, last);
  });
}

type Here = { readonly id: string; readonly facts: object };

async function loadHere(
  tx: Transaction,
  home: Home,
  changed: readonly Step[],
): Promise<ReadonlyMap<string, Here>> {
  const ids = (kind: Wanted["kind"]) =>
    changed.filter(({ wanted }) => wanted.kind === kind).map(({ id }) => id);
  await lockPractitioners(tx, ids("practitioner"));
  const records: readonly Here[] = [
    ...(await loadPractitioners(tx, home, ids("practitioner"))),
    ...(await loadOrganizations(tx, home, ids("organization"))),
    ...(await loadResources(tx, ids("resource"))),
  ];
  return new Map(records.map((record) => [record.id, record]));
}

function mergeStep(step: Step, here: Here, last: Memory["fields"]): Step {
  const before = fieldsOf(here);
  const { fields, disputed } = merge(before, fieldsOf(step.wanted.record), last);
  const asked = disputed.map((field): Reason => ({
    weight: "review",
    field,
    reason: "changed-here-too",
    original: "",
  }));
  const facts = Object.fromEntries(Object.keys(here.facts).map((name) => [name, fields[name]]));
  const own = Object.fromEntries(Object.keys(step.wanted.record).map((name) => [name, fields[name]]));
  // `fieldsOf` took the record apart by its own keys, so what is put together again has its type.
  const merged = { ...step.wanted, record: { ...own, facts } } as Wanted;
  const agreed = holdToConsent(merged, last[CONSENTS] !== printOf([]));
  return {
    ...step,
    wanted: agreed.wanted,
    fields: [...differing(before, fieldsOf(agreed.wanted.record)), ...changedTies(step, last)],
    reasons: [...step.reasons, ...asked, ...agreed.reasons],
    writes: printOf(fields) !== printOf(before) || hasTies(agreed.wanted),
  };
}

/** What the source says of a person beside their fields is only ever held against what it said last. */
function changedTies({ memory }: Step, last: Memory["fields"]): readonly string[] {
  const ties = { vouches: VOUCHERS, consent: CONSENTS };
  return Object.entries(ties).flatMap(([name, print]) =>
    memory.fields[print] === last[print] ? [] : [name],
  );
}

/** A person's vouches are in their listing, so the listing is made anew when they are. */
function hasTies(wanted: Wanted): boolean {
  return wanted.kind === "practitioner";
}

/**
 * Whatever somebody here has made of an entry, it is not listed when its source takes the person's consent back; and whoever
 * withdrew here has taken their consent back themselves, which no file gives anew.
 */
function holdToConsent(
  wanted: Wanted,
  consentedBefore: boolean,
): { readonly wanted: Wanted; readonly reasons: readonly Reason[] } {
  if (wanted.kind !== "practitioner") return { wanted, reasons: [] };
  if (wanted.record.state === "WITHDRAWN") return { wanted: { ...wanted, consents: [] }, reasons: [] };
  if (wanted.consents.length > 0 || !consentedBefore) return { wanted, reasons: [] };
  const question: Reason = { weight: "review", field: "consent", reason: "consent-taken-back", original: "" };
  return { wanted: { ...wanted, record: withoutConsent(wanted.record) }, reasons: [question] };
}
