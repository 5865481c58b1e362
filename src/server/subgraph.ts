import {
  GraphQLError,
  GraphQLUnionType,
  extendSchema,
  getNamedType,
  isObjectType,
  lexicographicSortSchema,
  parse,
  print,
  printSchema,
  responsePathAsArray,
  visit,
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type ObjectTypeDefinitionNode,
} from "graphql";
import type { Context } from "../context.js";
import { DirectoryError, badInput } from "../errors.js";
import { NetworkObject, ownNetworkObject } from "../listing/listing.api.js";
import { parseId } from "../listing/listing.js";
import { OrganizationObject, seenOrganizations } from "../organizations/organization.api.js";
import { PractitionerObject, seenPractitioners } from "../practitioners/practitioner.api.js";
import { practitionerPolicy } from "../practitioners/practitioner.js";
import { ResourceObject, seenResources } from "../resources/resource.api.js";
import { anybody, doors } from "./doors.js";

/**
 * The node as a subgraph (Apollo Federation 2): other services of its network can add fields to what it lists, behind a router.
 * Graphql-js is enough for it, and keeps what the schema's fields carry.
 */
export function asSubgraph(api: GraphQLSchema): GraphQLSchema {
  const schema = extendSchema(api, federation);
  const fields = schema.getQueryType()?.getFields() ?? {};
  const { _entities, _service } = fields;
  const entity = schema.getType("_Entity");
  if (!_entities || !_service || !(entity instanceof GraphQLUnionType))
    throw new Error("the subgraph lacks what every subgraph has");
  _entities.resolve = (_root, { representations }: { representations: readonly unknown[] }, context, info) =>
    entitiesOf(representations, context as Context, info);
  entity.resolveType = (record) => [...entities].find(([, { of }]) => record instanceof of)?.[0];
  let sdl: string | undefined;
  _service.resolve = () => ({ sdl: (sdl ??= writeSdl(api)) });
  return schema;
}

type Listed = { readonly id: string };
type Entity = {
  readonly of: abstract new (...made: never[]) => Listed;
  /** Those of these ids that the viewer sees. */
  readonly see: (
    context: Context,
    ids: readonly string[],
    info: GraphQLResolveInfo,
  ) => readonly Listed[] | Promise<readonly Listed[]>;
};

/** What other services may extend, by its type. Each has the key `id`. */
const entities: ReadonlyMap<string, Entity> = new Map<string, Entity>([
  ["Practitioner", { of: PractitionerObject, see: seenPractitioners }],
  ["Organization", { of: OrganizationObject, see: seenOrganizations }],
  ["Resource", { of: ResourceObject, see: seenResources }],
  // Its own network alone: whether it knows another would tell who its peers are.
  ["Network", { of: NetworkObject, see: (context) => [ownNetworkObject(context)] }],
]);

const federation = parse(`
  "A record as a router knows it: its __typename and its id."
  scalar _Any
  "What other services may extend."
  union _Entity = ${[...entities.keys()].join(" | ")}
  "What a router composes."
  type _Service {
    "The schema with the directives of federation."
    sdl: String!
  }
  extend type Query {
    "Records by what a router knows of them, in its order; null for what this viewer may not see and for what never was."
    _entities(representations: [_Any!]!): [_Entity]!
    "For composition."
    _service: _Service!
  }`);

/** A record that is wanted, by its type and id. */
type Wanted = { readonly type: string; readonly id: string };

/**
 * What the viewer sees of these records, each at its place; a representation that is none has its own refusal there. The kinds are
 * asked for together, which makes them one statement.
 */
async function entitiesOf(
  representations: readonly unknown[],
  context: Context,
  info: GraphQLResolveInfo,
): Promise<readonly (Listed | GraphQLError | null)[]> {
  const wanted = representations.map(read);
  const seen = await Promise.all(
    [...entities].map(async ([type, { see }]) => {
      const ids = wanted.flatMap((one) => ("id" in one && one.type === type ? [one.id] : []));
      const found = ids.length === 0 ? [] : await see(context, [...new Set(ids)], info);
      return [type, new Map(found.map((record) => [record.id, record]))] as const;
    }),
  );
  const byType = new Map(seen);
  return wanted.map((one, position) =>
    "id" in one ? (byType.get(one.type)?.get(one.id) ?? null) : refusedAt(position, one, info),
  );
}

/** Where it stands is said here: an error that has a path of its own is taken by graphql-js for one that was told of already. */
function refusedAt(
  position: number,
  cause: DirectoryError,
  { fieldNodes, path }: GraphQLResolveInfo,
): GraphQLError {
  return new GraphQLError(cause.message, {
    nodes: fieldNodes,
    path: [...responsePathAsArray(path), position],
    originalError: cause,
  });
}

function read(representation: unknown, position: number): Wanted | DirectoryError {
  const path = ["representations", position];
  const { __typename: type, id } = (representation ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof type !== "string" || !entities.has(type))
    return badInput(`A representation has the __typename ${[...entities.keys()].join(", ")}.`, path);
  try {
    return { type, id: parseId(typeof id === "string" ? id : "", [...path, "id"]) };
  } catch (error) {
    if (error instanceof DirectoryError) return error;
    throw error;
  }
}

// ── as it is composed ───────────────────────────────────────────────────────────────────────────────────────────────

const header = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@tag"])`;

const key = directive('@key(fields: "id")');
/** Pages of other services have the same: it says nothing of the directory. */
const shareable = directive("@shareable");
/** What only those get who have signed in: a contract without it is what the network may open to everybody. */
const restricted = directive('@tag(name: "restricted")');

function directive(text: string): ConstDirectiveNode {
  const [type] = parse(`type T ${text}`).definitions as readonly ObjectTypeDefinitionNode[];
  const [made] = type?.directives ?? [];
  if (made === undefined) throw new Error("no directive was written");
  return made;
}

/** The schema with its keys and tags, which graphql-js does not write by itself. */
function writeSdl(api: GraphQLSchema): string {
  const isRestricted = restrictions(api);
  const mark = (name: string, field: FieldDefinitionNode): FieldDefinitionNode =>
    isRestricted(name, field.name.value) ? { ...field, directives: [restricted] } : field;
  const document = visit(parse(printSchema(lexicographicSortSchema(api))), {
    ObjectTypeDefinition: (type) => {
      const name = type.name.value;
      if (isRestricted(name)) return { ...type, directives: [restricted] };
      const directives = entities.has(name) ? [key] : name === "PageInfo" ? [shareable] : [];
      return { ...type, directives, fields: type.fields?.map((field) => mark(name, field)) };
    },
  });
  return `${header}\n\n${print(document)}\n`;
}

/** Whether nobody gets a field, or anything of a type, without signing in: doors and policy say so. */
function restrictions(api: GraphQLSchema): (type: string, field?: string) => boolean {
  const closed = new Set(
    doors
      .filter(({ rule }) => rule !== anybody)
      .flatMap(({ type, fields }) => fields.map((field) => `${type}.${field}`)),
  );
  for (const [field, { ceiling }] of Object.entries(practitionerPolicy))
    if (ceiling !== "PUBLIC") closed.add(`Practitioner.${field}`);
  const isClosed = (type: GraphQLObjectType): boolean =>
    Object.keys(type.getFields()).every((field) => closed.has(`${type.name}.${field}`));
  const leadsToClosed = ({ type }: GraphQLField<unknown, unknown>): boolean => {
    const named = getNamedType(type);
    return isObjectType(named) && isClosed(named);
  };
  return (name, field) => {
    const type = api.getType(name);
    if (!isObjectType(type)) return false;
    if (field === undefined) return isClosed(type);
    const asked = type.getFields()[field];
    return closed.has(`${name}.${field}`) || (asked !== undefined && leadsToClosed(asked));
  };
}
