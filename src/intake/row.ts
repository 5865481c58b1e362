import { headingText, plainText } from "./plain-text.js";

/** A value as the source wrote it. Nothing is ever turned into a number, a date, true or null: `Yes` and `None` are words. */
export type Value = string | readonly Value[] | { readonly [key: string]: Value };

/** One record of a source, before anybody has said what its fields mean. */
export type Row = {
  readonly file: string;
  /** The line it begins on. */
  readonly line: number;
  /** The folders of its file and the file's name without its ending. */
  readonly path: readonly string[];
  /** Every value of a field, in order: a source may name a field twice. */
  readonly fields: ReadonlyMap<string, readonly Value[]>;
  /** The running text below the front matter; empty in a table. */
  readonly body: string;
  /** Why nothing can be made of it; null for a sound row. */
  readonly trouble: Trouble | null;
};

/** Why a row cannot be read, with what stood there. */
export type Trouble = { readonly reason: string; readonly original: string };

/**
 * What a row says under a name: a field, `@file`, `@folder`, `@above` (the folder above that one), `@body`,
 * or `#Heading` for the list below a heading of the body.
 */
function valuesOf(row: Row, name: string): readonly Value[] {
  if (name.startsWith("#")) return listBelow(row.body, name.slice(1));
  if (!name.startsWith("@")) return row.fields.get(name) ?? [];
  const text = name === "@body" ? row.body : row.path.at(PLACES[name] ?? Number.NaN);
  return text === undefined || text === "" ? [] : [text];
}

/** The text of a field; when the field is there twice, the later one corrects the earlier. */
export function textOf(row: Row, name: string): string {
  const texts = valuesOf(row, name).filter((value) => typeof value === "string");
  return texts.findLast((text) => text.trim() !== "")?.trim() ?? "";
}

/**
 * The texts of a field that may hold a list. Lists add up when the field is there several times, single texts correct
 * each other. `key` names the part to take where an item has several.
 */
export function textsOf(row: Row, name: string, key: string | null): readonly string[] {
  const values = valuesOf(row, name);
  const lists = values.filter((value) => typeof value !== "string");
  if (lists.length === 0) return [textOf(row, name)].filter((text) => text !== "");
  return lists.flatMap((value) => leaves(value, key)).filter((text) => text !== "");
}

/** All that a row says under a name, where a later text must not correct an earlier one. */
export function everyTextOf(row: Row, name: string): readonly string[] {
  return valuesOf(row, name)
    .flatMap((value) => leaves(value, null))
    .filter((text) => text !== "");
}

const PLACES: Readonly<Record<string, number>> = { "@file": -1, "@folder": -2, "@above": -3 };

function leaves(value: Value, key: string | null): readonly string[] {
  if (typeof value === "string") return [value.trim()];
  if (Array.isArray(value)) return value.flatMap((item: Value) => leaves(item, key));
  const entries = value as { readonly [key: string]: Value };
  const part = key === null ? Object.values(entries) : [entries[key] ?? ""];
  return part.flatMap((item) => leaves(item, null));
}

/** The items of the list that follows a heading, up to the next heading. */
function listBelow(body: string, heading: string): readonly Value[] {
  const lines = body.split("\n");
  const items: string[] = [];
  let inside = false;
  for (const line of lines) {
    const title = headingText(line);
    if (title !== null) inside = title.toLowerCase() === heading.toLowerCase();
    else if (inside) addLine(items, line);
  }
  const texts = items.map(plainText).filter((item) => item !== "");
  return texts.length === 0 ? [] : [texts];
}

/** A bullet begins an item; an indented line continues it. */
function addLine(items: string[], line: string): void {
  const bullet = /^\s*[-*•]\s+(.*)$/.exec(line)?.[1];
  if (bullet !== undefined) items.push(bullet);
  else if (/^\s+\S/.test(line) && items.length > 0) items.push(`${items.pop()} ${line.trim()}`);
}
