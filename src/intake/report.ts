import type { Place, Reason } from "./draft.js";
import type { LinkCounts } from "./links.js";

/** What became of a row. That a person has to look at it is beside that, in its reasons: a row can be new and in question. */
type Outcome = "created" | "changed" | "unchanged" | "refused";

export type ReportRow = Place & { readonly outcome: Outcome; readonly reasons: readonly Reason[] };

export type Counts = Readonly<Record<Outcome, number>> & {
  /** Rows with at least one open question, whatever else became of them. */
  readonly review: number;
};

export type Report = {
  readonly source: string;
  readonly dryRun: boolean;
  /** One for each row of the source, in its order. */
  readonly rows: readonly ReportRow[];
  readonly counts: Counts;
  readonly links: LinkCounts;
  /** Files that hold words of the source and not records, by folder. */
  readonly passedOver: Readonly<Record<string, number>>;
  /** Fields of the source that the mapping does not mention. */
  readonly unread: readonly string[];
};

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

/** Text of a stranger for a terminal: nothing that moves the cursor, colours, or turns the reading direction around. */
export function harmless(text: string): string {
  return text.replace(UNSAFE, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);
}

const UNSAFE = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]/gu;

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

function remarks({ links, passedOver, unread }: Report): readonly string[] {
  const { named, otherwise, open } = links.partOf;
  const { parts } = links;
  const folders = Object.entries(passedOver).map(([folder, count]) => `${count} of ${harmless(folder)}`);
  return [
    ...(named + otherwise + open === 0
      ? []
      : ["", `  part of: ${named} by name, ${otherwise} by another name, ${open} lead nowhere`]),
    ...(parts.named + parts.otherwise + parts.open === 0
      ? []
      : [
          `  parts:   ${parts.named} by name, ${parts.otherwise} by another name, ${parts.open} lead nowhere`,
        ]),
    ...(folders.length === 0 ? [] : ["", `  files that hold words and not records: ${folders.join(", ")}`]),
    ...(unread.length === 0
      ? []
      : ["", `  fields the mapping does not mention: ${unread.map(harmless).join(", ")}`]),
  ];
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
  return `“${text.length > 160 ? `${text.slice(0, 160)}…` : text}”`;
}
