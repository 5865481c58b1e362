import type { IncomingMessage } from "node:http";
import { nameOfDocument, type Frontend } from "../accounts/frontend-key.js";
import { DirectoryError } from "../errors.js";

/** The keys of frontends, as the door asks for them. */
export type Frontends = {
  /** The origins of all valid keys: where a preflight, which shows no key, may come from. */
  origins(): Promise<ReadonlySet<string>>;
};

/** The refusal of a page that is neither the node's own nor a frontend's, which its browser is not let read. */
export class ForeignOrigin extends DirectoryError {
  constructor() {
    super(
      "FORBIDDEN",
      "Pages of this origin may not ask here: it takes a frontend's key that is bound to the origin.",
    );
  }
}

/** The origin of a request that a page of somebody else's sent; null when it is the node's own page, or no browser's. */
export function foreignOrigin({ headers }: IncomingMessage, own: string | null): string | null {
  const { origin, host } = headers;
  if (origin === undefined || origin === own) return null;
  return URL.canParse(origin) && new URL(origin).host === host ? null : origin;
}

/** Refuses a page whose key is not bound to its origin. */
export function checkOrigin(origin: string | null, frontend: Frontend | null): void {
  if (origin !== null && frontend?.origins.includes(origin) !== true) throw new ForeignOrigin();
}

/** What lets a page of this origin read the answer. A browser sends no cookies along, and there are none. */
export function readableFrom(origin: string): Readonly<Record<string, string>> {
  return { "access-control-allow-origin": origin, "access-control-expose-headers": "Retry-After" };
}

/** What a browser is told that asks whether a page of this origin may send a question. */
export function mayAskFrom(origin: string): Readonly<Record<string, string>> {
  return {
    ...readableFrom(origin),
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "content-type, authorization, x-cadre-key",
    "access-control-max-age": "600",
  };
}

/** The question with its document, where a frontend may send only those of a list; it may name one by its SHA-256. */
export function listedQuestion(question: Question, { operations }: Frontend): Question {
  if (operations === null) return question;
  const { query, extensions, ...rest } = question;
  const name = typeof query === "string" ? nameOfDocument(query) : nameGiven(extensions);
  const document = name === null ? undefined : operations.get(name);
  if (document === undefined)
    throw new DirectoryError("FORBIDDEN", "This frontend may send only the documents of its list.");
  return { ...rest, query: document };
}

/** The body of a request: what Apollo takes. */
export type Question = Readonly<Record<string, unknown>>;

/** The document's name, given in the way of Apollo's persisted queries; null when there is none. */
function nameGiven(extensions: unknown): string | null {
  const named = property(extensions, "persistedQuery");
  const name = property(named, "version") === 1 ? property(named, "sha256Hash") : null;
  return typeof name === "string" ? name.toLowerCase() : null;
}

function property(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null && Object.hasOwn(of, name)
    ? (of as Question)[name]
    : undefined;
}
