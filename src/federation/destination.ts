import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { canonical, isLoopback, isPrivateName, isSpecial } from "./address.js";
import { OutboundError, codeOf } from "./outbound-error.js";

/** Where a request goes, before its name is looked up. `host` has no brackets; `authority` is what the Host header says. */
export type Destination = {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  readonly authority: string;
  readonly path: string;
};

/** The addresses of a name. It should give up when the signal says so. */
export type Lookup = (name: string, signal: AbortSignal) => Promise<readonly string[]>;

/** Reads the URL of a peer. `allowPrivate` lets three nodes live on one machine: then literals, private names and http pass here. */
export function parseDestination(text: string, allowPrivate: boolean): Destination {
  const url = parseUrl(text);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  refuseOnion(host);
  refuseScheme(url, allowPrivate);
  if (url.username !== "" || url.password !== "")
    throw forbiddenUrl("An address of a peer holds no password.");
  if (host.endsWith(".")) throw forbiddenUrl("An address of a peer does not end with a dot.");
  if (!allowPrivate) refusePrivateHost(host);
  const secure = url.protocol === "https:";
  const port = portOf(url, secure);
  return { secure, host, port, authority: url.host, path: url.pathname + url.search };
}

function forbiddenUrl(sentence: string): OutboundError {
  return new OutboundError("FORBIDDEN_URL", sentence);
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw forbiddenUrl("The address of a peer is not a URL.");
  return new URL(text);
}

/** Before anything else: the name of an onion service must not reach a name server (RFC 7686). */
function refuseOnion(host: string): void {
  if (/\.onion\.?$/.test(host))
    throw new OutboundError(
      "ONION",
      "Onion services are asked through a Tor proxy, which this node does not have.",
    );
}

function refuseScheme({ protocol }: URL, allowPrivate: boolean): void {
  if (protocol !== "https:" && !(allowPrivate && protocol === "http:"))
    throw forbiddenUrl("A peer is asked over https.");
}

function refusePrivateHost(host: string): void {
  if (isIP(host) !== 0)
    throw new OutboundError("FORBIDDEN_ADDRESS", "A peer is asked by its name, never by a bare IP address.");
  if (isPrivateName(host))
    throw new OutboundError("FORBIDDEN_ADDRESS", "A peer is asked by a name that everybody can look up.");
}

function portOf(url: URL, secure: boolean): number {
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  if (port < 1024 && port !== 80 && port !== 443)
    throw forbiddenUrl("A peer is asked at port 80, 443 or one from 1024 up.");
  return port;
}

/** The addresses that may be connected to, each in its one spelling. One that may not be refuses the whole name. */
export async function findAddresses(
  destination: Destination,
  { allowPrivate, lookup, signal }: { allowPrivate: boolean; lookup: Lookup; signal: AbortSignal },
): Promise<readonly string[]> {
  const told = await addressesOf(destination.host, lookup, signal);
  const found = told.map(canonical);
  if (found.length === 0) throw new OutboundError("UNREACHABLE", "The peer's name has no address.");
  const permitted = found.filter((one) => one !== null && mayReach(one, destination.secure, allowPrivate));
  if (permitted.length < found.length)
    throw new OutboundError("FORBIDDEN_ADDRESS", "The peer's name leads to an address that is not public.");
  return permitted.filter((one) => one !== null);
}

/** Without TLS nothing leaves this machine. */
function mayReach(address: string, secure: boolean, allowPrivate: boolean): boolean {
  if (!allowPrivate) return !isSpecial(address);
  return secure || isLoopback(address);
}

/** `localhost` is no question for a name server (RFC 6761); it and literals come so far only where private addresses are allowed. */
async function addressesOf(host: string, lookup: Lookup, signal: AbortSignal): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  if (/^(.+\.)?localhost$/.test(host)) return ["127.0.0.1", "::1"];
  return Promise.race([lookup(host, signal), refusedOnAbort(signal)]).catch((error: unknown) => {
    throw signal.aborted ? error : unknownName(error);
  });
}

function refusedOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const refuse = (): void => reject(signal.reason as Error);
    if (signal.aborted) refuse();
    signal.addEventListener("abort", refuse, { once: true });
  });
}

function unknownName(error: unknown): unknown {
  const code = codeOf(error);
  return code === null ? error : new OutboundError("UNREACHABLE", `The peer's name was not found (${code}).`);
}

/**
 * Asks the name servers themselves. The system's own lookup holds one of the four threads that passwords and files need too, for as
 * long as a stranger's name server is silent.
 */
export async function lookUp(name: string, signal: AbortSignal): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  signal.addEventListener("abort", () => resolver.cancel(), { once: true });
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const failures = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []));
  if (failures.length === answers.length) throw failures[0];
  return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
}
