import { decodeProtectedHeader } from "jose";
import { z } from "zod";
import { claimsOf, sign, verify, type KnownKeys, type SigningKey } from "./jws.js";
import { moment, numericDate, seconds, shaped } from "./statement.js";
import { TIERS, type Tier } from "./tier.js";
import { Untrusted } from "./untrusted.js";

/** An invitation to another network, passed on by hand: whoever sends it back within two weeks is put on probation. Good for one use. */
export type Invitation = {
  /** The node that invites, and where it is met. */
  readonly node: string;
  readonly url: string;
  readonly id: string;
  /** What the inviting network means to share. */
  readonly tier: Tier;
  readonly expires: Date;
};

/** In days. */
const INVITATION_LASTS = 14;

/** When an invitation or an introduction ends that is made now. */
export function invitationEnds(now: Date): Date {
  return new Date(now.getTime() + INVITATION_LASTS * 86_400_000);
}

export function signInvitation(
  { node, url, id, tier, expires }: Invitation,
  now: Date,
  key: SigningKey,
): Promise<string> {
  const claims = { iss: node, url, jti: id, tier, iat: seconds(now), exp: seconds(expires) };
  return sign("vnd.cadre.invitation+jwt", claims, key);
}

/** An invitation that one of these keys signed, and that has not ended. */
export async function readInvitation(jws: string, keys: KnownKeys, now: Date): Promise<Invitation> {
  const { claims } = await verify(jws, "vnd.cadre.invitation+jwt", keys);
  const { iss, url, jti, tier, exp } = shaped(invitationShape, claims, "invitation");
  if (moment(exp) <= now) throw new Untrusted("EXPIRED", "The invitation has ended.");
  return { node: iss, url, id: jti, tier, expires: moment(exp) };
}

/** The id that an invitation says it has, before anybody has verified it: good only for looking whether there is one. */
export function invitationNamedIn(jws: string): string {
  return shaped(invitationShape.pick({ jti: true }), claimsOf(jws), "invitation").jti;
}

/** What an invitation says that its network means to share; somebody else has verified it. */
export function tierNamedIn(jws: string): Tier {
  return shaped(invitationShape.pick({ tier: true }), claimsOf(jws), "invitation").tier;
}

/** One node's word to a second that it knows a third: C learns of B from A, and decides for itself. */
export type Introduction = {
  readonly by: string;
  readonly of: string;
  readonly to: string;
  readonly expires: Date;
};

export function signIntroduction(
  { by, of, to, expires }: Introduction,
  now: Date,
  key: SigningKey,
): Promise<string> {
  const claims = { iss: by, sub: of, aud: to, iat: seconds(now), exp: seconds(expires) };
  return sign("vnd.cadre.introduction+jwt", claims, key);
}

export async function readIntroduction(jws: string, keys: KnownKeys, now: Date): Promise<Introduction> {
  const { claims } = await verify(jws, "vnd.cadre.introduction+jwt", keys);
  const { iss, sub, aud, exp } = shaped(introductionShape, claims, "introduction");
  if (moment(exp) <= now) throw new Untrusted("EXPIRED", "The introduction has ended.");
  return { by: iss, of: sub, to: aud, expires: moment(exp) };
}

const name = z.string().max(200);
const invitationShape = z.object({
  iss: name,
  url: z.url({ protocol: /^https?$/ }).max(500),
  jti: z.uuid(),
  tier: z.enum(TIERS),
  exp: numericDate,
});
const introductionShape = z.object({ iss: name, sub: name, aud: name, exp: numericDate });

/** Whether a text says that it is an introduction: which of the two it is decides who has to have signed it. */
export function isIntroduction(jws: string): boolean {
  try {
    return decodeProtectedHeader(jws).typ === "vnd.cadre.introduction+jwt";
  } catch {
    return false;
  }
}
