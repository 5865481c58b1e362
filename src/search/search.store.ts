import type { Pool } from "pg";
import { readRows } from "../storage/database.js";

/** Where the change log stands: its last number, and which entry it has at the number somebody has read up to. */
export type LogState = { readonly seq: number; readonly entry: string | null };

/** How the log stands for somebody who has read up to `seq`. The entry is null when the log does not hold it. */
export async function readLogState(read: Pool, seq: number): Promise<LogState> {
  const [row] = await readRows<{ seq: string; entry: string | null }>(read, selectLogState, [seq]);
  return { seq: Number(row?.seq ?? 0), entry: row?.entry ?? null };
}

const selectLogState = `
  select clock.seq,
    (select concat_ws(' ', change.audience, change.kind, change.id, change.origin, change.day)
      from seen.change where change.seq = $1) as entry
  from seen.clock`;
