import type { Clock } from "../clock.js";
import type { Database } from "../storage/database.js";
import type { Key } from "../storage/seal.js";
import type { Seals } from "../storage/seals.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";

/** What every write of this node's own records works with: the id of its network, its keys and its clock. */
export type Home = {
  readonly network: string;
  readonly seals: Seals;
  readonly clock: Clock;
  /** Whether the operator vouches for the clock, whatever peers say of it. */
  readonly clockTrusted: boolean;
};

/** Whose listings they are, and the key that seals contact points in them. */
export type Listed = { readonly network: string; readonly contacts: Key };

/** As this node lists its own records. */
export function listedBy({ network, seals }: Home): Listed {
  return { network, contacts: seals.key("contact") };
}

/** What whoever changes this node's own records through GraphQL works with. */
export type RecordParts = {
  readonly database: Database;
  readonly home: Home;
  readonly vocabulary: Vocabulary;
};
