import { createHash } from "node:crypto";

/**
 * The digest of everything a feed holds, kept in 256 buckets by the first byte of a record's id, so that keeping it current costs
 * the change and not the whole, and a difference names the bucket to fetch again.
 */
export const BUCKETS = 256;
const DIGEST = 32;
/** Their numbers. */
export const ALL_BUCKETS: readonly number[] = Array.from({ length: BUCKETS }, (_, at) => at);

/** A record in the set: its id and the SHA-256 of its signed text. */
export type Member = { readonly id: string; readonly digest: Buffer };

export function digestOf(jws: string): Buffer {
  return createHash("sha256").update(jws, "ascii").digest();
}

export function bucketOf(id: string): number {
  return Number.parseInt(id.slice(0, 2), 16);
}

/** The first and the last id that begin with this byte. */
export function rangeOf(bucket: number): readonly [string, string] {
  const byte = bucket.toString(16).padStart(2, "0");
  return [`${byte}000000-0000-0000-0000-000000000000`, `${byte}ffffff-ffff-ffff-ffff-ffffffffffff`];
}

/** SHA-256 over the lines `id SP hex(digest) LF` in order of their ids. */
function bucketDigest(members: readonly Member[]): Buffer {
  const lines = members.map(({ id, digest }) => `${id} ${digest.toString("hex")}\n`).sort();
  return createHash("sha256").update(lines.join(""), "ascii").digest();
}

/** The digests of all buckets, one behind the other. */
export const emptyBuckets: Buffer = Buffer.concat(Array.from({ length: BUCKETS }, () => bucketDigest([])));

/** These digests with those of some buckets changed. */
export function withBuckets(buckets: Buffer, changed: ReadonlyMap<number, readonly Member[]>): Buffer {
  const now = Buffer.from(buckets);
  for (const [bucket, members] of changed) bucketDigest(members).copy(now, bucket * DIGEST);
  return now;
}

export function bucketAt(buckets: Buffer, bucket: number): string {
  return buckets.subarray(bucket * DIGEST, (bucket + 1) * DIGEST).toString("base64url");
}

/** Which buckets are not alike in these two. */
export function differing(one: Buffer, other: Buffer): readonly number[] {
  return ALL_BUCKETS.filter((bucket) => bucketAt(one, bucket) !== bucketAt(other, bucket));
}

/** The digest of the whole: SHA-256 over the digests of all buckets in order. */
export function setOf(buckets: Buffer): string {
  return createHash("sha256").update(buckets).digest("base64url");
}
