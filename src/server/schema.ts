import "reflect-metadata";
import { isObjectType, type GraphQLSchema } from "graphql";
import { buildSchema, type ClassType } from "type-graphql";
import { accountResolvers } from "../accounts/accounts.api.js";
import { CoverageResolver } from "../coverage/coverage.api.js";
import type { CoverageKeeper } from "../coverage/keeper.store.js";
import type { FrontDesk } from "../accounts/front-desk.js";
import { FlagResolver } from "../federation/flag.api.js";
import { PeerResolver } from "../federation/peer.api.js";
import type { Peering } from "../federation/peering.js";
import { PeersHoldingResolver, type FindCopies } from "../federation/copies.api.js";
import { NameEverywhereResolver, SameAsResolver, type FindOwn } from "../federation/same-as.api.js";
import { NetworkResolver } from "../listing/listing.api.js";
import { OrganizationResolver } from "../organizations/organization.api.js";
import { OrganizationStewardResolver } from "../organizations/steward.api.js";
import { PractitionerResolver, type FollowMove } from "../practitioners/practitioner.api.js";
import { CountedResolver } from "../practitioners/counted.api.js";
import { HistoryResolver } from "../practitioners/history.api.js";
import { ProfileResolver, ViewerProfileResolver, type ProfileParts } from "../practitioners/profile.api.js";
import { StewardResolver } from "../practitioners/steward.api.js";
import { VouchResolver } from "../practitioners/vouch.api.js";
import { AttainmentResolver } from "../pathways/level.api.js";
import { PathwayResolver } from "../pathways/pathway.api.js";
import { StepResolver } from "../pathways/step.api.js";
import { SupervisionResolver } from "../pathways/supervision.api.js";
import { ResourceStewardResolver } from "../resources/steward.api.js";
import { ResourceResolver } from "../resources/resource.api.js";
import { MatchingResolver, type Matching } from "../matching/matching.api.js";
import type { Indexes } from "../search/indexes.js";
import { ResourceLinksResolver, SearchResolver } from "../search/search.api.js";
import { VocabularyResolver, type Words } from "../vocabulary/vocabulary.api.js";
import { doors, guard, routersDoors } from "./doors.js";
import { asSubgraph } from "./subgraph.js";

/** What the resolvers of one node work with. */
export type Parts = {
  readonly words: Words;
  readonly indexes: Indexes;
  /** How needs are weighed and told, and the day it is. */
  readonly matching: Omit<Matching, "indexes" | "unmet">;
  readonly desk: FrontDesk;
  readonly records: ProfileParts;
  readonly coverage: CoverageKeeper;
  /** What is agreed with other nodes; null where the node has no address they could meet it at. */
  readonly peering: Peering | null;
  /** Null where this node shares nothing with others. */
  readonly copiesOf: FindCopies | null;
  /** Null where this node has no address that others could meet it at. */
  readonly findOwn: FindOwn | null;
  readonly followMove: FollowMove | null;
};

/** What is asked at `/graphql`, and what a router asks at `/subgraph`: the same, with what federation adds. */
export type NodeSchemas = { readonly api: GraphQLSchema; readonly subgraph: GraphQLSchema };

/** The node's GraphQL schemas, with their doors. Two nodes in one process have schemas of their own, each with its own parts. */
export async function buildNodeSchemas(parts: Parts): Promise<NodeSchemas> {
  const schema = await buildUnguarded(parts);
  return { api: guard(schema), subgraph: guard(asSubgraph(schema), [...doors, ...routersDoors]) };
}

async function buildUnguarded({
  words,
  indexes,
  matching,
  desk,
  records,
  coverage,
  peering,
  copiesOf,
  findOwn,
  followMove,
}: Parts): Promise<GraphQLSchema> {
  const ownEntries = new ProfileResolver(records);
  const resolvers = new Map<ClassType, object>([
    [NetworkResolver, new NetworkResolver()],
    [VocabularyResolver, new VocabularyResolver(words)],
    [OrganizationResolver, new OrganizationResolver()],
    [ResourceResolver, new ResourceResolver()],
    [PractitionerResolver, new PractitionerResolver(followMove ?? (async () => null))],
    [ProfileResolver, ownEntries],
    [ViewerProfileResolver, new ViewerProfileResolver(ownEntries)],
    [PeersHoldingResolver, new PeersHoldingResolver(copiesOf ?? (async () => []))],
    [SameAsResolver, new SameAsResolver(findOwn ?? (async () => null))],
    [NameEverywhereResolver, new NameEverywhereResolver(findOwn ?? (async () => null))],
    [HistoryResolver, new HistoryResolver(records)],
    [CountedResolver, new CountedResolver(records)],
    [OrganizationStewardResolver, new OrganizationStewardResolver(records)],
    [ResourceStewardResolver, new ResourceStewardResolver(records)],
    [StewardResolver, new StewardResolver(records)],
    [VouchResolver, new VouchResolver(records)],
    [PathwayResolver, new PathwayResolver(records, desk.signIn)],
    [AttainmentResolver, new AttainmentResolver(records)],
    [StepResolver, new StepResolver(records)],
    [SupervisionResolver, new SupervisionResolver(records, indexes)],
    [SearchResolver, new SearchResolver(indexes, coverage.demand)],
    [MatchingResolver, new MatchingResolver({ ...matching, indexes, unmet: coverage.demand })],
    [ResourceLinksResolver, new ResourceLinksResolver(indexes)],
    [CoverageResolver, new CoverageResolver(coverage.epochs, words)],
    [PeerResolver, new PeerResolver(peering, desk.signIn)],
    [FlagResolver, new FlagResolver(peering?.flags ?? null, desk.signIn)],
    ...accountResolvers(desk),
  ]);
  const schema = await buildSchema({
    resolvers: [...resolvers.keys()] as [ClassType, ...ClassType[]],
    container: { get: (type: ClassType) => resolvers.get(type) },
    validate: false,
    // Apollo asserts that the schema is valid before it takes a question.
    skipCheck: true,
  });
  const query = schema.getQueryType();
  if (query)
    query.description =
      "What can be asked. Every answer holds what its asker may see, and nothing that tells what is withheld.";
  const mutation = schema.getMutationType();
  if (mutation)
    mutation.description =
      "What can be done. Each answers what changed; a refusal is an error with a code and a sentence.";
  callAtOnce(schema);
  return schema;
}

/** type-graphql awaits every argument, which costs more than a name does: what takes a language alone is called directly. */
function callAtOnce(schema: GraphQLSchema): void {
  const objects = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => type !== schema.getQueryType());
  const fields = objects.flatMap((type) => Object.values(type.getFields()));
  for (const field of fields.filter(({ args }) => args.length === 1 && args[0]?.name === "in")) {
    field.resolve = (object: Named, { in: locale }: { in?: string | null }) =>
      object[field.name]?.(locale ?? undefined);
  }
}

/** An object whose fields are methods that take a language. */
type Named = Readonly<Record<string, ((locale?: string) => unknown) | undefined>>;
