import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import type { Context } from "../context.js";
import type { Role } from "../visibility/viewer.js";
import { NetworkObject, ownNetworkObject } from "../listing/listing.api.js";
import { DateTimeScalar, URLScalar } from "../vocabulary/scalars.api.js";
import { RoleEnum } from "./account.api.js";
import { linkTo, type NewInvitation } from "./invitation.js";
import type { Invitations, Offer } from "./invitation.store.js";
import { requireSteward } from "./person.js";
import { otpauthUri } from "./second-factor.js";
import { SessionObject, entryFrom } from "./session.api.js";

@InputType("InviteInput", { description: "Whom to invite, and as what." })
class InviteInput {
  @Field(() => String, {
    description:
      "The name they will sign in with: an e-mail address or any handle, 3 to 254 characters. It is not kept, only a keyed hash of it.",
  })
  readonly address: string;
  @Field(() => RoleEnum, {
    description:
      "What they will be. A steward may invite a SEEKER, FUNDER, PRACTITIONER or STEWARD; an admin also an ADMIN.",
  })
  readonly role: Role;
  @Field(() => ID, {
    nullable: true,
    description:
      "The entry that is to become theirs, one that was imported and belongs to nobody; none when not given. For a PRACTITIONER only.",
  })
  readonly practitioner?: string | null;
}

@InputType("AcceptInput", { description: "What it takes to come in by an invitation." })
class AcceptInput {
  @Field(() => String, {
    description:
      "The password to sign in with from now on: 12 characters to 512 bytes, and not easily guessed.",
  })
  readonly password: string;
  @Field(() => String, {
    description: "The code that the authenticator shows now, as proof that it works.",
  })
  readonly code: string;
  @Field(() => String, {
    nullable: true,
    description: "The name to sign in with, for an invitation that is for no address; refused for any other.",
  })
  readonly address?: string | null;
}

@ObjectType("Invitation", {
  description:
    "An invitation just made, to be handed over in a way you trust. Seen by whoever made it, once. It is the same whether or not the address has an account already.",
})
class InvitationObject implements NewInvitation {
  @Field(() => ID, { simple: true, description: "Names it in the audit log." })
  readonly id: string;
  @Field(() => String, {
    simple: true,
    description: "What it is accepted with, once. Shown now and never again.",
  })
  readonly token: string;
  @Field(() => URLScalar, {
    nullable: true,
    simple: true,
    description:
      "The network's address with the token behind #, which browsers send to nobody; null when the network has no address.",
  })
  readonly link: string | null;
  @Field(() => RoleEnum, { simple: true, description: "What whoever accepts it will be." })
  readonly role: NewInvitation["role"];
  @Field(() => DateTimeScalar, { simple: true, description: "Until when it can be accepted." })
  readonly expires: Date;

  constructor({ id, token, role, expires }: NewInvitation, network: string | null) {
    this.id = id;
    this.token = token;
    this.role = role;
    this.expires = expires;
    this.link = network === null ? null : linkTo(network, token);
  }
}

@ObjectType("InvitationOffer", {
  description: "What an invitation offers. Seen by whoever holds its token.",
})
class InvitationOfferObject {
  @Field(() => NetworkObject, { simple: true, description: "The network that invites you." })
  readonly network: NetworkObject;
  @Field(() => RoleEnum, { simple: true, description: "What you will be." })
  readonly role: Offer["role"];
  @Field(() => DateTimeScalar, { simple: true, description: "Until when it can be accepted." })
  readonly expires: Date;
  @Field(() => String, {
    simple: true,
    description:
      "The secret for an authenticator (RFC 6238), as an otpauth address that most of them read from a picture. The same each time you ask.",
  })
  readonly otpauthUri: string;

  constructor(context: Context, { role, expires, secret }: Offer) {
    this.network = ownNetworkObject(context);
    this.role = role;
    this.expires = expires;
    this.otpauthUri = otpauthUri(this.network.name, secret);
  }
}

@Resolver()
export class InvitationResolver {
  constructor(private readonly invitations: Invitations) {}

  @Mutation(() => InvitationObject, {
    description:
      "Invites somebody; there is no other way to an account. For stewards and admins. NOT_FOUND when the entry to hand over is not there or belongs to somebody.",
  })
  async invite(
    @Arg("input", () => InviteInput, { description: "Whom, and as what." }) input: InviteInput,
    @Ctx() context: Context,
  ): Promise<InvitationObject> {
    const { address, role, practitioner } = input;
    const inviter = requireSteward(context.viewer);
    const made = await this.invitations.invite(inviter, {
      address,
      role,
      practitioner: practitioner ?? null,
    });
    return new InvitationObject(made, ownNetworkObject(context).url);
  }

  @Query(() => InvitationOfferObject, {
    description:
      "What an invitation offers, and the secret for the authenticator that accepting it takes. NOT_FOUND when the token is of none, or of one that was used or has expired.",
  })
  async invitation(
    @Arg("token", () => String, { description: "As it was handed over." }) token: string,
    @Ctx() context: Context,
  ): Promise<InvitationOfferObject> {
    // Also through a frontend people must be able to sign in by.
    entryFrom(context);
    return new InvitationOfferObject(context, await this.invitations.offer(token));
  }

  @Mutation(() => SessionObject, {
    description:
      "Accepts an invitation: makes your account and signs you in. It works once. NOT_FOUND for every invitation that cannot be accepted, whatever the reason.",
  })
  acceptInvitation(
    @Arg("token", () => String, { description: "As it was handed over." }) token: string,
    @Arg("input", () => AcceptInput, { description: "Your password and the code of your authenticator." })
    { password, code, address }: AcceptInput,
    @Ctx() context: Context,
  ): Promise<SessionObject> {
    const acceptance = { password, code, address: address ?? null };
    return this.invitations.accept(entryFrom(context), token, acceptance);
  }
}
