import { acceptedHead, type SignedHead, type Work } from "./arriving.js";
import { bucketsHeld } from "./harvest.store.js";
import { fetchBuckets, type Reading } from "./reading.js";
import { differing, setOf } from "./set.js";
import { Untrusted } from "./untrusted.js";

/** What a feed's buckets are at some address, the head that was signed of them, and which of them are not what is held here. */
export type Compared = {
  readonly head: SignedHead;
  readonly jws: string;
  readonly buckets: Buffer;
  readonly whole: readonly number[];
};

/** Untrusted when the head is not to be believed, or the buckets are not what it says. */
export async function compareBuckets(work: Work, reading: Reading, place: string): Promise<Compared> {
  const { buckets, head: jws } = await fetchBuckets(reading, place);
  const head = await acceptedHead(work, jws);
  if (setOf(buckets) !== head.set)
    throw new Untrusted("WRONG_SET", "The buckets of a feed are not what the head says.");
  const held = await work.parts.database.transaction((tx) => bucketsHeld(tx, work.feed));
  return { head, jws, buckets, whole: differing(held, buckets) };
}
