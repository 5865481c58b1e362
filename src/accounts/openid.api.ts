import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import type { Context } from "../context.js";
import { URLScalar } from "../vocabulary/scalars.api.js";
import type { OpenId, OpenIdStart } from "./openid.store.js";
import { SessionObject, entryFrom, hereIn } from "./session.api.js";
import { ProofInput } from "./sign-in.api.js";
import type { SignIn } from "./sign-in.store.js";

const stateHelp =
  "What `openIdSignInUrl` answered, kept by whoever asked: an address that somebody else sends you brings another.";
const callbackHelp = "The whole address that the provider sent the browser back to.";

@ObjectType("OpenIdStart", {
  description:
    "The way to the network's own OpenID provider, good for ten minutes and one return. Seen by whoever asked for it.",
})
class OpenIdStartObject implements OpenIdStart {
  @Field(() => URLScalar, { simple: true, description: "Where to send the browser." })
  readonly url: string;
  @Field(() => String, { simple: true, description: "Keep it until the browser comes back." })
  readonly state: string;
}

@Resolver()
export class OpenIdResolver {
  constructor(
    private readonly openId: OpenId,
    private readonly door: SignIn,
  ) {}

  @Mutation(() => OpenIdStartObject, {
    description:
      "Begins a sign-in through the network's own OpenID provider, or, for whoever has signed in, the linking of who they are there. UNAVAILABLE where the network has none.",
  })
  async openIdSignInUrl(@Ctx() context: Context): Promise<OpenIdStart> {
    entryFrom(context);
    return this.openId.start(context.viewer.account);
  }

  @Mutation(() => SessionObject, {
    description:
      "Signs in whoever came back from the provider, if they have linked who they are there. UNAUTHENTICATED, in the same words, for whatever is not right.",
  })
  signInWithOpenId(
    @Arg("state", () => String, { description: stateHelp }) state: string,
    @Arg("callback", () => URLScalar, { description: callbackHelp }) callback: string,
    @Ctx() context: Context,
  ): Promise<SessionObject> {
    return this.openId.signIn(entryFrom(context), state, callback);
  }

  @Mutation(() => Boolean, {
    description:
      "Links who you are at the provider to your account, so that it can sign you in. For whoever has signed in and began the way there; FORBIDDEN when the proof is not right, CONFLICT when it is linked already.",
  })
  async linkOpenId(
    @Arg("state", () => String, { description: stateHelp }) state: string,
    @Arg("callback", () => URLScalar, { description: callbackHelp }) callback: string,
    @Arg("input", () => ProofInput, { description: "Proof that it is you." }) proof: ProofInput,
    @Ctx() context: Context,
  ): Promise<boolean> {
    const here = hereIn(context);
    this.openId.require();
    await this.door.prove(here, proof);
    await this.openId.link(here, state, callback);
    return true;
  }

  @Mutation(() => Boolean, {
    description:
      "Takes the link to the provider back: it signs you in no more. For whoever has signed in; NOT_FOUND when there is none.",
  })
  async unlinkOpenId(@Ctx() context: Context): Promise<boolean> {
    await this.openId.unlink(hereIn(context).person);
    return true;
  }
}
