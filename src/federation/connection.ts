import { once } from "node:events";
import { Agent } from "node:http";
import { connect, isIP, type Socket } from "node:net";
import { connect as encrypt } from "node:tls";
import { callbackify } from "node:util";
import { canonical } from "./address.js";
import { OutboundError, codeOf } from "./outbound-error.js";

/** How a request reaches its peer: the agent finds these beside Node's own options. */
export type Route = {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** The only addresses that may be at the other end, each in its one spelling. */
  readonly addresses: readonly string[];
  /** Not `signal`, which Node keeps from agents. */
  readonly givenUp: AbortSignal;
};

/** How long one address may take before the next is tried as well: Node's quarter of a second is short for half of the world. */
const NEXT_ADDRESS = 2000;

/**
 * Keeps a few connections to peers for as long as pages follow one another. A connection is used again only by a request whose
 * name led to the same addresses, so what was checked for the request holds for the connection.
 */
export class CheckedAgent extends Agent {
  constructor(private readonly ca: string | undefined) {
    // Idle for less than Node's servers wait (5 s), so that a request does not meet a connection that is just being closed.
    super({ keepAlive: true, maxSockets: 4, maxFreeSockets: 2, timeout: 4000 });
  }

  getName({ host, port, secure, addresses }: Route): string {
    return [secure, host, port, ...[...addresses].toSorted()].join(" ");
  }

  createConnection(route: Route, done: (error: unknown, socket?: Socket) => void): void {
    callbackify(() => this.open(route))(done);
  }

  private async open(route: Route): Promise<Socket> {
    const socket = await connectChecked(route);
    return route.secure ? secured(socket, route, this.ca) : socket;
  }
}

/** The address at the other end is looked at again before a byte is sent: 0.0.0.0, for one, is answered by 127.0.0.1. */
async function connectChecked({ host, port, addresses, givenUp }: Route): Promise<Socket> {
  const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  const socket = connect({
    host,
    port,
    lookup: (_host, _options, done) => done(null, found),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS,
  });
  await reached(socket, "connect", givenUp);
  if (addresses.includes(canonical(socket.remoteAddress ?? "") ?? "")) return socket;
  socket.destroy();
  throw new OutboundError(
    "FORBIDDEN_ADDRESS",
    "The connection led to another address than the one that was checked.",
  );
}

/** Says what it expects of TLS itself, so that nothing in the environment can ask for less. */
async function secured(socket: Socket, { host, givenUp }: Route, ca: string | undefined): Promise<Socket> {
  const encrypted = encrypt({
    socket,
    host,
    servername: isIP(host) === 0 ? host : "",
    ALPNProtocols: ["http/1.1"],
    minVersion: "TLSv1.2",
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
  });
  try {
    await reached(encrypted, "secureConnect", givenUp);
    return encrypted;
  } catch (error) {
    throw new OutboundError("TLS", `The peer did not prove who it is (${codeOf(error) ?? "no code"}).`);
  }
}

/** A peer may greet and fail in one breath: the error then comes between two listeners, and must find one. */
async function reached(
  socket: Socket,
  event: "connect" | "secureConnect",
  givenUp: AbortSignal,
): Promise<void> {
  socket.on("error", () => socket.destroy());
  try {
    await once(socket, event, { signal: givenUp });
    if (socket.destroyed) throw socket.errored ?? new OutboundError("UNREACHABLE", "The peer hung up.");
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
