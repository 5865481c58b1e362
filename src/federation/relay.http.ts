import { createHash } from "node:crypto";
import { Hono, type Context } from "hono";
import { activityPage, answer, problem } from "./answers.http.js";
import { bucketList, relayedBucketPage } from "./feed.js";
import type { PublisherParts } from "./publisher.js";
import { readRelayed, readRelayedBucket, type RelayedFeed } from "./relay.store.js";
import { BUCKETS } from "./set.js";

/** What passes on: `url` is where this node is met. */
type Relaying = {
  readonly url: string;
  readonly publisher: { readonly parts: Pick<PublisherParts, "database" | "home"> };
};

/**
 * Passes on what others have signed, for readers that do not reach them: the head, and what stands by it, bucket by bucket. Who left is
 * told by what is not there any more: a relay tells no list of them. Whatever is not passed on is one and the same 404: nobody
 * learns by it whom this node knows, or why something is held back.
 */
export function relayRoutes(relaying: Relaying): Hono {
  const app = new Hono();
  app.get("/:node/public/head", async (asked) => {
    const feed = await relayed(asked, relaying);
    return feed === null ? nothing() : head(asked, feed);
  });
  app.get("/:node/public/buckets", async (asked) => {
    const feed = await relayed(asked, relaying);
    return feed === null ? nothing() : buckets(feed);
  });
  app.get("/:node/public/buckets/:bucket{[0-9]{1,3}}", (asked) => bucket(asked, relaying));
  app.get("*", nothing);
  return app;
}

function relayed(asked: Context, { publisher }: Relaying): Promise<RelayedFeed | null> {
  const { database, home } = publisher.parts;
  return database.transaction((tx) => readRelayed(tx, home, asked.req.param("node") ?? ""));
}

function head(asked: Context, feed: RelayedFeed): Response {
  const etag = `"${createHash("sha256").update(feed.head).digest("base64url")}"`;
  const headers = { ...UNKEPT, etag };
  if (asked.req.header("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return answer(feed.head, "application/vnd.cadre.head+jwt", { headers });
}

function buckets(feed: RelayedFeed): Response {
  return answer(JSON.stringify(bucketList(feed)), "application/json", { headers: UNKEPT });
}

async function bucket(asked: Context, { url, publisher }: Relaying): Promise<Response> {
  const { database, home } = publisher.parts;
  const [node, number] = [asked.req.param("node") ?? "", Number(asked.req.param("bucket"))];
  if (number >= BUCKETS) return nothing();
  const feed = await database.transaction((tx) => readRelayedBucket(tx, home, node, number));
  if (feed === null) return nothing();
  return activityPage(
    relayedBucketPage(`${url}/fed/v1/relay/${node}/public`, feed.place, number, feed),
    UNKEPT,
  );
}

/** Nobody in between keeps what may have left here by then. */
const UNKEPT = { "cache-control": "no-store" };

function nothing(): Response {
  return problem(404, "no-relay", "This node passes nothing on of that one.");
}
