import { buildSchema, type GraphQLSchema } from "graphql";
import { Hono } from "hono";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import type { Frontend } from "../src/accounts/frontend-key.js";
import type { Asker } from "../src/accounts/recognise.js";
import { DirectoryError } from "../src/errors.js";
import { openLog } from "../src/log.js";
import { openDoor, type Door, type Opening } from "../src/server/http.js";
import { anonymous, viewerOf } from "../src/visibility/viewer.js";

/** Behind these doors is next to nothing: they are the subject. */
type Behind = { ran: string[]; finish: () => void };

const doors: Door[] = [];
afterEach(async () => {
  await Promise.all(doors.splice(0).map((door) => door.close()));
});

function schemaBefore(behind: Behind): GraphQLSchema {
  const schema = buildSchema("type Query { name: String slow: String who: String many: [Query!]! }");
  const fields = schema.getQueryType()?.getFields() ?? {};
  const answers: Record<string, (of: unknown, args: unknown, context: unknown) => unknown> = {
    name: () => (behind.ran.push("name"), "Red Ceiba"),
    slow: () => new Promise<string>((resolve) => (behind.finish = () => resolve("at last"))),
    who: (_of, _args, context) => {
      const { viewer } = context as Asker;
      return `${viewer.role} ${viewer.account ?? "-"} ${viewer.frontend ?? "-"}`;
    },
    many: () => [],
  };
  for (const [name, resolve] of Object.entries(answers)) if (fields[name]) fields[name].resolve = resolve;
  return schema;
}

const one: Frontend = {
  id: "one",
  scopes: ["ACCOUNTS"],
  origins: ["https://one.example.org"],
  operations: null,
};
const two: Frontend = {
  id: "two",
  scopes: ["ACCOUNTS"],
  origins: ["https://two.example.org"],
  operations: null,
};
/** On a server, where no page can read it. */
const server: Frontend = { id: "server", scopes: ["ACCOUNTS"], origins: [], operations: null };
const LISTED = "query Listed { name }";
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
const listed: Frontend = {
  id: "listed",
  scopes: ["READ"],
  origins: ["https://listed.example.org"],
  operations: new Map([[digest(LISTED), LISTED]]),
};
const keys = new Map([one, two, server, listed].map((frontend) => [`key-${frontend.id}`, frontend]));

const signedOut = { token: null, accounts: true };

/** Knows the keys above, and everybody whose session is "Bearer of <name>". */
function recognise({ headers }: { readonly headers: NodeJS.Dict<string | string[]> }): Asker {
  const { authorization, "x-cadre-key": key } = headers as NodeJS.Dict<string>;
  const frontend = key === undefined ? null : (keys.get(key) ?? null);
  const refuse = () => new DirectoryError("UNAUTHENTICATED", "This key or session is not valid.");
  if (key !== undefined && frontend === null) throw refuse();
  const account = authorization?.replace(/^Bearer of /, "") ?? null;
  if (account === "nobody") throw refuse();
  const through = { frontend: frontend?.id ?? null };
  if (account !== null)
    return {
      viewer: viewerOf("SEEKER", account, through),
      request: { source: "here", ...signedOut },
      frontend,
    };
  const viewer = frontend === null ? anonymous : viewerOf("FRONTEND", null, through);
  return { viewer, request: { source: String(headers["x-source"] ?? "here"), ...signedOut }, frontend };
}

async function open(settings: Partial<Opening> = {}) {
  const behind: Behind = { ran: [], finish: () => undefined };
  const door = await openDoor({
    host: "127.0.0.1",
    port: 0,
    schemas: { api: schemaBefore(behind), subgraph: schemaBefore(behind) },
    surroundings: { gathered: {} } as unknown as Opening["surroundings"],
    recognise,
    isRouter: async () => false,
    sourceOf: ({ headers }) => String(headers["x-source"] ?? "here"),
    frontends: { origins: async () => new Set([...keys.values()].flatMap(({ origins }) => origins)) },
    ownOrigin: "https://cadre.example.org",
    reachable: async () => true,
    development: false,
    introspection: true,
    rates: { source: 0, account: 0, frontend: 0, peer: 0 },
    patience: { headers: 10_000, request: 30_000, answer: 10_000 },
    pictures: new Hono(),
    federation: null,
    log: openLog("silent"),
    ...settings,
  });
  doors.push(door);
  return { url: door.url, behind };
}

type Headers = Readonly<Record<string, string>>;
type Answered = {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
};

/** Over node:http, because fetch has its own mind about Host, Origin and lengths. */
type Sent = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Headers;
  readonly body?: string | Buffer;
};

async function send(
  url: string,
  { method = "POST", path = "/graphql", headers = {}, body = "" }: Sent,
): Promise<Answered> {
  const asked = request(`${url}${path}`, { method, headers });
  asked.end(body);
  const [response] = (await once(asked, "response")) as [import("node:http").IncomingMessage];
  let text = "";
  for await (const part of response) text += String(part);
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

const json = { "content-type": "application/json" };

function ask(url: string, query: string, headers: Headers = {}, more: object = {}): Promise<Answered> {
  return send(url, { headers: { ...json, ...headers }, body: JSON.stringify({ query, ...more }) });
}

const codeOf = ({ text }: Answered): unknown =>
  (JSON.parse(text) as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code;

describe("a body", () => {
  const question = '{"query":"{ name }"}';

  test.each<[string, Headers, string | Buffer, number]>([
    ["as JSON", json, question, 200],
    ["as JSON that says it is UTF-8", { "content-type": "application/json; charset=utf-8" }, question, 200],
    ["as JSON that shouts it", { "content-type": 'Application/JSON; Charset="UTF-8"' }, question, 200],
    ["as JSON with a mark at its beginning", json, `\ufeff${question}`, 200],
    ["that says it is not compressed", { ...json, "content-encoding": "identity" }, question, 200],
    [
      "in UTF-16, and says so",
      { "content-type": "application/json; charset=utf-16" },
      Buffer.from(question, "utf16le"),
      415,
    ],
    ["in UTF-16, and does not say so", json, Buffer.from(`\ufeff${question}`, "utf16le"), 400],
    ["in Latin-1", { "content-type": "application/json; charset=iso-8859-1" }, question, 415],
    [
      "in UTF-8 and Latin-1 at once",
      { "content-type": "application/json; charset=utf-8; charset=iso-8859-1" },
      question,
      415,
    ],
    ["in UTF-7", { "content-type": "application/json;charset=utf-7" }, question, 415],
    ["as plain text", { "content-type": "text/plain" }, question, 415],
    ["as a form", { "content-type": "application/x-www-form-urlencoded" }, "query={name}", 415],
    ["as a form of many parts", { "content-type": "multipart/form-data; boundary=x" }, "--x--", 415],
    ["as nothing it says", {}, question, 415],
    ["as two things", { "content-type": "application/json, text/plain" }, question, 415],
    ["as a document alone", { "content-type": "application/graphql" }, "{ name }", 415],
    ["compressed", { ...json, "content-encoding": "gzip" }, gzipSync(question), 415],
    ["compressed twice", { ...json, "content-encoding": "gzip, br" }, gzipSync(question), 415],
    ["compressed, and does not say so", json, gzipSync(question), 400],
    ["that is a mark alone", json, Buffer.from([0xef, 0xbb, 0xbf]), 400],
    ["with two marks", json, `\ufeff\ufeff${question}`, 400],
    ["that is nothing", json, "", 400],
    [
      "that is no UTF-8",
      json,
      Buffer.concat([Buffer.from('{"query":"{ name } #'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
      400,
    ],
    ["with half a character as bytes", json, Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 400],
    ["that is a list", json, `[${question}]`, 400],
    ["that is a number", json, "7", 400],
    ["that is null", json, "null", 400],
    ["whose query is a number", json, '{"query":7}', 400],
    [
      "of 64 KiB and a byte",
      json,
      JSON.stringify({ query: `{ name } #${"x".repeat(65_524 - 9)}` }).padEnd(65_537),
      413,
    ],
    ["of 900 kB", json, " ".repeat(900_000), 413],
  ])("%s", async (_what, headers, body, status) => {
    const { url, behind } = await open();
    const answered = await send(url, { headers, body });
    expect(answered.status).toBe(status);
    expect(codeOf(answered)).toBe(status === 200 ? undefined : "BAD_USER_INPUT");
    expect(behind.ran).toEqual(status === 200 ? ["name"] : []);
  });
});

describe("every answer", () => {
  test.each<[string, Sent, number, Partial<Opening>]>([
    ["to a question", { headers: json, body: '{"query":"{ name }"}' }, 200, {}],
    ["to a question that is none", { headers: json, body: '{"query":"{"}' }, 400, {}],
    ["to no JSON", { headers: json, body: "{" }, 400, {}],
    ["to a bad session", { headers: { ...json, authorization: "Bearer of nobody" }, body: "{}" }, 401, {}],
    [
      "to a page of somebody else",
      { headers: { ...json, origin: "https://evil.example" }, body: "{}" },
      403,
      {},
    ],
    ["where there is nothing", { method: "GET", path: "/nothing" }, 404, {}],
    ["to a name that is none", { headers: { ...json, host: "a@b" }, body: "{}" }, 400, {}],
    ["to GET", { method: "GET" }, 405, {}],
    ["to DELETE", { method: "DELETE" }, 405, {}],
    ["to too much", { headers: json, body: " ".repeat(70_000) }, 413, {}],
    ["to the wrong kind of thing", { body: "{}" }, 415, {}],
    [
      "to a browser that asks first",
      { method: "OPTIONS", headers: { origin: "https://one.example.org" } },
      204,
      {},
    ],
    [
      "to a browser that asks in vain",
      { method: "OPTIONS", headers: { origin: "https://evil.example" } },
      403,
      {},
    ],
    ["about its health", { method: "GET", path: "/health" }, 200, {}],
    ["about its bad health", { method: "GET", path: "/health" }, 503, { reachable: async () => false }],
    ["with GraphiQL", { method: "GET", headers: { accept: "text/html" } }, 200, { development: true }],
    ["with a part of GraphiQL", { method: "GET", path: "/graphql/start.js" }, 200, { development: true }],
    [
      "to too many",
      { headers: json, body: '{"query":"{ name }"}' },
      429,
      { rates: { source: 0.1, account: 1, frontend: 1, peer: 1 } },
    ],
    [
      "that fails",
      { headers: json, body: '{"query":"{ name }"}' },
      500,
      {
        recognise: () => {
          throw new Error("a fault");
        },
      },
    ],
  ])("%s is kept by nobody, and guarded", async (_to, sent, status, settings) => {
    const { url } = await open(settings);
    const { headers, ...answered } = await send(url, sent);
    expect(answered.status).toBe(status);
    expect(headers["cache-control"]).toBe("no-store");
    expect(String(headers["vary"])).toMatch(/Origin.*Authorization.*X-Cadre-Key/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["referrer-policy"]).toBe("no-referrer");
    expect(answered.text).not.toContain("a fault");
  });
});

describe("on the bare line", () => {
  /** What comes back until the node cuts the line. */
  async function say(url: string, ...parts: readonly string[]): Promise<string> {
    const line = connect(Number(new URL(url).port), "127.0.0.1");
    let heard = "";
    line.on("data", (text) => (heard += String(text)));
    line.on("error", () => undefined);
    for (const part of parts) line.write(part);
    await once(line, "close");
    return heard;
  }
  const head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

  test.each<[string, readonly string[], string]>([
    ["headers that never end are not waited for", ["POST /graphql HTTP/1.1\r\nHost: localhost\r\n"], "408"],
    ["a body that never ends is not waited for", [`${head}Content-Length: 100\r\n\r\n`, '{"query":'], "408"],
    [
      "a body in parts that never end is not waited for",
      [`${head}Transfer-Encoding: chunked\r\n\r\n`, "2\r\n{}\r\n"],
      "408",
    ],
    ["what is no request is refused", ["hello there\r\n\r\n"], "400"],
    ["two lengths are refused", [`${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`], "400"],
    [
      "a length and parts at once are refused",
      [`${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
      "400",
    ],
    ["headers of 20 KiB are refused", [`${head}X-Much: ${"x".repeat(20_000)}\r\n\r\n`], "431"],
  ])("%s", async (_what, parts, status) => {
    const { url, behind } = await open({ patience: { headers: 200, request: 400, answer: 1000 } });
    const heard = await say(url, ...parts);
    expect(heard).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(heard).toMatch(/cache-control: no-store\r\n/);
    expect(heard).toMatch(
      /\{"errors":\[\{"message":"[^"]+\.","extensions":\{"code":"BAD_USER_INPUT"\}\}\]\}$/,
    );
    expect(behind.ran).toEqual([]);
  });

  test("beside a caller who never comes to an end, others are answered", async () => {
    const { url } = await open();
    const line = connect(Number(new URL(url).port), "127.0.0.1");
    line.write(`${head}Content-Length: 100\r\n\r\n{`);
    expect((await ask(url, "{ name }")).status).toBe(200);
    line.destroy();
  });
});

describe("a page of another origin", () => {
  const origin = "https://one.example.org";

  test("is told what it may send, when a key is bound to its origin", async () => {
    const { url } = await open();
    const { status, headers, text } = await send(url, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-cadre-key",
      },
    });
    expect([status, text]).toEqual([204, ""]);
    expect(headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "content-type, authorization, x-cadre-key",
      "access-control-max-age": "600",
    });
    expect(headers["access-control-allow-credentials"]).toBeUndefined();
  });

  test.each([
    "https://evil.example",
    "null",
    "http://one.example.org",
    "https://one.example.org.evil.example",
    "https://one.example.org:8443",
    "https://ONE.example.org/",
    "file://",
  ])("is told nothing, when none is: %s", async (foreign) => {
    const { url, behind } = await open();
    const preflight = await send(url, {
      method: "OPTIONS",
      headers: { origin: foreign, "access-control-request-method": "POST" },
    });
    const real = await ask(url, "{ name }", { origin: foreign, "x-cadre-key": "key-one" });
    for (const answered of [preflight, real]) {
      expect([answered.status, codeOf(answered)]).toEqual([403, "FORBIDDEN"]);
      expect(answered.headers["access-control-allow-origin"]).toBeUndefined();
    }
    expect(behind.ran).toEqual([]);
  });

  test("reads the answer with its key", async () => {
    const { url } = await open();
    const { status, headers, text } = await ask(url, "{ who }", { origin, "x-cadre-key": "key-one" });
    expect([status, JSON.parse(text)]).toEqual([200, { data: { who: "FRONTEND - one" } }]);
    expect(headers["access-control-allow-origin"]).toBe(origin);
  });

  test("and that of whoever signed in there", async () => {
    const { url } = await open();
    const { text } = await ask(url, "{ who }", {
      origin,
      "x-cadre-key": "key-one",
      authorization: "Bearer of ana",
    });
    expect(JSON.parse(text)).toEqual({ data: { who: "SEEKER ana one" } });
  });

  test.each([
    ["without a key", {}],
    ["with the key of another frontend", { "x-cadre-key": "key-two" }],
    ["with a session alone", { authorization: "Bearer of ana" }],
  ])("is refused %s, before anything runs", async (_with, headers) => {
    const { url, behind } = await open();
    const answered = await ask(url, "{ name }", { origin, ...headers });
    expect([answered.status, codeOf(answered)]).toEqual([403, "FORBIDDEN"]);
    expect(answered.headers["access-control-allow-origin"]).toBeUndefined();
    expect(behind.ran).toEqual([]);
  });

  test("can read why it is refused: a key that is no longer good, too much, no JSON", async () => {
    const { url } = await open();
    const answers = [
      await ask(url, "{ name }", { origin, "x-cadre-key": "key-gone" }),
      await send(url, { headers: { ...json, origin }, body: " ".repeat(70_000) }),
      await send(url, { headers: { ...json, origin }, body: "{" }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 413, 400]);
    for (const { headers } of answers) expect(headers["access-control-allow-origin"]).toBe(origin);
  });

  test("is the node's own, by the name it is asked by or its own address", async () => {
    const { url } = await open();
    const byName = await ask(url, "{ name }", {
      host: "elsewhere.example.org:4000",
      origin: "http://elsewhere.example.org:4000",
    });
    const byAddress = await ask(url, "{ name }", { origin: "https://cadre.example.org" });
    for (const { status, headers } of [byName, byAddress]) {
      expect(status).toBe(200);
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  test("is none, when a server asks with a key", async () => {
    const { url } = await open();
    const { text, headers } = await ask(url, "{ who }", { "x-cadre-key": "key-one" });
    expect(JSON.parse(text)).toEqual({ data: { who: "FRONTEND - one" } });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("a frontend with a list of documents", () => {
  const key = { "x-cadre-key": "key-listed" };
  const byDigest = (sha256Hash: unknown, version: unknown = 1) => ({
    extensions: { persistedQuery: { version, sha256Hash } },
  });

  test.each<[string, object]>([
    ["the document itself", { query: LISTED }],
    ["its digest", byDigest(digest(LISTED))],
    ["its digest in capitals", byDigest(digest(LISTED).toUpperCase())],
    ["both", { query: LISTED, ...byDigest(digest(LISTED)) }],
  ])("is answered %s", async (_what, body) => {
    const { url } = await open();
    const { text } = await send(url, { headers: { ...json, ...key }, body: JSON.stringify(body) });
    expect(JSON.parse(text)).toEqual({ data: { name: "Red Ceiba" } });
  });

  test.each<[string, unknown]>([
    ["another document", { query: "{ name }" }],
    ["the document with one space more", { query: `${LISTED} ` }],
    ["another document under a listed digest", { query: "{ name }", ...byDigest(digest(LISTED)) }],
    ["another digest", byDigest(digest("{ name }"))],
    ["another version", byDigest(digest(LISTED), 2)],
    ["a digest that is none", byDigest({ toString: "x" })],
    ["something every object has", byDigest("constructor")],
    ["nothing", {}],
    ["a list of them", [{ query: LISTED }]],
  ])("is refused %s", async (_what, body) => {
    const { url, behind } = await open();
    const answered = await send(url, { headers: { ...json, ...key }, body: JSON.stringify(body) });
    expect([answered.status, codeOf(answered)]).toEqual([403, "FORBIDDEN"]);
    expect(behind.ran).toEqual([]);
  });

  test("others may send what they like, but no digests", async () => {
    const { url } = await open();
    expect((await ask(url, "{ name }", { "x-cadre-key": "key-one" })).status).toBe(200);
    const body = JSON.stringify(byDigest(digest(LISTED)));
    expect(codeOf(await send(url, { headers: { ...json, "x-cadre-key": "key-one" }, body }))).toBe(
      "BAD_USER_INPUT",
    );
  });
});

describe("time", () => {
  test("a question that takes too long is answered UNAVAILABLE, and the next one as ever", async () => {
    const { url, behind } = await open({ patience: { headers: 10_000, request: 30_000, answer: 300 } });
    const answered = await ask(url, "{ slow }");
    expect([answered.status, codeOf(answered)]).toEqual([503, "UNAVAILABLE"]);
    behind.finish();
    expect((await ask(url, "{ name }")).status).toBe(200);
  });
});

describe("how often somebody may ask", () => {
  // Two in a minute, and four more at once: the seventh is too many.
  const rates = { source: 2, account: 3, frontend: 4, peer: 2 };
  const often = async (url: string, times: number, headers: Headers = {}, query = "{ name }") => {
    const answers: Answered[] = [];
    for (let time = 0; time < times; time++) answers.push(await ask(url, query, headers));
    return answers;
  };
  const statuses = (answers: readonly Answered[]) => answers.map(({ status }) => status);

  test("a source is answered so often, and then told when to come back", async () => {
    const { url, behind } = await open({ rates });
    const answers = await often(url, 8);
    expect(statuses(answers)).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
    const [last] = answers.slice(-1);
    expect(last && codeOf(last)).toBe("RATE_LIMITED");
    expect(Number(last?.headers["retry-after"])).toBeGreaterThan(0);
    expect(behind.ran).toHaveLength(6);
  });

  test("other nodes are counted by themselves, by where they ask from, and told when to come back", async () => {
    const federation = new Hono();
    federation.get("/fed/v1/public/head", (asked) => asked.text("head"));
    const { url } = await open({ rates, federation });
    const head = (source: string) => fetch(`${url}/fed/v1/public/head`, { headers: { "x-source": source } });
    const told = [];
    for (let time = 0; time < 7; time++) told.push((await head("node")).status);
    expect(told).toEqual([200, 200, 200, 200, 200, 200, 429]);
    const refused = await head("node");
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ type: "urn:cadre:problem:rate-limited", status: 429 });
    expect(
      (await fetch(`${url}/.well-known/openid-federation`, { headers: { "x-source": "node" } })).status,
    ).toBe(429);
    expect((await head("another node")).status).toBe(200);
    expect(statuses(await often(url, 1, { "x-source": "node" }))).toEqual([200]);
  });

  test("another source, an account and a frontend are counted by themselves", async () => {
    const { url } = await open({ rates });
    await often(url, 7);
    expect(statuses(await often(url, 1, { "x-source": "there" }))).toEqual([200]);
    expect(statuses(await often(url, 10, { authorization: "Bearer of ana" }))).toEqual([
      ...Array<number>(9).fill(200),
      429,
    ]);
    expect(statuses(await often(url, 1, { authorization: "Bearer of ben" }))).toEqual([200]);
    expect(statuses(await often(url, 13, { "x-cadre-key": "key-server" }))).toEqual([
      ...Array<number>(12).fill(200),
      429,
    ]);
    expect(statuses(await often(url, 1, { "x-cadre-key": "key-two" }))).toEqual([200]);
  });

  test("a key that is there for any page to read gives one visitor no more than they have without it", async () => {
    const { url } = await open({ rates });
    expect(statuses(await often(url, 8, { "x-cadre-key": "key-one" }))).toEqual([
      ...Array<number>(6).fill(200),
      429,
      429,
    ]);
    expect(statuses(await often(url, 1, { "x-cadre-key": "key-one", "x-source": "there" }))).toEqual([200]);
  });

  test("keys and sessions that are not good are counted by where they come from", async () => {
    const { url } = await open({ rates });
    const guesses = await often(url, 8, { authorization: "Bearer of nobody" });
    expect(statuses(guesses)).toEqual([401, 401, 401, 401, 401, 401, 429, 429]);
    expect(statuses(await often(url, 1))).toEqual([429]);
  });

  test("what costs much counts for more, and is refused before it runs", async () => {
    const { url, behind } = await open({ rates });
    const dear = `{ ${[1, 2, 3].map((at) => `a${at}: many { many { many { many { name } } } }`).join(" ")} name }`;
    const answers = await often(url, 2, {}, dear);
    expect(statuses(answers)).toEqual([200, 429]);
    expect(behind.ran).toHaveLength(1);
    expect(Number(answers[1]?.headers["retry-after"])).toBeGreaterThan(0);
    expect(answers[1] && codeOf(answers[1])).toBe("RATE_LIMITED");
  });

  test("health can be asked as often as anybody likes", async () => {
    const { url } = await open({ rates });
    for (let time = 0; time < 20; time++)
      expect((await send(url, { method: "GET", path: "/health" })).status).toBe(200);
  });
});

describe("a node for development on this machine", () => {
  test.each(["localhost", "LOCALHOST:4000", "127.0.0.1:4000", "[::1]:4000"])(
    "answers to %s",
    async (host) => {
      const { url } = await open({ development: true });
      expect((await ask(url, "{ name }", { host })).status).toBe(200);
    },
  );

  test.each([
    "evil.example",
    "evil.example:4000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "10.0.0.1",
  ])("does not answer to %j, which a page elsewhere may have led here", async (host) => {
    const { url, behind } = await open({ development: true });
    const tries: readonly Sent[] = [
      { body: '{"query":"{ name }"}', headers: { ...json, host } },
      { method: "GET", headers: { host, accept: "text/html" } },
      { method: "GET", path: "/health", headers: { host } },
    ];
    for (const sent of tries) {
      const answered = await send(url, sent);
      expect([answered.status, codeOf(answered)]).toEqual([403, "FORBIDDEN"]);
      expect(answered.headers["cache-control"]).toBe("no-store");
    }
    expect(behind.ran).toEqual([]);
  });

  test("in production it answers to whatever name it is given", async () => {
    const { url } = await open();
    expect((await ask(url, "{ name }", { host: "directory.example.org" })).status).toBe(200);
  });
});
