import {
  assertCompositionFailure,
  assertCompositionSuccess,
  composeSchemaContract,
  composeServices,
} from "@theguild/federation-composition";
import {
  Kind,
  buildSchema,
  execute,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  parse,
  print,
  visit,
  type GraphQLOutputType,
} from "graphql";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { ceiba } from "../seeds/cast.js";
import { Origins } from "../src/listing/origins.js";
import { saveOrganizations } from "../src/organizations/organization.store.js";
import { savePractitioners } from "../src/practitioners/practitioner.store.js";
import { saveResources } from "../src/resources/resource.store.js";
import { anybody, doors } from "../src/server/doors.js";
import { buildNodeSchemas, type Parts } from "../src/server/schema.js";
import { AUDIENCES } from "../src/visibility/audience.js";
import { anonymous } from "../src/visibility/viewer.js";
import { askAt, startTestNode, type Ask, type TestNode } from "./node.js";
import { countStatements, readsListings } from "./statements.js";
import { fullOrganization, fullPerson, fullResource } from "./proof/full.js";
import { routerOf, type Router } from "./router.js";

let node: TestNode;
let router: Router;
beforeAll(async () => {
  node = await startTestNode();
  router = await routerOf(node);
});
afterAll(() => node.close());

type Representation = Readonly<Record<string, unknown>>;
type Entity = Readonly<Record<string, unknown>> | null;

const some = "... on Practitioner { alias } ... on Organization { name } ... on Resource { title }";

async function entities(representations: readonly unknown[], fields = some, ask: Ask = router.ask) {
  const { data, errors, text } = await ask<{ _entities: readonly Entity[] } | null>(
    `query ($of: [_Any!]!) { _entities(representations: $of) { __typename ${fields} } }`,
    { of: representations },
  );
  return { found: data?._entities, errors: errors ?? [], text };
}

const called = (alias: string): Representation => ({
  __typename: "Practitioner",
  id: ceiba.practitioners.find(({ facts }) => facts.alias?.value === alias)?.id,
});
const [organization, resource] = [ceiba.organizations[0]?.id, ceiba.resources[0]?.id];
const quetzal = { __typename: "Practitioner", alias: "Quetzal" };
/** Shown to partners, so that it does not exist for everybody. */
const izote = called("Izote");

describe("routers ask at /subgraph, which", () => {
  const everything = async (path: string, method: string, headers: Record<string, string>) => {
    const body = method === "POST" ? JSON.stringify({ query: "{ _service { sdl } }" }) : null;
    const response = await fetch(`${node.url}${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    const told = [...response.headers].filter(([name]) => name !== "date");
    return { status: response.status, told, text: await response.text() };
  };

  test("answers a router's key, and to everybody else is what is not there", async () => {
    const steward = await node.signedIn("STEWARD");
    const revoked = await routerOf(node);
    await steward.ask(`mutation ($id: ID!) { revokeFrontendKey(id: $id) }`, { id: revoked.id });
    const [site, accounts] = [await routerOf(node, ["READ"]), await routerOf(node, ["READ", "ACCOUNTS"])];
    const nobodys: readonly (readonly [method: string, headers: Record<string, string>])[] = [
      ["POST", {}],
      ["POST", { authorization: `Bearer ${steward.token}` }],
      ["POST", { authorization: `Bearer ${router.key}` }],
      ["POST", { "x-cadre-key": "" }],
      ["POST", { "x-cadre-key": `cadre_key_${"A".repeat(43)}` }],
      ["POST", { "x-cadre-key": site.key }],
      ["POST", { "x-cadre-key": accounts.key }],
      ["POST", { "x-cadre-key": revoked.key }],
      ["GET", { "x-cadre-key": router.key }],
      ["OPTIONS", { origin: "https://page.example.org", "access-control-request-method": "POST" }],
    ];
    for (const [method, headers] of nobodys)
      expect(await everything("/subgraph", method, headers)).toEqual(
        await everything("/nothing", method, headers),
      );
    expect((await everything("/subgraph", "POST", {})).status).toBe(404);
    expect((await everything("/subgraph", "POST", { "x-cadre-key": router.key })).status).toBe(200);
  });

  test("is the one address with entities: /graphql has none, not even for a router", async () => {
    for (const field of ["_service { sdl }", "_entities(representations: []) { __typename }"]) {
      const ask = askAt(node.url, { "x-cadre-key": router.key });
      const { status, errors } = await ask(`{ ${field} }`);
      expect([status, errors?.[0]?.message]).toEqual([400, expect.stringMatching(/Cannot query field "_/)]);
    }
    const { text } = await node.ask(
      `{ __schema { types { name } } __type(name: "Query") { fields { name } } }`,
    );
    expect(text).not.toMatch(/"_[a-z]/i);
  });

  test("answers whatever /graphql answers", async () => {
    const question = `{ practitioners(first: 3) { totalCount nodes { id alias } } network { name } }`;
    expect((await router.ask(question)).text).toBe((await node.ask(question)).text);
  });

  test("has a key with neither origins nor an allow-list: one that browsers could use is not made", async () => {
    const { ask } = await node.signedIn("STEWARD");
    const create = `mutation ($input: FrontendKeyInput!) { createFrontendKey(input: $input) { id } }`;
    for (const more of [
      { origins: ["https://ceiba.example"] },
      { origins: [], operations: ["{ network { name } }"] },
    ]) {
      const { errors } = await ask(create, { input: { name: "Ours", scopes: ["ROUTER"], ...more } });
      expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
    }
  });

  test("takes one question at a time, and tells nobody how long its parts took", async () => {
    const question = { query: "{ network { name } }" };
    const send = (body: unknown) =>
      fetch(`${node.url}/subgraph`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-cadre-key": router.key,
          "apollo-federation-include-trace": "ftv1",
        },
        body: JSON.stringify(body),
      });
    expect((await send([question, question])).status).toBe(400);
    expect(await (await send(question)).json()).toEqual({ data: { network: { name: "Red Ceiba" } } });
  });
});

describe("whose eyes a router sees with:", () => {
  const who = "{ viewer { audience role } }";

  test("its key alone sees what everybody sees", async () => {
    expect((await router.ask(who)).data).toEqual({ viewer: { audience: "PUBLIC", role: "FRONTEND" } });
    const { found } = await entities(
      [izote, called("Amate")],
      "... on Practitioner { regions { region { code } } }",
    );
    expect(found).toEqual([null, { __typename: "Practitioner", regions: [{ region: { code: "013" } }] }]);
  });

  test("a person's session, carried on by a router that lets people act, sees what they see", async () => {
    const member = await node.signedIn("PRACTITIONER");
    const authorization = `Bearer ${member.token}`;
    const { ask } = await routerOf(node, ["ROUTER", "ACCOUNTS"], { authorization });
    expect((await ask(who)).data).toEqual({ viewer: { audience: "MEMBERS", role: "PRACTITIONER" } });
    const { found } = await entities([izote], some, ask);
    expect(found).toEqual([{ __typename: "Practitioner", alias: "Izote" }]);
  });

  test("a router that may not let people act is refused with a session, and so is one with a session that ended", async () => {
    const member = await node.signedIn("PRACTITIONER");
    const authorization = `Bearer ${member.token}`;
    const [closed, open] = [
      await routerOf(node, ["ROUTER"], { authorization }),
      await routerOf(node, ["ROUTER", "ACCOUNTS"], { authorization }),
    ];
    const refused = await closed.ask(who);
    expect([refused.status, refused.errors?.[0]?.extensions?.["code"]]).toEqual([403, "FORBIDDEN"]);
    await member.ask("mutation { signOut }");
    const ended = await open.ask(who);
    expect([ended.status, ended.errors?.[0]?.extensions?.["code"]]).toEqual([401, "UNAUTHENTICATED"]);
  });

  test("what is for stewards stays theirs, whichever way they come", async () => {
    const { errors } = await router.ask("{ accounts { id } }");
    expect(errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
  });
});

describe("a record by _entities", () => {
  test("is what the record is by its own question", async () => {
    const { data } = await node.ask<Record<string, Entity>>(`{ network { id name }
      practitioner(id: "${String(called("Quetzal")["id"])}") { id alias about languages { level } provenance { verified } }
      organization(id: "${organization}") { id name website } resource(id: "${resource}") { id title minutes { min } } }`);
    const { found, errors } = await entities(
      [
        { __typename: "Network", id: data["network"]?.["id"] },
        called("Quetzal"),
        { __typename: "Organization", id: organization },
        { __typename: "Resource", id: resource },
      ],
      `... on Network { id name } ... on Organization { id name website } ... on Resource { id title minutes { min } }
       ... on Practitioner { id alias about languages { level } provenance { verified } }`,
    );
    expect(errors).toEqual([]);
    expect(found).toEqual(
      Object.entries({
        Network: "network",
        Practitioner: "practitioner",
        Organization: "organization",
        Resource: "resource",
      }).map(([__typename, field]) => ({ __typename, ...data[field] })),
    );
  });

  test("stands at its place, as often as it was asked for", async () => {
    const wanted = [called("Quetzal"), { __typename: "Organization", id: organization }, izote];
    const { found } = await entities([...wanted, called("Copal"), ...wanted]);
    const three = [quetzal, { __typename: "Organization", name: "Raíces Seguras" }, null];
    expect(found).toEqual([...three, { __typename: "Practitioner", alias: "Copal" }, ...three]);
  });

  test("that is hidden is null, byte for byte as one that never existed, and so is one of another kind", async () => {
    const hidden = await entities([izote]);
    const never = await entities([{ ...izote, id: randomUUID() }]);
    const other = await entities([{ __typename: "Resource", id: called("Quetzal")["id"] }]);
    expect(hidden.text).toBe('{"data":{"_entities":[null]}}\n');
    expect([never.text, other.text]).toEqual([hidden.text, hidden.text]);
  });

  test.each<[string, unknown, readonly (string | number)[]]>([
    ["no object", "Practitioner", ["representations", 1]],
    ["no __typename", { id: called("Quetzal")["id"] }, ["representations", 1]],
    ["an unknown type", { ...called("Quetzal"), __typename: "Account" }, ["representations", 1]],
    [
      "a name that every object has",
      { ...called("Quetzal"), __typename: "constructor" },
      ["representations", 1],
    ],
    ["no id", { __typename: "Practitioner" }, ["representations", 1, "id"]],
    ["an id that is a number", { __typename: "Practitioner", id: 7 }, ["representations", 1, "id"]],
    ["an id that is none", { __typename: "Practitioner", id: "Quetzal" }, ["representations", 1, "id"]],
  ])("of a representation with %s is refused alone, and says where", async (_what, wrong, path) => {
    const { found, errors } = await entities([called("Quetzal"), wrong, izote]);
    expect(found).toEqual([quetzal, null, null]);
    expect(errors).toMatchObject([{ path: ["_entities", 1], extensions: { code: "BAD_USER_INPUT", path } }]);
    expect(JSON.stringify(errors)).not.toMatch(/Quetzal|Account|constructor/);
  });

  test("is read together with a hundred others of three kinds in one statement", async () => {
    const fresh = await startTestNode();
    const { ask } = await routerOf(fresh);
    const wanted = [
      called("Quetzal"),
      { __typename: "Organization", id: organization },
      { __typename: "Resource", id: resource },
    ];
    const many = Array.from({ length: 97 }, () => ({ ...izote, id: randomUUID() }));
    const count = await countStatements(readsListings, async () => {
      expect((await entities([...wanted, ...many], some, ask)).found?.slice(0, 4)).toEqual([
        quetzal,
        expect.objectContaining({ __typename: "Organization" }),
        expect.objectContaining({ __typename: "Resource" }),
        null,
      ]);
    });
    await fresh.close();
    expect(count).toBe(1);
  });

  test("that is a network is this node's own: whether it knows another would tell who its peers are", async () => {
    const { subgraph } = await buildNodeSchemas({ desk: {}, coverage: {} } as Parts);
    const [own, peer] = [randomUUID(), randomUUID()].map((id, at) => ({
      id,
      name: `Red ${at}`,
      url: null,
      regions: [],
      thisNode: at === 0,
    }));
    const networks = new Origins(async () => ({ networks: [], standings: [] }));
    networks.take({ networks: [own!, peer!], standings: [] });
    const document = `{ _entities(representations: [${[own, peer].map((one) => `{ __typename: "Network", id: "${one!.id}" }`).join(" ")}])
      { ... on Network { name } } }`;
    const answer = await execute({
      schema: subgraph,
      document: parse(document),
      contextValue: { viewer: anonymous, networks },
    });
    expect(answer.data).toEqual({ _entities: [{ name: "Red 0" }, null] });
  });
});

describe("how much a router may ask:", () => {
  const code = async (representations: readonly unknown[], fields?: string, ask?: Ask) => {
    const { errors } = await entities(representations, fields, ask);
    return errors[0]?.extensions?.["code"] ?? "answered";
  };
  const many = (length: number) => Array.from({ length }, () => called("Quetzal"));

  test("100 records at once, and not one more, in variables or in the text", async () => {
    expect(await code(many(100))).toBe("answered");
    expect(await code(many(101))).toBe("TOO_COMPLEX");
    const literal = many(101).map(({ id }) => `{ __typename: "Practitioner", id: "${String(id)}" }`);
    const { errors } = await router.ask(
      `{ _entities(representations: [${literal.join(" ")}]) { __typename } }`,
    );
    expect(errors?.[0]?.extensions?.["code"]).toBe("TOO_COMPLEX");
    expect(errors?.[0]?.message).toMatch(/100.*101/);
  });

  test("what is asked of a record counts once for each, however many the document was asked with before", async () => {
    const dear = `... on Practitioner { resources { title parts { title practitioners { alias } } } }`;
    expect(await code(many(2), dear)).toBe("answered");
    expect(await code(many(100), dear)).toBe("TOO_COMPLEX");
    expect(await code(many(2), dear)).toBe("answered");
  });

  test("a hundred records by ten names cost as much as a thousand", async () => {
    const ten = (fields: string) =>
      `query ($of: [_Any!]!) { ${Array.from({ length: 10 }, (_, at) => `a${at}: _entities(representations: $of) { ... on Practitioner { ${fields} } }`).join(" ")} }`;
    const asked = async (fields: string) =>
      (await router.ask(ten(fields), { of: many(100) })).errors?.[0]?.extensions?.["code"] ?? "answered";
    expect(await asked("alias")).toBe("answered");
    const dear = "resources { title parts { title } }";
    expect(await code(many(100), `... on Practitioner { ${dear} }`)).toBe("answered");
    expect(await asked(dear)).toBe("TOO_COMPLEX");
  });

  test("as often as a key may, the dear ones counted as several; and a person by their account", async () => {
    const slow = await startTestNode(ceiba, { rates: { source: 0, account: 30, frontend: 30, peer: 0 } });
    const { ask } = await routerOf(slow);
    const dear = `... on Practitioner { resources { title parts { title specialties { name } } } }`;
    const codes: unknown[] = [];
    for (let times = 0; times < 12; times++) codes.push(await code(many(90), dear, ask));
    expect(codes.filter((one) => one === "answered").length).toBeGreaterThan(5);
    expect(codes.at(-1)).toBe("RATE_LIMITED");
    const { token } = await slow.signedIn("PRACTITIONER");
    const through = await routerOf(slow, ["ROUTER", "ACCOUNTS"], { authorization: `Bearer ${token}` });
    expect(await code([izote], some, through.ask)).toBe("answered");
    await slow.close();
  });

  test("a node that does not describe its schema does not do so to a router, and answers it", async () => {
    const silent = await startTestNode(ceiba, { introspection: false });
    const { ask } = await routerOf(silent);
    for (const asked of [
      "{ _service { sdl } }",
      "{ a: _service { b: sdl } }",
      "{ __schema { description } }",
    ])
      expect((await ask(asked)).errors?.[0]?.message).toMatch(/does not describe its schema/);
    expect((await entities([called("Quetzal")], some, ask)).found).toEqual([quetzal]);
    await silent.close();
  });
});

describe("what is hidden stays hidden:", () => {
  const marks = new Map<string, string>();
  const ids: { readonly __typename: string; readonly id: string }[] = [];

  beforeAll(async () => {
    const mark = (what: string) => {
      const made = `mark${randomUUID().replaceAll("-", "")}`;
      marks.set(made, what);
      return made;
    };
    const { database, home } = node.ground;
    const made = (__typename: string) => {
      const id = randomUUID();
      ids.push({ __typename, id });
      return id;
    };
    const bodies = AUDIENCES.map((to) => fullOrganization(made("Organization"), to, mark(to)));
    const texts = AUDIENCES.map((to) => fullResource(made("Resource"), to, mark(to)));
    const links = { organizations: bodies.map(({ id }) => id), resources: texts.map(({ id }) => id) };
    const reached = (to: string) => mark(to === "PRIVATE" ? "PRIVATE" : "MEMBERS");
    const people = [
      ...AUDIENCES.map((to) => fullPerson(made("Practitioner"), to, mark(to), links, reached(to))),
      ...AUDIENCES.map((audience) => ({
        ...fullPerson(made("Practitioner"), "PUBLIC", mark(audience), links, reached(audience)),
        audience,
      })),
      ...(["DRAFT", "AWAITING_REVIEW", "SUSPENDED", "WITHDRAWN"] as const).map((state) => ({
        ...fullPerson(made("Practitioner"), "PUBLIC", mark("NOBODY"), links, mark("NOBODY")),
        state,
      })),
    ];
    await database.transaction(async (tx) => {
      await saveOrganizations(tx, home, bodies);
      await saveResources(tx, home, texts);
      await savePractitioners(tx, home, people);
    });
  }, 60_000);

  /** The whole of it on the spot, by fragments within fragments, under other names, and twice in one question. */
  function questionsAbout(type: string): readonly string[] {
    const all = everythingOf(type);
    const contact = "contact { kind value note }";
    return [
      `_entities(representations: $of) { ... on ${type} { ${all} } } }`,
      `_entities(representations: $of) { ...One } }
        fragment One on Listed { id ... on ${type} { ...All } } fragment All on ${type} { ${all} }`,
      `_entities(representations: $of) {
        ... on Practitioner { alias: about(in: "es") id: pronouns title: ${contact} organizations { id: name title: ${contact} } }
        ... on Organization { alias: summary title: ${contact} }
        ... on Resource { alias: publisher parts { id: title practitioners { alias: about title: ${contact} } } } } }`,
      `_entities(representations: $of) { __typename } network { name }
        other: _entities(representations: $of) { ... on Practitioner { resources { title publisher partOf { title } } } } }`,
    ];
  }

  /** Those whose marks reached somebody, by everything that a router can ask of what there is. */
  async function reachedBy(ask: Ask): Promise<ReadonlySet<string>> {
    let all = "";
    for (const one of ids)
      for (const question of questionsAbout(one.__typename)) {
        const { text } = await ask(`query ($of: [_Any!]!) { ${question}`, { of: [one] });
        expect(text).not.toMatch(/TOO_COMPLEX|UNAVAILABLE|BAD_USER_INPUT/);
        all += text;
      }
    return new Set([...marks].filter(([mark]) => all.includes(mark)).map(([, to]) => to));
  }

  test("no router gets by entities, fragments or other names what is not for everybody", async () => {
    expect(await reachedBy(router.ask)).toEqual(new Set(["PUBLIC"]));
  }, 60_000);

  test("and a member through it gets what is for members, and nothing that is private", async () => {
    const { token } = await node.signedIn("PRACTITIONER");
    const { ask } = await routerOf(node, ["ROUTER", "ACCOUNTS"], { authorization: `Bearer ${token}` });
    expect(await reachedBy(ask)).toEqual(new Set(["PUBLIC", "PARTNERS", "MEMBERS"]));
  }, 60_000);
});

const read = (file: string) => readFileSync(file, "utf8");
const events = {
  name: "events",
  typeDefs: parse(read("examples/regional-frontend/events/schema.graphql")),
  url: "http://events.test/",
};
const api = buildSchema(read("schema/api.graphql"));

/** Every field of a type, and of what it leads to. */
function everythingOf(type: string, depth = 1): string {
  const object = api.getType(type);
  if (!isObjectType(object)) return "";
  const fields = Object.values(object.getFields()).filter(({ args }) => !args.some(isRequiredArgument));
  return fields.map((field) => `${field.name}${within(field.type, depth)}`).join(" ");
}

function within(output: GraphQLOutputType, depth: number): string {
  const type = getNamedType(output);
  if (isLeafType(type)) return "";
  if (["Specialty", "Region", "Language", "Network"].includes(type.name)) return " { name }";
  return depth < 3 ? ` { ${everythingOf(type.name, depth + 1)} }` : " { __typename }";
}

describe("what a router composes", () => {
  /** As the node tells it; tests/schema.test.ts holds schema/subgraph.graphql against it. */
  let ours: typeof events;
  beforeAll(async () => {
    const { data } = await router.ask<{ _service: { sdl: string } }>("{ _service { sdl } }");
    ours = { name: "directory", typeDefs: parse(data._service.sdl), url: "http://directory.test/subgraph" };
  });

  test("is the contract of /graphql with keys and tags, and nothing else", () => {
    const bare = visit(ours.typeDefs, {
      SchemaExtension: () => null,
      Directive: ({ name }) => (["key", "tag", "shareable"].includes(name.value) ? null : undefined),
    });
    expect(print(bare)).toBe(print(parse(read("schema/api.graphql"))));
  });

  test("composes alone", () => {
    const composed = composeServices([ours]);
    assertCompositionSuccess(composed);
    expect(composed.publicSdl).toContain("interface Listed");
    expect(composed.publicSdl).not.toMatch(/_entities|_service|_Any/);
  });

  test("composes with a service that adds to practitioners, as the example's does", () => {
    const composed = composeServices([ours, events]);
    assertCompositionSuccess(composed);
    const schema = buildSchema(composed.publicSdl);
    const fields = (type: string) => {
      const object = schema.getType(type);
      return isObjectType(object) ? Object.keys(object.getFields()) : [];
    };
    expect(fields("Practitioner")).toEqual(
      expect.arrayContaining(["alias", "contact", "provenance", "events"]),
    );
    expect(fields("Query")).toEqual(expect.arrayContaining(["practitioners", "events"]));
    expect(schema.getType("Practitioner")?.toConfig()).toMatchObject({
      interfaces: [expect.objectContaining({ name: "Listed" })],
    });
    expect(fields("PractitionerConnection")).toContain("sources");
  });

  test("has keys that lead to the record, each of them", async () => {
    const keyed = ours.typeDefs.definitions.flatMap((one) =>
      one.kind === Kind.OBJECT_TYPE_DEFINITION && one.directives?.some(({ name }) => name.value === "key")
        ? [one.name.value]
        : [],
    );
    const { data } = await node.ask<{ network: { id: string } }>("{ network { id } }");
    const ids = new Map<string, unknown>([
      ["Practitioner", called("Quetzal")["id"]],
      ["Organization", organization],
      ["Resource", resource],
      ["Network", data.network.id],
    ]);
    expect(keyed.sort()).toEqual([...ids.keys()].sort());
    const { found } = await entities(
      [...ids].map(([__typename, id]) => ({ __typename, id })),
      "",
    );
    expect(found).toEqual([...ids.keys()].map((__typename) => ({ __typename })));
  });

  test("composes as a contract without what is restricted, which leaves nothing that only members get", () => {
    const without = { include: new Set<string>(), exclude: new Set(["restricted"]) };
    const contract = composeSchemaContract([ours, events], without, true);
    assertCompositionSuccess(contract);
    const schema = buildSchema(contract.publicSdl);
    const left = doors
      .filter(({ rule }) => rule !== anybody)
      .flatMap(({ type, fields }) => fields.map((field) => [type, field] as const))
      .filter(([name, field]) => {
        const type = schema.getType(name);
        return isObjectType(type) && field in type.getFields();
      });
    expect(left).toEqual([]);
    const practitioner = schema.getType("Practitioner");
    const fields = isObjectType(practitioner) ? Object.keys(practitioner.getFields()) : [];
    expect(fields).toEqual(expect.arrayContaining(["alias", "events", "referable"]));
    expect(fields).not.toContain("contact");
  });

  test("does not compose with a second directory node: a router would ask one of them and drop the other", () => {
    const composed = composeServices([ours, { ...ours, name: "other", url: "http://other.test/subgraph" }]);
    assertCompositionFailure(composed);
    expect(composed.errors.map(({ message }) => message).join("\n")).toMatch(/Query\.practitioners/);
  });
});
