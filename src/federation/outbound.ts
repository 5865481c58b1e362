import { request as send, type IncomingMessage } from "node:http";
import { readAnswer, type Answered } from "./answer.js";
import { CheckedAgent, type Route } from "./connection.js";
import { findAddresses, lookUp, parseDestination, type Destination, type Lookup } from "./destination.js";
import { OutboundError, codeOf } from "./outbound-error.js";

/** Largest head of an answer: status line and headers together, in bytes. */
const LARGEST_HEAD = 16 * 1024;

/**
 * The only way to a peer. What is not answered in time, in full and in size is an OutboundError; a status is not: 404 and 503 are
 * answers. Nothing is followed, remembered or tried again.
 */
export type Outbound = {
  get(url: string, asked: Get): Promise<Answered>;
  post(url: string, asked: Post): Promise<Answered>;
  /** Ends what is under way as CLOSED, and resolves when it has ended. */
  close(): Promise<void>;
};

/** `largest` counts bytes after decoding; `headers` may not replace our own. With an `etag`, 304 is an answer to expect. */
export type Get = {
  readonly accept: string;
  readonly largest: number;
  readonly etag?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
};

type Post = {
  readonly contentType: string;
  readonly body: Uint8Array | string;
  readonly largest: number;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** `allowPrivate` is for tests and for nodes that share a machine. `timeout` is for a whole exchange, in milliseconds. */
export type OutboundOptions = {
  readonly allowPrivate: boolean;
  readonly timeout: number;
  readonly userAgent: string;
  readonly lookup?: Lookup;
  /** Certificates to believe instead of the well-known ones, in PEM. */
  readonly ca?: string;
};

type Question = {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly largest: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
};

type Surroundings = OutboundOptions & { readonly agent: CheckedAgent; readonly signal: AbortSignal };

/** Opens the way to peers, with connections of its own: no proxy, no cookies, no referrer. */
export function openOutbound(options: OutboundOptions): Outbound {
  const agent = new CheckedAgent(options.ca);
  const running = new Map<AbortController, Promise<unknown>>();
  let closed = false;

  async function exchange(question: Question): Promise<Answered> {
    if (closed) throw closing();
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(tooSlow(options.timeout)), options.timeout);
    const answered = ask(question, { ...options, agent, signal: ending.signal });
    running.set(ending, answered);
    try {
      return await answered;
    } finally {
      clearTimeout(timer);
      running.delete(ending);
    }
  }

  return {
    get: (url, asked) => exchange(getQuestion(url, asked)),
    post: (url, asked) => exchange(postQuestion(url, asked)),
    async close() {
      closed = true;
      for (const ending of running.keys()) ending.abort(closing());
      await Promise.allSettled(running.values());
      agent.destroy();
    },
  };
}

function getQuestion(url: string, { accept, largest, etag, headers }: Get): Question {
  const known: Readonly<Record<string, string>> = typeof etag === "string" ? { "if-none-match": etag } : {};
  return { method: "GET", url, largest, headers: { ...headers, accept, ...known } };
}

function postQuestion(url: string, { contentType, body, largest, accept, headers }: Post): Question {
  const own = { accept: accept ?? "*/*", "content-type": contentType };
  return { method: "POST", url, largest, body, headers: { ...headers, ...own } };
}

/** Where, to which address, the question, the answer: each step refuses in its own words. */
async function ask(question: Question, surroundings: Surroundings): Promise<Answered> {
  const { allowPrivate, lookup = lookUp, signal } = surroundings;
  try {
    const destination = parseDestination(question.url, allowPrivate);
    const addresses = await findAddresses(destination, { allowPrivate, lookup, signal });
    const response = await sendTo({ ...destination, addresses, givenUp: signal }, question, surroundings);
    return await readAnswer(response, question.largest, signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : refusalFrom(error);
  }
}

function sendTo(
  route: Route & Destination,
  { method, headers, body }: Question,
  { agent, userAgent }: Surroundings,
): Promise<IncomingMessage> {
  const own = { host: route.authority, "user-agent": userAgent, "accept-encoding": "gzip, br" };
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  // A route names what the agent needs; Node takes host, port and path from it.
  const options = {
    ...route,
    signal: route.givenUp,
    method,
    agent,
    headers: { ...headers, ...length, ...own },
    maxHeaderSize: LARGEST_HEAD,
    insecureHTTPParser: false,
  };
  return new Promise((resolve, reject) => {
    const request = send(options, resolve);
    request.on("error", reject);
    request.once("close", () =>
      reject(new OutboundError("UNREACHABLE", "The peer hung up without an answer.")),
    );
    request.end(body);
  });
}

/** What went wrong before an answer began. What has no code is a fault, and rises as it is. */
function refusalFrom(error: unknown): unknown {
  if (error instanceof OutboundError) return error;
  const code = codeOf(error);
  if (code === null) return error;
  if (code === "HPE_HEADER_OVERFLOW")
    return new OutboundError(
      "TOO_LARGE",
      `The head of the peer's answer is longer than ${LARGEST_HEAD} bytes.`,
    );
  if (code.startsWith("HPE_"))
    return new OutboundError("NOT_HTTP", `The peer's answer is not HTTP (${code}).`);
  return new OutboundError("UNREACHABLE", `The peer could not be reached (${code}).`);
}

function tooSlow(timeout: number): OutboundError {
  return new OutboundError("TIMEOUT", `The peer did not answer in full within ${timeout} ms.`);
}

function closing(): OutboundError {
  return new OutboundError("CLOSED", "This node is stopping and asks no more peers.");
}
