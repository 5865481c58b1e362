import { GraphQLError, parse, validate, type GraphQLSchema } from "graphql";
import {
  Arg,
  Ctx,
  Field,
  ID,
  Info,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from "type-graphql";
import { dayOf, yearsAfter, type Clock } from "../clock.js";
import type { Context } from "../context.js";
import { badInput } from "../errors.js";
import { enumOf } from "../vocabulary/enum.api.js";
import { DateScalar, URLScalar } from "../vocabulary/scalars.api.js";
import { FRONTEND_SCOPES, type FrontendScope, type KeptFrontendKey } from "./frontend-key.js";
import type { FrontendKeys } from "./frontend-key.store.js";
import { requireSteward } from "./person.js";

const FrontendScopeEnum = enumOf(
  "FrontendScope",
  FRONTEND_SCOPES,
  "What a network's own frontend may do with its key.",
  {
    READ: "Ask as anybody may.",
    ACCOUNTS: "Let people sign in and act through it.",
    ROUTER: "Ask at /subgraph, as a router does that composes this node with other services of its network.",
  },
);

@InputType("FrontendKeyInput", { description: "What a key for a network's own frontend is good for." })
class FrontendKeyInput {
  @Field(() => String, { description: "What you call the frontend, 1 to 100 characters." })
  readonly name: string;
  @Field(() => [URLScalar], {
    description:
      "The origins browsers may use it from, as in https://directory.example.org, at most 20; none for a frontend that runs on a server.",
  })
  readonly origins: readonly string[];
  @Field(() => [FrontendScopeEnum], { description: "What it may do; at least one." })
  readonly scopes: readonly FrontendScope[];
  @Field(() => DateScalar, {
    nullable: true,
    description: "The last day it is good for, at most two years from now; one year from now when not given.",
  })
  readonly expires?: string | null;
  @Field(() => [String], {
    nullable: true,
    description:
      "The only documents it may send, at most 500, each checked against this node's schema; any document when not given.",
  })
  readonly operations?: readonly string[] | null;
}

@ObjectType("FrontendKey", {
  description:
    "A key with which a network's own frontend asks, sent as the header x-cadre-key. Seen by stewards and admins.",
})
class FrontendKeyObject implements KeptFrontendKey {
  @Field(() => ID, { simple: true, description: "Names the key, to revoke it." })
  readonly id: string;
  @Field(() => String, { simple: true, description: "What the frontend is called." })
  readonly name: string;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "The key itself, told once when it is made; null ever after, because only its hash is kept.",
  })
  readonly key: string | null;
  @Field(() => [URLScalar], {
    simple: true,
    description: "The origins browsers may use it from; empty for a frontend that runs on a server.",
  })
  readonly origins: readonly string[];
  @Field(() => [FrontendScopeEnum], { simple: true, description: "What it may do." })
  readonly scopes: readonly FrontendScope[];
  @Field(() => DateScalar, { simple: true, description: "The day it was made." })
  readonly created: string;
  @Field(() => DateScalar, { simple: true, description: "The last day it is good for." })
  readonly expires: string;
  @Field(() => Int, {
    nullable: true,
    simple: true,
    description: "How many documents it may send; null when it may send any.",
  })
  readonly operations: number | null;

  constructor(kept: KeptFrontendKey, key: string | null) {
    this.id = kept.id;
    this.name = kept.name;
    this.origins = kept.origins;
    this.scopes = kept.scopes;
    this.created = kept.created;
    this.expires = kept.expires;
    this.operations = kept.operations;
    this.key = key;
  }
}

@Resolver()
export class FrontendKeyResolver {
  constructor(
    private readonly keys: FrontendKeys,
    private readonly clock: Clock,
  ) {}

  @Query(() => [FrontendKeyObject], {
    description:
      "The keys of the network's own frontends, newest first, expired ones as well. For stewards and admins.",
  })
  async frontendKeys(@Ctx() { viewer }: Context): Promise<readonly FrontendKeyObject[]> {
    requireSteward(viewer);
    return (await this.keys.all()).map((kept) => new FrontendKeyObject(kept, null));
  }

  @Mutation(() => FrontendKeyObject, {
    description: "Makes a key for a network's own frontend, and tells it once. For stewards and admins.",
  })
  async createFrontendKey(
    @Arg("input", () => FrontendKeyInput, { description: "What it is good for." }) input: FrontendKeyInput,
    @Ctx() { viewer }: Context,
    @Info() { schema }: { readonly schema: GraphQLSchema },
  ): Promise<FrontendKeyObject> {
    const person = requireSteward(viewer);
    const operations = input.operations ?? null;
    operations?.forEach((document, position) => refuseUnlessRunnable(schema, document, position));
    const expires = input.expires ?? yearsAfter(dayOf(this.clock()), 1);
    const made = await this.keys.create(person, { ...input, expires, operations });
    return new FrontendKeyObject(made, made.key);
  }

  @Mutation(() => Boolean, {
    description: "Ends a key at once. For stewards and admins; NOT_FOUND when there is none with this id.",
  })
  async revokeFrontendKey(
    @Arg("id", () => ID, { description: "As `frontendKeys` gave it." }) id: string,
    @Ctx() { viewer }: Context,
  ): Promise<boolean> {
    await this.keys.revoke(requireSteward(viewer), id);
    return true;
  }
}

/** A document that this node could never run is a mistake, best found now. */
function refuseUnlessRunnable(schema: GraphQLSchema, document: string, position: number): void {
  const problem = problemOf(schema, document);
  if (problem !== null)
    throw badInput(`This document cannot be run here: ${problem}`, ["input", "operations", position]);
}

function problemOf(schema: GraphQLSchema, document: string): string | null {
  try {
    return validate(schema, parse(document, { maxTokens: 2000 }))[0]?.message ?? null;
  } catch (error) {
    if (error instanceof GraphQLError) return error.message;
    throw error;
  }
}
