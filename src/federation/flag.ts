import { z } from "zod";

/** Why a record of another network is to be looked at there: from this list alone, so that nobody is described between networks. */
export const FLAG_REASONS = [
  "NOT_THIS_PERSON",
  "CONSENT_WITHDRAWN",
  "UNSAFE_DETAIL",
  "OUT_OF_DATE",
  "DUPLICATE",
  "HARMFUL",
] as const;
export type FlagReason = (typeof FLAG_REASONS)[number];

/** A flag of a record: by the id that its own network knows it by. Who thought of it is nowhere in it. */
export type Flag = { readonly record: string; readonly reason: FlagReason };

/** So many flags this node tells one peer in a day; the rest wait for the next. */
export const MOST_TOLD = 20;
/** So many of a peer's are kept of a day: more than anybody tells, because a day does not begin everywhere at once. */
export const MOST_HEARD = 50;
/** So many of a peer's stand on the list at a time: one that flags everything hides nobody else's word. */
export const MOST_OPEN = 20;

/** Activity Streams 2.0. The peer that signed the request is who says it: there is no actor. */
export const flagShape = z.object({
  type: z.literal("Flag"),
  object: z
    .string()
    .max(1000)
    .regex(/(^|[/:])[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i),
  "cadre:reason": z.enum(FLAG_REASONS),
});

export function writeFlag({ record, reason }: Flag): object {
  return {
    "@context": ["https://www.w3.org/ns/activitystreams", { cadre: "urn:cadre:feed:" }],
    type: "Flag",
    object: `urn:uuid:${record}`,
    "cadre:reason": reason,
  };
}

/** Null for what is no flag. What else stands in it is not read. */
export function readFlag(body: string): Flag | null {
  try {
    const { object, "cadre:reason": reason } = flagShape.parse(JSON.parse(body));
    return { record: object.slice(-UUID_LENGTH).toLowerCase(), reason };
  } catch {
    return null;
  }
}

const UUID_LENGTH = 36;
