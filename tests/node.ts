import type { GraphQLFormattedError } from "graphql";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ceiba, type Cast } from "../seeds/cast.js";
import { beginSession } from "../src/accounts/session.store.js";
import { systemClock, type Clock } from "../src/clock.js";
import { readConfig, type Config } from "../src/config.js";
import { loadCast } from "../src/demo.js";
import type { Federation } from "../src/federation/federation.js";
import { openGround, type Ground } from "../src/ground.js";
import { openLog } from "../src/log.js";
import { startNode } from "../src/node.js";
import { readMasterKeys } from "../src/storage/master-key.js";
import type { Role } from "../src/visibility/viewer.js";
import { cloneDatabase } from "./database.js";

/** A whole node on a database of its own, asked through its HTTP door. */
export type TestNode = {
  readonly url: string;
  readonly databaseUrl: string;
  readonly ground: Ground;
  /** What it agrees with other nodes; null when it knows no address they could meet it at. */
  readonly federation: Federation | null;
  /** The token by which the first steward comes in; null when there is none. */
  readonly invitation: string | null;
  /** Asks without signing in. */
  readonly ask: Ask;
  /** Somebody with an account of this role, signed in. */
  signedIn(role: PersonRole): Promise<Person>;
  /** What the node does every hour, done now. */
  upkeep(): Promise<void>;
  close(): Promise<void>;
};

export type Ask = <Data>(
  query: string,
  variables?: Record<string, unknown>,
  headers?: Record<string, string>,
) => Promise<Answer<Data>>;

export type PersonRole = Exclude<Role, "ANONYMOUS" | "FRONTEND">;

export type Person = { readonly account: string; readonly token: string; readonly ask: Ask };

export type Answer<Data> = {
  readonly status: number;
  readonly data: Data;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly text: string;
  readonly headers: Headers;
};

/** Starts a node with this cast in it; the first network of the seeds unless another is given, nobody when null. */
export async function startTestNode(
  cast: Cast | null = ceiba,
  settings: Partial<Config> = {},
  clock: Clock = systemClock,
): Promise<TestNode> {
  const database = await cloneDatabase();
  const config = { ...(await configFor(database.url)), ...settings };
  const log = openLog("silent");
  const ground = await openGround(config, "guest-or-owner", log, clock);
  if (cast !== null) await ground.database.transaction((tx) => loadCast(tx, ground.home, cast));
  const node = await startNode(config, log, clock);
  return {
    url: node.url,
    databaseUrl: database.url,
    ground,
    federation: node.federation,
    invitation: node.invitation,
    ask: askAt(node.url),
    signedIn: (role) => signIn(ground, node.url, role),
    upkeep: () => node.upkeep(),
    close: async () => {
      await node.close();
      await ground.close();
      await database.drop();
    },
  };
}

/** Made once for all nodes of this process; it goes with the folder of the run. */
export const keyFile = join(process.env["CADRE_TEST_FOLDER"] ?? tmpdir(), `cadre-test-key-${process.pid}`);

async function configFor(databaseUrl: string): Promise<Config> {
  await readMasterKeys(keyFile, true);
  return readConfig({
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: "0",
    DATABASE_URL: databaseUrl,
    KEY_FILE: keyFile,
    NETWORK_NAME: "Red Ceiba",
    // A test asks as fast as it can; tests of rates set their own.
    RATE_SOURCE: "0",
    RATE_ACCOUNT: "0",
    RATE_FRONTEND: "0",
    RATE_PEER: "0",
  });
}

/** Straight into the database: how people come to sign in is what tests of accounts are about. */
export async function signIn({ database, home }: Ground, url: string, role: PersonRole): Promise<Person> {
  const account = randomUUID();
  const { token } = await database.transaction(async (tx) => {
    await tx.query("insert into base.account (id, role, created) values ($1, $2, $3)", [
      account,
      role,
      home.clock(),
    ]);
    return beginSession(tx, account, home.clock());
  });
  return { account, token, ask: askAt(url, { authorization: `Bearer ${token}` }) };
}

/** Asks a node's GraphQL endpoint, or what else is at `path`, each time with these headers. */
export function askAt(url: string, own: Record<string, string> = {}, path = "/graphql"): Ask {
  const ask = async (query: string, variables?: Record<string, unknown>, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...own, ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const body = JSON.parse(text) as Pick<Answer<unknown>, "data" | "errors">;
    return { status: response.status, text, headers: response.headers, ...body };
  };
  // What a query answers is the caller's to know.
  return ask as Ask;
}
