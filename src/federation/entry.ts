import { randomBytes } from "node:crypto";
import { z } from "zod";
import { startOf } from "../clock.js";
import { MOST_ELSEWHERE, type Elsewhere } from "../practitioners/practitioner.js";
import { LARGEST_RECORD, type Told } from "./body.js";
import { sign, verify, type KnownKeys, type SigningKey } from "./jws.js";
import { moment, numericDate, seconds, shaped } from "./statement.js";
import { TIERS, type Tier } from "./tier.js";
import { Untrusted } from "./untrusted.js";

/** A record as its origin has signed it. */
export type Entry = {
  /** The origin's node id, and the record's id there. */
  readonly node: string;
  readonly id: string;
  readonly tier: Tier;
  /** The day it was signed, as its first moment: a record does not tell when somebody was at work on it. */
  readonly iat: Date;
  /** How long a peer may show it after the last head it has, in seconds. */
  readonly lease: number;
  /** From then on nobody shows it, whatever the head says; null when its person has set no such time. */
  readonly notAfter: Date | null;
  readonly type: string;
  readonly body: unknown;
  /** The records of other nodes that this one says are the same person's. */
  readonly sameAs: readonly Elsewhere[];
  /** The record of another node that it took the place of, as it says; undefined when it says nothing of that. */
  readonly movedFrom?: Elsewhere | undefined;
};

const DAY = 86_400;
/** People 7 days, what is said of organizations and resources 30. */
export const LEASES = { Person: 7 * DAY, Organization: 30 * DAY, LearningResource: 30 * DAY } as const;
/** The longest lease anybody may give, in seconds. */
export const LONGEST_LEASE = 90 * DAY;
const VERSION = "1.0";

export type Signing = {
  readonly node: string;
  readonly tier: Tier;
  readonly id: string;
  readonly day: string;
};

/**
 * A record as a signed text. `jti` is random, so that nobody can guess a record by its digest. What is too large to be taken is told
 * without its running texts; null when it is too large even so.
 */
export async function signEntry(
  { node, tier, id, day }: Signing,
  said: Told,
  key: SigningKey,
): Promise<string | null> {
  const jws = await sign(
    "vnd.cadre.record+jwt",
    {
      iss: node,
      sub: id,
      jti: randomBytes(12).toString("base64url"),
      iat: seconds(startOf(day)),
      v: VERSION,
      type: said.type,
      lease: LEASES[said.type],
      audience: tier,
      body: said.body,
      ...(said.sameAs === undefined ? {} : { sameAs: said.sameAs }),
      ...(said.movedFrom === undefined ? {} : { movedFrom: said.movedFrom }),
    },
    key,
  );
  if (jws.length <= LARGEST_RECORD) return jws;
  const shorter = withoutTexts(said);
  return shorter === null ? null : signEntry({ node, tier, id, day }, shorter, key);
}

/** Reads a record that one of these keys signed. What its body says is still to be looked at, by `faultOf` of `body.ts`. */
export async function readEntry(
  jws: string,
  keys: KnownKeys,
): Promise<Entry & { readonly signedBy: string }> {
  if (jws.length > LARGEST_RECORD) throw new Untrusted("TOO_LARGE", "A record is too large.");
  const { claims, signedBy } = await verify(jws, "vnd.cadre.record+jwt", keys);
  const { iss, sub, iat, audience, notAfter, type, lease, body, sameAs, movedFrom } = shaped(
    entryShape,
    claims,
    "record",
  );
  return {
    node: iss,
    id: sub.toLowerCase(),
    tier: audience,
    iat: moment(iat),
    lease,
    notAfter: notAfter === undefined ? null : moment(notAfter),
    type,
    body,
    sameAs,
    movedFrom,
    signedBy,
  };
}

function withoutTexts(said: Told): Told | null {
  if (said.type === "Person") {
    const { about, ...body } = said.body;
    return about === undefined ? null : { ...said, body };
  }
  if (said.type === "Organization") {
    const { summary, ...body } = said.body;
    return summary === undefined ? null : { ...said, body };
  }
  const { summary, materials, prerequisites, ...body } = said.body;
  if (summary === undefined && materials.length === 0 && prerequisites.length === 0) return null;
  return { ...said, body: { ...body, materials: [], prerequisites: [] } };
}

/** A record of another node. */
export const elsewhereShape = z.object({
  node: z.string().regex(/^urn:ietf:params:oauth:jwk-thumbprint:sha-256:[\w-]{43}$/),
  id: z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
    .toLowerCase(),
});

/** What does not have this shape says nothing, and takes nothing away from the record. */
export const movedFromShape = elsewhereShape.optional().catch(undefined);
export const sameAsShape = z.array(elsewhereShape).max(MOST_ELSEWHERE).default([]).catch([]);

export const entryShape = z.object({
  iss: z.string().max(200),
  sub: z.uuid(),
  jti: z.string().min(16).max(100),
  iat: numericDate,
  v: z.string().regex(/^1\.\d+$/),
  type: z.string().regex(/^[\w.:-]{1,50}$/),
  lease: z.number().int().min(1),
  notAfter: numericDate.optional(),
  audience: z.enum(TIERS),
  body: z.record(z.string(), z.unknown()),
  sameAs: sameAsShape,
  movedFrom: movedFromShape,
});
