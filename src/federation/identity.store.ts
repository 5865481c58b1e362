import { record } from "../audit/audit.store.js";
import type { Actor, AuditAction } from "../audit/audit.js";
import { DirectoryError, OperatorError } from "../errors.js";
import type { Home } from "../listing/home.js";
import type { Reader, Transaction } from "../storage/database.js";
import { readRows } from "../storage/database.js";
import { beginAnew, signEverythingAnew } from "./feed.store.js";
import {
  STATEMENT_LASTS,
  handedOver,
  keyInUse,
  lastingKey,
  rootsInOrder,
  saysTheSame,
  signAs,
  stating,
  type Identity,
  type KeptKey,
  type Self,
  type SignedTexts,
} from "./identity.js";
import { verify, type SigningKey } from "./jws.js";
import { nodeIdOf } from "./node-id.js";
import { forgetRetirement, holdRetirement, saveRetirement } from "./retirement.store.js";
import { makeKey, publicKey, signingKey, type PrivatePart } from "./signing-key.js";
import {
  LONGEST_CHAIN,
  LONGEST_REASON,
  MOST_FEED_KEYS,
  hasEnded,
  historicalClaims,
  readStatement,
  readUnsigned,
  statementClaims,
  succeed,
  type FeedKey,
  type Retiring,
  type Stating,
  type Statement,
} from "./statement.js";
import type { Tier } from "./tier.js";

/** A key is told of so many days before it signs, so that every peer knows it by then. */
export const TOLD_BEFORE = 7;

/** The keys this node signs by; made when it has none. Whoever else comes at the same moment gets the same. */
export async function loadIdentity(tx: Transaction, home: Home): Promise<Identity> {
  return identityOf(tx, await holdKeys(tx, home), home);
}

/** All keys, held until the transaction ends. */
async function holdKeys(tx: Transaction, home: Home): Promise<readonly KeptKey[]> {
  await tx.query("select pg_advisory_xact_lock(hashtext('cadre identity'))");
  const kept = await tx.query<KeptKey[]>(selectKeys);
  if (kept.length > 0) return kept;
  await addKey(tx, home, "root", home.clock());
  await addKey(tx, home, "feed", home.clock());
  return tx.query<KeptKey[]>(selectKeys);
}

// ── what an operator does ───────────────────────────────────────────────────────────────────────────────────────────

/** A new feed key, which signs from `TOLD_BEFORE` days from now on; the one before it ends then. */
export async function rotateFeedKey(tx: Transaction, home: Home, self: Self): Promise<Done> {
  const now = home.clock();
  const keys = await holdKeys(tx, home);
  const waiting = keys.find(({ purpose, starts, revoked }) => isFeed(purpose) && starts > now && !revoked);
  if (waiting !== undefined)
    throw new OperatorError(
      `The feed key ${waiting.thumbprint} waits to be used from ${waiting.starts.toISOString()} on; there is nothing to do.`,
    );
  const starts = new Date(now.getTime() + TOLD_BEFORE * 86_400_000);
  await tx.query("update base.signing_key set ends = $1 where thumbprint = $2", [
    starts,
    lastingKey(keys)?.thumbprint,
  ]);
  const key = await addKey(tx, home, "feed", starts);
  return { key, ...(await signedFor(tx, home, self, "FEED_KEY_ROTATED")) };
}

/**
 * Takes back a feed key that somebody else may have: what it signed since that day counts for nothing. The feeds begin anew, and what
 * stands is signed anew by the key that was to follow it, else by one that is made now.
 */
export async function revokeFeedKey(
  tx: Transaction,
  home: Home,
  self: Self,
  {
    thumbprint,
    since,
    reason,
  }: { readonly thumbprint: string; readonly since: Date; readonly reason: string },
): Promise<Done> {
  const now = home.clock();
  const key = (await holdKeys(tx, home)).find((one) => one.thumbprint === thumbprint);
  if (key === undefined || !isFeed(key.purpose))
    throw new OperatorError('This node has no feed key of this thumbprint; "cadre identity" lists them.');
  if (key.revoked !== null) throw new OperatorError("This key is revoked already.");
  if (since > now) throw new OperatorError("A key is revoked since today, or since a day before that.");
  if (reason.trim() === "" || reason.length > LONGEST_REASON)
    throw new OperatorError(`The reason is told to peers: 1 to ${LONGEST_REASON} characters.`);
  await tx.query(markRevoked, [thumbprint, since, reason, now]);
  const hasEnded = key.ends !== null && key.ends <= now;
  const next = await (hasEnded ? lasting(tx) : beginNext(tx, home));
  return { key: next ?? thumbprint, ...(await signedFor(tx, home, self, "FEED_KEY_REVOKED")) };
}

/** Begins every feed anew, for an operator who knows that peers hold something else than was told. Which feeds that were. */
export async function newEpoch(tx: Transaction, home: Home): Promise<readonly Tier[]> {
  const begun = await beginAnew(tx);
  await record(tx, home, { actor: "operator", action: "FEED_BEGUN_ANEW", object: null, fields: begun });
  return begun;
}

async function lasting(tx: Transaction): Promise<string | undefined> {
  return lastingKey(await tx.query<KeptKey[]>(selectKeys))?.thumbprint;
}

/** The key that was to follow begins, or one that is made now; all others end. */
async function beginNext(tx: Transaction, home: Home): Promise<string> {
  const follows = await lasting(tx);
  await tx.query(beginNow, [follows ?? "", home.clock()]);
  return follows ?? addKey(tx, home, "feed", home.clock());
}

/** A new root, which the one before it vouches for; the node's id stays. */
export async function rotateRoot(tx: Transaction, home: Home, self: Self): Promise<Done> {
  const { node, root, chain } = await loadIdentity(tx, home);
  if (root.signs === null)
    throw new OperatorError(
      'The root key is kept elsewhere: print a request with "cadre identity request", and where the key is run "cadre identity sign REQUEST --root FILE --new-root NEW_FILE"; what that prints goes into "cadre identity install".',
    );
  if (chain.length === LONGEST_CHAIN)
    throw new OperatorError(`The root was handed over ${LONGEST_CHAIN} times, and cannot be once more.`);
  const made = await makeKey();
  const succession = await succeed(
    node,
    { ...root, signs: root.signs },
    await publicKey(made.x),
    home.clock(),
  );
  await tx.query(endRoot, [root.thumbprint, home.clock()]);
  const key = await insert(tx, home, { purpose: "root", made, starts: home.clock(), succession });
  return { key, ...(await signedFor(tx, home, self, "ROOT_ROTATED")) };
}

/**
 * Gives the private part of the root key to `keep` and holds it no longer: from now on the operator signs elsewhere. `keep` comes
 * last: when it fails, nothing was done.
 */
export async function takeRootOut(
  tx: Transaction,
  home: Home,
  self: Self,
  keep: (root: PrivatePart, node: string) => Promise<void>,
): Promise<void> {
  const keys = await holdKeys(tx, home);
  const identity = await identityOf(tx, keys, home);
  const row = rootsInOrder(keys).at(-1);
  if (identity.root.signs === null || row === undefined)
    throw new OperatorError("The root key is not on this node: it was taken out before.");
  const without: Identity = { ...identity, root: { ...identity.root, signs: null } };
  const signed = await signAs(
    { ...identity.root, signs: identity.root.signs },
    stating(self, without, home.clock()),
  );
  const root = { x: row.publicKey, d: open(row, home) };
  await tx.query("update base.signing_key set sealed = null where thumbprint = $1", [row.thumbprint]);
  await put(tx, home, self, signed);
  await recordDone(tx, home, "operator", "ROOT_TAKEN_OUT", "IDENTITY_SIGNED");
  await keep(root, identity.node);
}

/**
 * Says that this node ends for others at this moment: peers are told before, and from then on every feed is empty. Said again it
 * changes the moment, until that has come.
 */
export async function retire(tx: Transaction, home: Home, self: Self, retiring: Retiring): Promise<Standing> {
  const { retiring: before } = await loadIdentity(tx, home);
  if (hasEnded(before, home.clock())) throw over();
  await saveRetirement(tx, retiring);
  return (await signedFor(tx, home, self, "RETIREMENT_TOLD")).standing;
}

/** Takes that back, before the moment has come. */
export async function unretire(tx: Transaction, home: Home, self: Self): Promise<Standing> {
  const { retiring } = await loadIdentity(tx, home);
  if (retiring === null)
    throw new OperatorError("This node has not said that it ends; there is nothing to take back.");
  if (hasEnded(retiring, home.clock())) throw over();
  await forgetRetirement(tx);
  return (await signedFor(tx, home, self, "RETIREMENT_TAKEN_BACK")).standing;
}

function over(): OperatorError {
  return new OperatorError(
    "This node has ended for others: its peers have dropped what they had of it. To share again, begin a node with a database of its own, and be met anew.",
  );
}

/** Which key it was about, and whether peers are told already. */
export type Done = { readonly key: string; readonly standing: Standing };

async function signedFor(tx: Transaction, home: Home, self: Self, action: AuditAction) {
  await recordDone(tx, home, "operator", action);
  return { standing: await keepSigned(tx, home, self, "operator") };
}

/** This node's keys, for its operator to look at. */
export type Shown = {
  readonly node: string;
  readonly custody: "online" | "offline";
  readonly root: string;
  readonly retiring: Retiring | null;
  readonly feedKeys: readonly (Omit<KeptKey, "sealed" | "succession" | "publicKey"> & {
    readonly inUse: boolean;
  })[];
  /** Until when the statement that is served holds; null when none is. */
  readonly expires: Date | null;
  /** Whether it says what there is to say; false too when it ends soon. */
  readonly current: boolean;
};

export async function showIdentity(tx: Transaction, home: Home, self: Self | null): Promise<Shown> {
  const keys = await holdKeys(tx, home);
  const { node, root, feed, retiring } = await identityOf(tx, keys, home);
  const served = await readServed(tx);
  const wanted = self === null ? null : await toSign(tx, home, self);
  return {
    node,
    custody: root.signs === null ? "offline" : "online",
    root: root.thumbprint,
    retiring,
    feedKeys: keys
      .filter(({ purpose }) => isFeed(purpose))
      .map(({ sealed: _sealed, succession: _succession, publicKey: _x, ...key }) => ({
        ...key,
        inUse: key.thumbprint === feed.thumbprint,
      })),
    expires: served?.expires ?? null,
    current: wanted !== null && isCurrent(served, wanted, home.clock()),
  };
}

// ── what is signed ──────────────────────────────────────────────────────────────────────────────────────────────────

/** What was signed for this node last: its statement, and the keys it used before. */
export type Signed = SignedTexts & { readonly node: string };

/** What is served as this node's identity; null before anything was signed. */
export async function readSigned(read: Reader): Promise<Signed | null> {
  const [row] = await readRows<Signed>(
    read,
    `select identity.node, identity.statement, identity.historical_keys as "historicalKeys"
     from seen.node_identity as identity`,
  );
  return row ?? null;
}

/** What the root has to sign now; refused when no peer would take it. */
export async function toSign(tx: Transaction, home: Home, self: Self): Promise<Stating> {
  const wanted = stating(self, await loadIdentity(tx, home), home.clock());
  await readUnsigned(statementClaims(wanted)).catch(() => {
    throw new OperatorError(
      "What this node would say of itself no peer would take: look at NETWORK_NAME, NETWORK_REGIONS and PUBLIC_URL.",
    );
  });
  return wanted;
}

/** Serves what a root that is kept elsewhere has signed; refused unless it says of this node what there is to say now. */
export async function install(tx: Transaction, home: Home, self: Self, signed: SignedTexts): Promise<void> {
  const { rotated } = await put(tx, home, self, signed);
  await recordDone(tx, home, "operator", ...(rotated ? (["ROOT_ROTATED"] as const) : []), "IDENTITY_SIGNED");
}

/** Whether what is served is what there is to say, or the root has to sign again. */
export type Standing = "current" | "signed anew" | "the root has to sign";

/** Has the root sign what changed, or what will end soon, if it is on this node. */
export async function keepSigned(
  tx: Transaction,
  home: Home,
  self: Self,
  actor: Actor = "node",
): Promise<Standing> {
  const wanted = await toSign(tx, home, self);
  await forgetEnded(tx, home);
  if (isCurrent(await readServed(tx), wanted, home.clock())) return "current";
  const { root } = await loadIdentity(tx, home);
  if (root.signs === null) return "the root has to sign";
  await put(tx, home, self, await signAs({ ...root, signs: root.signs }, wanted));
  await recordDone(tx, home, actor, "IDENTITY_SIGNED");
  return "signed anew";
}

/** The statement is signed anew at the next look, whatever it says: peers take none that is older than what they know. */
export async function mistrustStatement(tx: Transaction): Promise<void> {
  await tx.query("update seen.node_identity set expires = 'epoch'");
}

type Served = { readonly statement: string; readonly expires: Date };

async function readServed(tx: Transaction): Promise<Served | undefined> {
  const [row] = await tx.query<Served[]>(
    "select identity.statement, identity.expires from seen.node_identity as identity",
  );
  return row;
}

function isCurrent(served: Served | undefined, wanted: Stating, now: Date): boolean {
  if (served === undefined || !saysTheSame(served.statement, statementClaims(wanted))) return false;
  return served.expires.getTime() - now.getTime() >= (STATEMENT_LASTS / 3) * 86_400_000;
}

/** Puts what was signed in the place of what was served, with all that follows from it. */
async function put(
  tx: Transaction,
  home: Home,
  self: Self,
  signed: SignedTexts,
): Promise<{ readonly rotated: boolean }> {
  const before = await loadIdentity(tx, home);
  const statement = await readStatement(signed.statement).catch(notSigned);
  if (statement.node !== before.node)
    throw new OperatorError("This was signed for another node; nothing was changed.");
  const after = handedOver(before, statement);
  const wanted = stating(self, after, home.clock());
  if (!saysTheSame(signed.statement, statementClaims(wanted)))
    throw new OperatorError(
      'What was signed is not what this node has to say now: its keys or settings changed since, or PUBLIC_URL is another. Begin again with "cadre identity request"; nothing was changed.',
    );
  const keys = new Map([[statement.root.thumbprint, statement.root]]);
  await verify(signed.historicalKeys, "jwk-set+jwt", keys).catch(notSigned);
  if (!saysTheSame(signed.historicalKeys, historicalClaims(wanted))) notSigned();
  const served = await readServed(tx);
  if (statement.expires <= home.clock() || (served !== undefined && statement.expires < served.expires))
    throw new OperatorError("This statement has ended, or is older than the one that is served.");
  await handOver(tx, home, before, after);
  await tx.query(upsertSigned, [before.node, signed.statement, signed.historicalKeys, statement.expires]);
  await tellOf(tx, home, before, statement, served);
  return { rotated: after !== before };
}

/** What peers are told of a key holds from now on: they know the new ones, and the revoked ones sign nothing more. */
async function tellOf(
  tx: Transaction,
  home: Home,
  before: Identity,
  { feedKeys }: Statement,
  served: Served | undefined,
): Promise<void> {
  await tx.query(markTold, [feedKeys.map(({ thumbprint }) => thumbprint), home.clock()]);
  const { feed } = await loadIdentity(tx, home);
  if (await takesBackMore(feedKeys, served)) await beginAnew(tx);
  else if (feed.thumbprint !== before.feed.thumbprint) await signEverythingAnew(tx);
}

/** Whether peers are told for the first time that a key was taken back: whoever had it may have signed under any number. */
async function takesBackMore(feedKeys: readonly FeedKey[], served: Served | undefined): Promise<boolean> {
  if (served === undefined) return false;
  const { feedKeys: known } = await readStatement(served.statement);
  const already = new Set(known.filter(({ revoked }) => revoked !== null).map((key) => key.thumbprint));
  return feedKeys.some(({ revoked, thumbprint }) => revoked !== null && !already.has(thumbprint));
}

/** Signed elsewhere by a new root, which the one before it vouches for. */
async function handOver(tx: Transaction, home: Home, before: Identity, after: Identity): Promise<void> {
  if (after === before) return;
  await tx.query(endRoot, [before.root.thumbprint, home.clock()]);
  const { thumbprint, x } = after.root;
  await tx.query(insertKey, [thumbprint, "root", x, null, home.clock(), after.chain.at(-1)]);
}

function notSigned(): never {
  throw new OperatorError(
    "This was not signed by this node's root key, or was changed since; nothing was changed.",
  );
}

/** Once peers know the key that follows, the private part of one that has ended is of use only to a thief. */
async function forgetEnded(tx: Transaction, home: Home): Promise<void> {
  const { feed } = await loadIdentity(tx, home);
  await tx.query(forgetKeys, [feed.thumbprint, home.clock()]);
}

async function recordDone(tx: Transaction, home: Home, actor: Actor, ...actions: readonly AuditAction[]) {
  await record(tx, home, ...actions.map((action) => ({ actor, action, object: null })));
}

// ── keys as they are kept ───────────────────────────────────────────────────────────────────────────────────────────

async function identityOf(tx: Transaction, keys: readonly KeptKey[], home: Home): Promise<Identity> {
  const roots = rootsInOrder(keys);
  const last = roots.at(-1) ?? roots[0];
  const root = await publicKey(last.publicKey);
  return {
    node: nodeIdOf(roots[0].thumbprint),
    root: { ...root, signs: last.sealed === null ? null : (await privateOf(last, home)).signs },
    feed: await privateOf(keyInUse(keys, home.clock()), home),
    feedKeys: await Promise.all(
      keys
        .filter(({ purpose }) => isFeed(purpose))
        .slice(-MOST_FEED_KEYS)
        .map(feedKeyOf),
    ),
    chain: roots.flatMap(({ succession }) => (succession === null ? [] : [succession])),
    retiring: await holdRetirement(tx),
  };
}

function isFeed(purpose: KeptKey["purpose"]): boolean {
  return purpose === "feed";
}

async function feedKeyOf({ publicKey: x, ends, revoked, reason }: KeptKey): Promise<FeedKey> {
  const why = reason ?? "";
  return { ...(await publicKey(x)), ends, revoked: revoked === null ? null : { at: revoked, reason: why } };
}

function privateOf(row: KeptKey, home: Home): Promise<SigningKey> {
  return signingKey({ x: row.publicKey, d: open(row, home) });
}

function open({ thumbprint, sealed }: KeptKey, { seals }: Home): string {
  if (sealed === null) throw new DirectoryError("UNAVAILABLE", "A key that should sign is not on this node.");
  return seals.key("signing").open(placeOf(thumbprint), sealed);
}

function placeOf(thumbprint: string): readonly string[] {
  return ["base.signing_key", thumbprint, "sealed"];
}

/** A statement has room for so many: what the oldest of them signed is signed anew when it is left out. */
async function addKey(
  tx: Transaction,
  home: Home,
  purpose: KeptKey["purpose"],
  starts: Date,
): Promise<string> {
  const [feeds] = await tx.query<{ count: number }[]>(countFeedKeys);
  if (isFeed(purpose) && (feeds?.count ?? 0) >= MOST_FEED_KEYS) await signEverythingAnew(tx);
  return insert(tx, home, { purpose, made: await makeKey(), starts, succession: null });
}

type NewKey = Pick<KeptKey, "purpose" | "starts" | "succession"> & { readonly made: PrivatePart };

async function insert(tx: Transaction, home: Home, { purpose, made, starts, succession }: NewKey) {
  const { thumbprint } = await publicKey(made.x);
  const sealed = home.seals.key("signing").seal(placeOf(thumbprint), made.d);
  await tx.query(insertKey, [thumbprint, purpose, made.x, sealed, starts, succession]);
  return thumbprint;
}

const selectKeys = `
  select key.thumbprint, key.purpose, key.public_key as "publicKey", key.sealed, key.succession, key.starts, key.ends,
    key.revoked, key.reason, key.told
  from base.signing_key as key
  order by key.starts, key.thumbprint`;

const countFeedKeys = "select count(*)::int as count from base.signing_key as key where key.purpose = 'feed'";

const insertKey = `
  insert into base.signing_key (thumbprint, purpose, public_key, sealed, starts, succession)
  values ($1, $2, $3, $4, $5, $6)`;

const endRoot = "update base.signing_key set ends = $2, sealed = null where thumbprint = $1";

const markRevoked = `
  update base.signing_key as key
  set revoked = $2, reason = $3, ends = least(key.ends, $4::timestamptz)
  where key.thumbprint = $1`;

const beginNow = `
  update base.signing_key as key
  set starts = case when key.thumbprint = $1 then least(key.starts, $2::timestamptz) else key.starts end,
    ends = case when key.thumbprint = $1 then key.ends else least(key.ends, $2::timestamptz) end
  where key.purpose = 'feed'`;

const markTold = `
  update base.signing_key as key
  set told = coalesce(key.told, $2), sealed = case when key.revoked is null then key.sealed end
  where key.purpose = 'feed' and key.thumbprint = any ($1)`;

const forgetKeys = `
  update base.signing_key as key
  set sealed = null
  where key.purpose = 'feed' and key.ends <= $2 and key.thumbprint <> $1 and key.revoked is null`;

const upsertSigned = `
  insert into seen.node_identity (node, statement, historical_keys, expires)
  values ($1, $2, $3, $4)
  on conflict (one) do update
    set node = excluded.node, statement = excluded.statement, historical_keys = excluded.historical_keys,
      expires = excluded.expires`;
