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

test("schema/database.sql is the database after all migrations", async () => {
  await expectCommitted("schema/database.sql", await dumpSchema(node.databaseUrl));
});

test("everything in the contract says what it is for", async () => {
  const { types } = (await introspect()).__schema;
  const ours = types.filter(
    ({ name }) =>
      !name.startsWith("__") && !["Query", "String", "Int", "Boolean", "ID", "Float"].includes(name),
  );
  const silent = ours.flatMap((type) => [
    ...(type.description ? [] : [type.name]),
    ...("fields" in type ? (type.fields ?? []) : [])
      .flatMap((field) =>
        [field, ...field.args].map((part) => ({ name: `${type.name}.${field.name}.${part.name}`, part })),
      )
      .flatMap(({ name, part }) => (part.description ? [] : [name])),
    ...("inputFields" in type ? (type.inputFields ?? []) : []).flatMap((field) =>
      field.description ? [] : [`${type.name}.${field.name}`],
    ),
  ]);
  expect(silent).toEqual([]);
});
