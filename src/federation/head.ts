import { z } from "zod";
import { claimsOf, sign, verify, type KnownKeys, type SigningKey } from "./jws.js";
import { moment, numericDate, seconds, shaped } from "./statement.js";
import { TIERS, type Tier } from "./tier.js";

/**
 * The short signed text that says what a feed holds at one moment: TUF's timestamp and snapshot roles in one. `set` is the digest of
 * everything in it, and leases run from `iat`.
 */
export type FeedHead = {
  readonly node: string;
  readonly tier: Tier;
  readonly iat: Date;
  readonly exp: Date;
  /** Changes when the feed begins anew, as after a restored backup: numbers of one epoch mean nothing in another. */
  readonly epoch: string;
  readonly seq: number;
  readonly count: number;
  readonly set: string;
  /** Cursors before it are of no use any more: withdrawals since then were dropped. */
  readonly floor: number;
  /** When the head before this one was signed; null for the first. */
  readonly before: Date | null;
};

/** A head is good for so long, in hours; it is signed anew at every change, and at least every `RENEWED`. */
export const HEAD_LASTS = 24;
export const RENEWED = 6;
/** The longest a head may be good for, in hours: that of a bundle, which somebody carries. */
export const HEAD_TRAVELS = 7 * 24;

/** Whether it is time to sign a head anew, although nothing has changed. */
export function isDue({ iat }: Pick<FeedHead, "iat">, now: Date): boolean {
  return now.getTime() - iat.getTime() > RENEWED * 3_600_000;
}

export async function signHead(head: FeedHead, key: SigningKey): Promise<string> {
  const { node, tier, iat, exp, epoch, seq, count, set, floor, before } = head;
  const claims = { iss: node, tier, iat: seconds(iat), exp: seconds(exp), epoch, seq, count, set, floor };
  return sign("vnd.cadre.head+jwt", before === null ? claims : { ...claims, prev_iat: seconds(before) }, key);
}

/** Whether a head that was accepted is not good any more. */
export function isOver(jws: string, now: Date): boolean {
  const { exp } = claimsOf(jws) as { exp: number };
  return moment(exp) <= now;
}

/** The head as its node signed it, and by which key. Whether it is to be accepted is for `accept.ts` to say. */
export async function readHead(
  jws: string,
  keys: KnownKeys,
): Promise<FeedHead & { readonly signedBy: string }> {
  const { claims, signedBy } = await verify(jws, "vnd.cadre.head+jwt", keys);
  const { iss, iat, exp, prev_iat, ...told } = shaped(headShape, claims, "head");
  return {
    ...told,
    node: iss,
    iat: moment(iat),
    exp: moment(exp),
    before: prev_iat === undefined ? null : moment(prev_iat),
    signedBy,
  };
}

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const headShape = z.object({
  iss: z.string().max(200),
  tier: z.enum(TIERS),
  iat: numericDate,
  exp: numericDate,
  epoch: z.string().regex(/^[\w.-]{1,100}$/),
  seq: count,
  count,
  set: z.string().regex(/^[\w-]{43}$/),
  floor: count,
  prev_iat: numericDate.optional(),
});
