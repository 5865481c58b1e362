import type { Key, Place } from "../storage/seal.js";

export const CONTACT_KINDS = ["EMAIL", "SIGNAL", "PGP", "PHONE", "WEBSITE", "OTHER"] as const;
export type ContactKind = (typeof CONTACT_KINDS)[number];

/** A way to reach somebody: an address, a number, a key. `note` says when to use it; null when nothing was said. */
export type ContactPoint = {
  readonly kind: ContactKind;
  readonly value: string;
  readonly note: string | null;
};

/** Contact points as they lie in the database: sealed, or null when there are none; a list where an older version wrote them. */
export type KeptContacts = string | null | readonly ContactPoint[];

/** Seals contact points for their place; null when there are none. */
export function seal(key: Key, place: Place, points: readonly ContactPoint[]): string | null {
  return points.length === 0 ? null : key.seal(place, JSON.stringify(points));
}

/** Opens what lies in this place; a fault when it was sealed for another. */
export function unseal(key: Key, place: Place, kept: KeptContacts): readonly ContactPoint[] {
  if (kept === null) return [];
  return typeof kept === "string" ? (JSON.parse(key.open(place, kept)) as readonly ContactPoint[]) : kept;
}

/** The contact points of a record as its listings hold them. */
export function sealContacts(id: string, points: readonly ContactPoint[], key: Key): string | null {
  return seal(key, inListing(id), points);
}

/** The contact points that a listing holds. */
export function openContacts({ id, contact }: WithContacts, key: Key): readonly ContactPoint[] {
  return unseal(key, inListing(id), contact);
}

type WithContacts = { readonly id: string; readonly contact: KeptContacts };

function inListing(id: string): Place {
  return ["seen.listing", id, "contact"];
}
