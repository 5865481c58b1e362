import { z } from "zod";
import type { Outbound } from "./outbound.js";
import { OutboundError } from "./outbound-error.js";
import { BUCKETS } from "./set.js";
import { readStatement, LARGEST_STATEMENT, shaped, type Statement } from "./statement.js";
import { Untrusted } from "./untrusted.js";

/** A peer that answers, but not what was asked: it wants us to come later, does not know us, or does not have it. */
export class NotAnswered extends Error {
  override readonly name = "NotAnswered";

  constructor(
    readonly status: number,
    /** In milliseconds, when the peer said so. */
    readonly retryAfter: number | null,
  ) {
    super(`A peer answered with status ${status}.`);
  }
}

/** What a request brings along so that the peer knows who asks. */
export type Signer = (method: "GET" | "POST", url: string, body?: string) => Promise<Record<string, string>>;

/** Says something to a peer, signed: a small piece of JSON. */
export async function say(
  { outbound, sign }: { readonly outbound: Outbound; readonly sign: Signer },
  address: string,
  said: object,
  largest = LARGEST_ANSWER,
): ReturnType<Outbound["post"]> {
  const body = JSON.stringify(said);
  const headers = await sign("POST", address, body);
  return outbound.post(address, { contentType: "application/json", body, largest, headers });
}

/** What a peer did not hear is made up for by the next: nobody waits for it. */
export function unheard(error: unknown): null {
  if (error instanceof OutboundError) return null;
  throw error;
}

/** Of what is answered to something said, in bytes. */
const LARGEST_ANSWER = 4096;

/** What is read from one peer. */
export type Reading = { readonly outbound: Outbound; readonly sign: Signer | null };

/** Nobody's feed has more pages: a list that goes on and on would never end. */
export const MOST_PAGES = 20_000;
const LARGEST_HEAD = 8 * 1024;
/** A page of changes is at most a mebibyte; one of a bucket may be more. */
const LARGEST_PAGE = 8 * 1024 * 1024;
const LARGEST_BUCKETS = 32 * 1024;

/** The statement that a node serves, and what it says. */
export async function fetchStatement(
  { outbound }: Pick<Reading, "outbound">,
  url: string,
): Promise<{ readonly jws: string; readonly statement: Statement }> {
  const address = `${url.replace(/\/$/, "")}/.well-known/openid-federation`;
  const answered = await outbound.get(address, {
    accept: "application/entity-statement+jwt",
    largest: LARGEST_STATEMENT,
  });
  if (answered.status !== 200) throw refusalOf(answered);
  const jws = answered.body.toString("utf8").trim();
  const statement = await readStatement(jws);
  if (statement.url.replace(/\/$/, "") !== url.replace(/\/$/, ""))
    throw new Untrusted("WRONG_SUBJECT", "The node at this address says that its address is another.");
  return { jws, statement };
}

/** What a peer holds of another node, unverified; null when it says nothing of it. */
export async function fetchTestimony(reading: Reading, peer: string, node: string): Promise<unknown> {
  const asked = { accept: "application/json", largest: 2 * LARGEST_STATEMENT };
  const { status, body } = await get(reading, `${peer}/fed/v1/witness/${node}`, asked);
  return status === 200 ? parse(body, "testimony") : null;
}

/** A head, and the tag to ask by the next time; null when it is the one that is known. */
export async function fetchHead(
  reading: Reading,
  feed: string,
  etag: string | null,
): Promise<{ readonly jws: string; readonly etag: string | null } | null> {
  const answered = await get(reading, `${feed}/head`, {
    accept: "application/vnd.cadre.head+jwt",
    largest: LARGEST_HEAD,
    etag,
  });
  if (answered.status === 304) return null;
  if (answered.status !== 200) throw refusalOf(answered);
  return { jws: answered.body.toString("utf8").trim(), etag: answered.headers.get("etag") };
}

/** One page of a feed, as far as anybody believes it: signed texts, ids, and where it goes on. */
export type FetchedPage = {
  readonly items: readonly FetchedItem[];
  readonly next: string | null;
  readonly cursor: string | null;
  readonly head: string | null;
};

export type FetchedItem =
  | { readonly id: string; readonly jws: string; readonly gone: null }
  /** `move` is the signed word on where it went, if there is one. */
  | { readonly id: string; readonly jws: null; readonly gone: string; readonly move: string | null };

/** A page at an address below the feed's own; null when the reader has to begin from the start. */
export async function fetchPage(reading: Reading, feed: string, url: string): Promise<FetchedPage | null> {
  if (!url.startsWith(`${feed}/`))
    throw new Untrusted("MALFORMED", "A page of a feed leads out of the feed.");
  const answered = await get(reading, url, { accept: "application/ld+json", largest: LARGEST_PAGE });
  if (answered.status === 409 || answered.status === 410) return null;
  if (answered.status !== 200) throw refusalOf(answered);
  const page = shaped(pageShape, parse(answered.body, "page of a feed"), "page of a feed");
  return {
    items: page.orderedItems.flatMap(itemOf),
    next: page.next === undefined ? null : typeof page.next === "string" ? page.next : page.next.id,
    cursor: page["cadre:cursor"] ?? null,
    head: page["cadre:head"] ?? null,
  };
}

/** The digests of all buckets of a feed, one behind the other, and the head that was signed of them. */
export async function fetchBuckets(
  reading: Reading,
  feed: string,
): Promise<{ readonly buckets: Buffer; readonly head: string }> {
  const answered = await get(reading, `${feed}/buckets`, {
    accept: "application/json",
    largest: LARGEST_BUCKETS,
  });
  if (answered.status !== 200) throw refusalOf(answered);
  const { buckets, head } = shaped(bucketsShape, parse(answered.body, "list of buckets"), "list of buckets");
  return { buckets: Buffer.concat(buckets.map((digest) => Buffer.from(digest, "base64url"))), head };
}

/** One item that did not come in a page, with its number in the feed. */
export function readItem(json: unknown): { readonly seq: number; readonly items: readonly FetchedItem[] } {
  const item = shaped(numberedShape, json, "item of a feed");
  return { seq: item["cadre:seq"], items: itemOf(item) };
}

async function get({ outbound, sign }: Reading, url: string, asked: Parameters<Outbound["get"]>[1]) {
  const headers = sign === null ? {} : await sign("GET", url);
  return outbound.get(url, { ...asked, headers });
}

/** What a peer wanted when it did not answer. */
function refusalOf({ status, headers }: Awaited<ReturnType<Outbound["get"]>>): NotAnswered {
  const told = headers.get("retry-after") ?? "";
  const at = /^\d{1,6}$/.test(told) ? Number(told) * 1000 : Date.parse(told) - Date.now();
  return new NotAnswered(status, Number.isFinite(at) && at > 0 ? at : null);
}

/** What happened to a record; kinds of activity that this node does not know are left out. */
function itemOf({
  type,
  object,
  endTime,
  "cadre:jws": jws,
  "cadre:move": move,
}: z.infer<typeof itemShape>): readonly FetchedItem[] {
  const id = object.id.split("/").at(-1)?.toLowerCase() ?? "";
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw new Untrusted("MALFORMED", "A record in a feed has no id that is a UUID.");
  if (type === "Delete" || type === "Move")
    return [
      {
        id,
        jws: null,
        gone: (object.deleted ?? endTime ?? "1970-01-01").slice(0, 10),
        move: move ?? null,
      },
    ];
  return CHANGES.includes(type) && jws !== undefined ? [{ id, jws, gone: null }] : [];
}

const CHANGES = ["Create", "Update", "Refresh"];

function parse(body: Buffer, what: string): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new Untrusted("MALFORMED", `A ${what} is not JSON.`);
  }
}

const moment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}/)
  .max(40);
const itemShape = z.object({
  type: z.string().max(40),
  object: z.object({ id: z.string().max(1000), deleted: moment.optional() }),
  endTime: moment.optional(),
  "cadre:jws": z.string().max(20_000).optional(),
  "cadre:move": z.string().max(4000).optional().catch(undefined),
});
export const numberedShape = itemShape.extend({
  "cadre:seq": z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});
const bucketsShape = z.object({
  buckets: z.array(z.string().regex(/^[\w-]{43}$/)).length(BUCKETS),
  head: z.string().max(8192),
});
const link = z.string().max(2000);
export const pageShape = z.object({
  orderedItems: z.array(itemShape).max(5000).default([]),
  next: z.union([link, z.object({ id: link })]).optional(),
  "cadre:cursor": z
    .string()
    .regex(/^[\x21-\x7e]{1,500}$/)
    .optional(),
  "cadre:head": z.string().max(8192).optional(),
});
