import { acceptStatement, keepStatement, pauseLiar, TwoStories, type TakingParts } from "./arriving.js";
import { HEAD_RULES, accept } from "./accept.js";
import { NotReadAnyMore, readAccepted } from "./harvest.store.js";
import { readHead } from "./head.js";
import type { Outbound } from "./outbound.js";
import { OutboundError } from "./outbound-error.js";
import { isTrusted, type Peer } from "./peer.js";
import { readPeer, readPeers } from "./peer.store.js";
import { fetchTestimony, type Signer } from "./reading.js";
import { readStatement, type Statement } from "./statement.js";
import { Untrusted } from "./untrusted.js";
import { compared, readTestimony, type Saying } from "./witness.js";
import { readShownHead, saveSaid, takeAsking } from "./witness.store.js";

export type AskingParts = TakingParts & { readonly outbound: Outbound; readonly sign: Signer | null };

const HOUR = 3_600_000;
/** Where nothing is wrong a peer is asked about so rarely. */
const WEEK = 7 * 24 * HOUR;
/** So many are asked: two who know it are enough, and not every peer does. */
const MOST_ASKED = 4;

/**
 * Asks peers that we trust what they hold of a peer that we trust: at once when an unexpected key was met, else once a week. Only of a
 * peer whose public feed is held here: nobody is told of a peering by that whom a search here would not tell.
 */
export async function askWitnesses(parts: AskingParts, id: string, wrong: boolean): Promise<void> {
  const { database, home, sign } = parts;
  if (sign === null) return;
  const now = home.clock();
  const notSince = new Date(now.getTime() - (wrong ? HOUR : WEEK));
  const peer = await database.transaction(async (tx) => {
    const known = await readPeer(tx, id);
    if (known === null || (await readShownHead(tx, known)) === null) return null;
    return (await takeAsking(tx, id, { now, notSince, anyway: wrong })) ? known : null;
  });
  if (peer === null) return;
  const asked = await witnessesOf(parts, peer);
  const answers = await Promise.all(asked.map((witness) => ask({ ...parts, sign }, peer, witness)));
  for (const answer of answers) if (answer !== null) await hear(parts, id, answer);
}

/** Whoever introduced it knows it; the others are chosen at random. */
async function witnessesOf({ database }: AskingParts, { id, introducedBy }: Peer): Promise<readonly Peer[]> {
  const others = (await database.transaction(readPeers)).filter((one) => isTrusted(one) && one.id !== id);
  const order = new Map(others.map((one) => [one.id, one.id === introducedBy ? -1 : Math.random()]));
  return [...others].sort((one, other) => order.get(one.id)! - order.get(other.id)!).slice(0, MOST_ASKED);
}

type Answer = Awaited<ReturnType<typeof readTestimony>> & { readonly witness: string };

/** Null when it does not answer, does not know the node, or says what that node has not signed. */
async function ask(
  { outbound, sign }: AskingParts & { readonly sign: Signer },
  { node }: Peer,
  { id, url }: Peer,
): Promise<Answer | null> {
  try {
    const json = await fetchTestimony({ outbound, sign }, url, node);
    const answer = json === null ? null : await readTestimony(json);
    return answer === null || answer.told.node !== node ? null : { ...answer, witness: id };
  } catch (error) {
    if (error instanceof OutboundError || error instanceof Untrusted) return null;
    throw error;
  }
}

/** Goes by a newer statement of the same root: who stands between us and the peer may be holding it back. */
async function hear(parts: AskingParts, id: string, answer: Answer): Promise<void> {
  const { database, home } = parts;
  const peer = await database.transaction((tx) => readPeer(tx, id));
  if (peer === null || !isTrusted(peer)) return;
  const known = await readStatement(peer.statement);
  const saying = compared(answer.told, known);
  if (saying === "NEWER" && answer.told.url === known.url) await keep(parts, peer, known, answer);
  const told = saying === "NEWER" ? answer.told : known;
  const stories = saying === "OTHER_ROOT" ? null : await contradiction(parts, peer, told, answer.head);
  const said: Saying = stories === null ? saying : "TWO_STORIES";
  await database.transaction((tx) =>
    saveSaid(tx, id, { witness: answer.witness, saying: said, at: home.clock() }),
  );
  if (stories !== null) await pauseLiar(parts, id, stories);
}

async function keep(parts: AskingParts, peer: Peer, known: Statement, answer: Answer): Promise<void> {
  const { database, home } = parts;
  try {
    acceptStatement(answer.told, known, home.clock());
    const newer = { jws: answer.statement, statement: answer.told };
    await database.transaction((tx) => keepStatement(tx, parts, peer, newer));
  } catch (error) {
    if (!(error instanceof Untrusted) && !(error instanceof NotReadAnyMore)) throw error;
  }
}

/** The two heads, when the peer has signed another state for the witness than for us under one number; null when it has not. */
async function contradiction(
  { database, home }: AskingParts,
  peer: Peer,
  { feedKeys }: Statement,
  jws: string,
): Promise<TwoStories | null> {
  const last = await database.transaction((tx) => readAccepted(tx, { peer, tier: "public" }));
  if (last === null || last.head === jws) return null;
  const keys = new Map(feedKeys.map((key) => [key.thumbprint, key]));
  try {
    const head = await readHead(jws, keys);
    const rules = HEAD_RULES.filter(({ rule }) => rule !== "EXPIRED" && rule !== "REPLAYED");
    accept(rules, head, { node: peer.node, tier: "public", keys, last }, home.clock());
    return null;
  } catch (error) {
    if (!(error instanceof Untrusted)) throw error;
    return error.rule === "TWO_STORIES" ? new TwoStories("public", last.head, jws, error.message) : null;
  }
}
