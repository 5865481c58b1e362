import type { FeedKey, Stating } from "./statement.js";
import type { PublicKey, SigningKey } from "./jws.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { createHash } from "node:crypto";
import type { FeedPlaces } from "./statement.js";
import { TIERS } from "./tier.js";

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
};

/** What a node says of itself beside its keys. `url` is where peers meet it. */
export type Self = {
  readonly url: string;
  readonly name: string;
  readonly regions: readonly string[];
  readonly vocabulary: Vocabulary;
};

/** As the settings have it; null for a node without an address that others could meet it at. */
export function selfOf(
  publicUrl: string | null,
  { name, regions }: Pick<Self, "name" | "regions">,
  vocabulary: Vocabulary,
): Self | null {
  return publicUrl === null ? null : { url: publicUrl, name, regions, vocabulary };
}

/** What the root has to sign, as of now. */
export function stating(self: Self, identity: Identity, now: Date): Stating {
  const { url, name, regions, vocabulary } = self;
  const { node, root, feedKeys, chain } = identity;
  return {
    node,
    url,
    network: { name, regions },
    root,
    feedKeys,
    chain,
    feeds: feedsAt(url),
    custody: root.signs === null ? "offline" : "online",
    relay: false,
    retiring: null,
    vocabulary: vocabularyOf(vocabulary),
    issued: now,
    expires: new Date(now.getTime() + STATEMENT_LASTS * 86_400_000),
  };
}

/** In days. With a third of it left it is signed anew. */
export const STATEMENT_LASTS = 90;

/** Where the feeds of the node at this address are. */
function feedsAt(url: string): FeedPlaces {
  return Object.fromEntries(TIERS.map((tier) => [tier, { url: `${url}/fed/v1/${tier}`, mirrors: [] }]));
}

/** Which words this node knows, so that a peer can tell whether it knows the same (SKOS schemes by a digest of their codes). */
function vocabularyOf({ specialties }: Vocabulary): Stating["vocabulary"] {
  const codes = specialties.all.map(({ code }) => code).sort();
  const digest = createHash("sha256").update(codes.join("\n")).digest("base64url");
  return [{ scheme: "specialties", version: "1", digest }];
}
