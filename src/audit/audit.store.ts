import type { Home } from "../listing/home.js";
import type { Transaction } from "../storage/database.js";
import type { Key } from "../storage/seal.js";
import {
  beginning,
  chain,
  follows,
  pseudonym,
  type AuditEntry,
  type ChainedEntry,
  type Deed,
  type Head,
} from "./audit.js";

/**
 * Adds deeds to the log, in the transaction that does them: there is no deed without its entry, nor the other way round. Other
 * deeds wait until that transaction ends, so a long one records at its end.
 */
export async function record(tx: Transaction, home: Home, ...deeds: readonly Deed[]): Promise<void> {
  if (deeds.length === 0) return;
  // Held until commit: entries stand in the log in the order in which they became true.
  await tx.query("select pg_advisory_xact_lock(hashtext('cadre audit'))");
  const key = home.seals.key("audit");
  const entries = chain(key, await headOf(tx, key), deeds, home.clock());
  for (let from = 0; from < entries.length; from += AT_ONCE)
    await tx.query(insertEntries, [JSON.stringify(entries.slice(from, from + AT_ONCE).map(rowOf))]);
}

/**
 * Which page of the entries about something: at most `first`, without the newest `skip`. An entry's number in the whole log would
 * tell whoever reads their own how much else was recorded.
 */
export type AuditPage = { readonly first: number; readonly skip: number };

/** What was done to the people or things of these ids, the newest first. */
export async function auditAbout(
  tx: Transaction,
  objects: readonly string[],
  { first, skip }: AuditPage,
): Promise<readonly AuditEntry[]> {
  const rows = await tx.query<Row[]>(selectAbout, [objects, skip, first]);
  return rows.map(entryOf).map(({ mac: _mac, ...entry }) => entry);
}

/** How often somebody has done something since then. */
export async function countDeeds(
  tx: Transaction,
  { actor, action }: Pick<Deed, "actor" | "action">,
  since: Date,
): Promise<number> {
  const [row] = await tx.query<{ count: number }[]>(countSince, [pseudonym(actor), action, since]);
  return row?.count ?? 0;
}

/** What reading the whole log showed: where it ends, or the number of the first entry that does not fit. */
export type Verdict =
  | { readonly kind: "unbroken"; readonly head: Head }
  | { readonly kind: "broken"; readonly at: number }
  /** Every entry fits, but the log does not go on from where it once ended. */
  | { readonly kind: "shortened"; readonly head: Head };

/** Reads the whole log and holds it against its macs and, when it is given, against where the log once ended. */
export async function verifyAudit(tx: Transaction, home: Home, noted: Head | null): Promise<Verdict> {
  const key = home.seals.key("audit");
  let head = beginning(key);
  let contained = noted === null || sameHead(noted, head);
  for (let some = await after(tx, null); some.length > 0; some = await after(tx, head.seq)) {
    for (const entry of some) {
      if (!follows(key, head, entry)) return { kind: "broken", at: entry.seq };
      head = entry;
      contained ||= noted !== null && sameHead(noted, head);
    }
  }
  const { seq, mac } = head;
  return { kind: contained ? "unbroken" : "shortened", head: { seq, mac } };
}

const AT_ONCE = 2000;

async function headOf(tx: Transaction, key: Key): Promise<Head> {
  const [last] = await tx.query<Row[]>(selectLast);
  return last === undefined ? beginning(key) : entryOf(last);
}

/** From the very first one on when `seq` is null. */
function after(tx: Transaction, seq: number | null): Promise<readonly ChainedEntry[]> {
  return tx.query<Row[]>(selectAfter, [seq, AT_ONCE]).then((rows) => rows.map(entryOf));
}

function sameHead(one: Head, other: Head): boolean {
  return one.seq === other.seq && one.mac.equals(other.mac);
}

type Row = Omit<ChainedEntry, "seq" | "at"> & { readonly seq: string; readonly at: Date | number };

function entryOf(row: Row): ChainedEntry {
  return { ...row, seq: Number(row.seq), at: new Date(row.at) };
}

function rowOf({ mac, ...entry }: ChainedEntry): object {
  return { ...entry, mac: mac.toString("hex") };
}

const insertEntries = `
  insert into base.audit (seq, at, actor, action, object, fields, mac)
  select entry.seq, entry.at, entry.actor, entry.action, entry.object, entry.fields, decode(entry.mac, 'hex')
  from jsonb_to_recordset($1::jsonb)
    as entry (seq bigint, at timestamptz, actor text, action text, object text, fields text[], mac text)
  order by entry.seq`;

const selectEntries = `
  select audit.seq, audit.at, audit.actor, audit.action, audit.object, audit.fields, audit.mac
  from base.audit`;

const selectLast = `${selectEntries} order by audit.seq desc limit 1`;

const selectAfter = `${selectEntries} where $1::bigint is null or audit.seq > $1 order by audit.seq limit $2`;

const countSince = `
  select count(*)::int as count from base.audit
  where audit.actor = $1 and audit.action = $2 and audit.at > $3`;

const selectAbout = `${selectEntries}
  where audit.object = any ($1)
  order by audit.seq desc
  offset $2
  limit $3`;
