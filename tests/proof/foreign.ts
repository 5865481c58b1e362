import { createHash } from "node:crypto";
import type { LeasedRecord, Listing, ListedKind } from "../../src/listing/listing.js";
import { saveListings } from "../../src/listing/listing.store.js";
import { saveStanding } from "../../src/listing/standing.store.js";
import * as organizations from "../../src/organizations/organization.js";
import * as practitioners from "../../src/practitioners/practitioner.js";
import * as resources from "../../src/resources/resource.js";
import type { Transaction } from "../../src/storage/database.js";
import { Key } from "../../src/storage/seal.js";
import { organization, person, resource } from "../peer.js";
import { closedTo, type Asking, type World } from "./model.js";

/** A peer that is trusted, one that is not, and one whose network nobody has heard of. */
export const TRUSTED = "6c2a3d1e-0f4b-4a57-9d83-1b5e7f902a31";
export const MISTRUSTED = "7d3b4e2f-1a5c-4b68-8e94-2c6f8a013b42";
export const UNKNOWN = "8e4c5f30-2b6d-4c79-9fa5-3d709b124c53";

const DAY = 24 * 60 * 60;

/** How the peers stand, which is the same on both sides, whatever they have sent. */
export async function introducePeers(tx: Transaction, now: Date): Promise<void> {
  await tx.query("insert into seen.network (id, name) values ($1, 'Red Yaraví'), ($2, 'Red Kallawaya')", [
    TRUSTED,
    MISTRUSTED,
  ]);
  const head = new Date(now.getTime() - 2 * DAY * 1000);
  const heads = { PUBLIC: head, PARTNERS: head, MEMBERS: head };
  await saveStanding(tx, TRUSTED, heads);
  await saveStanding(tx, UNKNOWN, heads);
}

/** The id under which a peer has sent a copy of this record. */
export function copyOf(id: string): string {
  const hex = createHash("sha256").update(`copy ${id}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Takes in copies of a world, as full as members see it, of which `asking` may be shown none: for one reason or another. What is there
 * always, of every kind, is a record whose lease is over: that there is such a peer is what `sources` tells.
 */
export async function receive(tx: Transaction, world: World, asking: Asking, now: Date): Promise<void> {
  const over = { lease: DAY };
  const always = [
    { ...person({ id: TRUSTED }, "Mashua", {}, over), id: copyOf("person") },
    { ...organization({ id: TRUSTED }, "Casa Tarwi", over), id: copyOf("organization") },
    { ...resource({ id: TRUSTED }, "Guía", [], over), id: copyOf("resource") },
  ];
  const sent = new Map<string, LeasedRecord[]>([[TRUSTED, always]]);
  wholeOf(world).forEach((whole, at) => {
    const [origin, record] = hidden(whole, at, asking, now);
    sent.set(origin, [...(sent.get(origin) ?? []), record]);
  });
  for (const [origin, records] of sent) await saveListings(tx, origin, records);
}

type Whole = { readonly kind: ListedKind; readonly id: string; readonly listing: Listing };

function hidden(
  whole: Whole,
  at: number,
  asking: Asking,
  now: Date,
): readonly [origin: string, LeasedRecord] {
  const others = closedTo(asking).filter((audience) => audience !== "PRIVATE");
  const last = new Date(now.getTime() - 1000);
  switch (at % 5) {
    case 0:
      return [TRUSTED, leased(whole, { lease: DAY })];
    case 1:
      return [TRUSTED, leased(whole, { lease: 7 * DAY, notAfter: last })];
    case 2:
      return [MISTRUSTED, leased(whole, { lease: 7 * DAY })];
    case 3:
      return [UNKNOWN, leased(whole, { lease: 7 * DAY })];
    default:
      return [TRUSTED, leased(whole, { lease: 7 * DAY, audiences: others })];
  }
}

type Terms = { readonly lease: number; readonly notAfter?: Date; readonly audiences?: readonly Asking[] };

function leased({ kind, id, listing }: Whole, { lease, notAfter, audiences }: Terms): LeasedRecord {
  const listings = (audiences ?? AUDIENCES).map((audience) => ({ ...listing, audience }));
  return { kind, id: copyOf(id), listings, lease, notAfter: notAfter ?? null };
}

const AUDIENCES = ["PUBLIC", "PARTNERS", "MEMBERS"] as const;

function wholeOf({ people, organizations: bodies, resources: texts }: World): readonly Whole[] {
  const by = { network: TRUSTED, contacts: Key.random() };
  const whole = (kind: ListedKind, id: string, listings: readonly Listing[]): readonly Whole[] => {
    const listing = listings.at(-1);
    return listing === undefined ? [] : [{ kind, id, listing }];
  };
  return [
    ...people.flatMap((one) =>
      whole("practitioner", one.id, practitioners.listingsOf({ ...one, state: "LISTED" }, by)),
    ),
    ...bodies.flatMap((one) => whole("organization", one.id, organizations.listingsOf(one, by))),
    ...texts.flatMap((one) => whole("resource", one.id, resources.listingsOf(one, TRUSTED))),
  ];
}
