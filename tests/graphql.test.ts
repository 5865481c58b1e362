import { ceiba, type Cast } from "../seeds/cast.js";
import type { Organization } from "../src/organizations/organization.js";
import type { Practitioner } from "../src/practitioners/practitioner.js";
import type { Resource } from "../src/resources/resource.js";
import { FIRST_QUESTION } from "../src/server/graphiql.js";
import { startTestNode, type TestNode } from "./node.js";
import { countStatements } from "./statements.js";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.close());

type Page = {
  readonly practitioners: {
    readonly totalCount: number;
    readonly nodes: readonly { readonly alias: string }[];
    readonly advice: readonly { readonly relax: string; readonly would: number }[];
  };
};

async function refusalOf(query: string, variables?: Record<string, unknown>) {
  const { errors } = await node.ask(query, variables);
  expect(errors).toHaveLength(1);
  return {
    code: errors?.[0]?.extensions?.["code"],
    message: errors?.[0]?.message,
    path: errors?.[0]?.extensions?.["path"],
  };
}

describe("finding a trainer", () => {
  test("who knows organizational security and care, in Spanish, works in Guatemala and offers follow-up", async () => {
    const { data } = await node.ask<Page>(FIRST_QUESTION);
    expect(data.practitioners.nodes.map(({ alias }) => alias).sort()).toEqual(["Amate", "Quetzal"]);
    expect(data.practitioners.totalCount).toBe(2);
  });

  test("and is told what to relax when there are too few", async () => {
    const { data } = await node.ask<Page>(FIRST_QUESTION);
    expect(data.practitioners.advice.length).toBeGreaterThan(0);
    for (const { relax, would } of data.practitioners.advice) {
      expect(relax).toMatch(/[a-z]/);
      expect(would).toBeGreaterThan(2);
    }
  });

  test("names come in the language asked for", async () => {
    const { data } = await node.ask(`{
      specialties { code name(in: "ru") }
      regions(within: "013", kind: COUNTRY) { code name(in: "ar") }
      languages(search: "quich") { tag name(in: "es") }
      network { name isThisNode }
    }`);
    expect(data).toMatchObject({
      specialties: expect.arrayContaining([{ code: "legal", name: expect.stringMatching(/[а-я]/i) }]),
      regions: expect.arrayContaining([{ code: "GT", name: "غواتيمالا" }]),
      languages: expect.arrayContaining([{ tag: "quc", name: expect.stringMatching(/^quich/) }]),
      network: { name: "Red Ceiba", isThisNode: true },
    });
  });

  test("what a practitioner links to is answered, and links back", async () => {
    const { data } = await node.ask<{
      practitioners: { nodes: { alias: string; resources: unknown[] }[] };
    }>(`{
      practitioners(search: "quetzal", first: 1) { nodes { alias organizations { name website }
        resources { title(in: "es") practitioners { alias } partOf { kind } } } }
    }`);
    expect(data.practitioners.nodes).toEqual([
      {
        alias: "Quetzal",
        organizations: [{ name: "Raíces Seguras", website: "https://raices.example.org" }],
        resources: [
          {
            title: "Plan de seguridad de la organización",
            practitioners: [{ alias: "Quetzal" }],
            partOf: [],
          },
        ],
      },
    ]);
  });

  test("a curriculum knows its sessions, and a session its curriculum", async () => {
    const { data } = await node.ask(`{
      resources(where: { kinds: [CURRICULUM] }) { nodes { title parts { title minutes { min max } partOf { title } } } }
    }`);
    expect(data).toEqual({
      resources: {
        nodes: [
          {
            title: "Taking care to continue",
            parts: [
              {
                title: "A map of our routines",
                minutes: { min: 60, max: 90 },
                partOf: [{ title: "Taking care to continue" }],
              },
            ],
          },
        ],
      },
    });
  });
});

describe("what the public does not see", () => {
  const everything = `alias pronouns about communities availability { status } contact { value } vouches { band }
    seeks { code } organizations { name } resources { title } regions { region { code } relation }`;

  test("a practitioner shown to partners is, for everyone else, one who never existed", async () => {
    const hidden = await node.ask(`query ($id: ID!) { practitioner(id: $id) { alias } }`, {
      id: idOf("Izote"),
    });
    const unheard = await node.ask(`query ($id: ID!) { practitioner(id: $id) { alias } }`, {
      id: "00000000-0000-4000-8000-000000000000",
    });
    expect(hidden.errors?.[0]?.extensions?.["code"]).toBe("NOT_FOUND");
    expect(hidden.text).toBe(unheard.text);
  });

  test("hidden facts are null or empty, and a coarser value stands where the person chose one", async () => {
    const { data } = await node.ask(`query ($id: ID!) { practitioner(id: $id) { ${everything} } }`, {
      id: idOf("Quetzal"),
    });
    expect(data).toEqual({
      practitioner: {
        alias: "Quetzal",
        pronouns: null,
        about: expect.stringContaining("I accompany"),
        communities: [],
        availability: null,
        contact: [],
        vouches: null,
        seeks: [],
        organizations: [{ name: "Raíces Seguras" }],
        resources: [{ title: "Security plan of an organization" }],
        regions: [
          { region: { code: "GT" }, relation: "WORKS_IN" },
          { region: { code: "013" }, relation: "TRAVELS_TO" },
        ],
      },
    });
  });

  test("hidden facts cannot be filtered, searched or counted by", async () => {
    const { data } = await node.ask(`{
      filtered: practitioners(where: { communities: ["INDIGENOUS"] }) { totalCount }
      based: practitioners(where: { region: { anyOf: ["GT-09"], relation: [BASED_IN] } }) { totalCount }
      precise: practitioners(search: "Amate", first: 1) { nodes { alias regions { region { code } } } facets { regions(kind: SUBDIVISION, first: 500) { region { code } } } }
      searched: practitioners(search: "Izote") { totalCount facets { specialties { count } } }
      partner: practitioners(search: "Pinabete") { totalCount }
    }`);
    expect(data).toEqual({
      filtered: { totalCount: 0 },
      based: { totalCount: 0 },
      precise: {
        nodes: [{ alias: "Amate", regions: [{ region: { code: "013" } }] }],
        facets: { regions: expect.arrayContaining([{ region: { code: "GT-09" } }]) },
      },
      searched: { totalCount: 0, facets: { specialties: [] } },
      partner: { totalCount: 0 },
    });
  });
});

describe("a question that cannot be answered says what was wanted", () => {
  test.each([
    [
      "an unknown specialty",
      `{ practitioners(where: { specialty: { anyOf: ["digital.mesaging"] } }) { totalCount } }`,
      /mesaging/,
    ],
    [
      "an unknown region",
      `{ practitioners(where: { region: { anyOf: ["ZZ-99"] } }) { totalCount } }`,
      /ZZ-99/,
    ],
    [
      "an unknown language",
      `{ practitioners(where: { language: { anyOf: ["qqq"] } }) { totalCount } }`,
      /qqq/,
    ],
    ["a page that is too long", `{ practitioners(first: 1000) { totalCount } }`, /50/],
    ["a negative page", `{ practitioners(first: -1) { totalCount } }`, /first/],
    ["a broken cursor", `{ practitioners(after: "abc") { totalCount } }`, /after/],
    [
      "an empty condition",
      `{ practitioners(where: { region: { anyOf: [] } }) { totalCount } }`,
      /empty list/,
    ],
    [
      "a day that does not exist",
      `{ practitioners(where: { verifiedSince: "2026-02-30" }) { totalCount } }`,
      /Date/,
    ],
    ["a search that is too long", `{ practitioners(search: "${"a".repeat(300)}") { totalCount } }`, /200/],
    ["an id that is none", `{ practitioner(id: "1 or 1=1") { alias } }`, /id/],
    ["a field that is not there", `{ practitioners { secrets } }`, /secrets/],
    ["nothing where something must be", `query ($id: ID!) { practitioner(id: $id) { alias } }`, /\$id/],
    ["something to do that cannot be done", `mutation { anything }`, /mutation/i],
    ["a network that is none", `{ practitioners(where: { network: "ours" }) { totalCount } }`, /UUID/],
    ["a document that is no document", `{ practitioners(`, /Syntax/],
  ])("%s", async (_what, query, sentence) => {
    const { code, message } = await refusalOf(query);
    expect({ code, message }).toEqual({ code: "BAD_USER_INPUT", message: expect.stringMatching(sentence) });
  });

  test("a question by its fingerprint alone", async () => {
    const response = await fetch(`${node.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } } }),
    });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_USER_INPUT" } }] });
  });

  test("six levels of nesting, or fifty-one conditions", async () => {
    const nested = (levels: number): object =>
      levels === 0 ? { offersFollowUp: true } : { not: nested(levels - 1) };
    const query = `query ($where: PractitionerWhere) { practitioners(where: $where) { totalCount } }`;
    expect(await refusalOf(query, { where: nested(6) })).toMatchObject({ code: "TOO_COMPLEX" });
    const many = { or: Array.from({ length: 51 }, () => ({ offersFollowUp: true })) };
    expect(await refusalOf(query, { where: many })).toMatchObject({ code: "TOO_COMPLEX" });
  });

  test("fields nested deeper than twelve, by fragments too", async () => {
    const deep = (levels: number): string => (levels === 0 ? "code" : `broader { ${deep(levels - 1)} }`);
    expect(await refusalOf(`{ specialties { ${deep(11)} } }`)).toMatchObject({ code: "TOO_COMPLEX" });
    const spread = `query { specialties { ...a } } fragment a on Specialty { ${deep(6).replace("code", "...b")} }
      fragment b on Specialty { ${deep(6)} }`;
    expect(await refusalOf(spread)).toMatchObject({ code: "TOO_COMPLEX" });
    expect((await node.ask(`{ specialties { ${deep(10)} } }`)).errors).toBeUndefined();
  });

  test("a cursor belongs to the question it came with", async () => {
    const page = `query ($after: String, $delivery: Delivery) {
      practitioners(first: 2, after: $after, where: { delivery: $delivery }) { pageInfo { endCursor hasNextPage } nodes { id } } }`;
    type Cursors = {
      practitioners: { pageInfo: { endCursor: string; hasNextPage: boolean }; nodes: { id: string }[] };
    };
    const first = await node.ask<Cursors>(page);
    const after = first.data.practitioners.pageInfo.endCursor;
    const second = await node.ask<Cursors>(page, { after });
    const seen = [...first.data.practitioners.nodes, ...second.data.practitioners.nodes].map(({ id }) => id);
    expect(new Set(seen).size).toBe(4);
    expect(await refusalOf(page, { after, delivery: "REMOTE" })).toMatchObject({ code: "BAD_USER_INPUT" });
  });
});

describe("the door", () => {
  const post = (
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = { "content-type": "application/json" },
  ) => fetch(`${node.url}/graphql`, { method: "POST", body, headers });

  test("questions are not taken from an address, so that no search is written into a log", async () => {
    const response = await fetch(`${node.url}/graphql?query={network{name}}`);
    expect(response.status).toBe(405);
  });

  test.each([
    ["no JSON", "{", 400],
    ["not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), 400],
    ["a list of questions", '[{"query":"{network{name}}"}]', 400],
    ["more than 64 KiB", JSON.stringify({ query: " ".repeat(70_000) }), 413],
  ])("%s is refused", async (_what, body, status) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_USER_INPUT" } }] });
  });

  test("no answer may be kept by anybody in between", async () => {
    const response = await post(JSON.stringify({ query: "{ network { name } }" }));
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("answers and refusals are as guarded as everything else the node serves", async () => {
    const guards = (response: Response) =>
      [...response.headers]
        .filter(([name]) => /^(cross|origin|referrer|strict|x)-/.test(name))
        .map(([name, value]) => `${name}: ${value}`)
        .toSorted();
    const expected = guards(await fetch(`${node.url}/health`));
    expect(expected.length).toBeGreaterThan(8);
    expect(guards(await post(JSON.stringify({ query: "{ network { name } }" })))).toEqual(expected);
    expect(guards(await post("{"))).toEqual(expected);
  });

  test("a caller who goes away in the middle of a question is no fault", async () => {
    const gone = new AbortController();
    const body = new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode('{"query":'));
        setTimeout(() => gone.abort(), 50);
      },
    });
    const init = {
      method: "POST",
      body,
      duplex: "half",
      signal: gone.signal,
      headers: { "content-type": "application/json" },
    };
    await expect(fetch(`${node.url}/graphql`, init as RequestInit)).rejects.toThrow(/abort/i);
    expect((await post(JSON.stringify({ query: "{ network { name } }" }))).status).toBe(200);
  });

  test("in production there is no GraphiQL", async () => {
    const response = await fetch(`${node.url}/graphql`, { headers: { accept: "text/html" } });
    expect(response.status).toBe(405);
  });

  test("health is told without a word about anybody", async () => {
    const response = await fetch(`${node.url}/health`);
    expect([response.status, await response.text()]).toEqual([200, "ok\n"]);
  });
});

describe("statements", () => {
  test("a page of 50 practitioners with everything nested takes at most 4, and as many as a page of 5", async () => {
    const crowd = await startTestNode(crowdOf(60));
    const few = await statementsOf(() => crowd.ask(everythingNested, { first: 5 }));
    const many = await statementsOf(() => crowd.ask(everythingNested, { first: 50 }));
    await crowd.close();
    expect(few).toBeGreaterThan(0);
    expect(many).toBe(few);
    expect(many).toBeLessThanOrEqual(4);
  });
});

const everythingNested = `query ($first: Int) { practitioners(first: $first) { totalCount
  facets { specialties { count specialty { name } } regions { count region { name } } languages { count language { name } } }
  advice { relax would } edges { cursor node { id alias about pronouns specialties { specialty { name broader { name } } depth }
    languages { language { name ownName } level use } regions { region { name within { name } } relation }
    organizations { name regions { name } provenance { network { name } } contact { value } }
    resources { title partOf { title parts { title } } parts { title } practitioners { alias } }
    vouches { band } contact { kind } provenance { network { name } verified } } } } }`;

async function statementsOf(work: () => Promise<{ errors?: unknown }>): Promise<number> {
  return countStatements(
    (text) => text.includes("seen."),
    async () => expect((await work()).errors).toBeUndefined(),
  );
}

function idOf(alias: string): string {
  return ceiba.practitioners.find(({ facts }) => facts.alias?.value === alias)?.id ?? "";
}

/** The first person of the cast, many times over, each with an organization, a resource and a whole of it that are theirs alone. */
function crowdOf(size: number): Cast {
  const [person] = ceiba.practitioners as readonly [Practitioner];
  const [organization] = ceiba.organizations as readonly [Organization];
  const [resource] = ceiba.resources as readonly [Resource];
  const numbers = Array.from({ length: size }, (_, number) => number);
  const idFor = (kind: string, number: number) =>
    `${kind.repeat(8)}-8c27-4e5b-9b14-${String(number).padStart(12, "0")}`;
  const open = (id: string) => [{ value: id, audience: "PUBLIC" as const }];
  return {
    ...ceiba,
    vouches: [],
    organizations: numbers.map((number) => ({ ...organization, id: idFor("a", number) })),
    resources: numbers.flatMap((number) => [
      { ...resource, id: idFor("b", number), facts: { ...resource.facts, partOf: [idFor("c", number)] } },
      { ...resource, id: idFor("c", number) },
    ]),
    practitioners: numbers.map((number) => ({
      ...person,
      id: idFor("d", number),
      facts: {
        ...person.facts,
        organizations: open(idFor("a", number)),
        resources: open(idFor("b", number)),
      },
    })),
  };
}
