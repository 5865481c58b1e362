import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from "type-graphql";
import type { Context } from "../context.js";
import type { ListedObject } from "../listing/listing.api.js";
import { enumOf } from "../listing/listing.api.js";
import { OrganizationObject, seenOrganizations } from "../organizations/organization.api.js";
import { PractitionerObject, seenPractitioners } from "../practitioners/practitioner.api.js";
import { ResourceObject, seenResources } from "../resources/resource.api.js";
import { connectionOf } from "./connection.api.js";
import { find, type Order } from "./find.js";
import type { Indexes } from "./indexes.js";
import { OrganizationWhereInput, PractitionerWhereInput, ResourceWhereInput } from "./where.api.js";

const OrderEnum = enumOf<Order>(
  "PractitionerOrder",
  ["RELEVANCE", "ALIAS", "RECENTLY_VERIFIED"],
  "RELEVANCE: the best fit to `search` first. Whoever ties stands in a random order that stays the same from page to page.",
);

const PractitionerConnection = connectionOf("Practitioner", PractitionerObject);
const OrganizationConnection = connectionOf("Organization", OrganizationObject);
const ResourceConnection = connectionOf("Resource", ResourceObject);

const whereHelp = "What must hold; everything when not given.";
const searchHelp =
  "Words in any language: names, texts, and the names of specialties, regions and languages. At most 200 characters.";
const firstHelp = "How many to answer, at most 50.";
const afterHelp = "The cursor to go on behind; it belongs to this very question and to who asks it.";

@Resolver()
export class SearchResolver {
  constructor(private readonly indexes: Indexes) {}

  @Query(() => PractitionerConnection, {
    description:
      "Practitioners this viewer may see. Filters, order, counts and facets use only what this viewer may see.",
  })
  async practitioners(
    @Ctx() context: Context,
    @Arg("where", () => PractitionerWhereInput, { nullable: true, description: whereHelp })
    where: PractitionerWhereInput | null,
    @Arg("search", () => String, { nullable: true, description: searchHelp }) search: string | null,
    @Arg("orderBy", () => OrderEnum, { defaultValue: "RELEVANCE", description: "How to order them." })
    orderBy: Order,
    @Arg("first", () => Int, { defaultValue: 20, description: firstHelp }) first: number,
    @Arg("after", () => String, { nullable: true, description: afterHelp }) after: string | null,
  ) {
    const asked = { where: where ?? null, search: search ?? null, orderBy, first, after: after ?? null };
    const found = find(this.indexes, context.viewer, { kind: "practitioner", ...asked });
    return new PractitionerConnection(
      context.words,
      found,
      byId(await seenPractitioners(context, found.ids)),
    );
  }

  @Query(() => OrganizationConnection, { description: "Organizations this viewer may see." })
  async organizations(
    @Ctx() context: Context,
    @Arg("where", () => OrganizationWhereInput, { nullable: true, description: whereHelp })
    where: OrganizationWhereInput | null,
    @Arg("search", () => String, { nullable: true, description: searchHelp }) search: string | null,
    @Arg("first", () => Int, { defaultValue: 20, description: firstHelp }) first: number,
    @Arg("after", () => String, { nullable: true, description: afterHelp }) after: string | null,
  ) {
    const asked = {
      where: where ?? null,
      search: search ?? null,
      orderBy: "RELEVANCE",
      first,
      after: after ?? null,
    } as const;
    const found = find(this.indexes, context.viewer, { kind: "organization", ...asked });
    return new OrganizationConnection(
      context.words,
      found,
      byId(await seenOrganizations(context, found.ids)),
    );
  }

  @Query(() => ResourceConnection, { description: "Resources this viewer may see." })
  async resources(
    @Ctx() context: Context,
    @Arg("where", () => ResourceWhereInput, { nullable: true, description: whereHelp })
    where: ResourceWhereInput | null,
    @Arg("search", () => String, { nullable: true, description: searchHelp }) search: string | null,
    @Arg("first", () => Int, { defaultValue: 20, description: firstHelp }) first: number,
    @Arg("after", () => String, { nullable: true, description: afterHelp }) after: string | null,
  ) {
    const asked = {
      where: where ?? null,
      search: search ?? null,
      orderBy: "RELEVANCE",
      first,
      after: after ?? null,
    } as const;
    const found = find(this.indexes, context.viewer, { kind: "resource", ...asked });
    return new ResourceConnection(context.words, found, byId(await seenResources(context, found.ids)));
  }
}

/** What links to a resource from elsewhere: found by the viewer's index, so that a hidden link does not exist. */
@Resolver(() => ResourceObject)
export class ResourceLinksResolver {
  constructor(private readonly indexes: Indexes) {}

  @FieldResolver(() => [ResourceObject], { description: "The resources that are parts of it." })
  parts(@Root() { id }: ResourceObject, @Ctx() context: Context): Promise<readonly ResourceObject[]> {
    return seenResources(context, this.indexes.linked(context.viewer, "resource", "partOf", id));
  }

  @FieldResolver(() => [PractitionerObject], {
    description: "Practitioners who teach from it or wrote it and say so to you.",
  })
  practitioners(
    @Root() { id }: ResourceObject,
    @Ctx() context: Context,
  ): Promise<readonly PractitionerObject[]> {
    return seenPractitioners(context, this.indexes.linked(context.viewer, "practitioner", "resource", id));
  }
}

function byId<Node extends ListedObject>(nodes: readonly Node[]): ReadonlyMap<string, Node> {
  return new Map(nodes.map((node) => [node.id, node]));
}
