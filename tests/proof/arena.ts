import { randomBytes, randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../src/clock.js";
import { readConfig, type Config } from "../../src/config.js";
import { publishNow } from "../../src/coverage/coverage.store.js";
import type { CoverageTerms } from "../../src/coverage/epoch.js";
import { openLog } from "../../src/log.js";
import { openGround, type Ground } from "../../src/ground.js";
import { startNode, type Node } from "../../src/node.js";
import type { Organization } from "../../src/organizations/organization.js";
import { saveOrganizations } from "../../src/organizations/organization.store.js";
import { newPerson } from "../../src/practitioners/profile.js";
import type { Practitioner } from "../../src/practitioners/practitioner.js";
import { savePractitioners, saveVouches } from "../../src/practitioners/practitioner.store.js";
import { saveResources } from "../../src/resources/resource.store.js";
import type { Transaction } from "../../src/storage/database.js";
import { readMasterKeys } from "../../src/storage/master-key.js";
import { cloneDatabase, type TestDatabase } from "../database.js";
import { PATHWAY, introduceCadre, reach } from "./cadre.js";
import { introducePeers, receive } from "./foreign.js";
import { sees, type Asking, type World } from "./model.js";
import type { Pair, Side } from "./pair.js";
import { letIn, type LetIn } from "./viewers.js";

/** Everything of an answer that reaches whoever asked. */
export type Answer = { readonly status: number; readonly headers: string; readonly body: string };

/** A question, at /graphql; or as a router asks it, at /subgraph. */
export type Asked = {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly byRouter?: true;
};

/** Two nodes with one key and one name, whose databases can be told apart by nothing but the records in them. */
export type Arena = {
  /** The networks of a pair take the place of those before, and coverage is published of them where it is `counted`; resolves when both nodes answer from them. */
  fill(pair: Pair, counted?: boolean): Promise<void>;
  /** Asks both nodes at the same time. */
  ask(asking: Asking, asked: Asked): Promise<readonly [left: Answer, right: Answer]>;
  /** What the change log tells `asking` of the pair, on each side. */
  changes(pair: Pair): Promise<readonly [left: string, right: string]>;
  close(): Promise<void>;
};

export async function openArena(settings: Partial<Config> = {}): Promise<Arena> {
  const keyFile = join(tmpdir(), `cadre-proof-key-${randomBytes(6).toString("hex")}`);
  await readMasterKeys(keyFile, true);
  const configOf = (database: TestDatabase): Config => ({ ...configFor(database.url, keyFile), ...settings });
  const first = await cloneDatabase();
  const letIn = await firstStart(configOf(first));
  const { tokens } = letIn;
  const twin = await cloneDatabase(first);
  const stands = await Promise.all(
    [first, twin].map((database) => Stand.open(database, configOf(database), letIn)),
  );
  const [left, right] = stands as [Stand, Stand];
  return {
    fill: async (pair, counted = true) => {
      const sign = randomUUID();
      // Of what peers have sent and may not be shown, one side has next to nothing.
      await Promise.all([
        left.fill(pair.left, pair.asking, sign, nothing),
        right.fill(pair.right, pair.asking, sign, pair.right.world),
      ]);
      // Coverage is compared where a stranger asks.
      if (counted && pair.asking === "PUBLIC") await Promise.all([left.count(), right.count()]);
      const from = { token: tokens[pair.asking], source: nextSource() };
      await Promise.all([left.follow(from, sign), right.follow(from, sign)]);
    },
    ask: (asking, asked) => {
      const from = { token: tokens[asking], source: nextSource() };
      return Promise.all([left.ask(from, asked), right.ask(from, asked)]);
    },
    changes: (pair) => Promise.all([left.changes(pair.asking), right.changes(pair.asking)]),
    close: async () => {
      await Promise.all(stands.map((stand) => stand.close()));
      await first.drop();
      await rm(keyFile, { force: true });
    },
  };
}

/** Rates count requests, which come from everywhere at once here; what they count is for their own tests to say. */
function configFor(databaseUrl: string, keyFile: string): Config {
  return readConfig({
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: "0",
    DATABASE_URL: databaseUrl,
    KEY_FILE: keyFile,
    NETWORK_NAME: "Red Ceiba",
    NETWORK_REGIONS: "GT,MX",
    INTROSPECTION: "on",
    TRUST_PROXY: "true",
    RATE_SOURCE: "0",
    RATE_ACCOUNT: "0",
    RATE_FRONTEND: "0",
  });
}

/** It is the same moment on both nodes. */
const now: Clock = () => new Date("2026-11-21T12:00:00Z");

/** The network, its keys and who may sign in; what both nodes have in common. */
async function firstStart(config: Config): Promise<LetIn> {
  const ground = await openGround(config, "guest-or-owner", openLog("silent"), now);
  try {
    await ground.database.transaction((tx) => introducePeers(tx, now()));
    await ground.database.transaction((tx) => introduceCadre(tx, ground.home));
    return await letIn(ground);
  } finally {
    await ground.close();
  }
}

/** Who asks, and from where. */
type From = { readonly token: string | null; readonly source: string };

let sources = 0;

/** Each question comes from somewhere else: failures that are counted by source say nothing of the order they came in. */
function nextSource(): string {
  sources += 1;
  return `10.${(sources >> 16) & 255}.${(sources >> 8) & 255}.${sources & 255}`;
}

/** One of the two nodes, its database, and what is in it. */
class Stand {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });
  #filled = "0";

  private constructor(
    readonly database: TestDatabase,
    readonly ground: Ground,
    readonly node: Node,
    readonly letIn: LetIn,
  ) {}

  static async open(database: TestDatabase, config: Config, letIn: LetIn): Promise<Stand> {
    const log = openLog("silent");
    const ground = await openGround(config, "guest-or-owner", log, now);
    return new Stand(database, ground, await startNode(config, log, now), letIn);
  }

  async fill({ world, before, apart }: Side, asking: Asking, sign: string, foreign: World): Promise<void> {
    const { database } = this.ground;
    const whole = {
      ...world,
      people: [...world.people, ownEntry],
      organizations: [...world.organizations, signpost(sign)],
    };
    await database.transaction(async (tx) => {
      const [clock] = await tx.query<{ seq: string }[]>(clear);
      this.#filled = clock?.seq ?? "0";
      await receive(tx, foreign, asking, now());
      await this.#save(tx, apart ? hiddenFrom(world, asking) : whole, apart ? [] : before);
    });
    if (apart) await database.transaction((tx) => this.#save(tx, whole, before));
    // What somebody reached is told to nobody while nothing binds: on one side they all have, on the other nobody has.
    const cadre = idsOf(foreign.people);
    await database.transaction((tx) => reach(tx, this.ground.home, PATHWAY, cadre));
  }

  async count(): Promise<void> {
    await this.ground.database.transaction((tx) => tx.query(sayNo));
    await publishNow({ ...this.ground, terms: coverage });
  }

  /** Organizations last, the signpost among them: whoever finds it finds everything. */
  async #save(tx: Transaction, world: World, before: Side["before"]): Promise<void> {
    const { home } = this.ground;
    if (before.length > 0) await savePractitioners(tx, home, before);
    if (world.resources.length > 0) await saveResources(tx, home, world.resources);
    if (world.people.length > 0) await savePractitioners(tx, home, world.people);
    await tx.query("update base.practitioner set account = $1 where id = $2", [this.letIn.member, own]);
    await saveVouches(tx, home, world.vouches);
    if (world.organizations.length > 0) await saveOrganizations(tx, home, world.organizations);
  }

  /** The log is read in order, so whoever finds the signpost finds everything before it. */
  async follow(from: From, sign: string): Promise<void> {
    const asked = {
      query: `query ($sign: String!) { organizations(search: $sign, first: 0) { totalCount } }`,
      variables: { sign: signOf(sign) },
    };
    for (let tries = 0; tries < 2000; tries++) {
      const { body } = await this.ask(from, asked);
      if (body.includes('"totalCount":1')) return;
      await pause(2);
    }
    throw new Error("a node does not follow its change log");
  }

  async changes(asking: Asking): Promise<string> {
    const { rows } = await this.ground.database.read.query<{ told: string }>(
      `select concat_ws(' ', change.kind, change.id, change.day) as told
       from seen.change where change.seq > $1 and change.audience = $2 and change.origin = $3`,
      [this.#filled, asking, this.ground.home.network],
    );
    return rows
      .map(({ told }) => told)
      .sort()
      .join("\n");
  }

  ask({ token, source }: From, { byRouter, ...asked }: Asked): Promise<Answer> {
    const body = JSON.stringify(asked);
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "x-forwarded-for": source,
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(byRouter ? { "x-cadre-key": this.letIn.router } : {}),
    };
    const { promise, resolve, reject } = withResolvers<Answer>();
    const sent = request(
      `${this.node.url}${byRouter ? "/subgraph" : "/graphql"}`,
      { method: "POST", agent: this.#agent, headers },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.once("error", reject);
        answer.once("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: headersOf(answer.rawHeaders),
            body: Buffer.concat(parts).toString("utf8"),
          }),
        );
      },
    );
    sent.once("error", reject);
    sent.end(body);
    return promise;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.node.close();
    await this.ground.close();
    await this.database.drop();
  }
}

const coverage: CoverageTerms = { every: 3, depth: 2, edges: { some: 5, many: 20 }, merged: [] };

/** Those of whom everybody sees nothing do not want to be counted either, where nobody counts them. */
const sayNo = `
  insert into base.counted (practitioner, agreed, text_version, given)
  select practitioner.id, false, '', current_date
  from base.practitioner
  where practitioner.audience <> 'PUBLIC'`;

function idsOf(people: readonly Practitioner[]): readonly string[] {
  return people.map(({ id }) => id);
}

const nothing: World = { people: [], organizations: [], resources: [], vouches: [] };

/** The entry of the member who asks, which is the same on both sides. */
const own = "5b0f6f1e-6d3c-4f0a-8f57-2a1c9d7e4b60";
const ownEntry: Practitioner = {
  id: own,
  state: "LISTED",
  audience: "PUBLIC",
  verified: "2026-11-01",
  facts: {
    ...newPerson(own).facts,
    alias: { value: "Guayacán", audience: "PUBLIC" },
    about: { value: { es: "taller" }, audience: "PRIVATE" },
    languages: [{ value: { language: "es", level: "FLUENT", use: [] }, audience: "MEMBERS" }],
  },
};

/** Everything goes, and the log says of every listing that it went. */
const clear = `
  with epochs as (delete from seen.coverage_epoch),
    cells as (delete from seen.coverage_cell),
    told as (delete from base.coverage_told),
    people as (delete from base.practitioner),
    bodies as (delete from base.organization),
    texts as (delete from base.resource),
    gone as (delete from seen.listing returning listing.audience, listing.kind, listing.id, listing.origin),
    clock as (update seen.clock set seq = clock.seq + (select count(*) from gone) returning clock.seq),
    logged as (
      insert into seen.change (seq, audience, kind, id, origin, day)
      select clock.seq + 1 - row_number() over (), gone.audience, gone.kind, gone.id, gone.origin, current_date
      from gone cross join clock)
  select clock.seq from clock`;

/** An organization everybody sees, with a name of this filling's own. */
function signpost(sign: string): Organization {
  return {
    id: sign,
    audience: "PUBLIC",
    verified: null,
    facts: {
      name: signOf(sign),
      summary: null,
      roles: [],
      specialties: [],
      languages: [],
      regions: [],
      acceptsUrgentRequests: null,
      website: null,
      contact: [],
    },
  };
}

function signOf(sign: string): string {
  return `signpost${sign.replaceAll("-", "")}`;
}

function hiddenFrom({ organizations, resources, people }: World, asking: Asking): World {
  return {
    people: people.filter(({ audience }) => !sees(audience, asking)),
    organizations: organizations.filter(({ audience }) => !sees(audience, asking)),
    resources: resources.filter(({ audience }) => !sees(audience, asking)),
    vouches: [],
  };
}

/** All but the time of day, in the order they came. */
function headersOf(raw: readonly string[]): string {
  const lines = raw.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${raw[at + 1] ?? ""}`] : []));
  return lines.filter((line) => !/^date:/i.test(line)).join("\n");
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((whenDone, whenFailed) => {
    resolve = whenDone;
    reject = whenFailed;
  });
  return { promise, resolve, reject };
}
