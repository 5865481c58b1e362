import { readRows, type Reader, type Transaction } from "../storage/database.js";
import type { Retiring } from "./statement.js";

/** The day on which this node ends for others; null while it does not. What a visitor's connection may read: the statement tells it to everybody. */
export async function readRetirement(read: Reader): Promise<Retiring | null> {
  const [row] = await readRows<Retiring>(read, select);
  return row ?? null;
}

export async function holdRetirement(tx: Transaction): Promise<Retiring | null> {
  const [row] = await tx.query<Retiring[]>(select);
  return row ?? null;
}

export async function saveRetirement(tx: Transaction, { at, successor }: Retiring): Promise<void> {
  await tx.query(upsert, [at, successor]);
}

export async function forgetRetirement(tx: Transaction): Promise<void> {
  await tx.query("delete from seen.retirement");
}

const select = "select retirement.at, retirement.successor from seen.retirement";

const upsert = `
  insert into seen.retirement (at, successor)
  values ($1, $2)
  on conflict (one) do update set at = excluded.at, successor = excluded.successor`;
