import { createHash, scrypt, type ScryptOptions } from "node:crypto";
import { promisify } from "node:util";

const URI = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:";

/**
 * A node's id: the thumbprint URI (RFC 9278) of its first root key. It stays the same when the node's domain, host or keys change.
 */
export function nodeIdOf(thumbprint: string): string {
  return `${URI}${thumbprint}`;
}

/** Twenty-six signs to tell nodes apart by: the first 16 bytes of the thumbprint in base32 (RFC 4648). */
export function shortForm(node: string): string {
  const bytes = Buffer.from(node.slice(URI.length), "base64url").subarray(0, 16);
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => BASE32[Number.parseInt(five.padEnd(5, "0"), 2)])
    .join("");
}

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** Elsewhere than where questions are answered: it takes a twentieth of a second. */
const digested = promisify<string, string, number, ScryptOptions, Buffer>(scrypt);

/**
 * Thirty digits that two stewards read to each other: the same on both sides only if both nodes hold each other's real key. Slow
 * to work out (scrypt, RFC 7914), so that nobody can look for two keys of their own that give the same number.
 */
export async function safetyNumber(one: string, other: string): Promise<string> {
  const bytes = await digested([one, other].sort().join(" "), "cadre safety number", 30, { N: 2 ** 14 });
  const groups = Array.from({ length: 6 }, (_, group) => bytes.readUIntBE(group * 5, 5) % 100_000);
  return groups.map((digits) => String(digits).padStart(5, "0")).join(" ");
}

/** By which a node is known here as a network: everywhere the same. */
export function networkIdOf(node: string): string {
  return uuidOf("cadre network", node);
}

/**
 * By which a peer's record is known here. Made from the peer's id and the record's own, so that no peer can give a record the id
 * of somebody else's.
 */
export function localIdOf(node: string, id: string): string {
  return uuidOf("cadre record", node, id);
}

/** A UUID of version 8 (RFC 9562): the first bits of a digest of the parts. */
function uuidOf(...parts: readonly string[]): string {
  const bytes = createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
