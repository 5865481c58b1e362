import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type IntrospectionQuery,
} from "graphql";
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { readConfig } from "../../src/config.js";
import { importFiles } from "../../src/intake/import.js";
import { openLog } from "../../src/log.js";
import { openGround, type Ground } from "../../src/ground.js";
import { saveOrganizations } from "../../src/organizations/organization.store.js";
import { savePractitioners } from "../../src/practitioners/practitioner.store.js";
import type { Practitioner } from "../../src/practitioners/practitioner.js";
import { saveResources } from "../../src/resources/resource.store.js";
import { readMasterKeys } from "../../src/storage/master-key.js";
import { AUDIENCES } from "../../src/visibility/audience.js";
import { readVocabulary } from "../../src/vocabulary/vocabulary.js";
import { cloneDatabase, type TestDatabase } from "../database.js";
import { everythingIn, formsOf } from "../everything.js";
import { writePathway } from "./cadre.js";
import { Dice } from "./dice.js";
import { fullOrganization, fullPerson, fullResource } from "./full.js";
import type { Shown } from "./model.js";
import type { Pool } from "./pool.js";
import { Questions, writeQuestion } from "./questions.js";
import { signIn } from "./viewers.js";

/**
 * A random text stands in every value of a network that can hold one, and everything that leaves a node is searched for it. The
 * node is a process of its own, so that its log is what an operator finds.
 */
let database: TestDatabase;
let ground: Ground;
let folder: string;
let serving: Serving;
let schema: GraphQLSchema;
let viewers: readonly Viewer[];

type Viewer = {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly may: (canary: Canary) => boolean;
};

/** A text, to whom it was told, and by what; `reviewed` is what stewards are shown of entries that nobody else sees. */
type Canary = {
  readonly text: string;
  readonly by: string;
  readonly to: Shown | "NOBODY";
  readonly reviewed: boolean;
};

const canaries: Canary[] = [];

function plant(by: string, to: Canary["to"], reviewed = false): string {
  const text = `k${randomBytes(10).toString("hex")}`;
  canaries.push({ text, by, to, reviewed });
  return text;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cadre-canaries-"));
  database = await cloneDatabase();
  const env = await environment();
  ground = await openGround(readConfig(env), "guest-or-owner", openLog("silent"));
  await fillWithCanaries();
  serving = await serve(env);
  viewers = await everybody();
  const { body } = await ask(viewers[0]!, getIntrospectionQuery());
  schema = buildClientSchema((JSON.parse(body) as { data: IntrospectionQuery }).data);
}, 60_000);

afterAll(async () => {
  serving.process.kill("SIGTERM");
  await once(serving.process, "close");
  await ground.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function environment(): Promise<Record<string, string>> {
  const keyFile = join(folder, "key");
  await readMasterKeys(keyFile, true);
  return {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: "0",
    DATABASE_URL: database.url,
    KEY_FILE: keyFile,
    NETWORK_NAME: "Red Ceiba",
    INTROSPECTION: "on",
    TRUST_PROXY: "true",
    PUBLIC_URL: "https://ceiba.example.org",
    RATE_PEER: "0",
    RATE_SOURCE: "0",
    RATE_ACCOUNT: "0",
    RATE_FRONTEND: "0",
    LOG_LEVEL: "trace",
  };
}

// ── what is planted ─────────────────────────────────────────────────────────────────────────────────────────────────

let ids: readonly { readonly kind: "practitioner" | "organization" | "resource"; readonly id: string }[] = [];

async function fillWithCanaries(): Promise<void> {
  const organizations = AUDIENCES.map((audience) =>
    fullOrganization(randomUUID(), audience, plant(`organization for ${audience}`, audience)),
  );
  const resources = AUDIENCES.map((audience) =>
    fullResource(randomUUID(), audience, plant(`resource for ${audience}`, audience)),
  );
  const links = {
    organizations: organizations.map(({ id }) => id),
    resources: resources.map(({ id }) => id),
  };
  const telling = AUDIENCES.map((audience) => {
    const reached = plant(
      `contact points told to ${audience}`,
      audience === "PRIVATE" ? "PRIVATE" : "MEMBERS",
    );
    return fullPerson(randomUUID(), audience, plant(`facts told to ${audience}`, audience), links, reached);
  });
  const inside = AUDIENCES.slice(1).map((audience): Practitioner => {
    const mark = plant(`an entry for ${audience}`, audience);
    const reached = plant(
      `contact points of an entry for ${audience}`,
      audience === "PRIVATE" ? "PRIVATE" : "MEMBERS",
    );
    return { ...fullPerson(randomUUID(), "PUBLIC", mark, links, reached), audience };
  });
  const unlisted = (["DRAFT", "AWAITING_REVIEW", "SUSPENDED", "WITHDRAWN"] as const).map(
    (state): Practitioner => {
      const reviewed = state === "AWAITING_REVIEW" || state === "SUSPENDED";
      const mark = plant(`a ${state} entry`, "NOBODY", reviewed);
      return { ...fullPerson(randomUUID(), "PUBLIC", mark, links), state };
    },
  );
  const people = [...telling, ...inside, ...unlisted];
  const { database: base, home } = ground;
  await base.transaction(async (tx) => {
    await saveOrganizations(tx, home, organizations);
    await saveResources(tx, home, resources);
    await savePractitioners(tx, home, people);
  });
  ids = [
    ...people.map(({ id }) => ({ kind: "practitioner" as const, id })),
    ...organizations.map(({ id }) => ({ kind: "organization" as const, id })),
    ...resources.map(({ id }) => ({ kind: "resource" as const, id })),
  ];
  await importSomebody();
  await base.transaction((tx) => writePathway(tx, home, plant("the name of a pathway", "MEMBERS")));
}

/** A row that is private: what the file said is kept for the stewards' next import, and told to nobody. */
async function importSomebody(): Promise<void> {
  const file = join(folder, "people.csv");
  const telling =
    "handle display_name organisation serves languages specialties level formats follow_up contact notes vouched_by";
  const columns = telling.split(" ");
  const row = columns.map((column) => plant(`the column ${column} of a private row`, "PRIVATE"));
  const said = [...row, "private", "", "", ""].join(",");
  const head = [...columns, "visibility", "consent_given", "consent_on", "last_verified"].join(",");
  await writeFile(file, `${head}\n${said}\n`);
  const { database: into, home } = ground;
  const { counts } = await importFiles({
    database: into,
    vocabulary: readVocabulary(),
    home,
    paths: [file],
    mapping: "practitioners-csv",
  });
  expect(counts).toMatchObject({ created: 1 });
}

// ── the node ────────────────────────────────────────────────────────────────────────────────────────────────────────

type Serving = { readonly process: ChildProcess; readonly url: string; said(): string };

async function serve(env: Record<string, string>): Promise<Serving> {
  const child = spawn(process.execPath, ["dist/src/cli.js", "serve"], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text: Buffer) => (said += text.toString()));
  for (let tries = 0; tries < 600; tries++) {
    const url = /http:\/\/localhost:\d+/.exec(said)?.[0];
    if (url !== undefined) return { process: child, url, said: () => said };
    if (child.exitCode !== null) break;
    await pause(50);
  }
  throw new Error(`the node did not start: ${said}`);
}

async function everybody(): Promise<readonly Viewer[]> {
  const bearer = async (role: "SEEKER" | "PRACTITIONER" | "STEWARD") => ({
    authorization: `Bearer ${(await signIn(ground, role)).token}`,
  });
  const steward = await bearer("STEWARD");
  const publicly = ({ to }: Canary): boolean => to === "PUBLIC";
  const inside = ({ to }: Canary): boolean => to === "PUBLIC" || to === "PARTNERS" || to === "MEMBERS";
  const made = await send(
    steward,
    `mutation { createFrontendKey(input: { name: "Site", origins: [], scopes: [READ] }) { key } }`,
  );
  const { key } = (JSON.parse(made.body) as { data: { createFrontendKey: { key: string } } }).data
    .createFrontendKey;
  return [
    { name: "anonymous", headers: {}, may: publicly },
    { name: "a frontend", headers: { "x-cadre-key": key }, may: publicly },
    { name: "a seeker", headers: await bearer("SEEKER"), may: publicly },
    { name: "a member", headers: await bearer("PRACTITIONER"), may: inside },
    { name: "a steward", headers: steward, may: (canary) => inside(canary) || canary.reviewed },
  ];
}

type Answer = { readonly status: number; readonly told: string; readonly body: string };

let sources = 0;

async function send(headers: Viewer["headers"], query: string, variables: object = {}): Promise<Answer> {
  return post("/graphql", JSON.stringify({ query, variables }), {
    ...headers,
    "content-type": "application/json",
  });
}

async function post(path: string, body: string | null, headers: Record<string, string>): Promise<Answer> {
  sources += 1;
  const from = `10.0.${(sources >> 8) & 255}.${sources & 255}`;
  const response = await fetch(serving.url + path, {
    method: body === null ? "GET" : "POST",
    headers: { ...headers, "x-forwarded-for": from },
    body,
  });
  const text = await response.text();
  return { status: response.status, body: text, told: `${JSON.stringify([...response.headers])}\n${text}` };
}

function ask(viewer: Viewer, query: string, variables: object = {}): Promise<Answer> {
  return send(viewer.headers, query, variables);
}

// ── everything there is to ask ──────────────────────────────────────────────────────────────────────────────────────

type Field = GraphQLField<unknown, unknown>;

/** Each field of Query with everything that can be asked below it; a record by the id of each there is. */
function everyQuestion(): readonly string[] {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  return fields.flatMap((field) => {
    const asked = `${field.name}%${everythingBelow(field.type, 1)}`;
    const records = ids.filter(({ kind }) => kind === field.name).map(({ id }) => id);
    if (records.length > 0) return records.map((id) => `{ ${asked.replace("%", `(id: "${id}")`)} }`);
    const given = field.args.flatMap((arg) =>
      arg.name === "first" ? ["first: 20"] : isRequiredArgument(arg) ? [`${arg.name}: "x"`] : [],
    );
    return [`{ ${asked.replace("%", given.length === 0 ? "" : `(${given.join(", ")})`)} }`];
  });
}

const DEEPEST = 5;
/** What everybody is told, whatever there is, leads from word to word without end. */
const WORDS = ["Specialty", "Region", "Language", "Network"];

function everythingBelow(output: GraphQLOutputType, depth: number, records = 0): string {
  const type = getNamedType(output);
  if (isLeafType(type) || !isObjectType(type)) return "";
  const within = records + (isRecord(type) ? 1 : 0);
  const fields = Object.values(type.getFields()).filter(
    (field) => isAskable(field, depth, type.name) && !(within > 1 && isRecord(getNamedType(field.type))),
  );
  return ` { ${fields.map((field) => field.name + everythingBelow(field.type, depth + 1, within)).join(" ")} }`;
}

/** Records lead to records: a record and those it leads to are enough. */
function isRecord(type: GraphQLNamedType): boolean {
  return isObjectType(type) && type.getInterfaces().some(({ name }) => name === "Listed");
}

function isAskable({ type, args }: Field, depth: number, of: string): boolean {
  if (args.some(isRequiredArgument)) return false;
  return isLeafType(getNamedType(type)) || (depth < DEEPEST && !WORDS.includes(of));
}

/** The canaries in the text that this viewer may not see, by what they stand for. */
function leaked(viewer: Viewer, text: string, except = ""): readonly string[] {
  return canaries
    .filter(
      (canary) =>
        canary.text !== except &&
        !viewer.may(canary) &&
        formsOf(canary.text).some((form) => text.includes(form)),
    )
    .map(({ by, to }) => `${by} (told to ${to}) reached ${viewer.name}`);
}

describe("a text that is hidden", () => {
  test("is in no answer to anything that can be asked, and what is shown is", async () => {
    const found: string[] = [];
    const missing: string[] = [];
    for (const viewer of viewers) {
      let all = "";
      for (const question of everyQuestion()) {
        const { told, body } = await ask(viewer, question);
        if (/TOO_COMPLEX|RATE_LIMITED|UNAVAILABLE/.test(body))
          throw new Error(`${question}\n${body.slice(0, 500)}`);
        found.push(...leaked(viewer, told).map((leak) => `${leak} by ${question.slice(0, 60)}`));
        all += told;
      }
      const shown = canaries.filter((canary) => viewer.may(canary) && !canary.reviewed);
      missing.push(
        ...shown
          .filter(({ text }) => !all.includes(text))
          .map(({ by }) => `${by} did not reach ${viewer.name}`),
      );
    }
    expect([...new Set(found)]).toEqual([]);
    // Else nothing was asked.
    expect(missing).toEqual([]);
  }, 120_000);

  // Who writes a text into their own entry has told it, so deeds hold others.
  test("is in no answer to random questions and deeds, whatever they hold", async () => {
    const pool: Pool = {
      records: ids,
      otherIds: canaries.map(({ text }) => text),
      searches: canaries.map(({ text }) => text),
      texts: canaries.map(({ text }) => text),
      specialties: ["digital.encryption"],
      regions: ["GT-09", "GT"],
      languages: ["quc", "es"],
      days: ["2026-10-02", "2026-11-01"],
    };
    const questions = new Questions(schema);
    const found: string[] = [];
    for (const viewer of viewers.filter(({ name }) => name !== "a steward")) {
      const dice = new Dice(sources);
      for (let asked = 0; asked < 100; asked++) {
        const question =
          asked % 5 === 0 ? questions.deed(dice, { ...pool, texts: ["radio"] }) : questions.any(dice, pool);
        if (question === null) continue;
        const { query, variables } = writeQuestion(question);
        const { told } = await ask(viewer, query, variables);
        // What somebody has written themselves may be quoted to them.
        const own = canaries.filter(({ text }) => (query + JSON.stringify(variables)).includes(text));
        found.push(
          ...own.reduce(
            (leaks, { by }) => leaks.filter((leak) => !leak.startsWith(by)),
            leaked(viewer, told),
          ),
        );
      }
    }
    expect([...new Set(found)]).toEqual([]);
  }, 120_000);

  test("is in no answer to what cannot be asked", async () => {
    const found: string[] = [];
    for (const viewer of viewers.filter(({ name }) => name === "anonymous" || name === "a member")) {
      for (const { text } of canaries) {
        const answers = [
          await ask(viewer, `{ practitioner(id: "${text}") { alias } }`),
          await ask(
            viewer,
            `{ practitioners(search: "${text}", after: "${text}") { totalCount nodes { id } } }`,
          ),
          await ask(viewer, `{ ${text} }`),
          await ask(viewer, `{ "${text}`),
          await ask(viewer, `query ($id: ID!) { resource(id: $id) { id } }`, { id: { [text]: text } }),
          await post("/graphql", `{"${text}`, { ...viewer.headers, "content-type": "application/json" }),
          await post(`/${text}`, null, { ...viewer.headers }),
          await post(`/graphql?query=${text}`, null, {}),
          await post("/graphql", "{}", {
            authorization: `Bearer ${text}`,
            "content-type": "application/json",
          }),
          await post("/graphql", "{}", { "x-cadre-key": text, "content-type": text }),
        ];
        for (const { told } of answers) found.push(...leaked(viewer, told, text));
      }
    }
    const health = await post("/health", null, {});
    found.push(...leaked(viewers[0]!, health.told));
    expect([...new Set(found)]).toEqual([]);
  }, 240_000);

  test("is in nothing that other nodes are told, and what everybody may see is", async () => {
    const anybody = viewers[0]!;
    const { told, body } = await post("/fed/v1/public/changes", null, {});
    const { orderedItems } = JSON.parse(body) as { orderedItems: readonly { "cadre:jws"?: string }[] };
    const said = orderedItems.flatMap((item) => item["cadre:jws"]?.split(".")[1] ?? []);
    const records = said.map((payload) => Buffer.from(payload, "base64url").toString("utf8")).join("\n");
    expect(leaked(anybody, `${told}\n${records}`)).toEqual([]);
    const open = canaries.filter(({ by }) => by === "facts told to PUBLIC" || by === "resource for PUBLIC");
    expect(open.map(({ text }) => records.includes(text))).toEqual([true, true]);
    for (const path of ["head", "changes", "collection", "page/1", "buckets/0"])
      expect((await post(`/fed/v1/partners/${path}`, null, {})).status).toBe(401);
  });
});

describe("no text at all, hidden or not,", () => {
  const named = (text: string): readonly string[] =>
    canaries.filter((canary) => formsOf(canary.text).some((form) => text.includes(form))).map(({ by }) => by);

  test("is in the log of the node, of whatever it was asked", () => {
    expect(serving.said()).toContain('"level":');
    expect(named(serving.said())).toEqual([]);
  });

  test("is in the log of a database server that the node runs itself", async () => {
    const [row] = await ground.database.write.query<{ folder: string }[]>(
      "select current_setting('data_directory') as folder",
    );
    const log = await readFile(join(dirname(row?.folder ?? ""), "postgres.log"), "utf8").catch(() => null);
    // A server that is not the node's own keeps its log where it likes.
    const own = process.env["TEST_DATABASE_URL"] === undefined;
    expect(log?.includes("database system is ready") ?? false).toBe(own);
    expect(named(log ?? "")).toEqual([]);
  });
});

test("what people keep to themselves is nowhere in the database to be read", async () => {
  const text = await everythingIn(database.url);
  const lying = canaries.filter((canary) => formsOf(canary.text).some((form) => text.includes(form)));
  const secret = /^(facts told to PRIVATE|contact points|an entry for PRIVATE|the column)/;
  expect(lying.map(({ by }) => by).filter((by) => secret.test(by))).toEqual([]);
  // Else nothing was written.
  expect(lying.map(({ by }) => by)).toContain("facts told to MEMBERS");
});
