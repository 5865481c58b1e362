import type { Transaction } from "./database.js";

/** Whether the database holds no record at all, nor the memory of one that was imported. */
export async function holdsNothing(tx: Transaction): Promise<boolean> {
  const [found] = await tx.query<{ nothing: boolean }[]>(selectNothing);
  return found?.nothing === true;
}

const selectNothing = `
  select not exists (select from base.practitioner)
    and not exists (select from base.organization)
    and not exists (select from base.resource)
    and not exists (select from base.source) as nothing`;
