import { z } from "zod";
import { unfit } from "./body.js";
import { claimsOf, jwkOf, sign, verify, type PublicKey, type SigningKey } from "./jws.js";
import { nodeIdOf } from "./node-id.js";
import { publicKey } from "./signing-key.js";
import { TIERS, type Tier } from "./tier.js";
import { Untrusted } from "./untrusted.js";

/**
 * A node's statement about itself: an OpenID Federation 1.0 entity configuration, signed by its root key and served at
 * `/.well-known/openid-federation`. It says who the node is, by which keys it signs, and where its feeds are.
 */
export type Statement = {
  readonly node: string;
  /** The entity's URL, below which its well-known address lies. */
  readonly url: string;
  readonly network: { readonly name: string; readonly regions: readonly string[] };
  readonly root: PublicKey;
  /** One root's word for the next, from the one the node is named after to the one that signs now. */
  readonly chain: readonly string[];
  /** The thumbprints of all its roots, the first at the front and the one that signs at the end. */
  readonly roots: readonly string[];
  readonly feedKeys: readonly FeedKey[];
  readonly feeds: FeedPlaces;
  readonly custody: "online" | "offline";
  /** Whether others may pass on its public feed. */
  readonly relay: boolean;
  /** Null unless it says that it will end. */
  readonly retiring: Retiring | null;
  readonly vocabulary: readonly {
    readonly scheme: string;
    readonly version: string;
    readonly digest: string;
  }[];
  readonly issued: Date;
  readonly expires: Date;
};

/** When a node ends, and who goes on in its place: a node id or an address; null when it has named nobody that could be read as either. */
export type Retiring = { readonly at: Date; readonly successor: string | null };

/** Whether a node that says this has ended. */
export function hasEnded(retiring: Retiring | null, now: Date): boolean {
  return retiring !== null && retiring.at <= now;
}

/** A key that signs records and heads. Once it has ended, what it signed stays good; what a revoked one signed since then does not. */
export type FeedKey = PublicKey & {
  readonly ends: Date | null;
  readonly revoked: { readonly at: Date; readonly reason: string } | null;
};

type FeedPlace = { readonly url: string; readonly mirrors: readonly string[] };
export type FeedPlaces = Readonly<Partial<Record<Tier, FeedPlace>>>;

/** How one root key hands over to the next: signed by the old one; the new one signs the statement that tells of it. */
type Succession = { readonly old: PublicKey; readonly new: PublicKey; readonly jws: string };

/** A statement holds for at most so long, in days. */
const LONGEST_STATEMENT = 90;
/** The largest statement that is read, in bytes. */
export const LARGEST_STATEMENT = 64 * 1024;
/** A node hands its root over so often at most, and tells of so many feed keys; a reason is so long. */
export const LONGEST_CHAIN = 20;
export const MOST_FEED_KEYS = 100;
export const LONGEST_REASON = 200;
const PROFILE = "cadre-feed/1";

/** A statement that is to be signed. */
export type Stating = Omit<Statement, "roots">;

/** What a root key signs, as JSON: for a root that is kept elsewhere it travels there and back. */
export function statementClaims(told: Stating): object {
  const { node, url, network, root, feedKeys, feeds, custody, relay, retiring, issued, expires } = told;
  return {
    iss: url,
    sub: url,
    iat: seconds(issued),
    exp: seconds(expires),
    jwks: { keys: [jwkOf(root)] },
    metadata: {
      federation_entity: { organization_name: network.name },
      cadre_node: {
        node_id: node,
        root_chain: told.chain,
        jwks: { keys: feedKeys.map(feedJwk) },
        feeds: TIERS.flatMap((tier) => (feeds[tier] === undefined ? [] : [{ tier, ...feeds[tier] }])),
        profiles: [PROFILE],
        regions: network.regions,
        vocab: told.vocabulary,
        relay,
        key_custody: custody,
        ...(retiring === null
          ? {}
          : {
              retiring: {
                at: seconds(retiring.at),
                ...(retiring.successor === null ? {} : { successor: retiring.successor }),
              },
            }),
      },
    },
  };
}

/** A key as the statement and the historical keys tell it. */
function feedJwk({ ends, revoked, ...key }: FeedKey): object {
  return {
    ...jwkOf(key),
    ...(ends === null ? {} : { exp: seconds(ends) }),
    ...(revoked === null ? {} : { revoked: { revoked_at: seconds(revoked.at), reason: revoked.reason } }),
  };
}

/** One root's word for the next. */
export async function succeed(node: string, old: SigningKey, next: PublicKey, at: Date): Promise<string> {
  return sign("vnd.cadre.root+jwt", { iss: node, iat: seconds(at), old: old.x, new: next.x }, old);
}

/** The keys that it signs by no longer, or will not from some day on: what its root signs beside the statement. */
export function historicalClaims({ url, issued, feedKeys }: Stating): object {
  const ended = feedKeys.filter(({ ends, revoked }) => ends !== null || revoked !== null);
  return { iss: url, iat: seconds(issued), keys: ended.map(feedJwk) };
}

/**
 * Reads a statement: its root must be the one that the node is named after, or have been handed over from it step by step, and
 * must have signed the statement. Who the node is has still to be compared with who was expected.
 */
export async function readStatement(jws: string): Promise<Statement> {
  if (jws.length > LARGEST_STATEMENT) throw new Untrusted("TOO_LARGE", "A statement is too large.");
  const claims = await vouchedFor(claimsOf(jws));
  await verify(jws, "entity-statement+jwt", new Map([[claims.root.thumbprint, claims.root]]));
  return statementOf(claims);
}

/** The same of one that is kept here: it says the same whenever it is read, and a peer's is read at every poll. */
export async function readKeptStatement(jws: string): Promise<Statement> {
  const known = remembered.get(jws);
  if (known !== undefined) return known;
  const statement = await readStatement(jws);
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  if (jws.length <= LARGEST_REMEMBERED) remembered.set(jws, statement);
  return statement;
}

const remembered = new Map<string, Statement>();
const MOST_REMEMBERED = 2000;
/** In bytes: nobody fills the memory. */
const LARGEST_REMEMBERED = 8 * 1024;

/** What a statement says that its root has still to sign. */
export async function readUnsigned(claims: unknown): Promise<Statement> {
  return statementOf(await vouchedFor(claims));
}

/** Claims of their shape whose root key is the one that the node is named after, or was handed over to. */
type VouchedFor = {
  readonly told: z.infer<typeof statementShape>;
  readonly root: PublicKey;
  readonly roots: readonly string[];
};

async function vouchedFor(claims: unknown): Promise<VouchedFor> {
  const told = shaped(statementShape, claims, "statement");
  const { cadre_node: own } = told.metadata;
  const root = await publicKey(told.jwks.keys[0].x);
  const roots = await rootsOf(own.node_id, own.root_chain, root);
  return { told, root, roots };
}

async function statementOf({ told, root, roots }: VouchedFor): Promise<Statement> {
  const { cadre_node: own } = told.metadata;
  if (told.iss !== told.sub) throw new Untrusted("WRONG_SUBJECT", "A node speaks of itself only.");
  if (told.exp - told.iat > LONGEST_STATEMENT * 86_400 + 60)
    throw new Untrusted("LEASE_TOO_LONG", `A statement holds for ${LONGEST_STATEMENT} days at most.`);
  const feedKeys = await Promise.all(own.jwks.keys.map(readFeedKey));
  if (feedKeys.some(({ thumbprint }) => thumbprint === root.thumbprint))
    throw new Untrusted("WRONG_ROOT", "A root key signs no feed.");
  return {
    node: own.node_id,
    url: told.iss,
    network: { name: told.metadata.federation_entity.organization_name, regions: own.regions },
    root,
    roots,
    chain: own.root_chain,
    feedKeys,
    feeds: Object.fromEntries(own.feeds.map(({ tier, url, mirrors }) => [tier, { url, mirrors }])),
    custody: own.key_custody,
    relay: own.relay,
    retiring: own.retiring === undefined ? null : readRetiring(own.retiring),
    vocabulary: own.vocab,
    issued: moment(told.iat),
    expires: moment(told.exp),
  };
}

/** What a node says of its end, in a statement that was verified when it came; null when it says nothing of it that can be read. */
export function retiringIn(jws: string): Retiring | null {
  try {
    const { retiring } = shaped(statementShape, claimsOf(jws), "statement").metadata.cadre_node;
    return retiring === undefined ? null : readRetiring(retiring);
  } catch (error) {
    if (error instanceof Untrusted) return null;
    throw error;
  }
}

/** What a node that is known says of its public feed, in a statement that was verified when it came: where it is, and whether others may pass it on. */
export function publicFeedIn(jws: string): { readonly url: string | null; readonly relay: boolean } {
  const { relay, feeds } = shaped(statementShape, claimsOf(jws), "statement").metadata.cadre_node;
  return { url: feeds.find(({ tier }) => tier === "public")?.url ?? null, relay };
}

function readRetiring({ at, successor }: z.infer<typeof retiringShape>): Retiring {
  return { at: moment(at), successor: successor !== undefined && isSuccessor(successor) ? successor : null };
}

/** Whether this could lead to a node: its id, or its address. */
export function isSuccessor(text: string): boolean {
  return /^urn:ietf:params:oauth:jwk-thumbprint:sha-256:[\w-]{43}$/.test(text) || isAddress(text);
}

function isAddress(text: string): boolean {
  return /^https?:\/\/[\x21-\x7e]+$/.test(text) && feedUrl.safeParse(text).success;
}

/** Reads JSON as what it should be, or says that it is not. */
export function shaped<T>(shape: z.ZodType<T>, json: unknown, what: string): T {
  const read = shape.safeParse(json);
  if (read.success) return read.data;
  const place = read.error.issues[0]?.path.map(String).join(".") ?? "";
  throw new Untrusted(
    "MALFORMED",
    `The ${what} does not have its shape${place === "" ? "" : ` (${place})`}.`,
  );
}

export function seconds(date: Date): number {
  return date.getTime() / 1000;
}

export function moment(numericDate: number): Date {
  return new Date(Math.round(numericDate * 1000));
}

async function rootsOf(node: string, chain: readonly string[], last: PublicKey): Promise<readonly string[]> {
  const links = await Promise.all(chain.map(readSuccession));
  const roots = [...links.map((link) => link.old), last].map(({ thumbprint }) => thumbprint);
  const whole = links.every((link, at) => link.new.thumbprint === roots[at + 1]);
  if (!whole || nodeIdOf(roots[0]!) !== node)
    throw new Untrusted(
      "WRONG_ROOT",
      "The root key of a statement is not the one that its node is named after.",
    );
  return roots;
}

async function readSuccession(jws: string): Promise<Succession> {
  const told = shaped(successionShape, claimsOf(jws), "succession of a root");
  const [old, next] = [await publicKey(told.old), await publicKey(told.new)];
  await verify(jws, "vnd.cadre.root+jwt", new Map([[old.thumbprint, old]]));
  return { old, new: next, jws };
}

async function readFeedKey({ x, exp, revoked }: z.infer<typeof feedKeyShape>): Promise<FeedKey> {
  return {
    ...(await publicKey(x)),
    ends: exp === undefined ? null : moment(exp),
    revoked: revoked === undefined ? null : { at: moment(revoked.revoked_at), reason: revoked.reason },
  };
}

/** A time as JWTs tell it: seconds since 1970, with a fraction where it matters (RFC 7519 §2). */
export const numericDate = z.number().min(0).max(4e9);
const key = z.string().regex(/^[\w-]{43}$/);
const jwkShape = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: key });
const feedKeyShape = jwkShape.extend({
  exp: numericDate.optional(),
  revoked: z.object({ revoked_at: numericDate, reason: z.string().max(LONGEST_REASON) }).optional(),
});
/** Of signs that can be printed: it is shown on terminals. */
const feedUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .regex(/^[\x21-\x7e]+$/);
const successionShape = z.object({ iss: z.string(), iat: numericDate, old: key, new: key });

const vocabularyShape = z.object({
  scheme: z.string().max(200),
  version: z.string().max(50),
  digest: z.string().max(100),
});

const retiringShape = z.object({ at: numericDate, successor: z.string().max(500).optional() });

const statementShape = z.object({
  iss: feedUrl,
  sub: feedUrl,
  iat: numericDate,
  exp: numericDate,
  jwks: z.object({ keys: z.tuple([jwkShape]) }),
  metadata: z.object({
    federation_entity: z.object({
      organization_name: z
        .string()
        .min(1)
        .max(200)
        .refine((name) => !unfit(name)),
    }),
    cadre_node: z.object({
      node_id: z.string().max(200),
      root_chain: z.array(z.string().max(2000)).max(LONGEST_CHAIN).default([]),
      jwks: z.object({ keys: z.array(feedKeyShape).min(1).max(MOST_FEED_KEYS) }),
      feeds: z
        .array(z.object({ tier: z.enum(TIERS), url: feedUrl, mirrors: z.array(feedUrl).max(10).default([]) }))
        .max(10),
      profiles: z.array(z.string()).refine((profiles) => profiles.includes(PROFILE)),
      regions: z.array(z.string().max(20)).max(300).default([]),
      vocab: z.array(vocabularyShape).max(20).default([]),
      relay: z.boolean().default(false),
      key_custody: z.enum(["online", "offline"]),
      retiring: retiringShape.optional(),
    }),
  }),
});
