import { fold } from "../vocabulary/word.js";
import type { Naming, Reason, ResourceDraft } from "./draft.js";
import { LONGEST_ORIGINAL } from "./reading.js";
import { cut } from "./sound-text.js";
import { keyOf, type SourceKey } from "./source-key.js";

/** A record that links can lead to, of this import or of an earlier one. */
export type Target = {
  readonly key: SourceKey;
  readonly names: Readonly<Record<string, readonly string[]>>;
};

/** How a link was resolved: by the proper name, by another one, or not at all. */
export type LinkCount = { readonly named: number; readonly otherwise: number; readonly open: number };
/** How the links of all records were resolved, by the direction they are written in. */
export type LinkCounts = { readonly partOf: LinkCount; readonly parts: LinkCount };

/** A draft with the records its links lead to. */
export type Linked = {
  readonly draft: ResourceDraft;
  readonly wholes: readonly SourceKey[];
  readonly parts: readonly SourceKey[];
  readonly reasons: readonly Reason[];
  readonly counts: LinkCounts;
};

/** Where one link leads: to a record, by its proper name or another one, or nowhere, and why. */
type Lead = { readonly key: SourceKey; readonly proper: boolean } | { readonly reason: string };
type Finder = (naming: Naming, from: SourceKey) => Lead;

/** Resolves the links of drafts to each other and to what was imported before. What leads nowhere, or to several, is a question. */
export function linkAll(drafts: readonly ResourceDraft[], before: readonly Target[]): readonly Linked[] {
  const now = new Set(drafts.map(({ key }) => key));
  const find = finder([...drafts, ...before.filter(({ key }) => !now.has(key))]);
  return drafts.map((draft) => {
    const wholes = follow(draft, "partOf", find);
    const parts = follow(draft, "parts", find);
    return {
      draft,
      wholes: wholes.keys,
      parts: parts.keys,
      reasons: [...wholes.reasons, ...parts.reasons],
      counts: { partOf: wholes.count, parts: parts.count },
    };
  });
}

type Followed = {
  readonly keys: readonly SourceKey[];
  readonly reasons: readonly Reason[];
  readonly count: LinkCount;
};

function follow(draft: ResourceDraft, field: "partOf" | "parts", find: Finder): Followed {
  const leads = draft[field].map((naming) => ({ naming, lead: find(naming, draft.key) }));
  const hits = leads.flatMap(({ lead }) => ("key" in lead ? [lead] : []));
  const named = hits.filter(({ proper }) => proper).length;
  return {
    keys: [...new Set(hits.map(({ key }) => key))],
    reasons: leads.flatMap(({ naming, lead }) =>
      "key" in lead
        ? []
        : [
            {
              weight: "review" as const,
              field,
              reason: lead.reason,
              original: cut(naming.text, LONGEST_ORIGINAL),
            },
          ],
    ),
    count: { named, otherwise: hits.length - named, open: leads.length - hits.length },
  };
}

function finder(targets: readonly Target[]): Finder {
  const known = {
    keys: new Set(targets.map(({ key }) => key)),
    byName: indexBy(targets, fold),
    byLikeness: indexBy(targets, likeness),
  };
  return (naming, from) => {
    for (const name of naming.by) {
      const lead = name === "@id" ? leadById(naming, known) : leadByName(naming, name, from, known);
      if (lead !== null) return lead;
    }
    return { reason: "unknown-link" };
  };
}

type Known = {
  readonly keys: ReadonlySet<SourceKey>;
  readonly byName: ReadonlyMap<string, readonly SourceKey[]>;
  readonly byLikeness: ReadonlyMap<string, readonly SourceKey[]>;
};

/** Links write a slash at the end or leave it out. */
function leadById(naming: Naming, { keys }: Known): Lead | null {
  const key = keyOf(cut(naming.text, 1000).replace(/^\/+|\/+$/g, ""));
  return keys.has(key) ? { key, proper: naming.by[0] === "@id" } : null;
}

function leadByName(naming: Naming, name: string, from: SourceKey, known: Known): Lead | null {
  const under = keyOf(naming.under);
  const reachable = (found: readonly SourceKey[] = []) =>
    found.filter((key) => key !== from && key.startsWith(under));
  const named = known.byName.get(`${name} ${fold(naming.text)}`) ?? [];
  if (named.length === 0) return null;
  const [properName] = naming.by;
  const proper = name === properName;
  // Another page's short name is weaker than a proper name that differs in punctuation only.
  const alike = proper ? [] : reachable(known.byLikeness.get(`${properName} ${likeness(naming.text)}`));
  const [best, another] = alike.length === 1 ? alike : reachable(named);
  if (best === undefined) return null;
  return another === undefined ? { key: best, proper } : { reason: "ambiguous-link" };
}

function indexBy(
  targets: readonly Target[],
  form: (text: string) => string,
): ReadonlyMap<string, readonly SourceKey[]> {
  const index = new Map<string, SourceKey[]>();
  for (const { key, names } of targets) {
    for (const [name, texts] of Object.entries(names)) {
      for (const known of new Set(texts.map((text) => `${name} ${form(text)}`)))
        index.set(known, [...(index.get(known) ?? []), key]);
    }
  }
  return index;
}

/** A name without punctuation, "&" read as "and". */
function likeness(text: string): string {
  return (
    fold(text)
      .replaceAll("&", " and ")
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).join(" ");
}
