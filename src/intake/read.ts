import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import type { Mapping } from "./mapping.js";
import { mistake } from "./mistake.js";
import { readCsv } from "./read-csv.js";
import { readMarkdown } from "./read-markdown.js";
import type { Row } from "./row.js";

const ENDINGS: Readonly<Record<Mapping["format"], readonly string[]>> = {
  csv: [".csv"],
  markdown: [".md", ".markdown"],
};
const LARGEST = 64 * 1024 * 1024;

/** The files at these paths; of a folder, all that have the format's ending, however deep, in the order of their names. */
export function findFiles(paths: readonly string[], format: Mapping["format"]): readonly string[] {
  if (paths.length === 0) throw mistake("Name at least one file or folder to import.");
  const files = [...new Set(paths.map((path) => resolve(path)).flatMap((path) => filesAt(path, format)))];
  if (files.length > 0) return files;
  throw mistake(`There is no ${ENDINGS[format].join(" or ")} file in ${paths.join(", ")}.`);
}

/** The rows of one file. */
export function rowsOf(file: string, format: Mapping["format"]): readonly Row[] {
  const text = readText(file);
  return format === "csv" ? readCsv(file, text) : [readMarkdown(file, text)];
}

function filesAt(path: string, format: Mapping["format"]): readonly string[] {
  return attempt(path, () => (statSync(path).isDirectory() ? filesIn(path, ENDINGS[format]) : [path]));
}

/** Links are not followed: they may lead out of the folder, or round in a circle. */
function filesIn(folder: string, endings: readonly string[]): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  return entries.flatMap((entry) => {
    if (entry.name.startsWith(".")) return [];
    if (entry.isDirectory()) return filesIn(join(folder, entry.name), endings);
    return entry.isFile() && endings.includes(extname(entry.name).toLowerCase())
      ? [join(folder, entry.name)]
      : [];
  });
}

function readText(file: string): string {
  const bytes = attempt(file, () => readFileSync(file));
  if (bytes.length > LARGEST) throw mistake(`${file} is larger than 64 MB; import it in parts.`);
  const text = decode(file, bytes);
  if (text.includes("\0")) throw mistake(`${file} is not a text file.`);
  return text;
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw mistake(`${file} is not UTF-8; save it as UTF-8 and import it again.`);
  }
}

const REFUSALS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EACCES: "may not be read by this user",
  EPERM: "may not be read by this user",
};

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
    if (code === "") throw error;
    throw mistake(`${path} ${REFUSALS[code] ?? `cannot be read (${code})`}; nothing was imported.`);
  }
}
