import { basename, dirname, extname, sep } from "node:path";
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node } from "yaml";
import type { Row, Trouble, Value } from "./row.js";
import { cut, sound } from "./sound-text.js";

/** A Markdown file with YAML front matter as one row. What cannot be read is a row in trouble, never a crash; nothing is run. */
export function readMarkdown(file: string, text: string): Row {
  const parts = splitFrontMatter(text.replace(/\r\n?/g, "\n"));
  const empty = { file, line: 1, path: pathOf(file), fields: new Map(), body: "" };
  if (parts === null) return { ...empty, trouble: { reason: "no-front-matter", original: cut(text, 80) } };
  const parsed = parseFields(parts.matter);
  if ("reason" in parsed) return { ...empty, line: parsed.line, trouble: parsed };
  return { ...empty, fields: parsed.fields, body: parts.body, trouble: null };
}

/** The folders of a file and its name without the ending. */
export function pathOf(file: string): readonly string[] {
  const folders = dirname(file).split(sep);
  return [...folders, basename(file, extname(file))];
}

type Parts = { readonly matter: string; readonly body: string };

/** Only lines that are exactly `---` fence front matter: what says `---js` is not run, it is not even read. */
function splitFrontMatter(text: string): Parts | null {
  const found = /^---[ \t]*\n([\s\S]*?)(?:\n|^)---[ \t]*(?:\n|$)/.exec(text);
  return found === null ? null : { matter: found[1] ?? "", body: text.slice(found[0].length) };
}

type Fields = { readonly fields: ReadonlyMap<string, readonly Value[]> };
type Broken = Trouble & { readonly line: number };

/** Longer than any text people wrote there; the parser's time grows faster than what it reads. */
const LONGEST_MATTER = 64 * 1024;

function parseFields(matter: string): Fields | Broken {
  if (matter.length > LONGEST_MATTER) return broken("front-matter-too-long", matter, 2);
  if (isDeep(matter)) return broken("front-matter-too-deep", matter, 2);
  try {
    const document = soundest(matter);
    const [error] = document.errors;
    if (error !== undefined) return broken("broken-front-matter", matter, 1 + lineAt(matter, error.pos[0]));
    if (!isMap(document.contents)) return broken("front-matter-without-fields", matter, 2);
    return { fields: fieldsOf(document) };
  } catch (error) {
    if (error instanceof Unreadable || error instanceof RangeError)
      return broken("unreadable-front-matter", matter, 2);
    throw error;
  }
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

/**
 * Whether it could nest deeper than the parser, which calls itself for every level, has stack for: running out of it can end
 * the process, which no `catch` prevents. Every level takes a bracket or a sign of a list or map.
 */
function isDeep(matter: string): boolean {
  const countOf = (text: string, signs: RegExp) => (text.match(signs) ?? []).length;
  if (countOf(matter, /[[{]/g) > MOST_BRACKETS) return true;
  return matter.split("\n").some((line) => countOf(line, /[-?:](?=\s)/g) > MOST_SIGNS_A_LINE);
}

const MOST_BRACKETS = 1000;
const MOST_SIGNS_A_LINE = 100;

/** `line` counts in the file, where the front matter begins on the second line. */
function broken(reason: string, matter: string, line: number): Broken {
  return { reason, line, original: cut(matter.split("\n")[line - 2] ?? "", 200) };
}

/** As it is written; only when that is not YAML, with the quoted texts indented that go on at the margin. */
function soundest(matter: string): Document.Parsed {
  const document = parse(matter);
  if (document.errors.length === 0) return document;
  const mended = parse(indentQuoted(matter));
  return mended.errors.length === 0 ? mended : document;
}

/** The failsafe schema knows texts, lists and maps and nothing else. Thousands of errors made pretty would take seconds. */
function parse(matter: string): Document.Parsed {
  return parseDocument(matter, {
    schema: "failsafe",
    uniqueKeys: false,
    strict: true,
    logLevel: "silent",
    prettyErrors: false,
  });
}

/** Many Markdown tools take a quoted text whose later lines are not indented. */
function indentQuoted(matter: string): string {
  let open = false;
  return matter
    .split("\n")
    .map((line) => {
      const indented = open ? `  ${line}` : line;
      const begins = !open && /^[\w -]+:\s+"/.test(line);
      if ((open || begins) && quotesIn(line) % 2 === 1) open = !open;
      return indented;
    })
    .join("\n");
}

function quotesIn(line: string): number {
  return (line.replace(/\\./g, "").match(/"/g) ?? []).length;
}

class Unreadable extends Error {}

function fieldsOf(document: Document.Parsed): ReadonlyMap<string, readonly Value[]> {
  const fields = new Map<string, Value[]>();
  for (const [key, value] of pairsOf(document.contents)) fields.set(key, [...(fields.get(key) ?? []), value]);
  return fields;
}

function pairsOf(node: unknown): readonly (readonly [string, Value])[] {
  if (!isMap<Node, Node | null>(node)) return [];
  return node.items.map(({ key, value }) => [nameOf(key), valueOf(value)] as const);
}

function nameOf(key: Node): string {
  if (!isScalar(key)) throw new Unreadable();
  return scalarText(key.value).trim();
}

/** The failsafe schema makes every scalar a text, whose escapes can write what no text may hold; one that is left out is null. */
function scalarText(value: unknown): string {
  return typeof value === "string" ? sound(value) : "";
}

/** Anchors and aliases are not followed: a few lines of them can unfold without end. */
function valueOf(node: unknown): Value {
  if (node === null || node === undefined) return "";
  if (isAlias(node)) throw new Unreadable();
  if (isScalar(node)) return scalarText(node.value);
  if (isSeq<Node>(node)) return node.items.map(valueOf);
  return Object.fromEntries(pairsOf(node));
}
