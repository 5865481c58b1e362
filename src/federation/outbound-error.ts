/**
 * Why a peer was not asked, or its answer not taken. FORBIDDEN_URL, ONION and FORBIDDEN_ADDRESS: nothing was sent.
 * TRUNCATED: less came than was announced. CLOSED: this node is stopping.
 */
export type OutboundRefusal =
  | "FORBIDDEN_URL"
  | "ONION"
  | "FORBIDDEN_ADDRESS"
  | "UNREACHABLE"
  | "TLS"
  | "TIMEOUT"
  | "NOT_HTTP"
  | "REDIRECTED"
  | "TOO_LARGE"
  | "BAD_ENCODING"
  | "TRUNCATED"
  | "CLOSED";

/** An exchange that did not succeed. The sentence is for an operator; it never holds the address asked, nor anything of the answer. */
export class OutboundError extends Error {
  override readonly name = "OutboundError";

  constructor(
    readonly kind: OutboundRefusal,
    message: string,
  ) {
    super(message);
  }
}

/** The code of what went wrong between us and a peer, null where the fault is ours: Node gives its TypeErrors codes as well. */
export function codeOf(error: unknown): string | null {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  return typeof code === "string" && name !== "TypeError" ? code : null;
}
