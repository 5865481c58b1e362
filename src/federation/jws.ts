import { CompactSign, base64url, compactVerify, decodeProtectedHeader, importJWK } from "jose";
import { Untrusted } from "./untrusted.js";

/**
 * Signatures of nodes: compact JWS (RFC 7515) with Ed25519 (RFC 8037), held to RFC 8725: one algorithm, a type for each kind of
 * text, and keys that are known beforehand and never taken from what they are to verify.
 */

/** What was signed as one of these is never taken for another (RFC 8725 §3.11). */
export type SignedType =
  | "entity-statement+jwt"
  | "jwk-set+jwt"
  | "vnd.cadre.root+jwt"
  | "vnd.cadre.head+jwt"
  | "vnd.cadre.record+jwt"
  | "vnd.cadre.move+jwt"
  | "vnd.cadre.invitation+jwt"
  | "vnd.cadre.introduction+jwt";

type Imported = Awaited<ReturnType<typeof importJWK>>;

/** A public key by its thumbprint (RFC 7638); `x` is its 32 bytes in base64url. */
export type PublicKey = { readonly thumbprint: string; readonly x: string; readonly verifies: Imported };

/** A key whose private part is here. */
export type SigningKey = PublicKey & { readonly signs: Imported };

/** Keys by thumbprint. */
export type KnownKeys = ReadonlyMap<string, PublicKey>;

/** A public key as others read it (RFC 7517). */
export type Jwk = {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  readonly kid: string;
  readonly alg: "EdDSA";
  readonly use: "sig";
};

export function jwkOf({ thumbprint, x }: Pick<PublicKey, "thumbprint" | "x">): Jwk {
  return { kty: "OKP", crv: "Ed25519", x, kid: thumbprint, alg: "EdDSA", use: "sig" };
}

/** The claims as a signed text. */
export async function sign(typ: SignedType, claims: object, key: SigningKey): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "EdDSA", typ, kid: key.thumbprint })
    .sign(key.signs);
}

/** What a signed text says, and the thumbprint of the key that signed it; Untrusted unless one of these keys signed it as this type. */
export async function verify(
  jws: string,
  typ: SignedType,
  keys: KnownKeys,
): Promise<{ readonly claims: unknown; readonly signedBy: string }> {
  const key = keyFor(jws, typ, keys);
  const { payload } = await compactVerify(jws, key.verifies, { algorithms: ["EdDSA"] }).catch(() => {
    throw new Untrusted("BAD_SIGNATURE", `The signature of a ${typ} is not good.`);
  });
  return { claims: parse(payload), signedBy: key.thumbprint };
}

/** The thumbprint of the key that a signed text says it was signed by, before anybody has verified it. */
export function keyNamedIn(jws: string): string {
  return String(headerOf(jws)["kid"]);
}

/** What a signed text says of itself, before anybody has verified it: good only for finding the keys to verify it with. */
export function claimsOf(jws: string): unknown {
  const [, payload = ""] = jws.split(".");
  return parse(decoded(payload));
}

function keyFor(jws: string, typ: SignedType, keys: KnownKeys): PublicKey {
  const header = headerOf(jws);
  if (header["alg"] !== "EdDSA")
    throw new Untrusted("WRONG_ALGORITHM", "Nodes sign by EdDSA and nothing else.");
  if (header["typ"] !== typ) throw new Untrusted("WRONG_TYPE", `A ${typ} was wanted.`);
  const told = NEVER.find((name) => name in header);
  if (told !== undefined)
    throw new Untrusted("MALFORMED", `The header of a signed text may not hold ${told}.`);
  const key = keys.get(String(header["kid"]));
  if (key === undefined)
    throw new Untrusted("UNKNOWN_KEY", `A ${typ} was signed by a key nobody vouches for.`);
  return key;
}

/** Nothing that brings a key along, and nothing critical: there is no extension that we know. */
const NEVER = ["jku", "jwk", "x5u", "x5c", "crit", "b64"] as const;

function headerOf(jws: string): Readonly<Record<string, unknown>> {
  try {
    return decodeProtectedHeader(jws);
  } catch {
    throw new Untrusted("MALFORMED", "This is no signed text (RFC 7515).");
  }
}

function decoded(text: string): Uint8Array {
  try {
    return base64url.decode(text);
  } catch {
    throw new Untrusted("MALFORMED", "This is no signed text (RFC 7515).");
  }
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    throw new Untrusted("MALFORMED", "What was signed is not JSON.");
  }
}
