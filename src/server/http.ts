import { ApolloServer, HeaderMap, type HTTPGraphQLResponse } from "@apollo/server";
import { ApolloServerPluginCacheControlDisabled } from "@apollo/server/plugin/disabled";
import { serve, type HttpBindings } from "@hono/node-server";
import type { GraphQLSchema } from "graphql";
import { Hono, type Context as Exchange } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { Server } from "node:http";
import { credentialsOf, type Asker, type Credentials } from "../accounts/recognise.js";
import { contextFor, type Context, type Surroundings } from "../context.js";
import { DirectoryError, OperatorError, type RefusalCode } from "../errors.js";
import { describeFault, type Log } from "../log.js";
import { cannotAnswer, presentError } from "./errors.js";
import { graphiql } from "./graphiql.js";
import { noDeeperThan } from "./limits.js";

/** The largest question that is read, in bytes. */
const LARGEST_BODY = 64 * 1024;
/** The longest document that is parsed, in tokens. */
const LONGEST_DOCUMENT = 2000;
/** The deepest question that is answered, in fields within fields. */
const DEEPEST_QUESTION = 12;

export type Door = { readonly url: string; close(): Promise<void> };

type Opening = {
  readonly host: string;
  readonly port: number;
  readonly schema: GraphQLSchema;
  readonly surroundings: Surroundings;
  /** Who a request comes from; a refusal when what it brings is not good. */
  readonly recognise: (credentials: Credentials) => Asker | Promise<Asker>;
  /** Whether a proxy in front of the node says where requests come from. */
  readonly trustProxy: boolean;
  /** Whether the database answers now. */
  readonly reachable: () => Promise<boolean>;
  /** Serves GraphiQL, from this machine alone. */
  readonly development: boolean;
  readonly log: Log;
};

/** Opens the node's HTTP door: `/graphql` and `/health`. */
export async function openDoor(opening: Opening): Promise<Door> {
  const { host, port, schema, log } = opening;
  const apollo = new ApolloServer<Context>({
    schema,
    introspection: true,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxTokens: LONGEST_DOCUMENT },
    validationRules: [noDeeperThan(DEEPEST_QUESTION)],
    formatError: presentError(log),
    plugins: [ApolloServerPluginCacheControlDisabled()],
    stopOnTerminationSignals: false,
    logger: silent,
  });
  await apollo.start();
  const server = await listen(rooms(apollo, opening), host, port);
  return { url: addressOf(server, host), close: () => close(server, apollo) };
}

type Rooms = Hono<{ Bindings: HttpBindings }>;

/** What is behind the door, by address. */
function rooms(apollo: ApolloServer<Context>, opening: Opening): Rooms {
  const { reachable, development, log } = opening;
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.post("/graphql", (exchange) => answer(apollo, exchange, opening));
  app.use(secureHeaders({ referrerPolicy: "no-referrer", crossOriginResourcePolicy: "same-origin" }));
  app.get("/health", async (exchange) =>
    (await reachable()) ? exchange.text("ok\n") : exchange.text("away\n", 503),
  );
  if (development) app.route("/graphql", graphiql());
  app.all("/graphql", (exchange) => refuse(exchange, 405, byPostOnly, { allow: "POST" }));
  app.notFound((exchange) => refuse(exchange, 404, nothingHere, {}, "NOT_FOUND"));
  app.onError((error, exchange) => {
    if (error instanceof DirectoryError)
      return refuse(exchange, STATUS[error.code], error.message, secure, error.code);
    log.error(describeFault(error), "a request failed");
    return refuse(exchange, 500, cannotAnswer, {}, "UNAVAILABLE");
  });
  return app;
}

/** What `secureHeaders` sets, for the answers it does not see. */
const secure = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=15552000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-download-options": "noopen",
  "x-frame-options": "SAMEORIGIN",
  "x-permitted-cross-domain-policies": "none",
  "x-xss-protection": "0",
};

const byPostOnly = "Questions are sent by POST, so that no search is written into an address.";
const nothingHere = "There is nothing here. Questions go to /graphql.";

/**
 * The glue between Hono and Apollo: GraphQL over HTTP, JSON in UTF-8 only. It reads from Node's own request and sets the
 * headers of `secureHeaders` itself: web streams and a middleware cost as much as answering a profile does.
 */
async function answer(
  apollo: ApolloServer<Context>,
  exchange: Exchange<{ Bindings: HttpBindings }>,
  { surroundings, recognise, trustProxy }: Opening,
): Promise<Response> {
  const { incoming } = exchange.env;
  const bytes = await readBody(incoming);
  if (bytes === null) return refuse(exchange, 413, tooLarge, secure);
  const body = readJson(bytes);
  if (body === undefined) return refuse(exchange, 400, "The body has to be JSON in UTF-8.", secure);
  const { viewer, request } = await recognise(credentialsOf(incoming, trustProxy));
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const response = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: "POST", headers, search: "", body },
    context: async () => contextFor(viewer, surroundings, request),
  });
  return present(response);
}

/** Null when it is too large; what comes after that is thrown away, and at ten times as much the line is cut. */
function readBody(incoming: HttpBindings["incoming"]): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    incoming.on("data", (part: Buffer) => {
      size += part.length;
      if (size <= LARGEST_BODY) parts.push(part);
      if (size > LARGEST_BODY * 10) incoming.destroy();
    });
    incoming.once("end", () => resolve(size > LARGEST_BODY ? null : Buffer.concat(parts)));
    // Who went away in the middle is told nothing.
    incoming.once("close", () => resolve(null));
  });
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Answers belong to one viewer at one moment: nobody between us and them keeps a copy. */
function present({ status, headers, body }: HTTPGraphQLResponse): Response {
  if (body.kind === "chunked") throw new Error("the schema has nothing that is delivered in parts");
  const own = Object.fromEntries(headers);
  return new Response(body.string, {
    status: status ?? 200,
    headers: { ...secure, ...own, "cache-control": "no-store" },
  });
}

/** The status of a request that is refused before anything of it is run. */
const STATUS = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  TOO_COMPLEX: 400,
  UNAVAILABLE: 503,
} as const satisfies Record<RefusalCode, number>;

const tooLarge = `A question may be at most ${LARGEST_BODY / 1024} KiB.`;

function refuse(
  exchange: Exchange,
  status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 429 | 500 | 503,
  message: string,
  headers: Record<string, string> = {},
  code: DirectoryError["code"] = "BAD_USER_INPUT",
): Response {
  return exchange.json({ errors: [{ message, extensions: { code } }] }, status, {
    "cache-control": "no-store",
    ...headers,
  });
}

function listen(app: Rooms, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    // Without TLS of its own, serve() makes a plain node:http server.
    const server = serve({ fetch: app.fetch, hostname: host, port, serverOptions: patience }, () =>
      resolve(server),
    ) as Server;
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
  });
}

/** How long a caller may take, in milliseconds: to send the headers, and to send everything. */
const patience = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 };

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === "EADDRINUSE") {
    return new OperatorError(`Port ${port} is taken by another program; choose another with PORT=…`);
  }
  return new OperatorError(`The node cannot listen on ${host}:${port} (${error.code ?? error.name}).`);
}

function addressOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host === "0.0.0.0" || host === "127.0.0.1" ? "localhost" : host}:${port}`;
}

async function close(server: Server, apollo: ApolloServer<Context>): Promise<void> {
  server.closeIdleConnections();
  await new Promise((resolve) => {
    server.close(resolve);
    setTimeout(() => server.closeAllConnections(), 2000).unref();
  });
  await apollo.stop();
}

/** What Apollo has to say about requests could quote them; faults reach our own log through `presentError`. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };
