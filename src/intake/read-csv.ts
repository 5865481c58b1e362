import { CsvError, parse } from "csv-parse/sync";
import { mistake } from "./mistake.js";
import { pathOf } from "./read-markdown.js";
import type { Row, Trouble } from "./row.js";

type Line = { readonly record: readonly string[]; readonly info: { readonly lines: number } };

/** A CSV file with a header as rows. A line that is blank or does not fit the header is a row in trouble. */
export function readCsv(file: string, text: string): readonly Row[] {
  const [header, ...lines] = parseLines(file, text);
  if (header === undefined) throw mistake(`${file} is empty; a header with column names was wanted.`);
  const columns = header.record.map(tidy);
  const path = pathOf(file);
  return lines.map((line, position) => {
    // What the parser tells is the line a record ends on; it begins after the one before has ended.
    const begins = (position === 0 ? header : lines[position - 1])?.info.lines ?? 0;
    const cells = line.record.map(tidy);
    return {
      file,
      line: begins + 1,
      path,
      fields: fieldsOf(columns, cells),
      body: "",
      trouble: troubleOf(columns, cells),
    };
  });
}

function parseLines(file: string, text: string): readonly Line[] {
  try {
    // The overloads of `parse` do not know that `info` wraps every record.
    return parse(text.replace(/\r\n?/g, "\n"), {
      bom: true,
      info: true,
      relax_column_count: true,
      record_delimiter: "\n",
    }) as unknown as readonly Line[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw mistake(`${file} is not a CSV file: ${sentence(error)} Nothing was imported.`);
  }
}

function sentence(error: CsvError): string {
  const line = typeof error["lines"] === "number" ? ` near line ${error["lines"]}` : "";
  return error.code.includes("QUOTE") || error.code.includes("QUOTED")
    ? `a quotation mark is never closed or stands in the middle of a cell${line}.`
    : `its cells cannot be told apart${line}.`;
}

/** A byte order mark can hide anywhere when files were glued together. */
function tidy(cell: string): string {
  return cell.replaceAll("\ufeff", "").trim();
}

function fieldsOf(
  columns: readonly string[],
  cells: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, readonly string[]>();
  for (const [position, name] of columns.entries())
    fields.set(name, [...(fields.get(name) ?? []), cells[position] ?? ""]);
  return fields;
}

function troubleOf(columns: readonly string[], cells: readonly string[]): Trouble | null {
  const original = cells.join(",");
  if (cells.every((cell) => cell === "")) return { reason: "blank", original: "" };
  if (cells.length < columns.length) return { reason: "too-few-columns", original };
  if (cells.length > columns.length) return { reason: "too-many-columns", original };
  return null;
}
