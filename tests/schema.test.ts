import {
  buildClientSchema,
  getIntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
  type IntrospectionQuery,
} from "graphql";
import { readFile, writeFile } from "node:fs/promises";
import { dumpSchema } from "./database-dump.js";
import { startTestNode, type TestNode } from "./node.js";
import { routerOf } from "./router.js";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode(null);
});
afterAll(() => node.close());

/** With UPDATE_SCHEMA=1 the committed file is written anew: its diff is the promise that changes. */
async function expectCommitted(file: string, text: string): Promise<void> {
  if (process.env["UPDATE_SCHEMA"] === "1") await writeFile(file, text);
  expect(text).toBe(await readFile(file, "utf8"));
}

async function introspect(): Promise<IntrospectionQuery> {
  return (await node.ask<IntrospectionQuery>(getIntrospectionQuery())).data;
}

test("schema/api.graphql is the contract that the node serves", async () => {
  const schema = lexicographicSortSchema(buildClientSchema(await introspect()));
  await expectCommitted("schema/api.graphql", `${printSchema(schema)}\n`);
});

test("schema/subgraph.graphql is what the node tells a router to compose", async () => {
  const { ask } = await routerOf(node);
  const { data } = await ask<{ _service: { sdl: string } }>("{ _service { sdl } }");
  await expectCommitted("schema/subgraph.graphql", data._service.sdl);
});

test("schema/database.sql is the database after all migrations", async () => {
  await expectCommitted("schema/database.sql", await dumpSchema(node.databaseUrl));
});

test("everything in the contract says what it is for", async () => {
  const { types } = (await introspect()).__schema;
  const ours = types.filter(({ name }) => !name.startsWith("__") && !builtIn.has(name));
  const silent = ours.flatMap(partsOf).filter(([, said]) => !said);
  expect(silent.map(([name]) => name)).toEqual([]);
});

const builtIn = new Set(["String", "Int", "Boolean", "ID", "Float"]);

type Described = { readonly name: string; readonly description?: string | null };
/** Introspection answers null for what a kind of type does not have. */
type Whole = Described & {
  readonly fields?: readonly (Described & { readonly args: readonly Described[] })[] | null;
  readonly inputFields?: readonly Described[] | null;
  readonly enumValues?: readonly Described[] | null;
};
type Part = readonly [name: string, description: string | null | undefined];

/** A type and all that it is made of, by name. type-graphql cannot describe the root type itself, only its fields. */
function partsOf({ name, description, fields, inputFields, enumValues }: Whole): readonly Part[] {
  const within = [...(fields ?? []), ...(inputFields ?? []), ...(enumValues ?? [])];
  const args = (fields ?? []).flatMap((field) =>
    field.args.map((arg) => named(`${name}.${field.name}`, arg)),
  );
  return [[name, description], ...within.map((one) => named(name, one)), ...args];
}

function named(of: string, { name, description }: Described): Part {
  return [`${of}.${name}`, description];
}
