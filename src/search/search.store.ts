import type { Pool } from "pg";
import { originsDigest } from "../listing/standing.store.js";
import { readRows } from "../storage/database.js";

/**
 * Where the change log stands: its last number, and which entry it has at the number somebody has read up to. `origins` is another
 * when anything about a network, or about how a peer stands, is.
 */
export type LogState = { readonly seq: number; readonly entry: string | null; readonly origins: string };

/** How the log stands for somebody who has read up to `seq`. The entry is null when the log does not hold it. */
export async function readLogState(read: Pool, seq: number): Promise<LogState> {
  const [row] = await readRows<Row>(read, selectLogState, [seq], "log state");
  return { seq: Number(row?.seq ?? 0), entry: row?.entry ?? null, origins: row?.origins ?? "" };
}

type Row = { readonly seq: string; readonly entry: string | null; readonly origins: string };

const selectLogState = `
  select clock.seq, ${originsDigest} as origins,
    (select concat_ws(' ', change.audience, change.kind, change.id, change.origin, change.day)
      from seen.change where change.seq = $1) as entry
  from seen.clock`;
