import { rename, rm } from "node:fs/promises";
import { record } from "../audit/audit.store.js";
import { OperatorError } from "../errors.js";
import { writeBundle, type BundleWriter } from "./bundle.js";
import { activity, writeCursor } from "./feed.js";
import { readWhole, signForTravel, type Feed } from "./feed.store.js";
import { readHead } from "./head.js";
import { loadIdentity, readSigned } from "./identity.store.js";
import { Publisher, type PublisherParts } from "./publisher.js";
import { readStatement, type Statement } from "./statement.js";
import type { Tier } from "./tier.js";
import { Untrusted } from "./untrusted.js";

/** How much a bundle holds. */
export type Exported = { readonly records: number; readonly withdrawals: number };

/** Writes a feed as it is now into a new file, whole or not at all. That it left is recorded before the file has its name. */
export async function exportBundle(parts: PublisherParts, tier: Tier, file: string): Promise<Exported> {
  const { database, home } = parts;
  const unfinished = `${file}.part`;
  try {
    const exported = await write(parts, tier, writeBundle(unfinished));
    await database.transaction((tx) =>
      record(tx, home, { actor: "operator", action: "EXPORTED", object: null, fields: [`bundle:${tier}`] }),
    );
    await rename(unfinished, file);
    return exported;
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code !== "EEXIST") await rm(unfinished, { force: true });
    if (typeof code === "string" && FILES.test(code))
      throw new OperatorError(`The bundle cannot be written to ${file} (${code}).`);
    throw error;
  }
}

const FILES = /^(EEXIST|ENOENT|EACCES|EISDIR|ENOTDIR|ENOSPC|EROFS|EPERM)$/;

async function write(parts: PublisherParts, tier: Tier, bundle: BundleWriter): Promise<Exported> {
  const { database, home, vocabulary } = parts;
  await new Publisher(parts).current(tier);
  await database.transaction(async (tx) => {
    const identity = await loadIdentity(tx, home);
    await signForTravel(tx, { home, identity, vocabulary, tier });
  });
  const signed = await readSigned(database.read);
  if (signed === null)
    throw new OperatorError("This node has not said yet who it is; serve it once with PUBLIC_URL set.");
  const statement = await readStatement(signed.statement);
  const base = statement.feeds[tier]?.url ?? "";
  let [begun, records, withdrawals] = [false, 0, 0];
  await readWhole(database, tier, async ({ feed, items }) => {
    if (!begun) {
      await checkSigned(feed, statement);
      await bundle.put({ "cadre:statement": signed.statement });
      await bundle.put({ "cadre:tier": tier, "cadre:head": feed.head, "cadre:cursor": writeCursor(feed) });
      begun = true;
    }
    for (const item of items) {
      await bundle.put(activity(base, item));
      if (item.jws === null) withdrawals++;
      else records++;
    }
  });
  await bundle.end();
  return { records, withdrawals };
}

/** Nobody could believe a head by a key that the statement does not name yet. */
async function checkSigned({ head }: Feed, { feedKeys }: Statement): Promise<void> {
  const keys = new Map(feedKeys.map((key) => [key.thumbprint, key]));
  await readHead(head, keys).catch((error: unknown) => {
    if (!(error instanceof Untrusted)) throw error;
    throw new OperatorError(
      "The keys of this node have just changed; have its root sign what it says of itself first.",
    );
  });
}
