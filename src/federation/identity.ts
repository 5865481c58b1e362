import { createHash } from "node:crypto";
import { claimsOf, sign, type PublicKey, type SignedType, type SigningKey } from "./jws.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import {
  historicalClaims,
  statementClaims,
  type FeedKey,
  type FeedPlaces,
  type Retiring,
  type Stating,
  type Statement,
} from "./statement.js";
import { TIERS, type Tier } from "./tier.js";

/** By what this node signs, and what vouches for that. */
export type Identity = {
  readonly node: string;
  /** `signs` is null when the operator keeps the root key elsewhere. */
  readonly root: PublicKey & { readonly signs: SigningKey["signs"] | null };
  /** Signs records and heads now. */
  readonly feed: SigningKey;
  readonly feedKeys: readonly FeedKey[];
  /** One root's word for the next, the first at the front. */
  readonly chain: readonly string[];
  /** When it ends for others; null while it does not. */
  readonly retiring: Retiring | null;
};

// ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A key of this node as it is kept. */
export type KeptKey = {
  readonly thumbprint: string;
  readonly purpose: "root" | "feed";
  readonly publicKey: string;
  /** The private part; null when it is kept elsewhere, or used no more. */
  readonly sealed: string | null;
  /** What the root before it signed for this one. */
  readonly succession: string | null;
  readonly starts: Date;
  readonly ends: Date | null;
  readonly revoked: Date | null;
  readonly reason: string | null;
  /** When the first statement that names it was served; peers know no other keys. */
  readonly told: Date | null;
};

/** The roots as each handed over to the next, whatever the clock said; the first, which the node is named after, is at the front. */
export function rootsInOrder(keys: readonly KeptKey[]): readonly [KeptKey, ...KeptKey[]] {
  const roots = keys.filter(({ purpose }) => purpose === "root");
  const first = roots.find(({ succession }) => succession === null);
  if (first === undefined) throw new Error("this node has no root key");
  const order: [KeptKey, ...KeptKey[]] = [first];
  for (let next = successorOf(first); next !== undefined; next = successorOf(next)) order.push(next);
  return order;

  function successorOf({ publicKey }: KeptKey): KeptKey | undefined {
    return roots.find(({ succession }) => succession !== null && handedOverBy(succession) === publicKey);
  }
}

function handedOverBy(succession: string): unknown {
  return (claimsOf(succession) as { readonly old?: unknown }).old;
}

/**
 * The feed key that signs now: the newest that has begun and that peers were told of. One that has ended or is revoked goes on until
 * the root has signed what follows it, because until then nobody knows another.
 */
export function keyInUse(keys: readonly KeptKey[], now: Date): KeptKey {
  const begun = keys.filter(
    ({ purpose, sealed, starts }) => purpose === "feed" && sealed !== null && starts <= now,
  );
  const told = begun.filter((key) => key.told !== null);
  const stands = ({ revoked, ends }: KeptKey) => revoked === null && (ends === null || ends > now);
  const key = told.findLast(stands) ?? told.at(-1) ?? begun.findLast(stands);
  if (key === undefined) throw new Error("this node has no feed key");
  return key;
}

/** The feed key that will be in use when all that was begun is done: none that has an end, or is revoked. */
export function lastingKey(keys: readonly KeptKey[]): KeptKey | undefined {
  return keys.findLast(
    ({ purpose, ends, revoked }) => purpose === "feed" && ends === null && revoked === null,
  );
}

// ── the statement ───────────────────────────────────────────────────────────────────────────────────────────────────

/** What a node says of itself beside its keys. `url` is where peers meet it. */
export type Self = {
  readonly url: string;
  readonly name: string;
  readonly regions: readonly string[];
  readonly vocabulary: Vocabulary;
  /** Where else its public feed is to be read. */
  readonly mirrors: readonly string[];
  /** Whether others may pass it on. */
  readonly relay: boolean;
};

/** What the settings say of it; `publicUrl` is null where there is no address that others could meet it at. */
type Told = Pick<Self, "mirrors" | "relay"> & {
  readonly publicUrl: string | null;
  readonly network: Pick<Self, "name" | "regions">;
};

/** As the settings have it; null for a node without an address that others could meet it at. */
export function selfOf(
  { publicUrl, network: { name, regions }, mirrors, relay }: Told,
  vocabulary: Vocabulary,
): Self | null {
  return publicUrl === null ? null : { url: publicUrl, name, regions, vocabulary, mirrors, relay };
}

/** What the root has to sign, as of now. */
export function stating(self: Self, identity: Identity, now: Date): Stating {
  const { url, name, regions, vocabulary, mirrors, relay } = self;
  const { node, root, feedKeys, chain, retiring } = identity;
  return {
    node,
    url,
    network: { name, regions },
    root,
    feedKeys,
    chain,
    feeds: feedsAt(url, mirrors),
    custody: root.signs === null ? "offline" : "online",
    relay,
    retiring,
    vocabulary: vocabularyOf(vocabulary),
    issued: now,
    expires: new Date(now.getTime() + STATEMENT_LASTS * 86_400_000),
  };
}

/** In days. With a third of it left it is signed anew. */
export const STATEMENT_LASTS = 90;

/** What a root key signs for its node: the statement, and the keys it no longer uses. */
export type SignedTexts = { readonly statement: string; readonly historicalKeys: string };

/** Also where there is no database. */
export async function signAs(root: SigningKey, statement: Stating): Promise<SignedTexts> {
  const by = (typ: SignedType, claims: object) => sign(typ, claims, root);
  return {
    statement: await by("entity-statement+jwt", statementClaims(statement)),
    historicalKeys: await by("jwk-set+jwt", historicalClaims(statement)),
  };
}

/** Whether a signed text says what these claims say, whenever it was signed. */
export function saysTheSame(signed: string, claims: object): boolean {
  const timeless = (told: object) => JSON.stringify({ ...told, iat: 0, exp: 0 });
  return timeless(claimsOf(signed) as object) === timeless(JSON.parse(JSON.stringify(claims)) as object);
}

/** The node after its root has handed over to the one that signed this; the node as it is when the root has not. */
export function handedOver(identity: Identity, { node, root, chain }: Statement): Identity {
  const further =
    node === identity.node &&
    chain.length === identity.chain.length + 1 &&
    identity.chain.every((link, at) => link === chain[at]);
  return further ? { ...identity, root: { ...root, signs: null }, chain } : identity;
}

/** Where the feeds of the node at this address are. What is for partners is read from the node itself, and nowhere else. */
function feedsAt(url: string, mirrors: readonly string[]): FeedPlaces {
  const place = (tier: Tier) => ({ url: `${url}/fed/v1/${tier}`, mirrors: tier === "public" ? mirrors : [] });
  return Object.fromEntries(TIERS.map((tier) => [tier, place(tier)]));
}

/** Which words this node knows, so that a peer can tell whether it knows the same (SKOS schemes by a digest of their codes). */
function vocabularyOf({ specialties }: Vocabulary): Stating["vocabulary"] {
  const codes = specialties.all.map(({ code }) => code).sort();
  const digest = createHash("sha256").update(codes.join("\n")).digest("base64url");
  return [{ scheme: "specialties", version: "1", digest }];
}
