import { createHash } from "node:crypto";
import { yearsAfter } from "../clock.js";
import { badInput } from "../errors.js";

/**
 * What a network's own frontend may do with its key: ask as anybody may, let people sign in and act through it, and, where it is a
 * router in front of several services, ask what routers ask.
 */
export const FRONTEND_SCOPES = ["READ", "ACCOUNTS", "ROUTER"] as const;
export type FrontendScope = (typeof FRONTEND_SCOPES)[number];

/** A frontend whose key is valid. */
export type Frontend = {
  readonly id: string;
  /** Where browsers may use it from, as a browser writes an origin. */
  readonly origins: readonly string[];
  readonly scopes: readonly FrontendScope[];
  /** The documents it may send, by their names; null when it may send any. */
  readonly operations: ReadonlyMap<string, string> | null;
};

/** What a document of an allow-list is named by: its SHA-256 in hex. */
export function nameOfDocument(document: string): string {
  return createHash("sha256").update(document).digest("hex");
}

/** What a key is made for. */
export type FrontendKeyDraft = {
  readonly name: string;
  readonly origins: readonly string[];
  readonly scopes: readonly FrontendScope[];
  /** The last day it is good for. */
  readonly expires: string;
  readonly operations: readonly string[] | null;
};

/** A key as stewards see it: everything but the key. */
export type KeptFrontendKey = Omit<FrontendKeyDraft, "operations"> & {
  readonly id: string;
  readonly created: string;
  /** How many documents it may send; null when it may send any. */
  readonly operations: number | null;
};

const LONGEST_NAME = 100;
const MOST_ORIGINS = 20;
const MOST_OPERATIONS = 500;
const LONGEST_LIFE_YEARS = 2;

/** The draft as it is kept, its name trimmed and each origin once; BAD_USER_INPUT for what cannot be a key. `today` is as 2026-11-21. */
export function checkFrontendKey(
  { name, origins, scopes, expires, operations }: FrontendKeyDraft,
  today: string,
): FrontendKeyDraft {
  const called = name.trim();
  if (called === "" || called.length > LONGEST_NAME)
    throw badInput(`A key's name has 1 to ${LONGEST_NAME} characters.`, ["input", "name"]);
  if (origins.length > MOST_ORIGINS)
    throw badInput(`A key has at most ${MOST_ORIGINS} origins.`, ["input", "origins"]);
  if (scopes.length === 0) throw badInput("A key has at least one scope.", ["input", "scopes"]);
  if (expires < today || expires > yearsAfter(today, LONGEST_LIFE_YEARS))
    throw badInput(`A key is good until a day from today to ${LONGEST_LIFE_YEARS} years later.`, [
      "input",
      "expires",
    ]);
  if (operations !== null && (operations.length === 0 || operations.length > MOST_OPERATIONS))
    throw badInput(`An allow-list holds 1 to ${MOST_OPERATIONS} documents; leave it out to allow any.`, [
      "input",
      "operations",
    ]);
  if (scopes.includes("ROUTER") && (origins.length > 0 || operations !== null))
    throw badInput(
      "A router's key has no origins and no allow-list: it stays on a server, and writes its documents itself.",
      ["input", "scopes"],
    );
  return {
    name: called,
    origins: [...new Set(origins.map(originOf))],
    scopes: [...new Set(scopes)],
    expires,
    operations,
  };
}

/** An origin as browsers write it: scheme, host and port, and nothing behind them. */
function originOf(text: string, position: number): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const bare = url !== null && ["", "/"].includes(url.pathname) && url.search === "" && url.hash === "";
  if (!bare || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw badInput("An origin is scheme, host and port alone, as in https://directory.example.org.", [
      "input",
      "origins",
      position,
    ]);
  return url.origin;
}
