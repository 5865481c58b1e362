import type { Key, Place } from "../storage/seal.js";

export const CONTACT_KINDS = ["EMAIL", "SIGNAL", "PGP", "PHONE", "WEBSITE", "OTHER"] as const;
export type ContactKind = (typeof CONTACT_KINDS)[number];

/** A way to reach somebody: an address, a number, a key. `note` says when to use it; null when nothing was said. */
export type ContactPoint = {
  readonly kind: ContactKind;
  readonly value: string;
  readonly note: string | null;
};

/** The contact points of a record as its listings hold them: sealed, because a listing lies in the database. Null when there are none. */
export function sealContacts(id: string, points: readonly ContactPoint[], key: Key): string | null {
  return points.length === 0 ? null : key.seal(["seen.listing", id, "contact"], JSON.stringify(points));
}

/** The contact points that a listing holds. */
export function openContacts({ id, contact }: WithContacts, key: Key): readonly ContactPoint[] {
  return unseal(key, ["seen.listing", id, "contact"], contact);
}

/** Contact points as they lie in the database: sealed, or null when there are none; a list where an older version wrote them. */
export type KeptContacts = string | null | readonly ContactPoint[];

export function unseal(key: Key, place: Place, kept: KeptContacts): readonly ContactPoint[] {
  if (kept === null) return [];
  return typeof kept === "string" ? (JSON.parse(key.open(place, kept)) as readonly ContactPoint[]) : kept;
}

type WithContacts = { readonly id: string; readonly contact: KeptContacts };
