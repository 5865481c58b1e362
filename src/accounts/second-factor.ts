import { ScureBase32Plugin, generateURI, verify } from "otplib";
import type { Home } from "../listing/home.js";

/** One step of the clock that codes are made from (RFC 6238), in seconds. */
const STEP = 30;
const SECRET_BYTES = 20;

/**
 * The secret that an authenticator gets, in base32. Made from a token that only its owner has and a key of the node, so that
 * nothing is kept until they show that their authenticator works.
 */
export function authenticatorSecret({ seals }: Home, token: string): string {
  const secret = seals.key("authenticator").mac(token).subarray(0, SECRET_BYTES);
  return new ScureBase32Plugin().encode(secret, { padding: false });
}

/** What an authenticator reads, often as a picture. It names the network and nobody's address: it can be seen on a taken telephone. */
export function otpauthUri(network: string, secret: string): string {
  return generateURI({ issuer: network, label: network, secret });
}

/** The step that a code belongs to, one before and one after now included; null when it is of none. */
export async function stepOf(secret: string, code: string, now: Date): Promise<number | null> {
  if (!/^\d{6}$/.test(code)) return null;
  const epoch = Math.floor(now.getTime() / 1000);
  const found = await verify({ secret, token: code, epoch, epochTolerance: STEP });
  return found.valid ? Math.floor(epoch / STEP) + found.delta : null;
}

/** The secret as it is kept: sealed, and bound to the account. */
export function sealSecret({ seals }: Home, account: string, secret: string): string {
  return seals.key("second-factor").seal(place(account), secret);
}

/** The secret again; it opens for its own account alone. */
export function openSecret({ seals }: Home, account: string, sealed: string): string {
  return seals.key("second-factor").open(place(account), sealed);
}

function place(account: string): readonly string[] {
  return ["base.credential", account, "second_factor"];
}
