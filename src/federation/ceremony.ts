import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { OperatorError } from "../errors.js";
import { signAs, type SignedTexts } from "./identity.js";
import { jwkOf } from "./jws.js";
import { shortForm } from "./node-id.js";
import { publicKey, signingKey, type PrivatePart } from "./signing-key.js";
import {
  readStatement,
  readUnsigned,
  statementClaims,
  succeed,
  type Retiring,
  type Stating,
} from "./statement.js";

/**
 * What travels between a node and a root key that is kept elsewhere: the node's request, what the root signed, and the key's own file.
 * Nothing here needs a database or a configuration.
 */

const REQUEST = "identity request";
const SIGNED = "signed identity";

/** The largest of these files, in characters. */
export const LARGEST_FILE = 256 * 1024;

export function writeRequest(statement: Stating): string {
  return JSON.stringify({ cadre: REQUEST, statement: statementClaims(statement) }, null, 2);
}

/** Holds nothing but what is understood and shown: what is more than that, a root does not sign. */
export async function readRequest(text: string): Promise<Stating> {
  const { statement: claims } = read(requestShape, text, REQUEST);
  const statement = await readUnsigned(claims).catch(refuse(REQUEST));
  const understood = JSON.parse(JSON.stringify(statementClaims(statement))) as unknown;
  if (!isDeepStrictEqual(understood, claims)) throw malformed(REQUEST);
  return statement;
}

/** What is being signed, for whoever has the root key in hand. What others wrote is quoted: it cannot move the cursor. */
export function summaryOf(statement: Stating): string {
  const { node, url, network, root, chain, feedKeys, feeds, custody, relay, retiring, issued, expires } =
    statement;
  const handedOver = chain.length === 0 ? "" : `, the ${chain.length + 1}. of this node`;
  const lines: readonly (readonly [string, string])[] = [
    ["node", node],
    ["short form", shortForm(node)],
    ["network", JSON.stringify(network.name)],
    ["regions", network.regions.map((region) => JSON.stringify(region)).join(", ") || "none"],
    ["address", JSON.stringify(url)],
    ...(feeds.public?.mirrors ?? []).map((mirror): [string, string] => ["mirror", JSON.stringify(mirror)]),
    ...(relay ? [["passed on", "by other nodes as well"] satisfies [string, string]] : []),
    ["root key", `${root.thumbprint}, ${custody}${handedOver}`],
    ...feedKeys.map((key): [string, string] => ["feed key", `${key.thumbprint}${fateOf(key)}`]),
    ...(retiring === null
      ? []
      : [["ends", `${retiring.at.toISOString()}, ${successorOf(retiring)}`] satisfies [string, string]]),
    ["from", issued.toISOString()],
    ["until", expires.toISOString()],
  ];
  return lines.map(([name, value]) => `  ${name.padEnd(12)}${value}`).join("\n");
}

function successorOf({ successor }: Retiring): string {
  return successor === null
    ? "and nobody goes on in its place"
    : `and its successor is ${JSON.stringify(successor)}`;
}

function fateOf({ ends, revoked }: Stating["feedKeys"][number]): string {
  const until = ends === null ? "" : `, until ${ends.toISOString()}`;
  return revoked === null
    ? until
    : `, revoked since ${revoked.at.toISOString()} (${JSON.stringify(revoked.reason)})`;
}

/** Signs it, and makes sure that peers will take it. */
export async function signRequest(statement: Stating, root: PrivatePart): Promise<SignedTexts> {
  const key = await signingKey(root).catch(refuse("root key"));
  if (key.thumbprint !== statement.root.thumbprint)
    throw new OperatorError(
      `This root key is ${key.thumbprint}, and the request is for ${statement.root.thumbprint}; nothing was signed.`,
    );
  const signed = await signAs(key, statement);
  await readStatement(signed.statement).catch(refuse("root key"));
  return signed;
}

/** The statement of the same node after its root has handed over to a new one. */
export async function handOverTo(next: PrivatePart, statement: Stating, root: PrivatePart): Promise<Stating> {
  const [old, made] = [await signingKey(root).catch(refuse("root key")), await publicKey(next.x)];
  const link = await succeed(statement.node, old, made, statement.issued);
  return { ...statement, root: made, chain: [...statement.chain, link] };
}

export function writeSigned(signed: SignedTexts): string {
  return JSON.stringify({ cadre: SIGNED, ...signed }, null, 2);
}

export function readSignedFile(text: string): SignedTexts {
  const { statement, historicalKeys } = read(signedShape, text, SIGNED);
  return { statement, historicalKeys };
}

/** As a JWK (RFC 7517), with the node that it is the root of. */
export async function writeRootKey(root: PrivatePart, node: string): Promise<string> {
  return JSON.stringify({ ...jwkOf(await publicKey(root.x)), d: root.d, node });
}

export function readRootKey(text: string): PrivatePart {
  const { x, d } = read(rootShape, text, "root key");
  return { x, d };
}

function read<T>(shape: z.ZodType<T>, text: string, what: string): T {
  if (text.length > LARGEST_FILE) throw malformed(what);
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    throw malformed(what);
  }
}

function refuse(what: string): () => never {
  return () => {
    throw malformed(what);
  };
}

/** Never quotes the file: it may be a key. */
function malformed(what: string): OperatorError {
  return new OperatorError(
    `This file is no ${what}, was changed, or is from another version of Cadre; nothing was done.`,
  );
}

const part = z.string().regex(/^[\w-]{43}$/);
const requestShape = z.strictObject({ cadre: z.literal(REQUEST), statement: z.unknown() });
const signedShape = z.strictObject({
  cadre: z.literal(SIGNED),
  statement: z.string(),
  historicalKeys: z.string(),
});
const rootShape = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: part, d: part });
