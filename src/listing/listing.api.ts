import { Ctx, Field, ID, InterfaceType, ObjectType, Query, Resolver } from "type-graphql";
import { enumOf } from "../vocabulary/enum.api.js";
import { DateScalar, URLScalar } from "../vocabulary/scalars.api.js";
import { RegionObject, type Words } from "../vocabulary/vocabulary.api.js";
import type { Key } from "../storage/seal.js";
import { AUDIENCES } from "../visibility/audience.js";
import { CONTACT_KINDS, type ContactKind, type ContactPoint } from "./contact-point.js";
import type { ListedDoc } from "./listing.js";
import type { Network } from "./network.js";
import type { Origins } from "./origins.js";

export const ContactKindEnum = enumOf(
  "ContactKind",
  CONTACT_KINDS,
  "What kind of address, number or key it is.",
  {
    EMAIL: "An e-mail address.",
    SIGNAL: "A number, name or link that Signal understands.",
    PGP: "An OpenPGP key or its fingerprint, to encrypt to.",
    PHONE: "A telephone number; calls and text messages can be intercepted.",
    WEBSITE: "An address on the web.",
    OTHER: "Any other way; the note says which.",
  },
);

export const AudienceEnum = enumOf(
  "Audience",
  AUDIENCES,
  "Who may see a fact. Each audience sees all that the ones before it see.",
  {
    PUBLIC: "Everybody, signed in or not.",
    PARTNERS: "Members of networks that this one trusts, and their nodes.",
    MEMBERS: "Members of this network.",
    PRIVATE: "The person whose fact it is, and nobody else.",
  },
);

/** What listings are presented with: the node's words, the networks they come from, and the key of contact points. */
export type Presenting = {
  readonly contacts: Key;
  readonly words: Words;
  readonly networks: Origins;
};

@ObjectType("Network", {
  description: "A regional network that runs a node, this one or a peer. Everybody sees it.",
})
export class NetworkObject {
  @Field(() => ID, {
    simple: true,
    description: "Names it in filters; stays the same for as long as the network runs its node.",
  })
  readonly id: string;
  @Field(() => String, { simple: true, description: "What the network calls itself." })
  readonly name: string;
  @Field(() => URLScalar, {
    nullable: true,
    simple: true,
    description: "Where it can be found; null when it has not said.",
  })
  readonly url: string | null;
  @Field(() => [RegionObject], { simple: true, description: "Where it works; empty when it has not said." })
  readonly regions: readonly RegionObject[];
  @Field(() => Boolean, { simple: true, description: "Whether it is the network whose node you are asking." })
  readonly isThisNode: boolean;

  constructor({ words }: Presenting, network: Network) {
    this.id = network.id;
    this.name = network.name;
    this.url = network.url;
    this.regions = network.regions.map((code) => words.region(code));
    this.isThisNode = network.thisNode;
  }
}

@ObjectType("Provenance", {
  description:
    "Where a record comes from and how fresh it is, so that you can judge how far to rely on it. Seen by whoever sees the record.",
})
export class ProvenanceObject {
  @Field(() => NetworkObject, {
    simple: true,
    description: "The network that the record belongs to and that answers for it.",
  })
  readonly network: NetworkObject;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description:
      "The day it was last confirmed to be true, by the person themselves where it is about a person; null when nobody has confirmed it.",
  })
  readonly verified: string | null;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description:
      "The day (UTC) on which this copy stops being shown unless its origin renews it, or on which the person's own consent ends if that comes first; null for a record of this network.",
  })
  readonly expires: string | null;
  @Field(() => Boolean, {
    simple: true,
    description:
      "Whether it came from a peer under that peer's signature; false for a record of this network, which needs none here.",
  })
  readonly signed: boolean;

  constructor(network: NetworkObject, { verified, expires }: ListedDoc) {
    this.network = network;
    this.verified = verified;
    this.expires = expires ?? null;
    this.signed = !network.isThisNode;
  }
}

@InterfaceType("Listed", {
  description:
    "What the directory lists, whatever its kind. A record that you may not see is not there for you.",
})
export abstract class ListedObject {
  @Field(() => ID, {
    simple: true,
    description: "Asks for this record again. Random: it says nothing of when the record was made.",
  })
  readonly id: string;

  readonly #presenting: Presenting;
  readonly #listing: ListedDoc;

  constructor(presenting: Presenting, listing: ListedDoc) {
    this.#presenting = presenting;
    this.#listing = listing;
    this.id = listing.id;
  }

  @Field(() => ProvenanceObject, { simple: true, description: "Where it comes from and how fresh it is." })
  get provenance(): ProvenanceObject {
    return provenanceOf(this.#presenting, this.#listing);
  }
}

@ObjectType("ContactPoint", {
  description:
    "A way to reach a practitioner or an organization directly. Seen by those whom its owner shows it to.",
})
export class ContactPointObject implements ContactPoint {
  @Field(() => ContactKindEnum, { simple: true, description: "What kind of address it is." })
  readonly kind: ContactKind;
  @Field(() => String, { simple: true, description: "The address, number or key itself." })
  readonly value: string;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "When or how to use it; null when nothing was said.",
  })
  readonly note: string | null;
}

/** Where a listing comes from. One of a network that nobody told us of has not been read, so that it cannot come here. */
function provenanceOf(presenting: Presenting, listing: ListedDoc): ProvenanceObject {
  const origin = presenting.networks.get(listing.network);
  if (origin === undefined)
    throw new Error(`a listing belongs to a network this node does not know: ${listing.network}`);
  return new ProvenanceObject(new NetworkObject(presenting, origin), listing);
}

@Resolver()
export class NetworkResolver {
  @Query(() => NetworkObject, {
    description: "The network whose node you are asking: who answers for what you read. Everybody sees it.",
  })
  network(@Ctx() presenting: Presenting): NetworkObject {
    return ownNetworkObject(presenting);
  }
}

/** The network of this node. */
export function ownNetworkObject(presenting: Presenting): NetworkObject {
  return new NetworkObject(presenting, presenting.networks.own);
}
