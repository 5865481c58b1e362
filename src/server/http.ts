import { ApolloServer, HeaderMap, type HTTPGraphQLResponse } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { RequestError, getRequestListener, type HttpBindings } from "@hono/node-server";
import type { GraphQLSchema } from "graphql";
import { Hono, type Context as Exchange } from "hono";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Asker } from "../accounts/recognise.js";
import { contextFor, type Context, type Surroundings } from "../context.js";
import { DirectoryError, OperatorError } from "../errors.js";
import { describeFault, type Log } from "../log.js";
import { everyAnswer, refusal, refusalText } from "./answers.js";
import { readQuestion } from "./body.js";
import { costs, type Paying } from "./cost.js";
import { cannotAnswer, presentError, refusalOf } from "./errors.js";
import {
  ForeignOrigin,
  checkOrigin,
  foreignOrigin,
  listedQuestion,
  mayAskFrom,
  readableFrom,
  type Frontends,
  type Question,
} from "./frontends.js";
import { graphiql } from "./graphiql.js";
import { Documents, LIMITS, checkVariables } from "./limits.js";
import { Meter, TooMany, type Rates } from "./rate.js";
import type { NodeSchemas } from "./schema.js";

export type Door = { readonly url: string; close(): Promise<void> };

/** How long things may take, in milliseconds. */
type Patience = {
  /** For a caller to send the headers of a request, and all of it. */
  readonly headers: number;
  readonly request: number;
  /** For the node to answer. */
  readonly answer: number;
};

export type Opening = {
  readonly host: string;
  readonly port: number;
  readonly schemas: NodeSchemas;
  readonly surroundings: Surroundings;
  /** Who a request comes from; a refusal when what it brings is not good. */
  readonly recognise: (incoming: IncomingMessage) => Asker | Promise<Asker>;
  /** Whether a request shows the key of a router. */
  readonly isRouter: (incoming: IncomingMessage) => Promise<boolean>;
  /** Where a request comes from, to count by when it brings nothing good. */
  readonly sourceOf: (incoming: IncomingMessage) => string;
  readonly frontends: Frontends;
  /** The origin of the node's own pages, where a proxy changes the name it is asked by; null otherwise. */
  readonly ownOrigin: string | null;
  /** Whether the database answers now. */
  readonly reachable: () => Promise<boolean>;
  /** Serves GraphiQL, from this machine alone. */
  readonly development: boolean;
  /** Whether the node describes its schema to whoever asks. */
  readonly introspection: boolean;
  readonly rates: Rates;
  readonly patience: Patience;
  /** Pictures of coverage. */
  readonly pictures: Hono;
  /** What answers other nodes; null where the node has no address to be met at. */
  readonly federation: Hono | null;
  readonly log: Log;
};

/** Opens the node's HTTP door: `/graphql`, `/subgraph` for routers, and `/health`. */
export async function openDoor(opening: Opening): Promise<Door> {
  const { host, port, log, schemas, introspection, rates } = opening;
  const [apollo, routers] = [apolloFor(schemas.api, opening), apolloFor(schemas.subgraph, opening)];
  await Promise.all([apollo.start(), routers.start()]);
  const inside: Inside = {
    ...opening,
    apollo,
    documents: new Documents({ introspection }),
    meter: new Meter(rates),
  };
  const server = await listen(routes(inside, { ...inside, apollo: routers }), opening);
  server.on("clientError", hangUp);
  log.debug({ port }, "the door is open");
  return { url: addressOf(server, host), close: () => close(server, [apollo, routers]) };
}

/** What a request carries through Apollo. */
type Asking = Context & Paying;

/** What Apollo would tell others of what is asked is turned off, whatever the environment says. */
function apolloFor(schema: GraphQLSchema, { introspection, log }: Opening): ApolloServer<Asking> {
  return new ApolloServer<Asking>({
    schema,
    introspection,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxTokens: LIMITS.tokens },
    formatError: presentError(log, introspection),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      costs(schema),
    ],
    stopOnTerminationSignals: false,
    logger: silent,
  });
}

type Inside = Opening & {
  readonly apollo: ApolloServer<Asking>;
  readonly documents: Documents;
  readonly meter: Meter;
};

type Bindings = { Bindings: HttpBindings };

/** What is behind the door, by address. Who is no router finds nothing where routers ask. */
function routes(inside: Inside, toRouters: Inside): Hono<Bindings> {
  const { reachable, development, host, federation, pictures, meter, sourceOf } = inside;
  const app = new Hono<Bindings>();
  if (development && isLoopback(host)) app.use(onlyByItsName);
  app.post("/graphql", (exchange) => answer(exchange.env.incoming, inside));
  app.post("/subgraph", async (exchange, next) =>
    (await comesFromRouter(exchange.env.incoming, inside))
      ? answer(exchange.env.incoming, toRouters)
      : next(),
  );
  app.use(async (exchange, next) => {
    await next();
    const { headers } = exchange.res;
    const kept = OWN_WORD.flatMap((name) => [[name, headers.get(name) ?? everyAnswer[name]] as const]);
    for (const [name, value] of [...Object.entries(everyAnswer), ...kept]) headers.set(name, value);
  });
  app.options("/graphql", (exchange) => preflight(exchange.env.incoming, inside));
  app.get("/health", async (exchange) =>
    (await reachable()) ? exchange.text("ok\n") : exchange.text("away\n", 503),
  );
  if (development) app.route("/graphql", graphiql());
  app.use("/coverage/*", async (exchange, next) => {
    await meter.picture(sourceOf(exchange.env.incoming));
    return next();
  });
  app.route("/", pictures);
  if (federation !== null) {
    for (const path of ["/fed/*", "/.well-known/openid-federation"])
      app.use(path, (exchange, next) => countedPeer(exchange.env.incoming, inside, next));
    app.route("/", federation);
  }
  app.all("/graphql", () => refusal({ ...byPostOnly, status: 405, headers: { allow: "POST" } }));
  app.notFound(() => refusal(nothingHere));
  app.onError((error) => refused(error, inside.log));
  return app;
}

/** Of these, an answer may have a word of its own: pictures of coverage are for everybody to show, and to keep for an hour. */
const OWN_WORD = ["cache-control", "cross-origin-resource-policy"] as const;

const byPostOnly = {
  code: "BAD_USER_INPUT",
  message: "Questions are sent by POST, so that no search is written into an address.",
} as const;
const noRequest = { code: "BAD_USER_INPUT", message: "This is no HTTP request." } as const;
const nothingHere = {
  code: "NOT_FOUND",
  message: "There is nothing here. Questions go to /graphql.",
} as const;

/** Other nodes ask often, and are told when to come back as their protocol says it (RFC 9457). */
async function countedPeer(
  incoming: IncomingMessage,
  { meter, sourceOf }: Inside,
  next: () => Promise<void>,
): Promise<Response | void> {
  try {
    await meter.fromPeer(sourceOf(incoming));
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    const { message, seconds } = error;
    const body = { type: "urn:cadre:problem:rate-limited", status: 429, detail: message };
    return new Response(JSON.stringify(body), {
      status: 429,
      headers: { "content-type": "application/problem+json", "retry-after": String(seconds) },
    });
  }
  return next();
}

/** A page elsewhere can lead its own name to this machine: a node for development answers to none but its own. */
async function onlyByItsName(exchange: Exchange<Bindings>, next: () => Promise<void>) {
  const { host = "" } = exchange.env.incoming.headers;
  if (isLoopback(URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : "")) return next();
  return refusal({ code: "FORBIDDEN", message: "This node is for development and answers to localhost." });
}

function isLoopback(host: string): boolean {
  return ["localhost", "127.0.0.1", "::1", "[::1]"].includes(host);
}

/** What a browser asks before a page of another origin may send a question. */
async function preflight(incoming: IncomingMessage, { frontends, ownOrigin }: Inside): Promise<Response> {
  const origin = foreignOrigin(incoming, ownOrigin);
  if (origin === null) return new Response(null, { status: 204, headers: { allow: "POST" } });
  if (!(await frontends.origins()).has(origin)) throw new ForeignOrigin();
  return new Response(null, { status: 204, headers: mayAskFrom(origin) });
}

/** Whoever tries keys here is counted as everywhere else, and told no more than anybody. */
async function comesFromRouter(incoming: IncomingMessage, inside: Inside): Promise<boolean> {
  const { isRouter, sourceOf, meter } = inside;
  if (await isRouter(incoming)) return true;
  await meter.refused(sourceOf(incoming)).catch(() => undefined);
  return false;
}

/** A question, from what Node has read to what is answered. A page of a frontend's origin can read refusals as well. */
async function answer(incoming: IncomingMessage, inside: Inside): Promise<Response> {
  const { frontends, ownOrigin, patience, log } = inside;
  const origin = foreignOrigin(incoming, ownOrigin);
  let readable = {};
  try {
    if (origin !== null) {
      if (!(await frontends.origins()).has(origin)) throw new ForeignOrigin();
      readable = readableFrom(origin);
    }
    const body = await readQuestion(incoming);
    if (body.kind === "refused") return refusal({ ...body, headers: { ...body.headers, ...readable } });
    return present(await inTime(patience.answer, ask(incoming, body.json, inside)), readable);
  } catch (error) {
    return refused(error, log, error instanceof ForeignOrigin ? {} : readable);
  } finally {
    // What was not read is not kept waiting for.
    incoming.resume();
  }
}

/**
 * The glue to Apollo: who asks, whether they may through this frontend, whether the question is small enough, and then the
 * question. It takes Node's own request, and sets the headers of `everyAnswer` itself: web streams and a middleware cost as much as
 * answering a profile does.
 */
async function ask(incoming: IncomingMessage, json: unknown, inside: Inside): Promise<HTTPGraphQLResponse> {
  const { apollo, documents, meter, surroundings } = inside;
  const asker = await recognise(incoming, inside);
  checkOrigin(foreignOrigin(incoming, inside.ownOrigin), asker.frontend);
  await meter.begin(asker);
  const question = listed(json, asker);
  if (isQuestion(question)) {
    checkVariables(question["variables"]);
    if (typeof question["query"] === "string") documents.check(question["query"]);
  }
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const pay = (cost: number) => meter.pay(asker, cost);
  return apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: "POST", headers, search: "", body: question },
    context: async () => ({ ...contextFor(asker.viewer, surroundings, asker.request), pay }),
  });
}

/** Whoever brings a key or a session that is not good is counted by where they come from. */
async function recognise(incoming: IncomingMessage, { recognise, sourceOf, meter }: Inside): Promise<Asker> {
  try {
    return await recognise(incoming);
  } catch (error) {
    await meter.refused(sourceOf(incoming));
    throw error;
  }
}

/** The question as it is, or what a frontend's list has for it. */
function listed(json: unknown, { frontend }: Asker): unknown {
  return frontend === null ? json : listedQuestion(isQuestion(json) ? json : {}, frontend);
}

function isQuestion(json: unknown): json is Question {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** The outcome of work that takes at most so many milliseconds. What takes longer is answered for, and its outcome dropped. */
async function inTime<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DirectoryError("UNAVAILABLE", tookTooLong)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const tookTooLong = "This took too long; ask for less, or try again later.";

function present(
  { status, headers, body }: HTTPGraphQLResponse,
  more: Readonly<Record<string, string>>,
): Response {
  if (body.kind === "chunked") throw new Error("the schema has nothing that is delivered in parts");
  const all: Record<string, string> = { ...more };
  for (const [name, value] of headers) all[name] = value;
  return new Response(body.string, { status: status ?? 200, headers: Object.assign(all, everyAnswer) });
}

/** A refusal with its sentence, or a fault that is logged here and told nothing of. */
function refused(error: unknown, log: Log, headers: Readonly<Record<string, string>> = {}): Response {
  if (error instanceof DirectoryError) {
    const { headers: own, ...told } = refusalOf(error);
    return refusal({ ...told, headers: { ...own, ...headers } });
  }
  log.error(describeFault(error), "a request failed");
  return refusal({ code: "UNAVAILABLE", message: cannotAnswer, status: 500, headers });
}

/** What cannot be read as a request, or does not arrive in time, is answered on the bare line, and the line is cut. */
function hangUp(error: NodeJS.ErrnoException, line: Duplex): void {
  if (!line.writable || error.code === "ECONNRESET") {
    line.destroy();
    return;
  }
  const [status, message] = unreadable[error.code ?? ""] ?? ["400 Bad Request", noRequest.message];
  const body = refusalText({ code: "BAD_USER_INPUT", message });
  const headers = { ...everyAnswer, "content-type": "application/json; charset=utf-8", connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  line.end(
    `HTTP/1.1 ${status}\r\n${lines.join("")}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const unreadable: Readonly<Record<string, readonly [status: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "The request did not arrive in time."],
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "The headers of a request may be at most 16 KiB.",
  ],
};

function listen(app: Hono<Bindings>, { host, port, patience, log }: Opening): Promise<Server> {
  const { headers, request } = patience;
  const connectionsCheckingInterval = Math.min(5000, headers);
  const server = createServer(
    { headersTimeout: headers, requestTimeout: request, connectionsCheckingInterval },
    getRequestListener(app.fetch, {
      hostname: host,
      errorHandler: (error) => (error instanceof RequestError ? refusal(noRequest) : refused(error, log)),
    }),
  );
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    server.listen(port, host, () => resolve(server));
  });
}

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

async function close(server: Server, all: readonly ApolloServer<Asking>[]): Promise<void> {
  server.closeIdleConnections();
  await new Promise((resolve) => {
    server.close(resolve);
    setTimeout(() => server.closeAllConnections(), 2000).unref();
  });
  await Promise.all(all.map((apollo) => apollo.stop()));
}

/** What Apollo has to say about requests could quote them; faults reach our own log through `presentError`. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };
