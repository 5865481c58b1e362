import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";
import type { PublicKey, SigningKey } from "./jws.js";

/** The private part of a key: 32 bytes in base64url. */
export type PrivatePart = { readonly x: string; readonly d: string };

/** A new Ed25519 key. */
export async function makeKey(): Promise<PrivatePart> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const { x, d } = await exportJWK(privateKey);
  if (x === undefined || d === undefined) throw new Error("a key was made without its parts");
  return { x, d };
}

export async function publicKey(x: string): Promise<PublicKey> {
  const jwk = { kty: "OKP", crv: "Ed25519", x };
  return { x, thumbprint: await calculateJwkThumbprint(jwk), verifies: await importJWK(jwk, "EdDSA") };
}

export async function signingKey({ x, d }: PrivatePart): Promise<SigningKey> {
  const signs = await importJWK({ kty: "OKP", crv: "Ed25519", x, d }, "EdDSA");
  return { ...(await publicKey(x)), signs };
}
