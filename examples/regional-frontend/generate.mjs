// Writes page/generated.ts: a type for what each question of page/questions.graphql is asked with and answered by, held against the
// composed schema. A question that the schema does not answer is found here, and not by a visitor.
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import { buildSchema, parse } from "graphql";
import { readFileSync, writeFileSync } from "node:fs";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
const api = read("composed/api.graphql");

const config = {
  documentMode: "string",
  useTypeImports: true,
  enumsAsTypes: true,
  scalars: {
    Date: "string",
    DateTime: "string",
    URL: "string",
    LanguageTag: "string",
    RegionCode: "string",
    SpecialtyCode: "string",
  },
};

const text = await codegen({
  filename: "page/generated.ts",
  schema: parse(api),
  schemaAst: buildSchema(api),
  documents: [{ location: "page/questions.graphql", document: parse(read("page/questions.graphql")) }],
  config,
  plugins: [{ operations: {} }, { typedDocuments: {} }],
  pluginMap: { operations, typedDocuments },
});
writeFileSync(new URL("page/generated.ts", import.meta.url), `// Written by generate.mjs.\n${text}`);
console.log("generated: page/generated.ts");
