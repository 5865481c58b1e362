import { Ctx, Field, ID, InterfaceType, ObjectType, Query, Resolver, registerEnumType } from "type-graphql";
import type { Context } from "../context.js";
import { DateScalar, URLScalar } from "../vocabulary/scalars.api.js";
import { RegionObject, type Words } from "../vocabulary/vocabulary.api.js";
import { CONTACT_KINDS, type ContactKind, type ContactPoint } from "./contact-point.js";
import type { ListedDoc } from "./listing.js";
import type { Network } from "./network.js";

/** The values of a closed list as a GraphQL enum whose names are its values. */
export function enumOf<T extends string>(
  name: string,
  values: readonly T[],
  description: string,
): { [K in T]: K } {
  const named = Object.fromEntries(values.map((value) => [value, value])) as { [K in T]: K };
  registerEnumType(named, { name, description });
  return named;
}

const ContactKindEnum = enumOf("ContactKind", CONTACT_KINDS, "What kind of address, number or key it is.");

@ObjectType("Network", {
  description: "A regional network that runs a node, this one or a peer. Everybody sees it.",
})
export class NetworkObject {
  @Field(() => ID, { simple: true, description: "Stays the same for as long as the network runs its node." })
  readonly id: string;
  @Field(() => String, { simple: true, description: "What the network calls itself." })
  readonly name: string;
  @Field(() => URLScalar, {
    nullable: true,
    simple: true,
    description: "Where it can be found; null when it has not said.",
  })
  readonly url: string | null;
  @Field(() => [RegionObject], { simple: true, description: "Where it works." })
  readonly regions: readonly RegionObject[];
  @Field(() => Boolean, { simple: true, description: "Whether it is the network whose node you are asking." })
  readonly isThisNode: boolean;

  constructor(words: Words, network: Network) {
    this.id = network.id;
    this.name = network.name;
    this.url = network.url;
    this.regions = network.regions.map((code) => words.region(code));
    this.isThisNode = network.thisNode;
  }
}

@ObjectType("Provenance", { description: "Where a record comes from and how fresh it is." })
export class ProvenanceObject {
  @Field(() => NetworkObject, { simple: true, description: "The network that the record belongs to." })
  readonly network: NetworkObject;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description: "The day it was last confirmed to be true; null when nobody has confirmed it.",
  })
  readonly verified: string | null;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description:
      "The day this copy stops being shown unless its origin renews it; null for a record of this network.",
  })
  readonly expires: string | null = null;
  @Field(() => Boolean, {
    simple: true,
    description: "Whether it came from a peer under that peer's signature.",
  })
  readonly signed: boolean = false;

  constructor(network: NetworkObject, verified: string | null) {
    this.network = network;
    this.verified = verified;
  }
}

@InterfaceType("Listed", { description: "What the directory lists, whatever its kind." })
export abstract class ListedObject {
  @Field(() => ID, { simple: true, description: "Random; says nothing of when the record was made." })
  readonly id: string;
  @Field(() => ProvenanceObject, { simple: true, description: "Where it comes from and how fresh it is." })
  readonly provenance: ProvenanceObject;

  constructor(context: Context, listing: ListedDoc) {
    this.id = listing.id;
    this.provenance = provenanceOf(context, listing);
  }
}

@ObjectType("ContactPoint", { description: "A way to reach somebody directly." })
export class ContactPointObject implements ContactPoint {
  @Field(() => ContactKindEnum, { simple: true, description: "What kind of address it is." })
  readonly kind: ContactKind;
  @Field(() => String, { simple: true, description: "The address, number or key itself." })
  readonly value: string;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "When to use it; null when nothing was said.",
  })
  readonly note: string | null;
}

/** Where a listing comes from; one of a network nobody told us of cannot be shown, and is a fault. */
function provenanceOf({ networks }: Context, { network, verified }: ListedDoc): ProvenanceObject {
  const origin = networks.get(network);
  if (origin === undefined)
    throw new Error(`a listing belongs to a network this node does not know: ${network}`);
  return new ProvenanceObject(origin, verified);
}

@Resolver()
export class NetworkResolver {
  @Query(() => NetworkObject, { description: "The network whose node you are asking." })
  network(@Ctx() { network }: Context): NetworkObject {
    return network;
  }
}
