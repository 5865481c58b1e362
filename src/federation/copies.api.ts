import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from "type-graphql";
import type { Context } from "../context.js";
import { NetworkObject } from "../listing/listing.api.js";
import { ProfileObject } from "../practitioners/profile.api.js";
import { enumOf } from "../vocabulary/enum.api.js";
import { DateTimeScalar } from "../vocabulary/scalars.api.js";
import { COPY_STATES, type Copy, type CopyState } from "./receipt.js";

const CopyStateEnum = enumOf("CopyState", COPY_STATES, "What a peer has told of its copy of an entry.", {
  HOLDS: "It holds the entry, or held it when it last told us, and shows it until the lease ends.",
  WITHDRAWAL_SENT: "The entry was withdrawn from what it reads, and it has not said yet that it knows.",
  WITHDRAWAL_CONFIRMED: "It has said that it read past the withdrawal: it holds no copy any more.",
});

@ObjectType("PeerCopy", {
  description:
    "What another network's node has told of its copy of an entry. Seen by the entry's owner alone.",
})
class PeerCopyObject {
  @Field(() => NetworkObject, { simple: true, description: "The network whose node it is." })
  readonly network: NetworkObject;
  @Field(() => CopyStateEnum, { simple: true, description: "What it has told." })
  readonly state: CopyState;
  @Field(() => DateTimeScalar, {
    simple: true,
    description:
      "HOLDS: when it first told us that it reads us, or the day the entry last changed for it if that is later. WITHDRAWAL_SENT: the day of the withdrawal. WITHDRAWAL_CONFIRMED: when it last confirmed.",
  })
  readonly since: Date;

  constructor(network: NetworkObject, { state, since }: Copy) {
    this.network = network;
    this.state = state;
    this.since = since;
  }
}

/** The peers that have told of their copy of a record. */
export type FindCopies = (id: string) => Promise<readonly Copy[]>;

@Resolver(() => ProfileObject)
export class PeersHoldingResolver {
  constructor(private readonly find: FindCopies) {}

  @FieldResolver(() => [PeerCopyObject], {
    description:
      "Which other networks' nodes hold a copy of the entry, by their own word, and whether they know of its withdrawal. Empty when none has told us so; what everybody sees may have been read without a word. For its owner; empty for everybody else.",
  })
  async peersHolding(
    @Root() { id, isOwn }: ProfileObject,
    @Ctx() context: Context,
  ): Promise<readonly PeerCopyObject[]> {
    if (!isOwn) return [];
    const copies = await this.find(id);
    await context.networks.meet(copies.map(({ peer }) => peer));
    return copies.flatMap((copy) => {
      const network = context.networks.get(copy.peer);
      return network === undefined ? [] : [new PeerCopyObject(new NetworkObject(context, network), copy)];
    });
  }
}
