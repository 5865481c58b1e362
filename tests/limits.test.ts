import { getIntrospectionQuery } from "graphql";
import { HOSTILE } from "../bench/hostile.js";
import { FIRST_QUESTION } from "../src/server/graphiql.js";
import { startTestNode, type TestNode } from "./node.js";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.close());

async function post(body: string) {
  const response = await fetch(`${node.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const { errors } = (await response.json()) as {
    errors?: { message: string; extensions: Record<string, unknown> }[];
  };
  return { status: response.status, errors: errors ?? [] };
}

describe("a question that costs more than it looks like is refused with what is allowed", () => {
  test.each(HOSTILE.map((hostile) => [hostile.what, hostile] as const))("%s", async (_what, hostile) => {
    const { status, errors } = await post(hostile.body);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(errors[0]?.message).toMatch(hostile.told);
    expect(errors.map(({ extensions }) => extensions["code"])).toEqual(errors.map(() => hostile.code));
  });
});

describe("what people ask is answered", () => {
  const everythingNested = (first: number) => `{ practitioners(first: ${first}) { totalCount
    facets { specialties { count specialty { name } } regions { count region { name } } languages { count language { name } } }
    advice { relax would } edges { cursor node { id alias about pronouns specialties { specialty { name broader { name } } depth }
      languages { language { name ownName } level use } regions { region { name within { name } } relation }
      organizations { name regions { name } provenance { network { name } } contact { value } }
      resources { title partOf { title parts { title } } parts { title } practitioners { alias } }
      vouches { band } contact { kind } provenance { network { name } verified } } } } }`;

  test.each([
    ["README's first question", FIRST_QUESTION],
    ["GraphiQL's question about the schema", getIntrospectionQuery()],
    [
      "the same with everything that can be told of a schema",
      getIntrospectionQuery({
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
        inputValueDeprecation: true,
        oneOf: true,
      }),
    ],
    ["a page of 50 with everything nested once", everythingNested(50)],
    [
      "500 facets of each kind",
      `{ practitioners { facets { specialties(first: 500) { count specialty { name } } regions(kind: SUBDIVISION, first: 500) { count region { name } } languages(first: 500) { count language { name } } } } }`,
    ],
    [
      "all countries with what they contain",
      `{ regions(kind: COUNTRY) { code name contains { code name } } }`,
    ],
    [
      "the tree of specialties",
      `{ specialties { code name narrower { code name narrower { code name } } } }`,
    ],
    ["all languages", `{ languages { tag name ownName } }`],
    [
      "ten things at once",
      `{ ${Array.from({ length: 10 }, (_, at) => `a${at}: practitioners { totalCount }`).join(" ")} }`,
    ],
    ["what kind of thing something is", `{ __typename network { __typename } }`],
  ])("%s", async (_what, query) => {
    expect(await post(JSON.stringify({ query }))).toEqual({ status: 200, errors: [] });
  });
});

test("a document that was answered before is counted anew with each variable", async () => {
  const query = `query ($n: Int) { ${[1, 2, 3, 4].map((at) => `a${at}: practitioners(first: $n) { nodes { resources { parts { practitioners { alias } } } } }`).join(" ")} }`;
  const asked = async (n: number) => (await post(JSON.stringify({ query, variables: { n } }))).errors[0];
  const page = `query ($n: Int) { practitioners(first: $n) { nodes { resources { parts { practitioners { alias } } } } } }`;
  const costs = async (n: number) => {
    const { errors } = await post(JSON.stringify({ query: page, variables: { n } }));
    return errors[0]?.extensions["code"] ?? "answered";
  };
  expect((await asked(50))?.extensions["code"]).toBe("TOO_COMPLEX");
  expect(await costs(20)).toBe("answered");
  expect(await costs(50)).toBe("TOO_COMPLEX");
  expect(await costs(20)).toBe("answered");
});

test("ten changes at once count towards the rate as ten requests do", async () => {
  const other = await startTestNode(null, {
    publicUrl: "https://ceiba.example",
    rates: { source: 12, account: 0, frontend: 0, peer: 0 },
  });
  const ten = `mutation { ${Array.from({ length: 10 }, (_, at) => `a${at}: passkeySignInOptions { id }`).join(" ")} }`;
  const codes = [];
  for (let times = 0; times < 4; times++)
    codes.push((await other.ask(ten)).errors?.[0]?.extensions?.["code"] ?? "answered");
  await other.close();
  expect(codes).toEqual(["answered", "answered", "answered", "RATE_LIMITED"]);
});

test("of several operations the one that is named is counted, and no other", async () => {
  const cheap = "query cheap { network { name } }";
  const dear = `query dear { practitioners(first: 50) { nodes { resources { parts { practitioners { resources { title parts { title } } } } } } } }`;
  const query = `${cheap} ${dear}`;
  expect((await post(JSON.stringify({ query, operationName: "cheap" }))).errors).toEqual([]);
  expect((await post(JSON.stringify({ query, operationName: "dear" }))).errors[0]?.extensions["code"]).toBe(
    "TOO_COMPLEX",
  );
  expect((await post(JSON.stringify({ query, operationName: "none" }))).errors[0]?.extensions["code"]).toBe(
    "BAD_USER_INPUT",
  );
});

test("a variable that does not fit is refused in graphql's own words, as ever", async () => {
  const query = `query ($n: Int!) { practitioners(first: $n) { totalCount } }`;
  const { status, errors } = await post(JSON.stringify({ query, variables: { n: "many" } }));
  expect([status, errors[0]?.extensions["code"]]).toEqual([400, "BAD_USER_INPUT"]);
  expect(errors[0]?.message).toMatch(/\$n.*Int cannot represent/);
});

describe("a node that does not describe its schema", () => {
  let silent: TestNode;
  beforeAll(async () => {
    silent = await startTestNode(null, { introspection: false });
  });
  afterAll(() => silent.close());

  test.each([
    ["the whole of it", getIntrospectionQuery()],
    ["one type", `{ __type(name: "Practitioner") { name } }`],
    ["under another name", `{ network { name } a: __schema { description } }`],
    ["in a fragment", `{ ...f } fragment f on Query { __schema { description } }`],
    ["in a fragment on the spot", `{ ... on Query { ... { __type(name: "Query") { name } } } }`],
    [
      "in an operation that does not run",
      `query a { network { name } } query b { __schema { description } }`,
    ],
  ])("refuses %s", async (_what, query) => {
    const { errors } = await silent.ask(query, undefined);
    expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
    expect(errors?.[0]?.message).toMatch(/does not describe its schema/);
  });

  test("still says what kind of thing something is", async () => {
    expect((await silent.ask("{ network { __typename } }")).data).toEqual({
      network: { __typename: "Network" },
    });
  });

  test.each([
    ["a field", "{ netwrk { name } }", undefined],
    ["an argument", `{ practitioners(wher: {}) { totalCount } }`, undefined],
    ["a type", "{ network { ... on Netwrk { name } } }", undefined],
    ["a value", "{ practitioners(where: { delivery: REMOT }) { totalCount } }", undefined],
    ["a field of a condition", "{ practitioners(where: { delivry: REMOTE }) { totalCount } }", undefined],
    [
      "a value in a variable",
      "query ($d: Delivery) { practitioners(where: { delivery: $d }) { totalCount } }",
      { d: "REMOT" },
    ],
    [
      "a field in a variable",
      "query ($w: PractitionerWhere) { practitioners(where: $w) { totalCount } }",
      { w: { delivry: "REMOTE" } },
    ],
  ])("does not guess what %s should have been", async (_what, query, variables) => {
    const { errors, text } = await silent.ask(query, variables);
    expect(errors?.length).toBeGreaterThan(0);
    expect(text).not.toMatch(/did you mean/i);
  });
});
