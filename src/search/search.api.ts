import type { GraphQLResolveInfo } from "graphql";
import { Args, ArgsType, Ctx, Field, FieldResolver, Info, Int, Query, Resolver, Root } from "type-graphql";
import type { Context } from "../context.js";
import type { ListedObject } from "../listing/listing.api.js";
import { OrganizationObject, seenOrganizations } from "../organizations/organization.api.js";
import { PractitionerObject, seenPractitioners } from "../practitioners/practitioner.api.js";
import { ResourceObject, seenResources } from "../resources/resource.api.js";
import { enumOf } from "../vocabulary/enum.api.js";
import { connectionOf } from "./connection.api.js";
import { find, type Found, type Order, type Query as Question } from "./find.js";
import type { Indexes } from "./indexes.js";
import type { Sought } from "../vocabulary/sought.js";
import { soughtIn } from "./sought.js";
import { OrganizationWhereInput, PractitionerWhereInput, ResourceWhereInput } from "./where.api.js";

const OrderEnum = enumOf<Order>(
  "PractitionerOrder",
  ["RELEVANCE", "ALIAS", "RECENTLY_VERIFIED"],
  "In which order practitioners are answered. Whoever ties stands in a random order that stays the same from page to page.",
  {
    RELEVANCE: "The best fit to `search` first; without a search, a random order that stays the same.",
    ALIAS: "By the alias shown to you, capital letters and accents ignored.",
    RECENTLY_VERIFIED: "Whoever confirmed their entry last comes first; those who never have come last.",
  },
);

const PractitionerConnection = connectionOf("Practitioner", PractitionerObject);
const OrganizationConnection = connectionOf("Organization", OrganizationObject);
const ResourceConnection = connectionOf("Resource", ResourceObject);

const optional = { nullable: true } as const;
const whereHelp = "What must hold; everything when not given.";
/** What is meant when the question does not say, or says null. */
const FIRST = 20;
const ORDER = "RELEVANCE";

@ArgsType()
abstract class PageArgs {
  @Field(() => String, {
    ...optional,
    description:
      "Words in any language: names, texts, and the names of specialties, regions and languages. Every word must be found; the last may be a beginning. At most 200 characters and 10 words; no search when not given.",
  })
  readonly search?: string | null;
  @Field(() => Int, {
    ...optional,
    defaultValue: FIRST,
    description: "How many to answer, from 0 to 50. Null means 20.",
  })
  readonly first?: number | null;
  @Field(() => String, {
    ...optional,
    description:
      "The cursor to go on behind; it belongs to this very question and to who asks it. The first page when not given.",
  })
  readonly after?: string | null;
}

@ArgsType()
class PractitionerArgs extends PageArgs {
  @Field(() => PractitionerWhereInput, { ...optional, description: whereHelp })
  readonly where?: PractitionerWhereInput | null;
  @Field(() => OrderEnum, {
    ...optional,
    defaultValue: ORDER,
    description: "How to order them. Null means RELEVANCE.",
  })
  readonly orderBy?: Order | null;
}

@ArgsType()
class OrganizationArgs extends PageArgs {
  @Field(() => OrganizationWhereInput, { ...optional, description: whereHelp })
  readonly where?: OrganizationWhereInput | null;
}

@ArgsType()
class ResourceArgs extends PageArgs {
  @Field(() => ResourceWhereInput, { ...optional, description: whereHelp })
  readonly where?: ResourceWhereInput | null;
}

/** Told of a search that found nobody, by the words it was asked in, and where it came from. */
export type Unmet = {
  foundNobody(viewer: Context["viewer"], source: string, sought: Sought): void;
};

@Resolver()
export class SearchResolver {
  constructor(
    private readonly indexes: Indexes,
    private readonly unmet: Unmet,
  ) {}

  @Query(() => PractitionerConnection, {
    description:
      "Practitioners this viewer may see. Filters, order, counts and facets use only what this viewer may see.",
  })
  practitioners(
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
    @Args(() => PractitionerArgs) asked: PractitionerArgs,
  ) {
    const question = { kind: "practitioner", ...asPage(asked), where: asked.where ?? null } as const;
    return this.#page(
      context,
      question,
      (ids) => seenPractitioners(context, ids, info),
      PractitionerConnection,
    );
  }

  @Query(() => OrganizationConnection, {
    description:
      "Organizations this viewer may see, in order of relevance. Filters, counts and facets use only what this viewer may see.",
  })
  organizations(@Ctx() context: Context, @Args(() => OrganizationArgs) asked: OrganizationArgs) {
    const question = { kind: "organization", ...asPage(asked), where: asked.where ?? null } as const;
    return this.#page(context, question, (ids) => seenOrganizations(context, ids), OrganizationConnection);
  }

  @Query(() => ResourceConnection, {
    description:
      "Resources this viewer may see, in order of relevance. Filters, counts and facets use only what this viewer may see.",
  })
  resources(@Ctx() context: Context, @Args(() => ResourceArgs) asked: ResourceArgs) {
    const question = { kind: "resource", ...asPage(asked), where: asked.where ?? null } as const;
    return this.#page(context, question, (ids) => seenResources(context, ids), ResourceConnection);
  }

  /** Which ids, their listings, and the page that presents them. */
  async #page<Node extends ListedObject, Page>(
    context: Context,
    question: Question,
    seen: (ids: readonly string[]) => readonly Node[] | Promise<readonly Node[]>,
    Connection: new (words: Context["words"], found: Found, nodes: readonly Node[]) => Page,
  ): Promise<Page> {
    const found = find(this.indexes, context.viewer, question);
    const sought = found.ids.length === 0 ? soughtIn(question) : null;
    if (sought !== null) this.unmet.foundNobody(context.viewer, context.request.source, sought);
    return new Connection(context.words, found, await seen(found.ids));
  }
}

/** What every list is asked; only practitioners can be ordered otherwise than by relevance. */
function asPage({ search, orderBy, first, after }: PageArgs & { readonly orderBy?: Order | null }) {
  return { search: search ?? null, orderBy: orderBy ?? ORDER, first: first ?? FIRST, after: after ?? null };
}

/** What links to a resource from elsewhere: found by the viewer's index, so that a hidden link does not exist. */
@Resolver(() => ResourceObject)
export class ResourceLinksResolver {
  constructor(private readonly indexes: Indexes) {}

  @FieldResolver(() => [ResourceObject], {
    description: "The resources that are parts of it, those that you may see; empty when it has none.",
  })
  parts(@Root() { id, context }: ResourceObject) {
    return seenResources(context, this.indexes.linked(context.viewer, "resource", "partOf", id));
  }

  @FieldResolver(() => [PractitionerObject], {
    description:
      "Practitioners who teach from it or wrote it and show that to you; empty when there are none.",
  })
  practitioners(
    @Root() { id, context }: ResourceObject,
    @Info() info: GraphQLResolveInfo,
  ): Promise<readonly PractitionerObject[]> {
    const ids = this.indexes.linked(context.viewer, "practitioner", "resource", id);
    return seenPractitioners(context, ids, info);
  }
}
