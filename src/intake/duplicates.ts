import { fold } from "../vocabulary/word.js";
import type { Draft, PractitionerDraft, Reason, Refused } from "./draft.js";

/** Drafts with the repetitions taken out: two rows of one id are one record, and a second person with one name and one address is a question. */
export type Sorted = { readonly drafts: readonly Draft[]; readonly refused: readonly Refused[] };

export function sortOutDuplicates(drafts: readonly Draft[]): Sorted {
  const first = new Map<string, Draft>();
  const refused: Refused[] = [];
  for (const draft of drafts) {
    const same = first.get(fold(draft.sourceId));
    if (same === undefined) first.set(fold(draft.sourceId), draft);
    else refused.push(repetition(draft, same));
  }
  return { drafts: [...askAboutTwins([...first.values()])], refused };
}

function repetition(draft: Draft, same: Draft): Refused {
  const equal = fold(contentOf(draft)) === fold(contentOf(same));
  const reason = `${equal ? "duplicate-of" : "same-id-as"}:${same.sourceId}`;
  const { sourceId, file, line } = draft;
  const reasons: readonly Reason[] = [{ weight: "refusal", field: "id", reason, original: sourceId }];
  return { kind: "refused", sourceId, file, line, reasons };
}

/** Everything a row says but where it stands. */
function contentOf(draft: Draft): string {
  return JSON.stringify({ ...draft, sourceId: "", file: "", line: 0, reasons: [] });
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
