import { fold } from "../vocabulary/word.js";
import type { Draft, PractitionerDraft, Reason, Refused, RowPlace } from "./draft.js";
import type { SourceKey } from "./source-key.js";

/** Drafts with the repetitions taken out: two rows of one id are one record, and a second person with one name and one address is a question. */
export type Sorted = { readonly drafts: readonly Draft[]; readonly refused: readonly Refused[] };

/** The first row of an id holds, except for who may see a person: there the narrowest of all its rows does, and it is asked. */
export function sortOutDuplicates({ drafts, refused }: Sorted): Sorted {
  const first = new Map<SourceKey, Draft>();
  const repeated: Refused[] = [];
  for (const draft of drafts) {
    const same = first.get(draft.key);
    if (same === undefined) first.set(draft.key, draft);
    else {
      repeated.push(repetition(draft, same));
      first.set(draft.key, agreeing(same, draft));
    }
  }
  for (const row of refused) {
    const same = first.get(row.key);
    if (same !== undefined) first.set(row.key, unsure(same, row));
  }
  return { drafts: [...askAboutTwins([...first.values()])], refused: [...refused, ...repeated] };
}

/** A person's draft held against another row about them. */
function agreeing(draft: Draft, other: Draft): Draft {
  if (draft.kind !== "practitioner" || other.kind !== "practitioner") return draft;
  const given = draft.consent.given && other.consent.given;
  const on = draft.consent.on === other.consent.on ? draft.consent.on : null;
  const held = { ...draft, consent: { given, on } };
  const same = draft.visibility === other.visibility && draft.consent.given === other.consent.given;
  return same ? held : unsure(held, other);
}

/** A person whose rows disagree, or have one that cannot be read, is listed for nobody until somebody has looked. */
function unsure(draft: Draft, { sourceId }: RowPlace): Draft {
  if (draft.kind !== "practitioner") return draft;
  const question: Reason = {
    weight: "review",
    field: "visibility",
    reason: "said-otherwise",
    original: sourceId,
  };
  return { ...draft, visibility: null, reasons: [...draft.reasons, question] };
}

function repetition(draft: Draft, same: Draft): Refused {
  const equal = fold(contentOf(draft)) === fold(contentOf(same));
  const reason = `${equal ? "duplicate-of" : "same-id-as"}:${same.sourceId}`;
  const { sourceId, key, file, line } = draft;
  const reasons: readonly Reason[] = [{ weight: "refusal", field: "id", reason, original: sourceId }];
  return { kind: "refused", sourceId, key, file, line, reasons };
}

/** Everything a row says but where it stands. */
function contentOf(draft: Draft): string {
  return JSON.stringify({ ...draft, sourceId: "", key: "", file: "", line: 0, reasons: [] });
}

/** Names repeat among people; a name and a contact point together hardly do. */
function* askAboutTwins(drafts: readonly Draft[]): Generator<Draft> {
  const first = new Map<string, string>();
  for (const draft of drafts) {
    const keys = draft.kind === "practitioner" ? twinKeys(draft) : [];
    const twin = keys.map((key) => first.get(key)).find((id) => id !== undefined);
    for (const key of keys) if (!first.has(key)) first.set(key, draft.sourceId);
    yield twin === undefined || draft.kind !== "practitioner" ? draft : ask(draft, twin);
  }
}

function twinKeys({ alias, contact }: PractitionerDraft): readonly string[] {
  return contact.map(({ kind, value }) => `${fold(alias)} ${kind} ${fold(value)}`);
}

function ask(draft: PractitionerDraft, twin: string): PractitionerDraft {
  const question: Reason = {
    weight: "review",
    field: "id",
    reason: `${POSSIBLE_DUPLICATE}:${twin}`,
    original: draft.sourceId,
  };
  return { ...draft, reasons: [...draft.reasons, question] };
}

/** Whoever may be somebody else's second entry is not listed before a person has looked. */
export function mayBeDuplicate(draft: PractitionerDraft): boolean {
  return draft.reasons.some(({ reason }) => reason.startsWith(`${POSSIBLE_DUPLICATE}:`));
}

const POSSIBLE_DUPLICATE = "possible-duplicate-of";
