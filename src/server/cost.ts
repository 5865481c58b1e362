import type { ApolloServerPlugin } from "@apollo/server";
import {
  Kind,
  getNamedType,
  getNullableType,
  getVariableValues,
  isCompositeType,
  isListType,
  visit,
  type DocumentNode,
  type GraphQLField,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type VariableNode,
} from "graphql";
import { getComplexity, type ComplexityEstimatorArgs } from "graphql-query-complexity";
import { DirectoryError } from "../errors.js";
import { RefusedBeforehand } from "./errors.js";
import { LIMITS } from "./limits.js";

/**
 * What a question costs to answer, counted with its variables each time it is asked, before any of it runs. One unit is about what
 * it takes to look at one object; a plain value is a fifth of that. What is found does not matter, or the cost would tell.
 */
const MOST_COST = 30_000;

/** The arguments that change what a field costs; no other is looked at. */
const TELLING = ["first", "kind", "within", "representations"] as const;
type Args = Readonly<Partial<Record<(typeof TELLING)[number], unknown>>>;
/** What a field costs by itself, and how many times over what is asked of it counts. */
type Price = { readonly own: Count; readonly times: Count };
type Count = number | ((args: Args) => number);

const VALUE = 0.2;
/** What changes something writes rows, some of which stay for good: each counts as a request of its own towards a viewer's rate. */
const CHANGE = 2500;
/** A list that is not paged is taken to be this long, where the table does not know better. */
const LIST = 10;
/** Looking through an index, with its totals, facets and advice. */
const SEARCH = 100;
/** A page counts as if this many were asked for at least: what stands beside the records is not asked for once a record. */
const PAGE = 20;

/** What `first` says, as far as the field allows: beyond that it refuses by itself. */
const asked = ({ first }: Args, most: number): number =>
  typeof first === "number" ? Math.min(Math.max(0, first), most) : PAGE;
const page: Price = { own: SEARCH, times: (args) => Math.max(asked(args, 50), PAGE) };
/** Counted once for each record of the page around it. */
const facet: Price = { own: 1, times: (args) => Math.ceil(asked(args, 500) / PAGE) };
const once = (own: number): Price => ({ own, times: 1 });
const list = (length: number): Price => ({ own: 1, times: length });
/** Records that are looked up by id: reading one costs more than looking at it. */
const records = (length: number): Price => ({ own: length * 2, times: length });
/** As many as a router wants. */
const wanted = ({ representations: list }: Args): number => (Array.isArray(list) ? list.length : 1);

/** Every field that does not cost what its type says. */
const prices: Readonly<Record<string, Price>> = {
  "Query.practitioners": page,
  "Query.organizations": page,
  "Query.resources": page,
  // Everybody who could fit is weighed; teams are made of all of them.
  "Query.match": { own: 3 * SEARCH, times: (args) => Math.max(asked(args, 50), PAGE) },
  "Query.teams": { own: 200 * SEARCH, times: (args) => Math.max(asked(args, 20), 5) },
  "Query.exchanges": { own: 50 * SEARCH, times: (args) => Math.max(asked(args, 50), PAGE) },
  "MatchResult.matches": once(1),
  "MatchResult.advice": once(1),
  "Match.reasons": list(8),
  "TeamResult.teams": once(1),
  "TeamResult.uncovered": once(1),
  "Team.members": list(4),
  "TeamMember.covers": list(3),
  "Exchange.oneOffers": list(2),
  "Exchange.otherOffers": list(2),
  "Query.practitioner": once(10),
  "Query.organization": once(10),
  "Query.resource": once(10),
  "Query.specialties": list(10),
  "Query.regions": { own: 20, times: regions },
  "Query.languages": { own: 100, times: 650 },
  "Query._entities": { own: (args) => wanted(args) * 2, times: wanted },

  ...each(["Practitioner", "Organization", "Resource"], {
    "#Connection.nodes": once(1),
    "#Connection.edges": once(1),
    "#Connection.advice": once(1),
    "#Facets.specialties": facet,
    "#Facets.regions": facet,
    "#Facets.languages": facet,
    "#.specialties": list(5),
    "#.languages": list(3),
    "#.regions": list(4),
    "#.contact": list(3),
    "#.organizations": records(3),
    "#.resources": records(5),
  }),
  "Practitioner.seeks": list(3),
  "Practitioner.sameAs": records(5),
  "Resource.partOf": records(2),
  "Resource.parts": records(10),
  "Resource.practitioners": records(5),
  "Network.regions": list(5),
  "Region.within": list(3),
  "Region.contains": list(20),
  "Specialty.narrower": list(8),

  // As many cells as are asked for most often; what is found does not matter.
  "Query.coverage": once(20),
  "CoverageReport.cells": { own: 20, times: 500 },
  "CoverageReport.gaps": { own: 50, times: (args) => asked(args, 100) },

  // Each is looked up in the index, and held to what they have reached.
  "Query.supervisors": page,
  "Query.learners": page,
  "Query.progress": list(4),
  "Query.pathways": list(3),
  "Pathway.levels": list(4),
  "PathwayLevel.modules": records(3),

  // A tenth of a second is worked on it when it is asked for the first time.
  "Peer.safetyNumber": once(100),
  "Peer.held": { own: 20, times: (args) => asked(args, 100) },

  "__Schema.types": list(100),
  "__Schema.directives": list(5),
  "__Type.fields": list(8),
  "__Type.inputFields": list(3),
  "__Type.enumValues": list(2),
  "__Type.interfaces": list(1),
  "__Type.possibleTypes": list(1),
  "__Type.ofType": once(VALUE),
  "__Field.args": list(1),
  "__Directive.args": list(2),
};

/** How many regions there are of a kind, roughly, or inside another; the areas of the world when neither is given. */
function regions({ kind, within }: Args): number {
  if (typeof kind === "string") return regionsOf[kind] ?? 0;
  if (typeof within !== "string") return 30;
  return /^[A-Z]{2}$/i.test(within) ? 100 : 5000;
}

const regionsOf: Readonly<Record<string, number>> = {
  WORLD: 1,
  AREA: 30,
  GROUPING: 10,
  COUNTRY: 250,
  SUBDIVISION: 5000,
};

function each(
  kinds: readonly string[],
  table: Readonly<Record<string, Price>>,
): Readonly<Record<string, Price>> {
  const entries = Object.entries(table);
  return Object.fromEntries(
    kinds.flatMap((kind) => entries.map(([name, price]) => [name.replace("#", kind), price] as const)),
  );
}

/** By type and field as `prices` says, otherwise by what the field answers. */
function priceOf(type: string, field: GraphQLField<unknown, unknown>): Price {
  const written = prices[`${type}.${field.name}`];
  if (written !== undefined) return written;
  if (type === "Mutation") return once(CHANGE);
  if (!isCompositeType(getNamedType(field.type))) return once(VALUE);
  return isListType(getNullableType(field.type)) ? list(LIST) : once(1);
}

function estimate({ type, field, args, childComplexity }: ComplexityEstimatorArgs): number {
  const { own, times } = priceOf(type.name, field);
  return counted(own, args) + counted(times, args) * childComplexity;
}

function counted(count: Count, args: Args): number {
  return typeof count === "number" ? count : count(args);
}

/** What the operations of a schema cost. */
class Costs {
  /** By operation, and by the values that change its cost. Operations last as long as Apollo remembers their document. */
  readonly #known = new WeakMap<OperationDefinitionNode, Known>();

  constructor(private readonly schema: GraphQLSchema) {}

  /** Null when the variables do not fit the operation, so that it will not run. */
  of(document: DocumentNode, operation: OperationDefinitionNode, given: Variables = {}): number | null {
    const { coerced } = getVariableValues(this.schema, operation.variableDefinitions ?? [], given, {
      maxErrors: 50,
    });
    if (coerced === undefined) return null;
    const { telling, costs } = this.#knownOf(document, operation);
    const values = JSON.stringify(telling.map((name) => tellingOf(coerced[name])));
    const known = costs.get(values);
    if (known !== undefined) return known;
    const cost = this.#count(document, operation, given);
    if (costs.size === MOST_REMEMBERED) costs.clear();
    costs.set(values, cost);
    return cost;
  }

  #knownOf(document: DocumentNode, operation: OperationDefinitionNode): Known {
    const known = this.#known.get(operation);
    if (known !== undefined) return known;
    const made = { telling: tellingVariables(document), costs: new Map<string, number>() };
    this.#known.set(operation, made);
    return made;
  }

  #count(document: DocumentNode, operation: OperationDefinitionNode, variables: Variables): number {
    const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
    return getComplexity({
      schema: this.schema,
      query: { ...document, definitions: [operation, ...fragments] },
      variables,
      estimators: [estimate],
      maxQueryNodes: LIMITS.selections + 1,
    });
  }
}

type Variables = Readonly<Record<string, unknown>>;
type Known = { readonly telling: readonly string[]; readonly costs: Map<string, number> };
const MOST_REMEMBERED = 100;

/** What of a variable changes a cost: of a list that is its length, and of what a router knows nothing. */
function tellingOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length;
  return typeof value === "object" ? null : (value ?? null);
}

/** The variables that stand where they change a cost: in one of the telling arguments, or in what leaves a field out. */
function tellingVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  const variables = { Variable: ({ name }: VariableNode) => void names.add(name.value) };
  visit(document, {
    Argument: (argument) => {
      if (TELLING.some((name) => name === argument.name.value)) visit(argument, variables);
    },
    Directive: (directive) => void visit(directive, variables),
  });
  return [...names];
}

/** What a request costs is counted towards its viewer's rate; a refusal when that is used up. */
export type Paying = { readonly pay: (cost: number) => Promise<void> };

/** Refuses operations that cost too much, on every execution, and has the others paid for. */
export function costs(schema: GraphQLSchema): ApolloServerPlugin<Paying> {
  const known = new Costs(schema);
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ document, operation, request, contextValue }) => {
        const cost = operation && known.of(document, operation, request.variables);
        if (cost == null) return;
        await charge(cost, contextValue).catch((error: unknown) => {
          throw error instanceof DirectoryError ? new RefusedBeforehand(error) : error;
        });
      },
    }),
  };
}

async function charge(cost: number, { pay }: Paying): Promise<void> {
  if (cost > MOST_COST) throw tooCostly(cost);
  await pay(cost);
}

function tooCostly(cost: number): DirectoryError {
  return new DirectoryError(
    "TOO_COMPLEX",
    `A question may cost ${MOST_COST}; this one costs ${Math.ceil(cost)}. Ask for fewer at once, or for less of each.`,
  );
}
