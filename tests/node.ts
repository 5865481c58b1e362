import type { GraphQLFormattedError } from "graphql";
import { ceiba, type Cast } from "../seeds/cast.js";
import { readConfig, type Config } from "../src/config.js";
import { loadCast } from "../src/demo.js";
import { openLog } from "../src/log.js";
import { openGround, startNode, type Ground } from "../src/node.js";
import { cloneDatabase } from "./database.js";

/** A whole node on a database of its own, asked through its HTTP door. */
export type TestNode = {
  readonly url: string;
  readonly databaseUrl: string;
  readonly ground: Ground;
  ask<Data>(query: string, variables?: Record<string, unknown>): Promise<Answer<Data>>;
  close(): Promise<void>;
};

type Answer<Data> = {
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
): Promise<TestNode> {
  const database = await cloneDatabase();
  const config = { ...configFor(database.url), ...settings };
  const log = openLog("silent");
  const ground = await openGround(config, "guest-or-owner", log);
  if (cast !== null) await ground.database.transaction((tx) => loadCast(tx, ground.network, cast));
  const node = await startNode(config, log);
  return {
    url: node.url,
    databaseUrl: database.url,
    ground,
    ask: (query, variables) => ask(node.url, query, variables),
    close: async () => {
      await node.close();
      await ground.close();
      await database.drop();
    },
  };
}

function configFor(databaseUrl: string): Config {
  return readConfig({
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: "0",
    DATABASE_URL: databaseUrl,
    NETWORK_NAME: "Red Ceiba",
  });
}

async function ask<Data>(
  url: string,
  query: string,
  variables?: Record<string, unknown>,
): Promise<Answer<Data>> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const body = JSON.parse(text) as { data: Data; errors?: readonly GraphQLFormattedError[] };
  return { status: response.status, text, headers: response.headers, ...body };
}
