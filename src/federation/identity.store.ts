import { DirectoryError, OperatorError } from "../errors.js";
import type { Home } from "../listing/home.js";
import type { Reader, Transaction } from "../storage/database.js";
import { readRows } from "../storage/database.js";
import { STATEMENT_LASTS, stating, type Identity, type Self } from "./identity.js";
import { claimsOf, sign, type SigningKey, type SignedType } from "./jws.js";
import { nodeIdOf } from "./node-id.js";
import { makeKey, publicKey, signingKey, type PrivatePart } from "./signing-key.js";
import { feedJwk, readStatement, seconds, statementClaims, succeed, type FeedKey } from "./statement.js";

/** A key is told of so many days before it signs, so that every peer knows it by then. */
export const TOLD_BEFORE = 7;

/** The keys this node signs by; made when it has none. Whoever else comes at the same moment gets the same. */
export async function loadIdentity(tx: Transaction, home: Home): Promise<Identity> {
  await tx.query("select pg_advisory_xact_lock(hashtext('cadre identity'))");
  const kept = await tx.query<KeyRow[]>(selectKeys);
  if (kept.length > 0) return identityOf(kept, home);
  await addKey(tx, home, "root", home.clock());
  await addKey(tx, home, "feed", home.clock());
  return identityOf(await tx.query<KeyRow[]>(selectKeys), home);
}

/** A new feed key, which signs from `TOLD_BEFORE` days from now on; the one before it ends then. */
export async function rotateFeedKey(tx: Transaction, home: Home): Promise<string> {
  const { feedKeys } = await loadIdentity(tx, home);
  const keys = await tx.query<KeyRow[]>(selectKeys);
  const waiting = keys.find((key) => key.purpose === "feed" && key.starts > home.clock());
  if (waiting !== undefined)
    throw new OperatorError(
      `The feed key ${waiting.thumbprint} waits to be used from ${waiting.starts.toISOString()} on; there is nothing to do.`,
    );
  const starts = new Date(home.clock().getTime() + TOLD_BEFORE * 86_400_000);
  const ending = feedKeys.filter(({ ends }) => ends === null).map(({ thumbprint }) => thumbprint);
  await tx.query("update base.signing_key set ends = $1 where thumbprint = any ($2)", [starts, ending]);
  return addKey(tx, home, "feed", starts);
}

/** Takes back a feed key that somebody else may have: what it signed is signed anew, by a key that is used at once. */
export async function revokeFeedKey(
  tx: Transaction,
  home: Home,
  thumbprint: string,
  since: Date,
  reason: string,
): Promise<string> {
  const { feedKeys } = await loadIdentity(tx, home);
  const key = feedKeys.find((one) => one.thumbprint === thumbprint);
  if (key === undefined) throw new OperatorError("This node has no feed key of this thumbprint.");
  if (key.revoked !== null) throw new OperatorError("This key is revoked already.");
  await tx.query(
    "update base.signing_key set revoked = $2, reason = $3, ends = $4, sealed = null where thumbprint = $1",
    [thumbprint, since, reason, home.clock()],
  );
  await tx.query("update seen.feed_item set stale = true where jws is not null");
  return addKey(tx, home, "feed", home.clock());
}

/** A new root, which the one before it vouches for; the node's id stays. */
export async function rotateRoot(tx: Transaction, home: Home): Promise<string> {
  const { node, root } = await loadIdentity(tx, home);
  const old = rootThatSigns(root);
  const made = await makeKey();
  const next = await publicKey(made.x);
  const succession = await succeed(node, old, next, home.clock());
  await tx.query("update base.signing_key set ends = $2, sealed = null where thumbprint = $1", [
    old.thumbprint,
    home.clock(),
  ]);
  return insert(tx, home, { purpose: "root", made, starts: home.clock(), succession });
}

/** Hands out the private part of the root key and keeps it no longer: from now on the operator signs elsewhere. */
export async function takeRootOut(tx: Transaction, home: Home): Promise<PrivatePart> {
  const { root } = await loadIdentity(tx, home);
  const keys = await tx.query<KeyRow[]>(selectKeys);
  const row = keys.find(({ thumbprint }) => thumbprint === root.thumbprint);
  if (row === undefined || row.sealed === null)
    throw new OperatorError("The root key is not on this node: it was taken out before.");
  await tx.query("update base.signing_key set sealed = null where thumbprint = $1", [root.thumbprint]);
  return { x: row.publicKey, d: open(row, home) };
}

/** What was signed for this node last: its statement, and the keys it used before. */
export type Signed = { readonly node: string; readonly statement: string; readonly historicalKeys: string };

/** What is served as this node's identity; null before anything was signed. */
export async function readSigned(read: Reader): Promise<Signed | null> {
  const [row] = await readRows<Signed>(
    read,
    `select identity.node, identity.statement, identity.historical_keys as "historicalKeys"
     from seen.node_identity as identity`,
  );
  return row ?? null;
}

/** What the root has to sign now: as JSON, for a root that is kept elsewhere. */
export type ToSign = { readonly statement: object; readonly historicalKeys: object };

export async function toSign(tx: Transaction, home: Home, self: Self): Promise<ToSign> {
  const identity = await loadIdentity(tx, home);
  const now = home.clock();
  const ended = identity.feedKeys.filter(({ ends, revoked }) => ends !== null || revoked !== null);
  return {
    statement: statementClaims(stating(self, identity, now)),
    historicalKeys: { iss: self.url, iat: seconds(now), keys: ended.map(feedJwk) },
  };
}

/** What a root key makes of it; also where there is no database. */
export async function signWith(
  root: SigningKey,
  { statement, historicalKeys }: ToSign,
): Promise<SignedTexts> {
  const by = (typ: SignedType, claims: object) => sign(typ, claims, root);
  return {
    statement: await by("entity-statement+jwt", statement),
    historicalKeys: await by("jwk-set+jwt", historicalKeys),
  };
}

export type SignedTexts = Omit<Signed, "node">;

/** Serves what the root has signed from now on; refused unless it is about this node as it is. */
export async function install(tx: Transaction, home: Home, signed: SignedTexts): Promise<void> {
  const { node, root, feed } = await loadIdentity(tx, home);
  const statement = await readStatement(signed.statement);
  const knows = statement.feedKeys.some(({ thumbprint }) => thumbprint === feed.thumbprint);
  if (statement.node !== node || statement.root.thumbprint !== root.thumbprint || !knows)
    throw new OperatorError("This was signed for another node, or before this node's keys changed.");
  await tx.query(upsertSigned, [node, signed.statement, signed.historicalKeys, statement.expires]);
}

/** Whether what is served is what there is to say, or the root has to sign again. */
export type Standing = "current" | "signed anew" | "the root has to sign";

/** Has the root sign what changed, or what will end soon, if it is on this node. */
export async function keepSigned(tx: Transaction, home: Home, self: Self): Promise<Standing> {
  const wanted = await toSign(tx, home, self);
  const [kept] = await tx.query<{ statement: string; expires: Date }[]>(
    "select identity.statement, identity.expires from seen.node_identity as identity",
  );
  if (kept !== undefined && !isDue(kept.expires, home.clock()) && sameWords(kept.statement, wanted.statement))
    return "current";
  const { root } = await loadIdentity(tx, home);
  if (root.signs === null) return "the root has to sign";
  await install(tx, home, await signWith(rootThatSigns(root), wanted));
  return "signed anew";
}

function isDue(expires: Date, now: Date): boolean {
  return expires.getTime() - now.getTime() < (STATEMENT_LASTS / 3) * 86_400_000;
}

/** Whether two statements say the same, whenever they were signed. */
function sameWords(kept: string, wanted: object): boolean {
  const timeless = (claims: object) => JSON.stringify({ ...claims, iat: 0, exp: 0 });
  return timeless(claimsOf(kept) as object) === timeless(JSON.parse(JSON.stringify(wanted)) as object);
}

function rootThatSigns({ signs, ...root }: Identity["root"]): SigningKey {
  if (signs !== null) return { ...root, signs };
  throw new OperatorError(
    'The root key is kept elsewhere: take what "cadre identity request" prints to it, and "cadre identity install" what it signed.',
  );
}

// ── keys as they are kept ───────────────────────────────────────────────────────────────────────────────────────────

type Purpose = "root" | "feed";
type KeyRow = {
  readonly thumbprint: string;
  readonly purpose: Purpose;
  readonly publicKey: string;
  readonly sealed: string | null;
  readonly succession: string | null;
  readonly starts: Date;
  readonly ends: Date | null;
  readonly revoked: Date | null;
  readonly reason: string | null;
};

async function identityOf(rows: readonly KeyRow[], home: Home): Promise<Identity> {
  const roots = rows.filter(({ purpose }) => purpose === "root");
  const feeds = rows.filter(({ purpose }) => purpose === "feed");
  const [first, last] = [roots[0], roots.at(-1)];
  if (first === undefined || last === undefined) throw new Error("this node has no root key");
  const now = home.clock().getTime();
  const current = feeds.findLast(({ starts, revoked }) => starts.getTime() <= now && revoked === null);
  if (current === undefined) throw new Error("this node has no feed key");
  const root = await publicKey(last.publicKey);
  return {
    node: nodeIdOf(first.thumbprint),
    root: { ...root, signs: last.sealed === null ? null : (await privateOf(last, home)).signs },
    feed: await privateOf(current, home),
    feedKeys: await Promise.all(feeds.map(feedKeyOf)),
    chain: roots.flatMap(({ succession }) => (succession === null ? [] : [succession])),
  };
}

async function feedKeyOf({ publicKey: x, ends, revoked, reason }: KeyRow): Promise<FeedKey> {
  const why = reason ?? "";
  return { ...(await publicKey(x)), ends, revoked: revoked === null ? null : { at: revoked, reason: why } };
}

function privateOf(row: KeyRow, home: Home): Promise<SigningKey> {
  return signingKey({ x: row.publicKey, d: open(row, home) });
}

function open({ thumbprint, sealed }: KeyRow, { seals }: Home): string {
  if (sealed === null) throw new DirectoryError("UNAVAILABLE", "A key that should sign is not on this node.");
  return seals.key("signing").open(placeOf(thumbprint), sealed);
}

function placeOf(thumbprint: string): readonly string[] {
  return ["base.signing_key", thumbprint, "sealed"];
}

async function addKey(tx: Transaction, home: Home, purpose: Purpose, starts: Date): Promise<string> {
  return insert(tx, home, { purpose, made: await makeKey(), starts, succession: null });
}

type NewKey = {
  readonly purpose: Purpose;
  readonly made: PrivatePart;
  readonly starts: Date;
  readonly succession: string | null;
};

async function insert(tx: Transaction, home: Home, { purpose, made, starts, succession }: NewKey) {
  const { thumbprint } = await publicKey(made.x);
  const sealed = home.seals.key("signing").seal(placeOf(thumbprint), made.d);
  await tx.query(insertKey, [thumbprint, purpose, made.x, sealed, starts, succession]);
  return thumbprint;
}

const selectKeys = `
  select key.thumbprint, key.purpose, key.public_key as "publicKey", key.sealed, key.succession, key.starts, key.ends,
    key.revoked, key.reason
  from base.signing_key as key
  order by key.starts, key.thumbprint`;

const insertKey = `
  insert into base.signing_key (thumbprint, purpose, public_key, sealed, starts, succession)
  values ($1, $2, $3, $4, $5, $6)`;

const upsertSigned = `
  insert into seen.node_identity (node, statement, historical_keys, expires)
  values ($1, $2, $3, $4)
  on conflict (one) do update
    set node = excluded.node, statement = excluded.statement, historical_keys = excluded.historical_keys,
      expires = excluded.expires`;
