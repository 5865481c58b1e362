import { Arg, Ctx, Field, InputType, Mutation, ObjectType, Resolver } from "type-graphql";
import type { Context } from "../context.js";
import { ownNetworkObject } from "../listing/listing.api.js";
import { requirePerson } from "./person.js";
import { otpauthUri } from "./second-factor.js";
import { SessionObject, entryFrom, hereIn } from "./session.api.js";
import type { SignIn } from "./sign-in.store.js";

const passwordHelp = "Your password.";
const codeHelp = "The code that your authenticator shows now, or a recovery code. Each is good for once.";
const newPasswordHelp = "The new password: 12 characters to 512 bytes, and not easily guessed.";

@InputType("SignInInput", { description: "What it takes to sign in." })
class SignInInput {
  @Field(() => String, { description: "The name you were invited by, or chose." })
  readonly address: string;
  @Field(() => String, { description: passwordHelp })
  readonly password: string;
  @Field(() => String, { description: codeHelp })
  readonly code: string;
}

@InputType("RecoverInput", { description: "What it takes to set a new password without the old one." })
class RecoverInput {
  @Field(() => String, { description: "The name you sign in with." })
  readonly address: string;
  @Field(() => String, { description: "One of your recovery codes; it is good for once." })
  readonly recoveryCode: string;
  @Field(() => String, { description: newPasswordHelp })
  readonly password: string;
}

@InputType("ProofInput", {
  description: "Proof that it is still you who acts: what adds a way in, or changes one, asks for it again.",
})
export class ProofInput {
  @Field(() => String, { description: passwordHelp })
  readonly password: string;
  @Field(() => String, { description: codeHelp })
  readonly code: string;
}

@InputType("ChangePasswordInput", { description: "A new password, and proof that it is you who changes it." })
class ChangePasswordInput extends ProofInput {
  @Field(() => String, { description: newPasswordHelp })
  readonly newPassword: string;
}

@InputType("ReplaceAuthenticatorInput", {
  description: "A new authenticator, and proof that it is you who replaces the old one.",
})
class ReplaceAuthenticatorInput extends ProofInput {
  @Field(() => String, { description: "The token that `offerAuthenticator` answered." })
  readonly offer: string;
  @Field(() => String, { description: "The code that the new authenticator shows now." })
  readonly newCode: string;
}

@ObjectType("AuthenticatorOffer", {
  description: "The secret for a new authenticator. Seen by whoever asked for it; nothing of it is kept yet.",
})
class AuthenticatorOfferObject {
  @Field(() => String, { simple: true, description: "Goes to `replaceAuthenticator`." })
  readonly offer: string;
  @Field(() => String, {
    simple: true,
    description: "The secret (RFC 6238) as an otpauth address that most authenticators read from a picture.",
  })
  readonly otpauthUri: string;
}

@Resolver()
export class SignInResolver {
  constructor(private readonly door: SignIn) {}

  @Mutation(() => SessionObject, {
    description:
      "Signs you in. UNAUTHENTICATED, in the same words, for an unknown address, a wrong password and a wrong code; RATE_LIMITED after several failures, for a time that grows.",
  })
  signIn(
    @Arg("input", () => SignInInput, { description: "Address, password and code." })
    { address, password, code }: SignInInput,
    @Ctx() context: Context,
  ): Promise<SessionObject> {
    return this.door.signIn(entryFrom(context), address, { password, code });
  }

  @Mutation(() => SessionObject, {
    description:
      "Sets a new password by a recovery code, ends all other sessions, your passkeys and your link to the provider, and signs you in. UNAUTHENTICATED alike for an unknown address and a wrong code. Nobody else can do this for you: who has lost everything is removed by a steward and invited anew.",
  })
  recover(
    @Arg("input", () => RecoverInput, { description: "Address, recovery code and new password." })
    { address, recoveryCode, password }: RecoverInput,
    @Ctx() context: Context,
  ): Promise<SessionObject> {
    return this.door.recover(entryFrom(context), address, recoveryCode, password);
  }

  @Mutation(() => Boolean, { description: "Ends the session that you act in. For whoever has signed in." })
  async signOut(
    @Arg("everywhere", () => Boolean, {
      defaultValue: false,
      description: "Ends all your other sessions as well.",
    })
    everywhere: boolean,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await this.door.signOut(hereIn(context), everywhere);
    return true;
  }

  @Mutation(() => Boolean, {
    description:
      "Sets a new password, and ends all your other sessions, your passkeys and your link to the provider. For whoever has signed in with a password; FORBIDDEN when the proof is not right.",
  })
  async changePassword(
    @Arg("input", () => ChangePasswordInput, { description: "The new password, and proof." })
    { password, code, newPassword }: ChangePasswordInput,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await this.door.changePassword(hereIn(context), { password, code }, newPassword);
    return true;
  }

  @Mutation(() => [String], {
    description:
      "Ten new recovery codes, shown once; the old ones stop working. For whoever has signed in; FORBIDDEN when the proof is not right.",
  })
  renewRecoveryCodes(
    @Arg("input", () => ProofInput, { description: "Proof that it is you." }) proof: ProofInput,
    @Ctx() context: Context,
  ): Promise<readonly string[]> {
    return this.door.renewRecoveryCodes(hereIn(context), proof);
  }

  @Mutation(() => AuthenticatorOfferObject, {
    description:
      "The secret for a new authenticator, for instance after a telephone was lost. It replaces nothing before `replaceAuthenticator`. For whoever has signed in.",
  })
  offerAuthenticator(@Ctx() context: Context): AuthenticatorOfferObject {
    const { token, secret } = this.door.offerAuthenticator(requirePerson(context.viewer));
    return { offer: token, otpauthUri: otpauthUri(ownNetworkObject(context).name, secret) };
  }

  @Mutation(() => Boolean, {
    description:
      "Takes a new authenticator in place of the old one and ends all your other sessions. For whoever has signed in; FORBIDDEN when the proof is not right.",
  })
  async replaceAuthenticator(
    @Arg("input", () => ReplaceAuthenticatorInput, { description: "The new authenticator, and proof." })
    { password, code, offer, newCode }: ReplaceAuthenticatorInput,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await this.door.replaceAuthenticator(hereIn(context), { password, code }, offer, newCode);
    return true;
  }

  @Mutation(() => Boolean, {
    description:
      "Removes your account for good, and what belongs to it. FORBIDDEN when the proof is not right; CONFLICT when nobody would be left to look after the node.",
  })
  async removeMyAccount(
    @Arg("input", () => ProofInput, { description: "Proof that it is you." }) proof: ProofInput,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await this.door.removeMyAccount(hereIn(context), proof);
    return true;
  }
}
