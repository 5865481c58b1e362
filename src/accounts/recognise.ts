import { isIPv6 } from "node:net";
import type { IncomingMessage } from "node:http";
import type { RequestOrigin } from "../context.js";
import { DirectoryError } from "../errors.js";
import { anonymous, viewerOf, type Viewer } from "../visibility/viewer.js";
import type { Frontend } from "./frontend-key.js";
import type { FrontendKeys } from "./frontend-key.store.js";
import type { Sessions } from "./session.store.js";

/** What a request says of who sends it; a header that came twice is neither of the two. */
export type Credentials = {
  readonly authorization: string | undefined;
  readonly frontendKey: string | undefined;
  readonly source: string;
};

/** Who is asking, from where, and through which frontend; `frontend` is null when the request came without a key. */
export type Asker = {
  readonly viewer: Viewer;
  readonly request: RequestOrigin;
  readonly frontend: Frontend | null;
};

/** The header in which a network's own frontend shows its key. */
const FRONTEND_KEY_HEADER = "x-cadre-key";

/** What Node has read of a request. Behind a trusted proxy the last hop it names is the source, otherwise whoever is connected. */
export function credentialsOf(incoming: IncomingMessage, trustProxy: boolean): Credentials {
  return {
    authorization: sent(incoming, "authorization"),
    frontendKey: sent(incoming, FRONTEND_KEY_HEADER),
    source: sourceOf((trustProxy ? lastHop(incoming) : undefined) ?? incoming.socket.remoteAddress ?? ""),
  };
}

function sent({ headers, headersDistinct }: IncomingMessage, name: string): string | undefined {
  return headers[name] === undefined ? undefined : headersDistinct[name]?.join(", ");
}

function lastHop(incoming: IncomingMessage): string | undefined {
  return sent(incoming, "x-forwarded-for")?.split(",").at(-1)?.trim();
}

/** One caller has all addresses of an IPv6 network of 64 bits: they count as one. */
function sourceOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill("0");
  const network = [...groups, ...zeros, ...rest].slice(0, 4);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}

type Known = { readonly sessions: Sessions; readonly frontends: FrontendKeys };

/** Who is asking: whoever brings nothing is anonymous; what is brought has to be good. */
export function recognise(known: Known, credentials: Credentials): Asker | Promise<Asker> {
  const { authorization, frontendKey, source } = credentials;
  if (authorization !== undefined || frontendKey !== undefined) return knownBy(known, credentials);
  return { viewer: anonymous, request: { source, token: null, accounts: true }, frontend: null };
}

async function knownBy({ sessions, frontends }: Known, credentials: Credentials): Promise<Asker> {
  const { authorization, frontendKey, source } = credentials;
  const frontend = frontendKey === undefined ? null : await frontendBehind(frontends, frontendKey);
  const accounts = frontend === null || frontend.scopes.includes("ACCOUNTS");
  if (authorization === undefined)
    return {
      viewer: viewerOf("FRONTEND", null, { frontend: frontend?.id ?? null }),
      request: { source, token: null, accounts },
      frontend,
    };
  const { viewer, token } = await personBehind(sessions, authorization);
  if (!accounts) throw new DirectoryError("FORBIDDEN", "People cannot act through a key that may only read.");
  return {
    viewer: { ...viewer, frontend: frontend?.id ?? null },
    request: { source, token, accounts },
    frontend,
  };
}

/** Whether a request shows the key of a router. */
export async function isRouter({ frontends }: Known, { frontendKey }: Credentials): Promise<boolean> {
  const frontend = frontendKey === undefined ? null : await frontends.frontendOf(frontendKey);
  return frontend?.scopes.includes("ROUTER") ?? false;
}

async function frontendBehind(frontends: FrontendKeys, key: string): Promise<Frontend> {
  const frontend = await frontends.frontendOf(key);
  if (frontend === null)
    throw new DirectoryError("UNAUTHENTICATED", "This frontend's key is not, or no longer, valid.");
  return frontend;
}

async function personBehind(
  sessions: Sessions,
  authorization: string,
): Promise<{ readonly viewer: Viewer; readonly token: string }> {
  const [, token] = /^Bearer ([\w-]{43})$/i.exec(authorization) ?? [];
  const viewer = token === undefined ? null : await sessions.viewerOf(token);
  if (viewer === null || token === undefined)
    throw new DirectoryError("UNAUTHENTICATED", "This session is not, or no longer, valid; sign in again.");
  return { viewer, token };
}
