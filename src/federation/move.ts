import { z } from "zod";
import { startOf } from "../clock.js";
import type { Elsewhere } from "../practitioners/practitioner.js";
import { isRevoked, type Expected } from "./accept.js";
import { elsewhereShape } from "./entry.js";
import { sign, verify, type SigningKey } from "./jws.js";
import { moment, numericDate, seconds, shaped } from "./statement.js";
import { TIERS, type Tier } from "./tier.js";
import { Untrusted } from "./untrusted.js";

/** An origin's word that a record of its own, which it has withdrawn, goes on at another node. */
export type Move = { readonly id: string; readonly to: Elsewhere; readonly iat: Date };

export type Moving = Omit<Move, "iat"> & { readonly node: string; readonly tier: Tier; readonly day: string };

export async function signMove({ node, tier, id, to, day }: Moving, key: SigningKey): Promise<string> {
  const claims = { iss: node, sub: id, iat: seconds(startOf(day)), audience: tier, to };
  return sign("vnd.cadre.move+jwt", claims, key);
}

/** What it says of this record, if it is the origin's own word on it; null otherwise: then the record is withdrawn and no more. */
export async function readMove(
  jws: string,
  id: string,
  { node, tier, keys }: Expected,
): Promise<Move | null> {
  try {
    const { claims, signedBy } = await verify(jws, "vnd.cadre.move+jwt", keys);
    const { iss, sub, iat, audience, to } = shaped(moveShape, claims, "move");
    const own = iss === node && sub.toLowerCase() === id && audience === tier;
    const at = moment(iat);
    return own && !isRevoked({ iat: at, signedBy }, keys) ? { id, to, iat: at } : null;
  } catch (error) {
    if (error instanceof Untrusted) return null;
    throw error;
  }
}

export const moveShape = z.object({
  iss: z.string().max(200),
  sub: z.uuid(),
  iat: numericDate,
  audience: z.enum(TIERS),
  to: elsewhereShape,
});
