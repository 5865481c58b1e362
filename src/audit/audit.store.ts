import type { Home } from "../listing/home.js";
import type { Transaction } from "../storage/database.js";
import { chained, pseudonym, type AuditEntry, type Deed } from "./audit.js";

/** Adds deeds to the log, in the transaction that does them: there is no deed without its entry, nor the other way round. */
export async function record(tx: Transaction, home: Home, ...deeds: readonly Deed[]): Promise<void> {
  // Held until commit: entries stand in the log in the order in which they became true.
  await tx.query("select pg_advisory_xact_lock(hashtext('cadre audit'))");
  const [last] = await tx.query<Last[]>(
    "select audit.seq, audit.mac from base.audit order by audit.seq desc limit 1",
  );
  const key = home.seals.key("audit");
  let mac = last?.mac.toString("hex") ?? "";
  for (const [position, deed] of deeds.entries()) {
    const entry = entryOf(deed, Number(last?.seq ?? 0) + position + 1, home.clock());
    const link = key.mac(mac, ...chained(entry));
    await tx.query(insertEntry, [
      entry.seq,
      entry.at,
      entry.actor,
      entry.action,
      entry.object,
      entry.fields,
      link,
    ]);
    mac = link.toString("hex");
  }
}

type Last = { readonly seq: string; readonly mac: Buffer };

function entryOf({ actor, action, object, fields = [] }: Deed, seq: number, at: Date): AuditEntry {
  return { seq, at, actor: pseudonym(actor), action, object, fields };
}

const insertEntry = `
  insert into base.audit (seq, at, actor, action, object, fields, mac)
  values ($1, $2, $3, $4, $5, $6, $7)`;
