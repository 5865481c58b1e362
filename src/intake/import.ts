import type { Database } from "../storage/database.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { applyPlan } from "./apply.js";
import { sortOutDuplicates } from "./duplicates.js";
import type { Draft, Refused } from "./draft.js";
import { checkColumns, mapRows, unreadFields } from "./map.js";
import { readMapping, type Mapping } from "./mapping.js";
import { planChanges, type Plan, type Step } from "./plan.js";
import { findFiles, readRows } from "./read.js";
import { countRows, type Report, type ReportRow } from "./report.js";
import type { Row } from "./row.js";
import { waitForTurn } from "./source.store.js";

/** How far an import has come: files read, then records written. */
export type Progress = { readonly doing: "reading" | "writing"; readonly done: number; readonly of: number };

export type ImportRequest = {
  readonly database: Database;
  readonly vocabulary: Vocabulary;
  /** The id of this node's own network, to which imported records belong. */
  readonly network: string;
  readonly paths: readonly string[];
  /** The name of a mapping in seeds/mappings, or the path of one. */
  readonly mapping: string;
  readonly dryRun?: boolean;
  readonly onProgress?: (progress: Progress) => void;
};

/** Takes in what these files hold: read, map, plan, and apply in one transaction, all of it or nothing. */
export async function importFiles(request: ImportRequest): Promise<Report> {
  const { database, vocabulary, network, paths, dryRun = false, onProgress = () => undefined } = request;
  const mapping = readMapping(request.mapping);
  const read = readDrafts(paths, mapping, vocabulary, onProgress);
  const plan = await database.transaction(async (tx) => {
    await waitForTurn(tx);
    const planned = await planChanges(tx, read.drafts, mapping);
    if (!dryRun) await applyPlan(tx, network, mapping, planned.steps, writing(planned, onProgress));
    return planned;
  });
  return reportOf(read, plan, mapping, dryRun);
}

/** What files say in our words, before it is held against a directory. */
export type Drafts = {
  readonly drafts: readonly Draft[];
  readonly refused: readonly Refused[];
  readonly passedOver: Report["passedOver"];
  readonly unread: Report["unread"];
};

export function readDrafts(
  paths: readonly string[],
  mapping: Mapping,
  vocabulary: Vocabulary,
  onProgress: (progress: Progress) => void = () => undefined,
): Drafts {
  const rows = readAll(paths, mapping, onProgress);
  const mapped = mapRows(rows, mapping, vocabulary);
  const { drafts, refused } = sortOutDuplicates(mapped.drafts);
  return {
    drafts,
    refused: [...mapped.refused, ...refused],
    passedOver: mapped.passedOver,
    unread: unreadFields(rows, mapping),
  };
}

function readAll(
  paths: readonly string[],
  mapping: Mapping,
  onProgress: (progress: Progress) => void,
): readonly Row[] {
  const files = findFiles(paths, mapping.format);
  return files.flatMap((file, position) => {
    const rows = readRows(file, mapping.format);
    checkColumns(rows, mapping);
    onProgress({ doing: "reading", done: position + 1, of: files.length });
    return rows;
  });
}

function writing({ steps }: Plan, onProgress: (progress: Progress) => void): (done: number) => void {
  const of = steps.filter(({ outcome }) => outcome === "created" || outcome === "changed").length;
  return (done) => onProgress({ doing: "writing", done, of });
}

function reportOf(read: Drafts, { steps, links }: Plan, mapping: Mapping, dryRun: boolean): Report {
  const rows = [...steps.map(rowOfStep), ...read.refused.map(rowOfRefused)].sort(byPlace);
  const { passedOver, unread } = read;
  return { source: mapping.source, dryRun, rows, counts: countRows(rows), links, passedOver, unread };
}

function rowOfStep({ sourceId, file, line, outcome, reasons }: Step): ReportRow {
  return { sourceId, file, line, outcome, reasons };
}

function rowOfRefused({ sourceId, file, line, reasons }: Refused): ReportRow {
  return { sourceId, file, line, outcome: "refused", reasons };
}

function byPlace(one: ReportRow, other: ReportRow): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.line - other.line;
}
