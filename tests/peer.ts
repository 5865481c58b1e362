import { randomUUID } from "node:crypto";
import type { LeasedRecord, ListedRecord, Listing } from "../src/listing/listing.js";
import { saveListings } from "../src/listing/listing.store.js";
import { saveStanding } from "../src/listing/standing.store.js";
import type { Heads } from "../src/listing/standing.js";
import * as organizations from "../src/organizations/organization.js";
import * as practitioners from "../src/practitioners/practitioner.js";
import { newPerson } from "../src/practitioners/profile.js";
import * as resources from "../src/resources/resource.js";
import { newResource } from "../src/resources/told.js";
import { Key } from "../src/storage/seal.js";
import { LISTED_AUDIENCES, type ListedAudience } from "../src/visibility/audience.js";
import type { Fact } from "../src/visibility/project.js";
import type { TestNode } from "./node.js";

/** A peer of a node: what it shares lies in the node's database as a harvester would have written it. */
export class Peer {
  constructor(
    readonly node: TestNode,
    readonly id: string = randomUUID(),
    readonly name = "Red Yaraví",
  ) {}

  /** Makes the node know the network; a name in another process' hand, without a word to the node. */
  async introduce(): Promise<this> {
    await this.node.ground.database.write.query(
      "insert into seen.network (id, name, url, regions) values ($1, $2, 'https://yaravi.example.org', '{PE}')",
      [this.id, this.name],
    );
    return this;
  }

  /** Takes in records; returns how many listings changed. */
  share(records: readonly LeasedRecord[]): Promise<number> {
    return this.node.ground.database.transaction((tx) => saveListings(tx, this.id, records));
  }

  /** A head was accepted, for these audiences alone. */
  async hear(head: Date, audiences: readonly ListedAudience[] = LISTED_AUDIENCES): Promise<void> {
    const heads = {
      PUBLIC: null,
      PARTNERS: null,
      MEMBERS: null,
      ...Object.fromEntries(audiences.map((one) => [one, head])),
    };
    await this.node.ground.database.transaction((tx) => saveStanding(tx, this.id, heads satisfies Heads));
  }
}

const LEASE = 7 * 24 * 60 * 60;

type Shared = {
  readonly lease?: number;
  readonly notAfter?: Date;
  readonly audiences?: readonly ListedAudience[];
};

/** What everybody sees of a record, as a public feed brings it: the same for every audience. */
function leased(
  record: Omit<ListedRecord, "listings">,
  [listing]: readonly Listing[],
  { lease = LEASE, notAfter, audiences = LISTED_AUDIENCES }: Shared,
): LeasedRecord {
  if (listing === undefined) throw new Error("there is nothing to share");
  const listings = audiences.map((audience) => ({ ...listing, audience }));
  return { ...record, listings, lease, notAfter: notAfter ?? null };
}

type Told = {
  readonly about?: string;
  readonly specialty?: string;
  readonly language?: string;
  readonly region?: string;
  readonly verified?: string;
  readonly resources?: readonly string[];
  readonly organizations?: readonly string[];
  readonly seeks?: readonly string[];
};

const shown = <T>(value: T): Fact<T> => ({ value, audience: "PUBLIC" });

export function person(
  peer: Pick<Peer, "id">,
  alias: string,
  told: Told = {},
  shared: Shared = {},
  id: string = randomUUID(),
): LeasedRecord {
  const { about, specialty = "legal.detention", language = "qu", region = "PE", verified = null } = told;
  const facts = {
    ...newPerson(id).facts,
    alias: shown(alias),
    about: about === undefined ? null : shown({ es: about }),
    specialties: [shown({ specialty, depth: "EXPERT" as const })],
    languages: [shown({ language, level: "NATIVE" as const, use: [] })],
    regions: [shown({ region, relation: "WORKS_IN" as const })],
    resources: (told.resources ?? []).map(shown),
    organizations: (told.organizations ?? []).map(shown),
    seeks: (told.seeks ?? []).map(shown),
  };
  const listings = practitioners.listingsOf(
    { id, state: "LISTED", audience: "PUBLIC", verified, facts },
    { network: peer.id, contacts: Key.random() },
  );
  return leased({ kind: "practitioner", id }, listings, shared);
}

export function organization(peer: Pick<Peer, "id">, name: string, shared: Shared = {}): LeasedRecord {
  const id = randomUUID();
  const facts = {
    name,
    summary: null,
    roles: [],
    specialties: ["legal.detention"],
    languages: ["qu"],
    regions: ["PE"],
  };
  const whole = { ...facts, acceptsUrgentRequests: null, website: null, contact: [] };
  const listings = organizations.listingsOf(
    { id, audience: "PUBLIC", verified: null, facts: whole },
    { network: peer.id, contacts: Key.random() },
  );
  return leased({ kind: "organization", id }, listings, shared);
}

export function resource(
  peer: Pick<Peer, "id">,
  title: string,
  partOf: readonly string[] = [],
  shared: Shared = {},
): LeasedRecord {
  const id = randomUUID();
  const facts = {
    ...newResource(id).facts,
    kind: "GUIDE" as const,
    title: { es: title },
    specialties: ["legal.detention"],
    partOf,
  };
  const listings = resources.listingsOf({ id, audience: "PUBLIC", verified: null, facts }, peer.id);
  return leased({ kind: "resource", id }, listings, shared);
}
