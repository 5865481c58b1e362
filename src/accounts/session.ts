import { createHash, randomBytes } from "node:crypto";

/** How long a session lasts, in milliseconds. */
export const SESSION_LASTS = 7 * 24 * 60 * 60 * 1000;

/** A token of 256 random bits in base64url; only its SHA-256 is kept. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept of a token, and what it is found by. */
export function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
