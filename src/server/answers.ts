import type { DirectoryError, RefusalCode } from "../errors.js";

/**
 * What every answer of the node carries, whatever its status. Answers belong to one viewer at one moment: nobody between us and
 * them keeps a copy.
 */
export const everyAnswer = {
  "cache-control": "no-store",
  vary: "Origin, Authorization, X-Cadre-Key, Accept",
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
} as const;

type Headers = Readonly<Record<string, string>>;

/** The status of a request that is refused before anything of it is run. */
export const STATUS = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  TOO_COMPLEX: 400,
  UNAVAILABLE: 503,
} as const satisfies Record<RefusalCode, number>;

/** A refusal whose status or headers tell more than its code does: 415 for a body of the wrong kind. */
export type Refusal = {
  readonly code: RefusalCode;
  readonly message: string;
  readonly path?: DirectoryError["path"];
  readonly status?: number;
  readonly headers?: Headers;
};

/** A refusal as it is answered: in the shape of a GraphQL answer that holds nothing else. */
export function refusal({ code, message, path, status, headers }: Refusal): Response {
  return new Response(refusalText({ code, message, path }), {
    status: status ?? STATUS[code],
    headers: { ...everyAnswer, "content-type": "application/json; charset=utf-8", ...headers },
  });
}

/** The body of a refusal. */
export function refusalText({ code, message, path }: Pick<Refusal, "code" | "message" | "path">): string {
  return JSON.stringify({
    errors: [{ message, extensions: path === undefined ? { code } : { code, path } }],
  });
}
