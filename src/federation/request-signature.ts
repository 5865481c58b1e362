import { createHash, randomBytes, webcrypto } from "node:crypto";
import { httpbis } from "http-message-signatures";
import type { SigningKey } from "./jws.js";
import { nodeIdOf } from "./node-id.js";
import { publicKey } from "./signing-key.js";
import type { FeedKey } from "./statement.js";

/**
 * How a node shows who it is when it asks another for something: HTTP message signatures (RFC 9421) with a feed key, over its node id,
 * method, address and the digest of the body (RFC 9530). Good for one use and for five minutes, by the machine's own time.
 */

const TAG = "cadre";
/** In seconds. */
const LONGEST = 300;
const AHEAD = 60;

/** The headers that sign a request. */
export async function signRequest(
  key: SigningKey,
  {
    node,
    method,
    url,
    body,
  }: {
    readonly node: string;
    readonly method: string;
    readonly url: string;
    readonly body?: string | undefined;
  },
): Promise<Record<string, string>> {
  const headers: Record<string, string> = {
    [NODE]: node,
    ...(body === undefined ? {} : { "content-digest": digestOf(body) }),
  };
  const created = new Date();
  const signed = await httpbis.signMessage(
    {
      key: { id: nodeIdOf(key.thumbprint), sign: (data) => signBytes(key, data) },
      name: TAG,
      fields: body === undefined ? FIELDS : [...FIELDS, "content-digest"],
      params: PARAMS,
      paramValues: {
        created,
        expires: new Date(created.getTime() + LONGEST * 1000),
        nonce: randomBytes(18).toString("base64url"),
        tag: TAG,
      },
    },
    { method, url, headers },
  );
  return signed.headers as Record<string, string>;
}

/** Whoever names another's key as its own is not taken for that other: a request says which node it speaks for. */
const NODE = "cadre-node";
const FIELDS = ["@method", "@target-uri", NODE];
const PARAMS = ["created", "expires", "nonce", "keyid", "tag"];

/** A request as it came in; `url` is the address that it was meant for, whatever a proxy has made of it. */
export type SignedRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null where there is none. */
  readonly body: string | null;
};

/** Whose key signed, and what makes this request another than any before it. */
export type Proven = { readonly thumbprint: string; readonly nonce: string; readonly expires: Date };

/**
 * Who signed a request; null when nobody did whose key is known, or not in the way it has to be: for both a signature is verified, so
 * that the time does not tell whose key is known. Whether it came before is for whoever remembers nonces to say.
 */
export async function provenBy(
  request: SignedRequest,
  keyOf: (node: string, thumbprint: string) => Promise<FeedKey | null>,
): Promise<Proven | null> {
  const { method, url, headers, body } = request;
  if (body !== null && headers["content-digest"] !== digestOf(body)) return null;
  const seen: Params[] = [];
  const good = await httpbis
    .verifyMessage(
      {
        keyLookup: async (params) => {
          seen.push(params as Params);
          const key = await keyOf(headers[NODE] ?? "", thumbprintIn(params.keyid));
          // What a key signs that has ended or was taken back does not speak for its node any more.
          const speaks = key !== null && key.revoked === null && (key.ends === null || key.ends > new Date());
          const by = speaks ? key : await nobodys;
          return {
            verify: async (data, signature) => (await verifyBytes(by, data, signature)) && speaks,
          };
        },
        requiredParams: PARAMS,
        requiredFields: body === null ? FIELDS : [...FIELDS, "content-digest"],
        tolerance: AHEAD,
      },
      { method, url, headers: { ...headers } },
    )
    .catch(() => false);
  const [params, ...more] = seen;
  // With two signatures it would not be clear which was verified.
  if (good !== true || params === undefined || more.length > 0) return null;
  return provenIn(params);
}

/** A key by which nobody signs. */
const nobodys = publicKey("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");

type Params = Readonly<Record<"created" | "expires" | "nonce" | "keyid" | "tag", unknown>>;

function provenIn({ created, expires, nonce, keyid, tag }: Params): Proven | null {
  const [from, until] = [inSeconds(created), inSeconds(expires)];
  const short = until - from <= LONGEST && until > from;
  if (tag !== TAG || !short || typeof nonce !== "string" || nonce.length < 16 || nonce.length > 200)
    return null;
  return { thumbprint: thumbprintIn(keyid), nonce, expires: new Date((until + AHEAD) * 1000) };
}

function inSeconds(told: unknown): number {
  return told instanceof Date ? told.getTime() / 1000 : typeof told === "number" ? told : Number.NaN;
}

function thumbprintIn(keyid: unknown): string {
  return typeof keyid === "string" ? (keyid.split(":").at(-1) ?? "") : "";
}

function digestOf(body: string): string {
  return `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
}

async function signBytes({ signs }: SigningKey, data: Buffer): Promise<Buffer> {
  return Buffer.from(await webcrypto.subtle.sign("Ed25519", signs as webcrypto.CryptoKey, data));
}

function verifyBytes(
  { verifies }: Pick<FeedKey, "verifies">,
  data: Buffer,
  signature: Buffer,
): Promise<boolean> {
  return webcrypto.subtle.verify("Ed25519", verifies as webcrypto.CryptoKey, signature, data);
}
