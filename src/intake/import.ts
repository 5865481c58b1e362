import { dayOf } from "../clock.js";
import type { Home } from "../listing/home.js";
import type { Database } from "../storage/database.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { applyPlan } from "./apply.js";
import { sortOutDuplicates, type Sorted } from "./duplicates.js";
import type { Refused } from "./draft.js";
import { checkColumns, mapRows, unreadFields } from "./map.js";
import { readMapping, type Mapping } from "./mapping.js";
import { planChanges, type Plan, type Step } from "./plan.js";
import { findFiles, rowsOf } from "./read.js";
import { countRows, type Report, type ReportRow } from "./report.js";
import type { Row } from "./row.js";
import { waitForTurn } from "./source.store.js";

/** How far an import has come: files read, then records written. */
export type Progress = { readonly doing: "reading" | "writing"; readonly done: number; readonly of: number };

/** What to take in, and into which directory. */
export type ImportRequest = {
  readonly database: Database;
  readonly vocabulary: Vocabulary;
  readonly home: Home;
  readonly paths: readonly string[];
  /** The name of a mapping in seeds/mappings, or the path of one. */
  readonly mapping: string;
  readonly dryRun?: boolean;
  /** The latest day that has begun anywhere, as 2024-02-29: nobody was confirmed, or agreed, on a later one. */
  readonly today?: string;
  readonly onProgress?: (progress: Progress) => void;
};

/** Takes in what these files hold: read, map, plan, and apply in one transaction, all of it or nothing. */
export async function importFiles(request: ImportRequest): Promise<Report> {
  const { database, vocabulary, home, paths, dryRun = false, onProgress = () => undefined } = request;
  const { today = dayThatHasBegun(home.clock()) } = request;
  const mapping = readMapping(request.mapping);
  const read = readDrafts(paths, mapping, vocabulary, today, onProgress);
  const plan = await database.transaction(async (tx) => {
    await waitForTurn(tx);
    const planned = await planChanges(tx, home, read, mapping);
    if (!dryRun) await applyPlan(tx, home, mapping, planned.steps, writing(planned, onProgress));
    return planned;
  });
  return reportOf(read, plan, mapping, dryRun);
}

/** What files say in our words, before it is held against a directory. */
export type Drafts = Sorted & {
  readonly passedOver: Report["passedOver"];
  readonly unread: Report["unread"];
};

/** Reads and maps files without asking any database. */
export function readDrafts(
  paths: readonly string[],
  mapping: Mapping,
  vocabulary: Vocabulary,
  today: string,
  onProgress: (progress: Progress) => void = () => undefined,
): Drafts {
  const rows = readAll(paths, mapping, onProgress);
  const mapped = mapRows(rows, mapping, vocabulary, today);
  return {
    ...sortOutDuplicates(mapped),
    passedOver: mapped.passedOver,
    unread: unreadFields(rows, mapping),
  };
}

/** The day is first over at UTC+14, in Kiritimati. */
function dayThatHasBegun(now: Date): string {
  return dayOf(new Date(now.getTime() + 14 * 60 * 60 * 1000));
}

function readAll(
  paths: readonly string[],
  mapping: Mapping,
  onProgress: (progress: Progress) => void,
): readonly Row[] {
  const files = findFiles(paths, mapping.format);
  return files.flatMap((file, position) => {
    const rows = rowsOf(file, mapping.format);
    checkColumns(rows, mapping);
    onProgress({ doing: "reading", done: position + 1, of: files.length });
    return rows;
  });
}

function writing({ steps }: Plan, onProgress: (progress: Progress) => void): (done: number) => void {
  const of = steps.filter(({ outcome }) => outcome === "created" || outcome === "changed").length;
  return (done) => onProgress({ doing: "writing", done, of });
}

function reportOf(read: Drafts, { steps, links, absent }: Plan, mapping: Mapping, dryRun: boolean): Report {
  const rows = [...steps.map(rowOfStep), ...read.refused.map(rowOfRefused)].sort(byPlace);
  const { passedOver, unread } = read;
  return { source: mapping.source, dryRun, rows, counts: countRows(rows), links, absent, passedOver, unread };
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
