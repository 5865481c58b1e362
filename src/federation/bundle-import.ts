import { OperatorError } from "../errors.js";
import {
  TwoStories,
  acceptStatement,
  acceptedHead,
  beginWork,
  keepStatement,
  pauseLiar,
  takePages,
  type TakingParts,
} from "./arriving.js";
import { openBundle, type Bundle } from "./bundle.js";
import { NotReadAnyMore, type TakenIn } from "./harvest.store.js";
import { isRead, type Peer } from "./peer.js";
import { claim, findNode, letGo } from "./peer.store.js";
import { retireIfEnded } from "./retired.js";
import { ALL_BUCKETS } from "./set.js";
import { readStatement, type Statement } from "./statement.js";
import { Untrusted } from "./untrusted.js";

/** What a bundle brought; `taken` is null when all of it was here. */
export type Imported = { readonly network: string; readonly taken: TakenIn | null };

/**
 * Takes in what a peer has told in a file, as if it had been asked: by the same rules, all of it or nothing. What is refused is told
 * in a sentence.
 */
export async function importBundle(parts: TakingParts, file: string): Promise<Imported> {
  try {
    const bundle = await openBundle(file);
    try {
      const statement = await readStatement(bundle.statement);
      return await inTurn(parts, statement, (peer) => takeBundle(parts, peer, bundle, statement));
    } finally {
      await bundle.close();
    }
  } catch (error) {
    if (error instanceof NotReadAnyMore) throw new OperatorError(NOT_READ);
    if (!(error instanceof Untrusted)) throw error;
    throw new OperatorError(`Nothing of this bundle was taken in. ${error.message}`);
  }
}

const NOT_READ = "The bundle is of a peer that is paused, blocked or retired; nothing of it is read.";

/** While this is done, nobody else reads the peer. */
async function inTurn(
  parts: TakingParts,
  statement: Statement,
  work: (peer: Peer) => Promise<TakenIn | null>,
): Promise<Imported> {
  const { database, home } = parts;
  const known = await database.transaction((tx) => findNode(tx, statement.node));
  if (known === null)
    throw new OperatorError("The bundle is of a node that this one does not know; add it as a peer first.");
  if (!isRead(known)) throw new OperatorError(NOT_READ);
  const peer = await database.transaction((tx) => claim(tx, known.id, home.clock()));
  if (peer === null)
    throw new OperatorError("This peer is being read at the moment; try again in a few minutes.");
  try {
    const taken = await work(peer);
    await parts.database.transaction((tx) => retireIfEnded(tx, parts, peer.id, false));
    return { network: statement.network.name, taken };
  } catch (error) {
    if (error instanceof TwoStories) await pauseLiar(parts, peer.id, error);
    throw error;
  } finally {
    await database.transaction((tx) => letGo(tx, peer.id));
  }
}

async function takeBundle(
  parts: TakingParts,
  peer: Peer,
  bundle: Bundle,
  statement: Statement,
): Promise<TakenIn | null> {
  const { tier, head: jws } = bundle;
  const told = await readStatement(peer.statement);
  acceptStatement(statement, told, parts.home.clock());
  if (statement.url !== told.url)
    throw new Untrusted(
      "WRONG_SUBJECT",
      "The peer says that its address is another than the one it is known by.",
    );
  if (!peer.shares.includes(tier))
    throw new OperatorError(
      "The bundle holds what partners see, and this peer has not let this node read that.",
    );
  const work = await beginWork(parts, { peer, tier }, { statement, fresh: true });
  if (jws === work.last?.head) return null;
  const head = await acceptedHead(work, jws);
  const arriving = { head, jws, pages: bundle.pages(head.count), whole: ALL_BUCKETS };
  return takePages(work, arriving, (tx) =>
    keepStatement(tx, parts, peer, { jws: bundle.statement, statement }),
  );
}
