import { createHash } from "node:crypto";
import { Hono, type Context, type MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { DirectoryError } from "../errors.js";
import { describeFault, type Log } from "../log.js";
import { isId } from "../listing/listing.js";
import type { Reader } from "../storage/database.js";
import { ACTIVITY, activityPage, answer, problem } from "./answers.http.js";
import {
  LONGEST_PAGE,
  bucketList,
  bucketPage,
  changesPage,
  collection,
  collectionPage,
  readCursor,
  tombstone,
  type Cursor,
} from "./feed.js";
import type { Feed, FeedPage, Which } from "./feed.store.js";
import { readSigned } from "./identity.store.js";
import type { Peering } from "./peering.js";
import type { Publisher } from "./publisher.js";
import type { SignedRequest } from "./request-signature.js";
import { relayRoutes } from "./relay.http.js";
import { BUCKETS } from "./set.js";
import { isTier, type Tier } from "./tier.js";

/** What answers other nodes. `url` is where they meet this one. */
export type Outlet = {
  readonly url: string;
  readonly publisher: Publisher;
  readonly read: Reader;
  readonly peering: Peering;
  readonly log: Log;
};

/** The protocol cadre-feed/1, as `docs/federation.md` describes it. Records are asked for by GET, and what is public is told to everybody; what peers say by POST is signed. */
export function federationRoutes(outlet: Outlet): Hono {
  const app = new Hono();
  app.get("/.well-known/openid-federation", dated(outlet), async () =>
    statement(outlet, "statement", "application/entity-statement+jwt"),
  );
  const feeds = new Hono();
  feeds.use(dated(outlet));
  feeds.use(compress());
  feeds.get("/historical-keys", async () => statement(outlet, "historicalKeys", "application/jwk-set+jwt"));
  feeds.use("/:tier{public|partners}/*", untilGone(outlet), readersOnly(outlet));
  feeds.get("/:tier{public|partners}/head", (asked) => head(asked, outlet));
  feeds.get("/:tier{public|partners}/changes", (asked) => changes(asked, outlet));
  feeds.get("/:tier{public|partners}/collection", (asked) => wholeCollection(asked, outlet));
  feeds.get("/:tier{public|partners}/page/:number{[1-9][0-9]{0,8}}", (asked) => page(asked, outlet));
  feeds.get("/:tier{public|partners}/buckets", (asked) => buckets(asked, outlet));
  feeds.get("/:tier{public|partners}/buckets/:bucket{[0-9]{1,3}}", (asked) => bucket(asked, outlet));
  feeds.get("/:tier{public|partners}/records/:id", (asked) => record(asked, outlet));
  feeds.post("/peerings", (asked) => peerings(asked, outlet));
  feeds.post("/pings", (asked) => pings(asked, outlet));
  feeds.post("/receipts", (asked) => receipts(asked, outlet));
  feeds.post("/flags", (asked) => flags(asked, outlet));
  feeds.get("/witness/:node", (asked) => witness(asked, outlet));
  feeds.route("/relay", relayRoutes(outlet));
  feeds.onError((error) => refused(error, outlet.log));
  app.route("/fed/v1", feeds);
  return app;
}

/** Every answer tells the time by the clock that heads are signed by: peers that find it wrong can say so. */
function dated({ publisher }: Outlet): MiddlewareHandler {
  return async (asked, next) => {
    await next();
    asked.header("date", publisher.parts.home.clock().toUTCString());
  };
}

/** Of a node that has ended there is nothing to read any more, for nobody. */
function untilGone({ publisher }: Outlet): MiddlewareHandler {
  return async (_asked, next) => {
    if (!(await publisher.isGone())) return next();
    return problem(
      410,
      "retired",
      "This node has ended. What it says of itself names the one that goes on, if any.",
    );
  };
}

/** What is for partners is told to peers that were made partners, and who sign what they ask. */
function readersOnly(outlet: Outlet): MiddlewareHandler {
  return async (asked, next) => {
    if (tierOf(asked) === "public") return next();
    const peer = await outlet.peering.whoAsks(signedRequest(asked, outlet, null));
    if (peer?.trust === "PARTNER") return next();
    return problem(
      401,
      "not-signed",
      "This feed is for peers that it is shared with, who sign what they ask.",
    );
  };
}

/** The address it was meant for, whatever a proxy has made of it. */
function signedRequest(asked: Context, { url }: Outlet, body: string | null): SignedRequest {
  const { pathname, search } = new URL(asked.req.url);
  return { method: asked.req.method, url: `${url}${pathname}${search}`, headers: asked.req.header(), body };
}

/** A node sends an invitation back. Whoever is refused is not told why. */
async function peerings(asked: Context, outlet: Outlet): Promise<Response> {
  const body = await smallBody(asked);
  if (body === null) return problem(413, "too-large", "A peering is a small piece of JSON.");
  if (await outlet.peering.takeUp(signedRequest(asked, outlet, body)))
    return answer("{}", "application/json", { status: 201 });
  return problem(403, "refused", "This peering is not taken up.");
}

/** A peer says that something has changed. It is thanked, and read when its time comes. */
async function pings(asked: Context, outlet: Outlet): Promise<Response> {
  const body = await smallBody(asked);
  const peer = body === null ? null : await outlet.peering.whoAsks(signedRequest(asked, outlet, body));
  if (peer === null) return problem(401, "not-signed", "Pings are for peers, who sign what they say.");
  await outlet.peering.hearOf(peer);
  return new Response(null, { status: 204 });
}

/** A peer says up to where it holds a feed of this node. */
async function receipts(asked: Context, outlet: Outlet): Promise<Response> {
  const body = await smallBody(asked);
  const peer = body === null ? null : await outlet.peering.whoAsks(signedRequest(asked, outlet, body));
  if (body === null || peer === null)
    return problem(401, "not-signed", "Receipts are for peers, who sign what they say.");
  if (!(await outlet.peering.receive(peer, body)))
    return problem(400, "no-receipt", "A receipt is the tier, the epoch and the seq of a head.");
  return new Response(null, { status: 204 });
}

/** A peer says that a record should be looked at. It hears the same whatever becomes of that: whether there is such a record is not told. */
async function flags(asked: Context, outlet: Outlet): Promise<Response> {
  const body = await smallBody(asked);
  const peer = body === null ? null : await outlet.peering.whoAsks(signedRequest(asked, outlet, body));
  if (body === null || peer === null)
    return problem(401, "not-signed", "Flags are for peers, who sign what they say.");
  if (!(await outlet.peering.flags.hear(peer, body)))
    return problem(400, "no-flag", "A flag names a record, and a reason from the list.");
  return new Response(null, { status: 202 });
}

/** What this node holds of another, for a peer that knows that one too. Whoever is told nothing is not told why. */
async function witness(asked: Context, outlet: Outlet): Promise<Response> {
  const peer = await outlet.peering.whoAsks(signedRequest(asked, outlet, null));
  if (peer === null) return problem(401, "not-signed", "Witnesses answer peers, who sign what they ask.");
  const testimony = await outlet.peering.testify(peer, asked.req.param("node") ?? "");
  if (testimony === null) return problem(404, "no-witness", "This node says nothing of that one.");
  const headers = { "cache-control": "no-store" };
  return answer(JSON.stringify(testimony), "application/json", { headers });
}

const LARGEST_BODY = 128 * 1024;

/** Null for one that is too large. */
async function smallBody(asked: Context): Promise<string | null> {
  if (Number(asked.req.header("content-length") ?? Number.NaN) > LARGEST_BODY) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of asked.req.raw.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > LARGEST_BODY) return null;
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function statement(
  { read }: Outlet,
  which: "statement" | "historicalKeys",
  type: string,
): Promise<Response> {
  const signed = await readSigned(read);
  if (signed === null) return problem(404, "no-identity", "This node has not been given an identity yet.");
  return answer(signed[which], type);
}

async function head(asked: Context, { publisher }: Outlet): Promise<Response> {
  const feed = await publisher.current(tierOf(asked));
  const etag = `"${createHash("sha256").update(feed.head).digest("base64url")}"`;
  const headers = { etag, "cache-control": caching(tierOf(asked)) };
  if (asked.req.header("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return answer(feed.head, "application/vnd.cadre.head+jwt", { headers });
}

async function changes(asked: Context, outlet: Outlet): Promise<Response> {
  const feed = await outlet.publisher.current(tierOf(asked));
  const told = asked.req.query("after");
  const after = told === undefined ? { ...feed, seq: 0 } : readCursor(told);
  if (after === null) return problem(400, "no-cursor", "A cursor is sent back as it was given out.");
  const refused = told === undefined ? null : outOf(feed, after);
  if (refused !== null) return refused;
  const which = { kind: "after", seq: after.seq, limit: LONGEST_PAGE } as const;
  return activityPage(changesPage(baseOf(asked, outlet), after, await pageOf(asked, outlet, which)));
}

/** A cursor of another epoch, of the future, or from before what was dropped. */
function outOf({ epoch, seq, floor }: Feed, after: Cursor): Response | null {
  if (after.epoch !== epoch)
    return problem(409, "epoch-changed", "The feed began anew: read it from the start.");
  if (after.seq > seq) return problem(409, "future-cursor", "The cursor is ahead of the feed.");
  if (Math.max(after.seq, after.floor) < floor)
    return problem(
      410,
      "cursor-expired",
      "The cursor is too old: read the feed from the start, and drop what is not in it.",
    );
  return null;
}

async function wholeCollection(asked: Context, outlet: Outlet): Promise<Response> {
  await outlet.publisher.current(tierOf(asked));
  const { total } = await pageOf(asked, outlet, { kind: "from", skip: 0, limit: 0 });
  return activityPage(collection(baseOf(asked, outlet), { total }));
}

async function page(asked: Context, outlet: Outlet): Promise<Response> {
  await outlet.publisher.current(tierOf(asked));
  const number = Number(asked.req.param("number"));
  const skip = (number - 1) * LONGEST_PAGE;
  const found = await pageOf(asked, outlet, { kind: "from", skip, limit: LONGEST_PAGE });
  if (found.items.length === 0 && number > 1)
    return problem(404, "no-page", "The collection has no such page.");
  return activityPage(collectionPage(baseOf(asked, outlet), number, found));
}

async function buckets(asked: Context, { publisher }: Outlet): Promise<Response> {
  return answer(JSON.stringify(bucketList(await publisher.current(tierOf(asked)))), "application/json");
}

async function bucket(asked: Context, outlet: Outlet): Promise<Response> {
  const number = Number(asked.req.param("bucket"));
  if (number >= BUCKETS) return problem(404, "no-bucket", "Buckets are numbered from 0 to 255.");
  await outlet.publisher.current(tierOf(asked));
  const found = await pageOf(asked, outlet, { kind: "bucket", bucket: number });
  return activityPage(bucketPage(baseOf(asked, outlet), number, found));
}

async function record(asked: Context, outlet: Outlet): Promise<Response> {
  const id = asked.req.param("id") ?? "";
  await outlet.publisher.current(tierOf(asked));
  const found = isId(id) ? await pageOf(asked, outlet, { kind: "one", id: id.toLowerCase() }) : null;
  const item = found?.items[0];
  if (item === undefined) return problem(404, "no-record", "This feed has no such record.");
  if (item.jws !== null) return answer(item.jws, "application/vnd.cadre.record+jwt");
  return answer(JSON.stringify(tombstone(baseOf(asked, outlet), item)), ACTIVITY, { status: 410 });
}

function pageOf(asked: Context, { publisher }: Outlet, which: Which): Promise<FeedPage> {
  return publisher.page(tierOf(asked), which);
}

function baseOf(asked: Context, { url }: Outlet): string {
  return `${url}/fed/v1/${tierOf(asked)}`;
}

function tierOf(asked: Context): Tier {
  const tier = asked.req.param("tier") ?? "";
  if (!isTier(tier)) throw new Error("a feed was routed that there is none of");
  return tier;
}

/** What is for some is kept by nobody in between. */
function caching(tier: Tier): string {
  return tier === "public" ? "public, max-age=60" : "no-store";
}

function refused(error: Error, log: Log): Response {
  if (error instanceof DirectoryError) return problem(503, "away", error.message);
  log.error(describeFault(error), "a request of another node failed");
  return problem(500, "fault", "This node cannot answer that right now.");
}
