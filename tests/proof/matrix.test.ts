import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  type GraphQLField,
  type GraphQLFormattedError,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type IntrospectionQuery,
} from "graphql";
import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { publishNow } from "../../src/coverage/coverage.store.js";
import type { Peer } from "../../src/federation/peer.js";
import { insertPeer } from "../../src/federation/peer.store.js";
import { savePeerNetwork } from "../../src/listing/network.store.js";
import { saveOrganizations } from "../../src/organizations/organization.store.js";
import { savePractitioners, saveVouches } from "../../src/practitioners/practitioner.store.js";
import { saveResources } from "../../src/resources/resource.store.js";
import { AUDIENCES, type Audience } from "../../src/visibility/audience.js";
import { askAt, startTestNode, type Ask, type Person, type PersonRole, type TestNode } from "../node.js";
import { currentVersion } from "../entries.js";
import { newPerson } from "../../src/practitioners/profile.js";
import { reach, writePathway } from "./cadre.js";
import { fullOrganization, fullPerson, fullResource } from "./full.js";

/**
 * What each kind of viewer gets of each field there is, of records whose facts were told to each audience in turn, against a
 * committed table. Its diff is what a change shows to whom.
 */
const FILE = "tests/proof/matrix.md";

const VIEWERS = [
  "anonymous",
  "frontend key",
  "seeker",
  "funder",
  "another member",
  "the person",
  "steward",
  "admin",
] as const;
type ViewerName = (typeof VIEWERS)[number];

const ROLES: Readonly<Record<Exclude<ViewerName, "anonymous" | "frontend key">, PersonRole>> = {
  seeker: "SEEKER",
  funder: "FUNDER",
  "another member": "PRACTITIONER",
  "the person": "PRACTITIONER",
  steward: "STEWARD",
  admin: "ADMIN",
};

/** The records of which everything was told to this audience, and the person whose entry it is. */
type Told = {
  readonly person: string;
  readonly owner: Person;
  readonly organization: string;
  readonly resource: string;
};

/** What is told once, to whoever signs in with what only they have: tests/accounts.test.ts. */
const TOLD_ELSEWHERE: readonly string[] = ["Session"];

/**
 * Fields that nobody gets a value of here, because it is told once, or wants a password, a passkey, a review, a peer, the network's
 * own provider, a note that somebody wrote, a level that was taken back two who seek what the other offers or an interpreter: each has tests of its own.
 */
const NEVER_TOLD: readonly string[] = [
  "Attainment.revoked",
  "Exchange.one",
  "Exchange.other",
  "Exchange.oneOffers",
  "Exchange.otherOffers",
  "FrontendKey.key",
  "GivenVouch.note",
  "GivenVouch.expires",
  "Mutation.signIn",
  "Mutation.changePassword",
  "Mutation.renewRecoveryCodes",
  "Mutation.replaceAuthenticator",
  "Mutation.removeMyAccount",
  "Mutation.openIdSignInUrl",
  "Mutation.signInWithOpenId",
  "Mutation.linkOpenId",
  "Mutation.passkeyOptions",
  "Mutation.signInWithPasskey",
  "Mutation.invitePeer",
  "Mutation.addPeer",
  "Mutation.introducePeer",
  "Mutation.releaseWaiting",
  "Mutation.showRecord",
  "Mutation.dismissFlag",
  "OpenIdStart.url",
  "OpenIdStart.state",
  "Passkey.id",
  "Passkey.created",
  "PeerCopy.network",
  "PeerCopy.state",
  "PeerCopy.since",
  "PeerInvitation.text",
  "PeerInvitation.expires",
  "Practitioner.sameAs",
  "Profile.reason",
  "Profile.peersHolding",
  "Query.passkeys",
  "Query.exchanges",
  "Team.interpreter",
];

type Field = GraphQLField<unknown, unknown>;

let node: TestNode;
let schema: GraphQLSchema;
let told: Readonly<Record<Audience, Told>>;
let frontendKey: string;
let invitation: string;
let peer: string;
let pathway: string;

beforeAll(async () => {
  node = await startTestNode(null, {
    publicUrl: "https://red.example.org",
    trustProxy: true,
    network: { name: "Red Ceiba", url: "https://red.example.org", regions: ["GT"] },
  });
  peer = await meetPeer();
  schema = buildClientSchema((await node.ask<IntrospectionQuery>(getIntrospectionQuery())).data);
  told = await tellEverything();
  const steward = await node.signedIn("STEWARD");
  const made = await steward.ask<{ createFrontendKey: { key: string }; invite: { token: string } }>(
    `mutation {
      createFrontendKey(input: { name: "Site", origins: ["https://site.example.org"], scopes: [READ] }) { key }
      other: createFrontendKey(
        input: { name: "Other", origins: [], scopes: [READ], operations: ["{ network { name } }"] }
      ) { id }
      invite(input: { address: "invited@example.org", role: SEEKER }) { token }
    }`,
  );
  const version = await currentVersion(node);
  // Something is done, so that there is a history.
  for (const { owner } of Object.values(told))
    for (const deed of [
      `saveProfile(input: { cost: PRO_BONO }, agreedTo: "${version}")`,
      "confirmProfile",
      "beCounted(agree: false)",
    ]) {
      const { errors } = await owner.ask(`mutation { ${deed} { id } }`);
      expect(errors).toBeUndefined();
    }
  await publishNow({
    ...node.ground,
    terms: { every: 3, depth: 2, edges: { some: 5, many: 20 }, merged: [] },
  });
  await takeSteps();
  await flagSomebody();
  frontendKey = made.data.createFrontendKey.key;
  invitation = made.data.invite.token;
}, 60_000);
afterAll(() => node.close());

/** Each has done something on a pathway, and was supervised by another. */
async function takeSteps(): Promise<void> {
  const { PUBLIC, MEMBERS } = told;
  for (const { owner } of Object.values(told)) {
    const supervisor = owner === MEMBERS.owner ? PUBLIC.person : MEMBERS.person;
    const towards = `day: "2026-10-02", pathway: "${pathway}", level: MULTIPLIER`;
    const { errors } = await owner.ask(
      `mutation {
        practised: takeStep(input: { kind: PRACTICE, ${towards} }) { id }
        asked: takeStep(input: { kind: SUPERVISED, ${towards}, supervisor: "${supervisor}" }) { id }
        learned: takeStep(input: { kind: MODULE, day: "2026-10-02", module: "${PUBLIC.resource}" }) { id }
      }`,
    );
    expect(errors).toBeUndefined();
  }
}

/** A peer that was read, was introduced by another, and sent a record that cannot be shown. */
async function meetPeer(): Promise<string> {
  const thumbprint = "a".repeat(43);
  const id = randomUUID();
  const now = new Date();
  const known: Peer = {
    id,
    node: `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${thumbprint}`,
    url: "https://peer.example.org",
    trust: "PUBLIC_ONLY",
    shares: ["public"],
    statement: "",
    statementRead: now,
    introducedBy: randomUUID(),
    added: now,
    nextPoll: new Date(now.getTime() + 86_400_000),
    reached: null,
    failures: 0,
    problem: null,
    mirror: null,
    relayed: false,
  };
  const record = `e30.${Buffer.from(JSON.stringify({ body: { alias: "Somebody" } })).toString("base64url")}.`;
  await node.ground.database.transaction(async (tx) => {
    await savePeerNetwork(tx, { id, name: "Peer", url: known.url, regions: ["GT"] });
    await insertPeer(tx, known);
    await tx.query(
      "update base.peer set reached = now(), mirror = 'https://mirror.example.org' where id = $1",
      [id],
    );
    await tx.query(
      `insert into base.peer_feed (peer, tier, epoch, seq, iat, set_digest, head, buckets, day)
       values ($1, 'public', 'e', 1, now(), '', '', decode(repeat('00', 8192), 'hex'), now())`,
      [id],
    );
    await tx.query(
      `insert into base.peer_record (peer, tier, id, local, type, jws, state, problem)
       values ($1, 'public', gen_random_uuid(), gen_random_uuid(), 'Person', $2, 'QUARANTINED', 'It is none.')`,
      [id, record],
    );
  });
  return id;
}

/** The peer says that an entry should be looked at. */
async function flagSomebody(): Promise<void> {
  // What stands in the feed is published when it is read.
  expect((await fetch(`${node.url}/fed/v1/public/head`)).status).toBe(200);
  await node.ground.database.write.query(
    "insert into base.peer_flag (peer, record, reason, day) values ($1, $2, 'OUT_OF_DATE', now())",
    [peer, told.PUBLIC.person],
  );
}

async function tellEverything(): Promise<Record<Audience, Told>> {
  const { database, home } = node.ground;
  const records = await Promise.all(
    AUDIENCES.map(async (audience) => {
      const owner = await node.signedIn("PRACTITIONER");
      return [
        audience,
        { person: randomUUID(), owner, organization: randomUUID(), resource: randomUUID() },
      ] as const;
    }),
  );
  // Everything a fact leads to is public, so that it is the fact that is shown or not.
  const linked = fullOrganization(randomUUID(), "PUBLIC", "linked");
  const whole = fullResource(randomUUID(), "PUBLIC", "whole");
  await database.transaction(async (tx) => {
    await saveOrganizations(tx, home, [
      { ...linked, facts: { ...linked.facts, acceptsUrgentRequests: null } },
      ...records.map(([audience, { organization }]) => fullOrganization(organization, audience, "told")),
    ]);
    await saveResources(tx, home, [
      { ...whole, facts: { ...whole.facts, stages: [] } },
      ...records.map(([audience, { resource }]) => fullResource(resource, audience, "told", [whole.id])),
      ...records.map(([audience, { resource }]) => fullResource(randomUUID(), audience, "part", [resource])),
    ]);
    await savePractitioners(
      tx,
      home,
      records.map(([audience, { person, resource }]) =>
        fullPerson(person, audience, "told", { organizations: [linked.id], resources: [whole.id, resource] }),
      ),
    );
    for (const [, { person, owner }] of records)
      await tx.query("update base.practitioner set account = $1 where id = $2", [owner.account, person]);
    await saveVouches(
      tx,
      home,
      records.map(([, { person }], at) => ({
        practitioner: person,
        voucher: records[(at + 1) % records.length]?.[1].person ?? "",
        given: "2026-10-02",
      })),
    );
    const learner = newPerson(randomUUID());
    await savePractitioners(tx, home, [
      {
        ...learner,
        state: "LISTED",
        audience: "PUBLIC",
        facts: {
          ...learner.facts,
          alias: { value: "Retoño", audience: "PUBLIC" },
          languages: [{ value: { language: "quc", level: "NATIVE", use: [] }, audience: "PUBLIC" }],
          seeks: [{ value: "digital", audience: "PUBLIC" }],
        },
      },
    ]);
    pathway = (
      await writePathway(tx, home, "Pathway", {
        specialty: "digital",
        modules: [records[0]?.[1].resource ?? ""],
      })
    ).id;
    await reach(
      tx,
      home,
      pathway,
      records.map(([, { person }]) => person),
    );
    // Some who wait to be reviewed, and one who is suspended.
    const others = [randomUUID(), randomUUID()].map((id) =>
      fullPerson(id, "MEMBERS", "other", { organizations: [], resources: [] }),
    );
    await savePractitioners(tx, home, [
      { ...others[0]!, state: "AWAITING_REVIEW" },
      { ...others[1]!, state: "SUSPENDED" },
    ]);
  });
  return Object.fromEntries(records) as Record<Audience, Told>;
}

// ── who asks ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Somebody of this kind; `the person` is the one whose record of this audience is asked for. */
async function viewer(name: ViewerName, audience: Audience): Promise<Ask> {
  if (name === "anonymous") return node.ask;
  if (name === "frontend key") return askAt(node.url, { "x-cadre-key": frontendKey });
  return name === "the person" ? told[audience].owner.ask : (await node.signedIn(ROLES[name])).ask;
}

// ── how a type is reached ───────────────────────────────────────────────────────────────────────────────────────────

/** The fields from the root to a type. */
type Route = { readonly operation: "query" | "mutation"; readonly fields: readonly Step[] };
type Step = { readonly on: string; readonly field: Field };

/** The shortest way to each type: by questions if there is one, else by what is done. */
function routes(): ReadonlyMap<string, Route> {
  const found = new Map<string, Route>();
  for (const [operation, root] of [
    ["query", schema.getQueryType()],
    ["mutation", schema.getMutationType()],
  ] as const) {
    if (!root) continue;
    found.set(root.name, { operation, fields: [] });
    for (const waiting: GraphQLObjectType[] = [root]; ;) {
      const type = waiting.shift();
      if (type === undefined) break;
      const before = found.get(type.name)?.fields ?? [];
      for (const field of inOrder(type)) {
        const to = getNamedType(field.type);
        if (!isObjectType(to) || found.has(to.name)) continue;
        found.set(to.name, { operation, fields: [...before, { on: type.name, field }] });
        waiting.push(to);
      }
    }
  }
  return found;
}

/** Records first, so that what belongs to a record is reached through one; and a challenge by the way that asks for no password. */
function inOrder(type: GraphQLObjectType): readonly Field[] {
  const fields = Object.values(type.getFields());
  const first = ["passkeySignInOptions", "practitioner", "organization", "resource"];
  return [...fields].sort((one, other) => first.indexOf(other.name) - first.indexOf(one.name));
}

/** Whether what is got may depend on to whom a record was told. */
function isOfRecord(type: GraphQLObjectType, { fields: [first] }: Route): boolean {
  if (type === schema.getQueryType()) return true;
  return (
    first !== undefined && ["practitioner", "organization", "resource", "profile"].includes(first.field.name)
  );
}

// ── what is asked ───────────────────────────────────────────────────────────────────────────────────────────────────

function call({ on, field }: Step, audience: Audience): string {
  const args = field.args.filter(
    (arg) => isRequiredArgument(arg) || `${on}.${field.name}.${arg.name}` in GIVEN,
  );
  const given = args.map((arg) => {
    const known = GIVEN[`${on}.${field.name}.${arg.name}`];
    return `${arg.name}: ${known === undefined ? literal(arg.type) : known(audience)}`;
  });
  return given.length === 0 ? field.name : `${field.name}(${given.join(", ")})`;
}

/** What is given where not just any value will do. */
const GIVEN: Readonly<Record<string, (audience: Audience) => string>> = {
  "Query.practitioner.id": (audience) => JSON.stringify(told[audience].person),
  "Query.organization.id": (audience) => JSON.stringify(told[audience].organization),
  "Query.resource.id": (audience) => JSON.stringify(told[audience].resource),
  "Query.peer.id": () => JSON.stringify(peer),
  "Query.progress.pathway": () => JSON.stringify(pathway),
  "Query.supervisors.pathway": () => JSON.stringify(pathway),
  "Query.learners.pathway": () => JSON.stringify(pathway),
  "Query.invitation.token": () => JSON.stringify(invitation),
  // More would be found without these.
  "Query.practitioners.where": () => "{ available: true }",
  "Query.organizations.where": () => "{ acceptsUrgentRequests: true }",
  "Query.resources.where": () => "{ stages: [INPUT] }",
  "Query.match.need": () => `{ specialties: [{ code: "digital.encryption" }], languages: ["quc"] }`,
  "Query.teams.need": () =>
    `{ specialties: [{ code: "digital.encryption" }, { code: "mobile" }], languages: ["quc"] }`,
  "Query.specialties.root": () => `"digital"`,
  "Query.coverage.by": () => "[SPECIALTY, REGION, LANGUAGE]",
  "Query.coverage.where": () => `{ regions: ["GT"], languages: ["es"] }`,
  "PractitionerFacets.regions.kind": () => "SUBDIVISION",
  "OrganizationFacets.regions.kind": () => "SUBDIVISION",
  "ResourceFacets.regions.kind": () => "SUBDIVISION",
  "Mutation.invite.input": () => `{ address: "${randomUUID()}@example.org", role: SEEKER }`,
  "Profile.seenBy.audience": () => "MEMBERS",
};

/** Any value of the type, as GraphQL writes it. */
function literal(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(type.ofType);
  if (isListType(type)) return `[${literal(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? "null";
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(isRequiredInputField);
    return `{ ${fields.map((field) => `${field.name}: ${literal(field.type)}`).join(", ")} }`;
  }
  const value = ANY[type.name];
  if (value === undefined)
    throw new Error(`the matrix knows no value of the scalar ${type.name}: add one here`);
  return value;
}

const ANY: Readonly<Record<string, string>> = {
  ID: '"3fd1c8a2-9b7e-4c05-8d16-2e7a4b90c5f1"',
  String: '"nothing"',
  Int: "1",
  Boolean: "true",
  Date: '"2026-11-01"',
  SpecialtyCode: '"digital"',
  RegionCode: '"GT"',
  LanguageTag: '"es"',
  URL: '"https://red.example.org"',
};

function question({ operation, fields }: Route, own: readonly Step[], audience: Audience): string {
  const asked = own.map(
    (step) => call(step, audience) + (isLeafType(getNamedType(step.field.type)) ? "" : " { __typename }"),
  );
  const outer = [...fields].reverse();
  return `${operation} { ${outer.reduce((inner, step) => `${call(step, audience)} { ${inner} }`, asked.join(" "))} }`;
}

// ── what is got ─────────────────────────────────────────────────────────────────────────────────────────────────────

type Errors = readonly GraphQLFormattedError[];

/** For each of these fields what came of it. Where something is refused each is asked for alone, to see which. */
async function outcomes(
  ask: Ask,
  route: Route,
  own: readonly Step[],
  audience: Audience,
): Promise<readonly string[]> {
  // Nor are failures that are counted by account or address: nobody here brings what would be right.
  if (route.operation === "mutation") await node.ground.database.write.query("delete from base.attempt");
  const { data, errors = [] } = await ask<unknown>(question(route, own, audience), {}, from());
  if (errors.length > 0 && own.length > 1) {
    const each = [];
    for (const step of own) each.push((await outcomes(ask, route, [step], audience))[0] ?? "");
    return each;
  }
  if (errors.length > 0) return own.map(() => codeOf(errors));
  const parents = route.fields.reduce<readonly unknown[]>(
    (values, { field }) =>
      values
        .flatMap((value) => inside(value, field.name))
        .filter((value) => value !== null && !isEmpty(value)),
    [data],
  );
  return own.map(({ field }) =>
    parents.length === 0 ? "-" : kindOf(parents.flatMap((value) => inside(value, field.name))),
  );
}

let sources = 0;

/** From somewhere else each time: failures that are counted by source are no part of the table. */
function from(): Record<string, string> {
  sources += 1;
  return { "x-forwarded-for": `10.${(sources >> 16) & 255}.${(sources >> 8) & 255}.${sources & 255}` };
}

function codeOf(errors: Errors): string {
  const code = String(errors[0]?.extensions?.["code"]);
  // What was given is no matter here: it got as far as being looked at.
  return code === "BAD_USER_INPUT" ? "refused" : code;
}

/** Items of a list one by one; an empty list is one value, so that it can be told from nothing at all. */
function inside(value: unknown, name: string): readonly unknown[] {
  const held = (value as Readonly<Record<string, unknown>>)[name];
  return Array.isArray(held) && held.length > 0 ? held : [held];
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function kindOf(values: readonly unknown[]): string {
  if (values.length > 0 && values.every((value) => value === false)) return "false";
  if (values.some((value) => value !== null && !Array.isArray(value))) return "value";
  return values.some(Array.isArray) ? "empty" : "null";
}

// ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────────

type Row = { readonly field: string; readonly got: readonly string[] };

async function rowsOf(type: GraphQLObjectType, route: Route): Promise<readonly Row[]> {
  const own = Object.values(type.getFields()).map((field) => ({ on: type.name, field }));
  // What is done is done by somebody new each time: it may be the last thing they do.
  const steps = type === schema.getMutationType() ? own.map((one) => [one]) : [own];
  const columns: (readonly string[])[] = [];
  for (const name of VIEWERS) {
    const cells: string[][] = own.map(() => []);
    for (const audience of isOfRecord(type, route) ? AUDIENCES : (["PUBLIC"] as const)) {
      const got = [];
      for (const some of steps)
        got.push(...(await outcomes(await viewerFor(name, audience, type), route, some, audience)));
      got.forEach((outcome, at) => cells[at]?.push(outcome));
    }
    columns.push(cells.map(inShort));
  }
  return own.map(({ field }, at) => ({
    field: `${type.name}.${field.name}`,
    got: columns.map((column) => column[at] ?? ""),
  }));
}

async function viewerFor(name: ViewerName, audience: Audience, type: GraphQLObjectType): Promise<Ask> {
  if (type !== schema.getMutationType() || name !== "the person") return viewer(name, audience);
  const person = await node.signedIn("PRACTITIONER");
  const { database, home } = node.ground;
  const id = randomUUID();
  await database.transaction(async (tx) => {
    await savePractitioners(tx, home, [
      fullPerson(id, "MEMBERS", "passing", { organizations: [], resources: [] }),
    ]);
    await tx.query("update base.practitioner set account = $1 where id = $2", [person.account, id]);
  });
  return person.ask;
}

/** One word where it is the same for whatever audience, else one for each. */
function inShort(cells: readonly string[]): string {
  return new Set(cells).size === 1 ? (cells[0] ?? "") : cells.join(" · ");
}

const HEAD = `# Who gets what of each field

Written by \`UPDATE_MATRIX=1 npm test -- tests/proof/matrix\`; a test holds it against the node. Where a cell has four words they
are for records, or facts, told to PUBLIC · PARTNERS · MEMBERS · PRIVATE (contact points to MEMBERS at most). \`-\` means that what
the field belongs to is not there for this viewer; \`refused\` that the viewer came as far as the input, which was none.
`;

test("each kind of viewer gets of each field what the table says", async () => {
  const known = routes();
  const types = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith("__"));
  const rows: Row[] = [];
  for (const type of types.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const route = known.get(type.name);
    if (route === undefined) throw new Error(`nothing leads to ${type.name}`);
    rows.push(...(await rowsOf(type, route)));
  }
  const unmet = rows.filter(
    ({ got }) => !got.some((cell) => /value|false|refused|NOT_FOUND|CONFLICT/.test(cell)),
  );
  const untold = unmet
    .map(({ field }) => field)
    .filter((field) => !TOLD_ELSEWHERE.includes(field.split(".")[0] ?? ""));
  const lines = rows.map(({ field, got }) => `| ${field} | ${got.join(" | ")} |`);
  const head = [`| field | ${VIEWERS.join(" | ")} |`, `|${" --- |".repeat(VIEWERS.length + 1)}`];
  const table = `${HEAD}\n${[...head, ...lines].join("\n")}\n`;
  expect(untold).toEqual(NEVER_TOLD);
  if (process.env["UPDATE_MATRIX"] === "1") await writeFile(FILE, table);
  expect(table).toBe(await readFile(FILE, "utf8"));
}, 600_000);
