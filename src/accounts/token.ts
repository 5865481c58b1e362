import { createHash, randomBytes } from "node:crypto";

/** A token of 256 random bits in base64url; only its SHA-256 is kept. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept of a token, and what it is found by. */
export function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
