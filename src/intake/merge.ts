import { createHash } from "node:crypto";

/** A record as fields that can be held against each other, one by one. */
export type Fields = Readonly<Record<string, unknown>>;
/** A fingerprint for each field. */
export type Prints = Readonly<Record<string, string>>;

/** A record's own fields and its facts side by side. */
export function fieldsOf(record: { readonly facts: object }): Fields {
  const { facts, ...own } = record;
  return { ...own, ...facts };
}

/** Equal values have equal fingerprints, whichever order their keys are in. */
export function printOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(inKeyOrder(value)))
    .digest("base64url")
    .slice(0, 16);
}

/** The fingerprints of all fields of a record. */
export function printsOf(fields: Fields): Prints {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, printOf(value)]));
}

/** What a record becomes when its source changed, and the fields where somebody here had changed it too. */
export type Merged = { readonly fields: Fields; readonly disputed: readonly string[] };

/**
 * Field by field: what the source did not change stays as it is here, what it changed is taken over, unless somebody has
 * changed it here since the last import. A person's own word is not overwritten by a file.
 */
export function merge(here: Fields, source: Fields, last: Prints): Merged {
  const names = Object.keys(source);
  const changed = names.filter(
    (name) => printOf(source[name]) !== last[name] && printOf(source[name]) !== printOf(here[name]),
  );
  const disputed = changed.filter((name) => last[name] !== undefined && printOf(here[name]) !== last[name]);
  const taken = changed.filter((name) => !disputed.includes(name));
  return { fields: { ...here, ...Object.fromEntries(taken.map((name) => [name, source[name]])) }, disputed };
}

function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(
    entries.sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, one]) => [key, inKeyOrder(one)]),
  );
}
