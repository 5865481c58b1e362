import { ceiba, type Cast } from "../seeds/cast.js";
import type { Organization } from "../src/organizations/organization.js";
import type { Resource } from "../src/resources/resource.js";
import { startTestNode, type TestNode } from "./node.js";

/** Beside the cast: an organization and a resource of which other things are known, and other things unknown. */
const casa: Organization = {
  id: "8a1c2e3f-4b5d-4c6e-9f70-1a2b3c4d5e40",
  audience: "PUBLIC",
  verified: null,
  facts: {
    name: "Casa Puente",
    summary: null,
    roles: ["HOST"],
    specialties: ["psychosocial.trauma"],
    languages: ["fr", "ht"],
    regions: ["HT"],
    acceptsUrgentRequests: null,
    website: null,
    contact: [],
  },
};
const [curriculum, session, plan, protocol] = ceiba.resources as readonly [
  Resource,
  Resource,
  Resource,
  Resource,
];
const leaflet: Resource = {
  id: "9b2d3f40-5c6e-4d7f-8a81-2b3c4d5e6f41",
  audience: "PUBLIC",
  verified: "2026-06-01",
  facts: {
    ...plan.facts,
    kind: "GUIDE",
    title: { fr: "Des messages qui disparaissent" },
    summary: null,
    license: "CC-BY-4.0",
    languages: [{ language: "fr", url: null, stale: false }],
    specialties: ["mobile.messaging"],
    regions: ["HT"],
    stages: ["INPUT", "DEEPENING"],
    minutes: { min: 15, max: 20 },
    status: "OUTDATED",
  },
};
const cast: Cast = {
  ...ceiba,
  organizations: [...ceiba.organizations, casa],
  resources: [...ceiba.resources, leaflet],
};

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode(cast);
});
afterAll(() => node.close());

const lists = {
  practitioners: { where: "PractitionerWhere", name: "alias" },
  organizations: { where: "OrganizationWhere", name: "name" },
  resources: { where: "ResourceWhere", name: "title" },
} as const;
type List = keyof typeof lists;
type Named = { readonly list: { readonly nodes: readonly { readonly named: string }[] } };

/** The names of those a filter finds, in no order. */
async function foundBy(list: List, where: object): Promise<readonly string[]> {
  const { where: type, name } = lists[list];
  const { data } = await node.ask<Named>(
    `query ($where: ${type}) { list: ${list}(where: $where, first: 50) { nodes { named: ${name} } } }`,
    { where },
  );
  return data.list.nodes.map(({ named }) => named).sort();
}

async function refusalOf(query: string, variables?: Record<string, unknown>) {
  const { errors } = await node.ask(query, variables);
  return errors?.map(({ extensions }) => extensions);
}

describe("organizations are found", () => {
  const [raices, faro, puente] = ["Raíces Seguras", "Línea Faro", "Casa Puente"];

  test.each([
    ["by a specialty and everything narrower", { specialty: { anyOf: ["digital"] } }, [faro, raices]],
    [
      "by several specialties at once",
      { specialty: { allOf: ["digital.incident-response", "legal"] } },
      [faro],
    ],
    ["by a country inside the region they serve", { region: { anyOf: ["AR"] } }, [faro]],
    ["by a whole region, by those who serve all of it", { region: { anyOf: ["029"] } }, [faro]],
    [
      "by a region of which they serve a part, when that is asked",
      { region: { anyOf: ["029"], orPartOf: true } },
      [puente, faro],
    ],
    ["by a language", { language: { anyOf: ["ht", "pt"] } }, [puente, faro]],
    ["by any of several roles", { roles: ["TRAINERS", "HOST"] }, [puente, raices]],
    ["when they take urgent requests", { acceptsUrgentRequests: true }, [faro]],
    ["when they are known not to", { acceptsUrgentRequests: false }, [raices]],
    ["when nobody has said", { unknown: ["ACCEPTS_URGENT_REQUESTS"] }, [puente]],
    ["by what they are not, only where that is known", { not: { acceptsUrgentRequests: true } }, [raices]],
    ["by the day since which they were confirmed", { verifiedSince: "2026-10-01" }, [faro]],
    ["when nobody has ever confirmed them", { unknown: ["VERIFIED"] }, [puente]],
    [
      "by conditions joined and turned around",
      { or: [{ roles: ["HOST"] }, { and: [{ roles: ["NETWORK"] }, { language: { anyOf: ["quc"] } }] }] },
      [puente, raices],
    ],
    ["all of them, when null is asked", { roles: null, region: null, not: null }, [puente, faro, raices]],
  ])("%s", async (_how, where, names) => {
    expect(await foundBy("organizations", where)).toEqual([...names].sort());
  });
});

describe("resources are found", () => {
  const [course, map, template, hijacked, french] = [
    "Taking care to continue",
    "A map of our routines",
    "Security plan of an organization",
    "Protocol for a hijacked account",
    "Des messages qui disparaissent",
  ];

  test.each([
    ["by a specialty and everything narrower", { specialty: { anyOf: ["mobile"] } }, [french]],
    ["by the place they are meant for", { region: { anyOf: ["HT"] } }, [french]],
    ["by a language that their text is really in", { language: { anyOf: ["en"] } }, [hijacked, course]],
    ["by any of several kinds", { kinds: ["SESSION", "GUIDE"] }, [map, french]],
    ["by any of several ADIDS stages", { stages: ["DISCUSSION", "DEEPENING"] }, [map, french]],
    ["by whether they can be worked with today", { status: "OUTDATED" }, [french]],
    ["by licence", { licenses: ["CC-BY-4.0", "CC0-1.0"] }, [french]],
    ["by the time there is, when their longest fits", { minutesAtMost: 90 }, [map, french]],
    ["by too little time, if they are known to take longer", { not: { minutesAtMost: 60 } }, [map]],
    [
      "as too long although open-ended, when their least is longer",
      { not: { minutesAtMost: 20 } },
      [map, hijacked],
    ],
    ["when nobody has said how long they take", { unknown: ["MINUTES"] }, [course, template]],
    ["by the day since which they were confirmed", { verifiedSince: "2026-06-01" }, [french]],
    [
      "when several things about them are unknown at once",
      { unknown: ["STAGES", "REGION"] },
      [hijacked, template],
    ],
    [
      "all of them, when null is asked",
      { kinds: null, status: null },
      [course, map, template, hijacked, french],
    ],
  ])("%s", async (_how, where, titles) => {
    expect(await foundBy("resources", where)).toEqual([...titles].sort());
  });
});

describe("practitioners are found", () => {
  test.each([
    ["when they have not said whether they follow up", { unknown: ["OFFERS_FOLLOW_UP"] }, ["Morro"]],
    ["when they have said neither cost nor level", { unknown: ["COST", "LEVEL"] }, ["Chaya", "Morro"]],
    ["by not following up, only if they say so", { not: { offersFollowUp: true } }, ["Guarumo", "Ocote"]],
    [
      "by a region, when they serve all of it",
      { region: { anyOf: ["MX"] } },
      ["Amate", "Morro", "Nance", "Quetzal", "Tepezcohuite"],
    ],
    [
      "by a part of a region, when that is asked",
      { region: { anyOf: ["MX"], orPartOf: true } },
      ["Amate", "Chaya", "Morro", "Nance", "Quetzal", "Tepezcohuite"],
    ],
  ])("%s", async (_how, where, aliases) => {
    expect(await foundBy("practitioners", where)).toEqual(aliases);
  });
});

test.each(Object.keys(lists) as List[])("%s are found by the network they belong to", async (list) => {
  const everybody = await foundBy(list, {});
  expect(everybody.length).toBeGreaterThan(2);
  expect(await foundBy(list, { network: node.ground.home.network })).toEqual(everybody);
  expect(await foundBy(list, { network: nobody })).toEqual([]);
});

const nobody = "00000000-0000-4000-8000-000000000000";

describe("asked by its id", () => {
  test("an organization tells what is known of it, and null or nothing where nothing is", async () => {
    const { data } = await node.ask(
      `query ($id: ID!) { organization(id: $id) { id name summary roles specialties { code } languages { tag }
        regions { code } acceptsUrgentRequests website contact { value }
        provenance { network { id isThisNode } verified expires signed } } }`,
      { id: casa.id },
    );
    expect(data).toEqual({
      organization: {
        id: casa.id,
        name: "Casa Puente",
        summary: null,
        roles: ["HOST"],
        specialties: [{ code: "psychosocial.trauma" }],
        languages: [{ tag: "fr" }, { tag: "ht" }],
        regions: [{ code: "HT" }],
        acceptsUrgentRequests: null,
        website: null,
        contact: [],
        provenance: {
          network: { id: node.ground.home.network, isThisNode: true },
          verified: null,
          expires: null,
          signed: false,
        },
      },
    });
  });

  test("a resource tells what is known of it, with what it is part of and who teaches from it", async () => {
    const { data } = await node.ask(
      `query ($session: ID!, $protocol: ID!, $curriculum: ID!) {
        session: resource(id: $session) { id kind title es: title(in: "es") summary(in: "es") url authors publisher
          published license languages { language { tag } url stale } specialties { code } regions { code } stages
          minutes { min max } materials prerequisites status partOf { id } parts { id } practitioners { alias } }
        protocol: resource(id: $protocol) { minutes { min max } stages practitioners { alias } }
        curriculum: resource(id: $curriculum) { parts { id } partOf { id } } }`,
      { session: session.id, protocol: protocol.id.toUpperCase(), curriculum: curriculum.id },
    );
    expect(data).toEqual({
      session: {
        id: session.id,
        kind: "SESSION",
        title: "A map of our routines",
        es: "El mapa de nuestras rutinas",
        summary: "Dibujar un día y ver dónde descansa el equipo.",
        url: null,
        authors: [],
        publisher: "Red Ceiba",
        published: "2025",
        license: "CC-BY-SA-4.0",
        languages: [{ language: { tag: "es" }, url: null, stale: false }],
        specialties: [{ code: "psychosocial.self-care" }],
        regions: [],
        stages: ["ACTIVITY", "DISCUSSION"],
        minutes: { min: 60, max: 90 },
        materials: ["Paper", "Coloured pens"],
        prerequisites: [],
        status: "PUBLISHED",
        partOf: [{ id: curriculum.id }],
        parts: [],
        practitioners: [],
      },
      protocol: { minutes: { min: 30, max: null }, stages: [], practitioners: [{ alias: "Nance" }] },
      curriculum: { parts: [{ id: session.id }], partOf: [] },
    });
  });

  test.each([
    ["a practitioner that is nowhere", "practitioner", nobody],
    ["an organization that is nowhere", "organization", nobody],
    ["a resource that is nowhere", "resource", nobody],
    ["an organization asked for as a practitioner", "practitioner", casa.id],
    ["a resource asked for as an organization", "organization", leaflet.id],
    ["a practitioner asked for as a resource", "resource", ceiba.practitioners[0]?.id],
  ])("%s is not found", async (_what, kind, id) => {
    const { data, errors } = await node.ask(`query ($id: ID!) { found: ${kind}(id: $id) { id } }`, { id });
    expect(data).toEqual({ found: null });
    expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: "NOT_FOUND", path: ["id"] }]);
  });
});

describe("a list", () => {
  test.each([
    [
      "ALIAS",
      "by the name they go by",
      "Amate Chaya Copal Guarumo Jícara Morro Nance Ocote Quetzal Tepezcohuite",
    ],
    [
      "RECENTLY_VERIFIED",
      "by who confirmed last, and those who never have at the end",
      "Nance Quetzal Amate Copal Jícara Guarumo Ocote Chaya Tepezcohuite Morro",
    ],
  ])("in the order %s is ordered %s", async (orderBy, _how, aliases) => {
    const { data } = await node.ask<Named>(
      `query ($orderBy: PractitionerOrder) { list: practitioners(orderBy: $orderBy) { nodes { named: alias } } }`,
      { orderBy },
    );
    expect(data.list.nodes.map(({ named }) => named).join(" ")).toBe(aliases);
  });

  test.each([
    ["practitioners", "RELEVANCE", 10],
    ["practitioners", "ALIAS", 10],
    ["practitioners", "RECENTLY_VERIFIED", 10],
    ["organizations", "RELEVANCE", 3],
    ["resources", "RELEVANCE", 5],
  ])("of %s in the order %s can be paged through, and everything is met once", async (list, order, size) => {
    const pages = await pagesOf(list, list === "practitioners" ? `orderBy: ${order},` : "");
    const met = pages.flatMap(({ edges }) => edges.map((edge) => edge.node.id));
    expect([met.length, new Set(met).size]).toEqual([size, size]);
    expect(pages).toHaveLength(Math.ceil(size / 2));
    for (const [at, { edges, nodes, pageInfo, totalCount }] of pages.entries()) {
      expect(totalCount).toBe(size);
      expect(nodes).toEqual(edges.map((edge) => edge.node));
      expect(pageInfo).toEqual({
        hasPreviousPage: at > 0,
        hasNextPage: at < pages.length - 1,
        startCursor: edges[0]?.cursor,
        endCursor: edges.at(-1)?.cursor,
      });
    }
  });

  test("without anybody in it has no cursors, and says so with null", async () => {
    const { data } = await node.ask(`{ organizations(where: { roles: [FUNDER] }) {
      totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`);
    expect(data).toEqual({
      organizations: {
        totalCount: 0,
        nodes: [],
        edges: [],
        pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      },
    });
  });

  test("of no length still counts everybody", async () => {
    const { data } = await node.ask(
      `{ resources(first: 0) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`,
    );
    expect(data).toEqual({
      resources: { totalCount: 5, nodes: [], pageInfo: { hasNextPage: true, endCursor: null } },
    });
  });

  test.each(Object.keys(lists))("of %s says that no peer's copies are in it", async (list) => {
    const { data } = await node.ask(`{ list: ${list} { sources { fresh stale hidden } } }`);
    expect(data).toEqual({ list: { sources: { fresh: 0, stale: 0, hidden: 0 } } });
  });
});

type Page = {
  readonly totalCount: number;
  readonly nodes: readonly { readonly id: string }[];
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
};

async function pagesOf(list: string, order: string): Promise<readonly Page[]> {
  const query = `query ($after: String) { list: ${list}(${order} first: 2, after: $after) { totalCount nodes { id }
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
  const pages: Page[] = [];
  for (let after: string | null = null, more = true; more && pages.length < 20;) {
    // Each page begins where the one before it ended.
    // oxlint-disable-next-line no-await-in-loop
    const page: Page = (await node.ask<{ list: Page }>(query, { after })).data.list;
    pages.push(page);
    [after, more] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
  }
  return pages;
}

describe("facets", () => {
  const facets = `query ($first: Int, $kind: RegionKind) { list: practitioners(first: 0) { facets {
    specialties(first: $first) { count specialty { code } }
    regions(kind: $kind, first: $first) { count region { code kind } }
    languages(first: $first) { count language { tag } } } } }`;
  type Facets = {
    readonly list: {
      readonly facets: {
        readonly specialties: readonly { count: number; specialty: { code: string } }[];
        readonly regions: readonly { count: number; region: { code: string; kind: string } }[];
        readonly languages: readonly { count: number; language: { tag: string } }[];
      };
    };
  };

  test("are as many as asked for, the most frequent first, and of the kind of region asked for", async () => {
    const { data } = await node.ask<Facets>(facets, { first: 2, kind: "SUBDIVISION" });
    expect(data.list.facets).toEqual({
      specialties: [
        { count: 7, specialty: { code: "digital" } },
        { count: 5, specialty: { code: "psychosocial" } },
      ],
      regions: [expect.anything(), expect.anything()],
      languages: [
        { count: 10, language: { tag: "es" } },
        { count: 2, language: { tag: "en" } },
      ],
    });
    expect(data.list.facets.regions.map(({ region }) => region.kind)).toEqual(["SUBDIVISION", "SUBDIVISION"]);
  });

  test("each count what adding that condition would leave", async () => {
    const { data } = await node.ask<Facets>(facets, { first: 3 });
    for (const { count, specialty } of data.list.facets.specialties) {
      expect(await foundBy("practitioners", { specialty: { anyOf: [specialty.code] } })).toHaveLength(count);
    }
    for (const { count, region } of data.list.facets.regions) {
      expect(await foundBy("practitioners", { region: { anyOf: [region.code] } })).toHaveLength(count);
    }
    for (const { count, language } of data.list.facets.languages) {
      expect(await foundBy("practitioners", { language: { anyOf: [language.tag] } })).toHaveLength(count);
    }
  });

  test("asked with null are those asked without: twenty countries", async () => {
    const asNull = await node.ask<Facets>(facets, { first: null, kind: null });
    const without = await node.ask<Facets>(facets);
    expect(asNull.errors).toBeUndefined();
    expect(asNull.data).toEqual(without.data);
    expect(asNull.data.list.facets.regions).toHaveLength(20);
    expect(new Set(asNull.data.list.facets.regions.map(({ region }) => region.kind))).toEqual(
      new Set(["COUNTRY"]),
    );
  });

  test.each(["organizations", "resources"])("of %s are counted over those found", async (list) => {
    const { data } =
      await node.ask(`{ list: ${list}(where: { region: { anyOf: ["HT"] }, language: { anyOf: ["fr"] } }) {
      facets { specialties(first: 1) { count } regions(first: 500) { count region { code } } languages { count language { tag } } } } }`);
    expect(data).toMatchObject({
      list: {
        facets: {
          specialties: [{ count: 1 }],
          regions: [{ count: 1, region: { code: "HT" } }],
          languages: expect.arrayContaining([{ count: 1, language: { tag: "fr" } }]),
        },
      },
    });
  });

  test.each([501, -1])("%d of them are refused", async (first) => {
    expect(await refusalOf(facets, { first })).toEqual([{ code: "BAD_USER_INPUT", path: ["first"] }]);
  });
});

describe("null", () => {
  test("for the length of a list means twenty, and for its order relevance", async () => {
    const [one] = ceiba.practitioners as readonly [Cast["practitioners"][number]];
    const practitioners = Array.from({ length: 21 }, (_, number) => ({
      ...one,
      id: `d0d0d0d0-8c27-4e5b-9b14-${String(number).padStart(12, "0")}`,
    }));
    const crowd = await startTestNode({ ...ceiba, practitioners, vouches: [] });
    const query = `query ($first: Int, $orderBy: PractitionerOrder, $search: String, $after: String, $where: PractitionerWhere) {
      practitioners(first: $first, orderBy: $orderBy, search: $search, after: $after, where: $where) {
        totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`;
    const asNull = await crowd.ask<{ practitioners: { nodes: unknown[] } }>(query, {
      first: null,
      orderBy: null,
      search: null,
      after: null,
      where: null,
    });
    const without = await crowd.ask(
      `{ practitioners { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`,
    );
    await crowd.close();
    expect(asNull.errors).toBeUndefined();
    expect(asNull.data.practitioners.nodes).toHaveLength(20);
    expect(asNull.data).toEqual(without.data);
  });

  test("written into the question means the same", async () => {
    const { data, errors } = await node.ask(`{
      practitioners(first: null, orderBy: null) { totalCount facets { regions(kind: null, first: null) { count } } }
      organizations(first: null, where: null) { totalCount }
      resources(first: null, search: null) { totalCount } }`);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      practitioners: { totalCount: 10 },
      organizations: { totalCount: 3 },
      resources: { totalCount: 5 },
    });
  });
});

describe("names and texts asked for", () => {
  const named = `query ($in: LanguageTag, $id: ID!) {
    specialties { name(in: $in) description(in: $in) }
    regions(within: "013", kind: COUNTRY) { name(in: $in) }
    languages(search: "quich") { name(in: $in) }
    resource(id: $id) { title(in: $in) summary(in: $in) }
    practitioners(orderBy: ALIAS) { nodes { about(in: $in) } }
    organizations(search: "faro") { nodes { summary(in: $in) } } }`;
  const answersIn = async (tag: string | null) => {
    const { data, errors } = await node.ask(named, { in: tag, id: curriculum.id });
    expect(errors).toBeUndefined();
    return data;
  };

  test.each([
    ["ES", "es"],
    ["Es-mx", "es-MX"],
    ["PT", "pt"],
  ])("in %s come as in %s", async (tag, canonical) => {
    expect(await answersIn(tag)).toEqual(await answersIn(canonical));
    expect(await answersIn(tag)).not.toEqual(await answersIn("en"));
  });

  test.each(["toString", "valueOf", "qqq", "und", null])(
    "in %s, which nobody has written, come in English",
    async (tag) => {
      expect(await answersIn(tag)).toEqual(await answersIn("en"));
    },
  );

  test.each(["constructor", "__proto__", "hasOwnProperty", "e", ""])(
    "in %p, which is no language tag, are refused",
    async (tag) => {
      const refusals = await refusalOf(named, { in: tag, id: curriculum.id });
      expect(refusals?.map((refusal) => refusal?.["code"])).toEqual(["BAD_USER_INPUT"]);
    },
  );
});

describe("an id in a filter that is none is refused, and the place is told", () => {
  test.each([
    ["practitioners", { network: "not-a-uuid" }, ["where", "network"]],
    ["organizations", { network: "not-a-uuid" }, ["where", "network"]],
    ["resources", { network: "not-a-uuid" }, ["where", "network"]],
    ["resources", { or: [{ kinds: ["TOOL"] }, { network: "1" }] }, ["where", "or", 1, "network"]],
  ] as const)("%s where %j", async (list, where, path) => {
    const query = `query ($where: ${lists[list].where}) { ${list}(where: $where) { totalCount } }`;
    expect(await refusalOf(query, { where })).toEqual([{ code: "BAD_USER_INPUT", path }]);
  });
});
