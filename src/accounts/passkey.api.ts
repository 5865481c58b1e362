import { Arg, Ctx, Field, ID, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import type { Context } from "../context.js";
import { DateScalar } from "../vocabulary/scalars.api.js";
import type { KeptPasskey, PasskeyChallenge, Passkeys } from "./passkey.store.js";
import { requirePerson } from "./person.js";
import { SessionObject, entryFrom, hereIn } from "./session.api.js";
import { ProofInput } from "./sign-in.api.js";
import type { SignIn } from "./sign-in.store.js";

const challengeHelp = "The id of the challenge that is answered.";
const responseHelp = "The authenticator's answer, as JSON (`PublicKeyCredential.toJSON()`).";

@ObjectType("PasskeyChallenge", {
  description:
    "What a browser hands to an authenticator. Good for five minutes and one answer. Seen by whoever asked for it.",
})
class PasskeyChallengeObject implements PasskeyChallenge {
  @Field(() => ID, { simple: true, description: "Goes back with the answer." })
  readonly id: string;
  @Field(() => String, {
    simple: true,
    description:
      "JSON for `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` (WebAuthn).",
  })
  readonly options: string;
}

@ObjectType("Passkey", { description: "A passkey of yours. Seen by you alone." })
class PasskeyObject implements KeptPasskey {
  @Field(() => ID, { simple: true, description: "Names it, to remove it." })
  readonly id: string;
  @Field(() => DateScalar, { simple: true, description: "The day it was added." })
  readonly created: string;
}

@Resolver()
export class PasskeyResolver {
  constructor(
    private readonly keys: Passkeys,
    private readonly door: SignIn,
  ) {}

  @Query(() => [PasskeyObject], { description: "Your passkeys, oldest first. For whoever has signed in." })
  async passkeys(@Ctx() { viewer }: Context): Promise<readonly KeptPasskey[]> {
    return this.keys.all(requirePerson(viewer));
  }

  @Mutation(() => PasskeyChallengeObject, {
    description:
      "What an authenticator needs to make a passkey of yours, which can sign you in from then on. For whoever has signed in; FORBIDDEN when the proof is not right, UNAVAILABLE where the node has no address of its own.",
  })
  async passkeyOptions(
    @Arg("input", () => ProofInput, { description: "Proof that it is you." }) proof: ProofInput,
    @Ctx() context: Context,
  ): Promise<PasskeyChallenge> {
    const here = hereIn(context);
    this.keys.require();
    await this.door.prove(here, proof);
    return this.keys.offer(here.person);
  }

  @Mutation(() => Boolean, {
    description: "Adds the passkey that answers the challenge. For whoever asked for the challenge.",
  })
  async addPasskey(
    @Arg("challenge", () => ID, { description: challengeHelp }) challenge: string,
    @Arg("response", () => String, { description: responseHelp }) response: string,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await this.keys.add(hereIn(context), challenge, response);
    return true;
  }

  @Mutation(() => PasskeyChallengeObject, {
    description: "What an authenticator needs to sign somebody in; the same for everybody.",
  })
  async passkeySignInOptions(@Ctx() context: Context): Promise<PasskeyChallenge> {
    entryFrom(context);
    return this.keys.signInOptions();
  }

  @Mutation(() => SessionObject, {
    description:
      "Signs in whoever's passkey answers the challenge. UNAUTHENTICATED, in the same words, for whatever is not right.",
  })
  signInWithPasskey(
    @Arg("challenge", () => ID, { description: challengeHelp }) challenge: string,
    @Arg("response", () => String, { description: responseHelp }) response: string,
    @Ctx() context: Context,
  ): Promise<SessionObject> {
    return this.keys.signIn(entryFrom(context), challenge, response);
  }

  @Mutation(() => Boolean, {
    description:
      "Removes a passkey of yours. For whoever has signed in; NOT_FOUND when you have none with this id.",
  })
  async removePasskey(
    @Arg("id", () => ID, { description: "As `passkeys` gave it." }) id: string,
    @Ctx() { viewer }: Context,
  ): Promise<boolean> {
    await this.keys.remove(requirePerson(viewer), id);
    return true;
  }
}
