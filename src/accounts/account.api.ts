import { Arg, Ctx, Field, ID, Int, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import type { Context } from "../context.js";
import { AudienceEnum, NetworkObject, ownNetworkObject } from "../listing/listing.api.js";
import type { Audience } from "../visibility/audience.js";
import { ROLES, type Role } from "../visibility/viewer.js";
import { enumOf } from "../vocabulary/enum.api.js";
import { DateScalar } from "../vocabulary/scalars.api.js";
import type { Account, Accounts } from "./account.store.js";
import { requireSteward } from "./person.js";

export const RoleEnum = enumOf(
  "Role",
  ROLES,
  "What somebody is at this node, which decides what they may do. Everybody knows their own.",
  {
    ANONYMOUS: "Has not signed in: sees what everybody sees.",
    FRONTEND:
      "A network's own site, by its key, without a person behind the request: sees what everybody sees.",
    SEEKER: "Looks for help, for themselves or for others: sees what everybody sees.",
    FUNDER: "Pays for work: sees what everybody sees.",
    PRACTITIONER: "A member of this network who has an entry of their own.",
    STEWARD: "Looks after the network's entries and its people.",
    ADMIN: "A steward who also looks after the stewards.",
  },
);

@ObjectType("Viewer", {
  description:
    "Who is asking, as this node knows them. Seen by themselves alone; whoever has not signed in is ANONYMOUS.",
})
export class ViewerObject {
  @Field(() => AudienceEnum, {
    simple: true,
    description:
      "Whose listings the answers are read from: nothing that is shown to fewer people is in them.",
  })
  readonly audience: Audience;
  @Field(() => RoleEnum, { simple: true, description: "What you are at this node." })
  readonly role: Role;
  @Field(() => NetworkObject, { simple: true, description: "The network at whose node you are." })
  readonly network: NetworkObject;

  constructor(context: Context) {
    this.audience = context.viewer.audience;
    this.role = context.viewer.role;
    this.network = ownNetworkObject(context);
  }
}

@ObjectType("Account", {
  description:
    "Somebody who can sign in, for those who look after the node. Seen by stewards and admins. It has no name and no address: none is kept.",
})
class AccountObject implements Account {
  @Field(() => ID, {
    simple: true,
    description: "Names the account. Random: it says nothing of whose it is.",
  })
  readonly id: string;
  @Field(() => RoleEnum, { simple: true, description: "What they are here." })
  readonly role: Account["role"];
  @Field(() => Boolean, {
    simple: true,
    description: "Whether they see only what everybody sees until that is lifted.",
  })
  readonly suspended: boolean;
  @Field(() => DateScalar, { simple: true, description: "The day on which they accepted their invitation." })
  readonly created: string;
  @Field(() => ID, {
    nullable: true,
    simple: true,
    description:
      "The id of the practitioner's entry that belongs to them; null when they have none that stewards know of.",
  })
  readonly practitioner: string | null;
}

@Resolver()
export class AccountResolver {
  constructor(private readonly accounts: Accounts) {}

  @Query(() => ViewerObject, {
    description:
      "Who you are to this node, signed in or not: look here to see what your session is good for.",
  })
  viewer(@Ctx() context: Context): ViewerObject {
    return new ViewerObject(context);
  }

  @Query(() => [AccountObject], {
    name: "accounts",
    description:
      "The accounts of this node, in the order of their ids. For stewards and admins; FORBIDDEN to everybody else.",
  })
  async listAccounts(
    @Arg("first", () => Int, { defaultValue: 50, description: "How many at most: 1 to 200." }) first: number,
    @Arg("after", () => ID, {
      nullable: true,
      description: "The id of the last account of the page before; the first page when not given.",
    })
    after: string | undefined,
    @Ctx() { viewer }: Context,
  ): Promise<readonly Account[]> {
    requireSteward(viewer);
    return this.accounts.list(first, after ?? null);
  }

  @Mutation(() => Boolean, {
    description:
      "Removes somebody's account for good: their sessions end, and with it goes what belongs to it. For stewards and admins; the account of a steward or an admin is removed by an admin. Nobody can give somebody new access to an account they lost, because that would open what only they may see: it is removed, and they are invited anew. NOT_FOUND when there is none with this id, CONFLICT when nobody would be left to look after the node.",
  })
  async removeAccount(
    @Arg("id", () => ID, { description: "As `accounts` gave it." }) id: string,
    @Ctx() { viewer }: Context,
  ): Promise<boolean> {
    await this.accounts.remove(requireSteward(viewer), id);
    return true;
  }
}
