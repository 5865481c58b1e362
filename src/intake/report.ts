import type { Reason, RowPlace } from "./draft.js";
import type { LinkCount, LinkCounts } from "./links.js";
import { cut, harmless } from "./sound-text.js";

/** What became of a row. That a person has to look at it is beside that, in its reasons: a row can be new and in question. */
type Outcome = "created" | "changed" | "unchanged" | "refused";

/** One row of the source and what became of it. */
export type ReportRow = Omit<RowPlace, "key"> & {
  readonly outcome: Outcome;
  readonly reasons: readonly Reason[];
};

/** How many rows came out how. */
export type Counts = Readonly<Record<Outcome, number>> & {
  /** Rows with at least one open question, whatever else became of them. */
  readonly review: number;
};

/** What an import did, or on a dry run would have done. */
export type Report = {
  readonly source: string;
  readonly dryRun: boolean;
  /** One for each row of the source, in its order. */
  readonly rows: readonly ReportRow[];
  readonly counts: Counts;
  readonly links: LinkCounts;
  /** How many records that this source has brought are not in the files. Nothing becomes of them. */
  readonly absent: number;
  /** Files that hold words of the source and not records, by folder. */
  readonly passedOver: Readonly<Record<string, number>>;
  /** Fields of the source that the mapping does not mention. */
  readonly unread: readonly string[];
};

/** Counts rows by their outcome, and those with an open question. */
export function countRows(rows: readonly ReportRow[]): Counts {
  const count = (outcome: Outcome) => rows.filter((row) => row.outcome === outcome).length;
  return {
    created: count("created"),
    changed: count("changed"),
    unchanged: count("unchanged"),
    refused: count("refused"),
    review: rows.filter(({ reasons }) => reasons.some(({ weight }) => weight === "review")).length,
  };
}

/** Anything text can be written to: a terminal, a file, a test. */
export type Out = { write(text: string): unknown };

/** The counts, then every row that is not clean, with why and what the source wrote. */
export function printReport(report: Report, out: Out): void {
  out.write(`${headline(report)}\n\n`);
  for (const [name, count] of Object.entries(NAMES))
    out.write(`  ${String(report.counts[count]).padStart(6)}  ${name}\n`);
  for (const line of remarks(report)) out.write(`${line}\n`);
  for (const row of report.rows.filter(({ reasons }) => reasons.length > 0)) out.write(`\n${rowText(row)}\n`);
}

const NAMES: Readonly<Record<string, keyof Counts>> = {
  created: "created",
  changed: "changed",
  unchanged: "unchanged",
  "need review": "review",
  refused: "refused",
};

const WEIGHTS: Readonly<Record<Reason["weight"], string>> = {
  review: "review ",
  note: "note   ",
  refusal: "refused",
};

function headline({ source, dryRun, rows }: Report): string {
  return `${rows.length} rows of ${source}${dryRun ? " (dry run: nothing was written)" : ""}`;
}

/** What there is to say of the source as a whole, in blocks parted by a blank line. */
function remarks({ links, absent, passedOver, unread }: Report): readonly string[] {
  const blocks = [linkLines(links), absentLines(absent), folderLines(passedOver), unreadLines(unread)];
  return blocks.filter((lines) => lines.length > 0).flatMap((lines) => ["", ...lines]);
}

function linkLines({ partOf, parts }: LinkCounts): readonly string[] {
  return [...linkLine("part of:", partOf), ...linkLine("parts:  ", parts)];
}

function linkLine(label: string, { named, otherwise, open }: LinkCount): readonly string[] {
  if (named + otherwise + open === 0) return [];
  return [`  ${label} ${named} by name, ${otherwise} by another name, ${open} lead nowhere`];
}

function absentLines(absent: number): readonly string[] {
  if (absent === 0) return [];
  if (absent === 1) return ["  1 record of this source is not in these files; it stays as it is"];
  return [`  ${absent} records of this source are not in these files; they stay as they are`];
}

function folderLines(passedOver: Report["passedOver"]): readonly string[] {
  const folders = Object.entries(passedOver).map(([folder, count]) => `${count} of ${harmless(folder)}`);
  return folders.length === 0 ? [] : [`  files that hold words and not records: ${folders.join(", ")}`];
}

function unreadLines(unread: readonly string[]): readonly string[] {
  return unread.length === 0
    ? []
    : [`  fields the mapping does not mention: ${unread.map(harmless).join(", ")}`];
}

function rowText({ sourceId, file, line, outcome, reasons }: ReportRow): string {
  const lines = reasons.map(({ weight, field, reason, original }) => {
    const where = field === "" ? "" : ` ${harmless(field)}`;
    const text = original === "" ? "" : `: ${quoted(original)}`;
    return `    ${WEIGHTS[weight]}${where} ${harmless(reason)}${text}`;
  });
  return [`${harmless(sourceId) || "(no id)"}  ${outcome}  ${harmless(file)}:${line}`, ...lines].join("\n");
}

function quoted(original: string): string {
  const text = harmless(original);
  return `“${text.length > 160 ? `${cut(text, 160)}…` : text}”`;
}
