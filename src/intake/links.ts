import { fold } from "../vocabulary/word.js";
import type { Naming, Reason, ResourceDraft } from "./draft.js";

/** A record that links can lead to, of this import or of an earlier one. */
export type Target = {
  readonly sourceId: string;
  readonly names: Readonly<Record<string, readonly string[]>>;
};

/** How a link was resolved: by the proper name, by another one, or not at all. */
export type LinkCount = { readonly named: number; readonly otherwise: number; readonly open: number };
export type LinkCounts = { readonly partOf: LinkCount; readonly parts: LinkCount };

/** A draft with the source ids its links lead to. */
export type Linked = {
  readonly draft: ResourceDraft;
  readonly wholes: readonly string[];
  readonly parts: readonly string[];
  readonly reasons: readonly Reason[];
  readonly counts: LinkCounts;
};

type Found = { readonly id: string; readonly proper: boolean } | { readonly reason: string };
type Finder = (naming: Naming, from: string) => Found;

/** Resolves the links of drafts to each other and to what was imported before. What leads nowhere, or to several, is a question. */
export function linkAll(drafts: readonly ResourceDraft[], before: readonly Target[]): readonly Linked[] {
  const now = new Set(drafts.map(({ sourceId }) => sourceId));
  const find = finder([...drafts, ...before.filter(({ sourceId }) => !now.has(sourceId))]);
  return drafts.map((draft) => {
    const wholes = resolve(draft, "partOf", find);
    const parts = resolve(draft, "parts", find);
    return {
      draft,
      wholes: wholes.ids,
      parts: parts.ids,
      reasons: [...wholes.reasons, ...parts.reasons],
      counts: { partOf: wholes.count, parts: parts.count },
    };
  });
}

type Resolved = {
  readonly ids: readonly string[];
  readonly reasons: readonly Reason[];
  readonly count: LinkCount;
};

function resolve(draft: ResourceDraft, field: "partOf" | "parts", find: Finder): Resolved {
  const found = draft[field].map((naming) => ({ naming, found: find(naming, draft.sourceId) }));
  const hits = found.flatMap(({ found: one }) => ("id" in one ? [one] : []));
  const named = hits.filter(({ proper }) => proper).length;
  return {
    ids: [...new Set(hits.map(({ id }) => id))],
    reasons: found.flatMap(({ naming, found: one }) =>
      "id" in one ? [] : [{ weight: "review" as const, field, reason: one.reason, original: naming.text }],
    ),
    count: { named, otherwise: hits.length - named, open: found.length - hits.length },
  };
}

function finder(targets: readonly Target[]): Finder {
  const ids = new Set(targets.map(({ sourceId }) => sourceId));
  const byName = indexBy(targets, fold);
  const byLikeness = indexBy(targets, likeness);
  return (naming, from) => {
    const reachable = (found: readonly string[] | undefined) =>
      (found ?? []).filter((id) => id !== from && id.startsWith(naming.under));
    for (const [position, name] of naming.by.entries()) {
      const proper = position === 0;
      if (name === "@id") {
        const id = idIn(naming.text, ids);
        if (id !== null) return { id, proper };
        continue;
      }
      const named = byName.get(`${name} ${fold(naming.text)}`) ?? [];
      if (named.length === 0) continue;
      // Another page's short name is weaker than a proper name that differs in punctuation only.
      const alike = proper ? [] : reachable(byLikeness.get(`${naming.by[0]} ${likeness(naming.text)}`));
      const best = alike.length === 1 ? alike : reachable(named);
      if (best.length === 0) continue;
      return best.length === 1 && best[0] !== undefined
        ? { id: best[0], proper }
        : { reason: "ambiguous-link" };
    }
    return { reason: "unknown-link" };
  };
}

/** Links write a slash at the end or leave it out. */
function idIn(text: string, ids: ReadonlySet<string>): string | null {
  const id = text.slice(0, 1000).replace(/^\/+|\/+$/g, "");
  return ids.has(id) ? id : null;
}

function indexBy(
  targets: readonly Target[],
  key: (text: string) => string,
): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>();
  for (const { sourceId, names } of targets) {
    for (const [name, texts] of Object.entries(names)) {
      for (const known of new Set(texts.map((text) => `${name} ${key(text)}`)))
        index.set(known, [...(index.get(known) ?? []), sourceId]);
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
