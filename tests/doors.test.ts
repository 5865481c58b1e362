import {
  buildSchema,
  execute,
  extendSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  parse,
  type GraphQLFieldResolver,
  type GraphQLInputType,
  type GraphQLSchema,
} from "graphql";
import { createRequire } from "node:module";
import type * as Shield from "graphql-shield";
import { DirectoryError } from "../src/errors.js";
import {
  anybody,
  doors,
  every,
  guard,
  member,
  routersDoors,
  signedIn,
  steward,
  type Line,
} from "../src/server/doors.js";
import { buildNodeSchemas, type Parts } from "../src/server/schema.js";
import { ROLES, anonymous, viewerOf, type Viewer } from "../src/visibility/viewer.js";
import { startTestNode, type Ask } from "./node.js";

const { and, rule } = createRequire(import.meta.url)("graphql-shield") as typeof Shield;

/** Resolvers are only asked for where they are; none is called. */
const schemasOfTheNode = () => buildNodeSchemas({ desk: {}, coverage: {} } as Parts);
const schemaOfTheNode = async (): Promise<GraphQLSchema> => (await schemasOfTheNode()).api;

function fieldsOf(schema: GraphQLSchema) {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith("__"))
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type: type.name, field })));
}

const sdl = `
  interface Listed { id: ID! }
  type Note implements Listed { id: ID! text: String list: [Note!]! }
  type Query { note: Note forPeople: String forMembers: String forStewards: Note }
  type Mutation { change: String }`;

const lines: readonly Line[] = [
  every("Note", anybody, "id text list"),
  every("Query", anybody, "note"),
  every("Query", signedIn, "forPeople"),
  every("Query", member, "forMembers"),
  every("Query", steward, "forStewards"),
  every("Mutation", steward, "change"),
];

const small = (more = "") => buildSchema(`${sdl} ${more}`);

describe("a node does not start", () => {
  test.each([
    [
      "when a field has no rule",
      small("extend type Note { secret: String }"),
      lines,
      /Note\.secret has no rule/,
    ],
    [
      "when a type has none",
      small("type Other { a: Int } extend type Query { other: Other }"),
      lines,
      /Other\.a has no rule/,
    ],
    [
      "when a mutation has none",
      small("extend type Mutation { destroy: Boolean }"),
      lines,
      /Mutation\.destroy has no rule/,
    ],
    [
      "when a rule is for a field that is not there",
      small(),
      [...lines, every("Note", anybody, "txt")],
      /Note\.txt .* does not exist/,
    ],
    [
      "when a rule is for a type that is not there",
      small(),
      [...lines, every("Nota", anybody, "id")],
      /Nota\.id .* does not exist/,
    ],
    [
      "when a rule is for an interface",
      small(),
      [...lines, every("Listed", anybody, "id")],
      /Listed is no object type/,
    ],
    [
      "when a rule is for a union",
      small("union Any = Note extend type Query { any: Any }"),
      [...lines, every("Any", anybody, "id")],
      /Any is no object type/,
    ],
    [
      "when a field has two rules",
      small(),
      [...lines, every("Query", signedIn, "note")],
      /Query\.note has more than one rule/,
    ],
    [
      "when a rule is remembered for the request",
      small("extend type Note { a: Int }"),
      [
        ...lines,
        every(
          "Note",
          rule("c", { cache: "contextual" })(() => true),
          "a",
        ),
      ],
      /remembered/,
    ],
    [
      "when a rule is remembered for the record",
      small("extend type Note { a: Int }"),
      [
        ...lines,
        every(
          "Note",
          rule("s", { cache: "strict" })(() => true),
          "a",
        ),
      ],
      /remembered/,
    ],
    [
      "when a rule inside another is remembered",
      small("extend type Note { a: Int }"),
      [
        ...lines,
        every(
          "Note",
          and(
            signedIn,
            rule("s", { cache: "strict" })(() => true),
          ),
          "a",
        ),
      ],
      /remembered/,
    ],
  ] as const)("%s", (_when, schema, rules, sentence) => {
    expect(() => guard(schema, rules)).toThrow(sentence);
  });

  test("and does when each field has one", () => {
    expect(() => guard(small(), lines)).not.toThrow();
  });
});

describe("the node's own doors", () => {
  test("stand at a field that somebody adds without a rule: a schema with one more is refused", async () => {
    const schema = extendSchema(
      await schemaOfTheNode(),
      parse("extend type Practitioner { legalName: String }"),
    );
    expect(() => guard(schema)).toThrow("Practitioner.legalName has no rule.");
  });

  test("stand at what a router asks as well: a subgraph with a field more is refused, and one without those of federation", async () => {
    const { subgraph } = await schemasOfTheNode();
    const both = [...doors, ...routersDoors];
    const more = extendSchema(subgraph, parse("extend type _Service { peers: [String!]! }"));
    expect(() => guard(subgraph, both)).not.toThrow();
    expect(() => guard(more, both)).toThrow("_Service.peers has no rule.");
    expect(() => guard(subgraph)).toThrow("Query._entities has no rule.");
  });

  test("leave plain fields as they are: no field that is for anybody gets a resolver it did not have", async () => {
    const plain = fieldsOf(await schemaOfTheNode()).filter(({ field }) => field.resolve === undefined);
    const names = plain.map(({ type, field }) => `${type}.${field.name}`);
    expect(names).toEqual(
      expect.arrayContaining([
        "Practitioner.id",
        "Practitioner.formats",
        "Network.name",
        "Skill.depth",
        "PageInfo.endCursor",
        "PractitionerConnection.nodes",
        "Advice.relax",
      ]),
    );
    expect(names.length).toBeGreaterThan(80);
  });

  test("leave descriptions, values of enums and arguments as they are", async () => {
    const schema = await schemaOfTheNode();
    expect(schema.getQueryType()?.description).toContain("What can be asked");
    expect(schema.getType("Practitioner")?.description).toMatch(/\w/);
    const { practitioners } = schema.getQueryType()?.getFields() ?? {};
    expect(practitioners?.args.map(({ name }) => name)).toContain("first");
  });
});

describe("a guarded schema", () => {
  const guarded = guard(withResolvers(small()), lines);
  const ask = (viewer: Viewer, document: string) =>
    execute({ schema: guarded, document: parse(document), contextValue: { viewer } });

  const outcome = async (viewer: Viewer, document: string) => {
    const { data, errors } = await ask(viewer, document);
    const cause = errors?.[0]?.originalError;
    return cause instanceof DirectoryError ? cause.code : JSON.stringify(data);
  };

  test("a list of plain fields stays synchronous, also where a door stands beside it", () => {
    const answer = ask(anonymous, "{ note { id text list { id text } } }");
    expect(answer).not.toBeInstanceOf(Promise);
    expect(answer).toEqual({ data: { note: { id: "1", text: "one", list: [{ id: "2", text: "two" }] } } });
  });

  const viewers: readonly (readonly [string, Viewer])[] = [
    ...ROLES.map(
      (role) =>
        [role, role === "ANONYMOUS" ? anonymous : viewerOf(role, role === "FRONTEND" ? null : "a")] as const,
    ),
    ["a suspended PRACTITIONER", viewerOf("PRACTITIONER", "a", { suspended: true })],
    ["a suspended STEWARD", viewerOf("STEWARD", "a", { suspended: true })],
  ];
  const yes = {
    note: '{"note":{"id":"1"}}',
    forPeople: '{"forPeople":"p"}',
    forMembers: '{"forMembers":"m"}',
    forStewards: '{"forStewards":{"text":"one"}}',
    change: '{"change":"done"}',
  };
  const nobody = {
    forPeople: "UNAUTHENTICATED",
    forMembers: "UNAUTHENTICATED",
    forStewards: "UNAUTHENTICATED",
    change: "UNAUTHENTICATED",
  };
  const person = {
    forPeople: yes.forPeople,
    forMembers: "FORBIDDEN",
    forStewards: "FORBIDDEN",
    change: "FORBIDDEN",
  };
  const belongs = { ...person, forMembers: yes.forMembers };
  const looksAfter = {
    forPeople: yes.forPeople,
    forMembers: yes.forMembers,
    forStewards: yes.forStewards,
    change: yes.change,
  };
  const expected = new Map<string, Readonly<Record<string, string>>>([
    ["ANONYMOUS", nobody],
    ["FRONTEND", nobody],
    ["SEEKER", person],
    ["FUNDER", person],
    ["PRACTITIONER", belongs],
    ["STEWARD", looksAfter],
    ["ADMIN", looksAfter],
    ["a suspended PRACTITIONER", person],
    ["a suspended STEWARD", person],
  ]);

  test.each(viewers)("%s passes the doors that are theirs, and no other", async (name, viewer) => {
    const met = {
      note: await outcome(viewer, "{ note { id } }"),
      forPeople: await outcome(viewer, "{ forPeople }"),
      forMembers: await outcome(viewer, "{ forMembers }"),
      forStewards: await outcome(viewer, "{ forStewards { text } }"),
      change: await outcome(viewer, "mutation { change }"),
    };
    expect(met).toEqual({ note: yes.note, ...expected.get(name) });
  });

  test("nothing of what is behind a closed door is done", async () => {
    let done = 0;
    const schema = withResolvers(small());
    const change = schema.getMutationType()?.getFields()["change"];
    if (change) change.resolve = () => ++done;
    const closed = guard(schema, lines);
    const document = parse("mutation { change }");
    await execute({ schema: closed, document, contextValue: { viewer: viewerOf("PRACTITIONER", "a") } });
    expect(done).toBe(0);
    await execute({ schema: closed, document, contextValue: { viewer: viewerOf("STEWARD", "a") } });
    expect(done).toBe(1);
  });

  test("a fault behind an open door stays what it is", async () => {
    const schema = withResolvers(small());
    const change = schema.getMutationType()?.getFields()["change"];
    const fault = new Error("the database is away");
    if (change) change.resolve = () => Promise.reject(fault);
    const answer = await execute({
      schema: guard(schema, lines),
      document: parse("mutation { change }"),
      contextValue: { viewer: viewerOf("STEWARD", "a") },
    });
    expect(answer.errors?.[0]?.originalError).toBe(fault);
  });

  test("a rule that fails lets nobody in", async () => {
    const broken = rule("broken", { cache: "no_cache" })(() => {
      throw new Error("cannot say");
    });
    const rules = [...lines.filter(({ fields }) => !fields.includes("note")), every("Query", broken, "note")];
    const answer = await execute({
      schema: guard(withResolvers(small()), rules),
      document: parse("{ note { id } }"),
      contextValue: { viewer: viewerOf("ADMIN", "a") },
    });
    expect(answer.data).toEqual({ note: null });
    expect(answer.errors?.[0]?.originalError).toMatchObject({ code: "FORBIDDEN" });
  });
});

describe("through HTTP", () => {
  const roles = ["SEEKER", "FUNDER", "PRACTITIONER", "STEWARD", "ADMIN"] as const;
  /** Who is refused at each kind of door; whoever has not signed in is refused at all of them. */
  const refused = new Map<Line["rule"], readonly (typeof roles)[number][]>([
    [signedIn, []],
    [member, ["SEEKER", "FUNDER"]],
    [steward, ["SEEKER", "FUNDER", "PRACTITIONER"]],
  ]);

  test("each guarded operation refuses whoever may not start it, and nobody else", async () => {
    const node = await startTestNode(null);
    const schema = await schemaOfTheNode();
    const operations = doors.filter(({ type }) => type === "Query" || type === "Mutation");
    for (const { type, rule, fields } of operations.filter(({ rule }) => rule !== anybody)) {
      for (const name of fields) {
        const { document, variables } = asking(schema, type, name);
        const met = async (ask: Ask) => {
          const [error] = (await ask(document, variables)).errors ?? [];
          return `${String(error?.extensions?.["code"])} ${error?.message}`;
        };
        const bare = await met(node.ask);
        const told = await Promise.all(roles.map(async (role) => met((await node.signedIn(role)).ask)));
        const closed = "FORBIDDEN What you are here does not let you do this.";
        const closedTo = roles.filter((_role, at) => told[at] === closed);
        expect([name, bare]).toEqual([name, "UNAUTHENTICATED Sign in to do this."]);
        expect([name, closedTo]).toEqual([name, refused.get(rule)]);
      }
    }
    await node.close();
  });

  test("what the public may ask is answered with and without an account", async () => {
    const node = await startTestNode();
    const question = "{ network { name } practitioners(first: 1) { nodes { alias } } }";
    const { ask } = await node.signedIn("SEEKER");
    const [bare, signed] = [await node.ask(question), await ask(question)];
    expect(bare.errors).toBeUndefined();
    expect(signed.text).toBe(bare.text);
    await node.close();
  });
});

/** The shortest question that starts an operation, with something of the right type for what it has to be given. */
function asking(schema: GraphQLSchema, type: string, name: string) {
  const object = schema.getType(type);
  const field = isObjectType(object) ? object.getFields()[name] : undefined;
  if (field === undefined) throw new Error(`there is no ${type}.${name}`);
  const needed = field.args.filter(isRequiredArgument);
  const of = (text: string) => (needed.length === 0 ? "" : `(${text})`);
  const told = of(needed.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(" "));
  const given = of(needed.map((arg) => `${arg.name}: $${arg.name}`).join(" "));
  const inner = isLeafType(getNamedType(field.type)) ? "" : "{ __typename }";
  return {
    document: `${type.toLowerCase()} ${told} { ${name}${given} ${inner} }`,
    variables: Object.fromEntries(needed.map((arg) => [arg.name, something(arg.type)])),
  };
}

function something(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return something(type.ofType);
  if (isListType(type)) return [];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter(isRequiredInputField);
    return Object.fromEntries(needed.map((field) => [field.name, something(field.type)]));
  }
  return samples[type.name] ?? "something";
}

const samples: Readonly<Record<string, unknown>> = {
  ID: "00000000-0000-4000-8000-000000000000",
  Int: 1,
  Float: 1,
  Boolean: false,
  Date: "2030-01-01",
  DateTime: "2030-01-01T00:00:00Z",
  URL: "https://example.org",
  LanguageTag: "es",
  RegionCode: "GT",
  SpecialtyCode: "digital",
};

function withResolvers(schema: GraphQLSchema): GraphQLSchema {
  const two = { id: "2", text: "two", list: [] };
  const one = { id: "1", text: "one", list: [two] };
  const resolvers: Record<string, GraphQLFieldResolver<unknown, unknown>> = {
    note: () => one,
    forPeople: () => "p",
    forMembers: () => "m",
    forStewards: () => one,
    change: () => "done",
  };
  for (const { field } of fieldsOf(schema)) {
    const resolve = resolvers[field.name];
    if (resolve) field.resolve = resolve;
  }
  return schema;
}
