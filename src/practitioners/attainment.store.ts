import type { EntityManager } from "typeorm";
import type { Key } from "../storage/seal.js";
import { highestOf, placeOf, type Attainment } from "./attainment.js";
import type { PractitionerLevel } from "./practitioner.js";

/** An attainment, and whose it is. */
export type KeptAttainment = Attainment & { readonly id: string; readonly practitioner: string };

/** The highest level that each of these people holds on this day; null when no pathway of the network binds what is shown. */
export async function levelsHeld(
  tx: EntityManager,
  keys: ReadonlyMap<string, Key>,
  today: string,
): Promise<ReadonlyMap<string, PractitionerLevel | null> | null> {
  if (!(await isBound(tx))) return null;
  const held = new Map<string, Attainment[]>();
  for (const one of await readAttainments(tx, keys)) {
    const before = held.get(one.practitioner);
    if (before === undefined) held.set(one.practitioner, [one]);
    else before.push(one);
  }
  return new Map([...held].map(([id, all]) => [id, highestOf(all, today)]));
}

/** Whether a level is shown only as far as it was reached. */
export async function isBound(tx: EntityManager): Promise<boolean> {
  const rows = await tx.query<unknown[]>("select from base.pathway where pathway.binding limit 1");
  return rows.length > 0;
}

/** Everything these people have ever reached, the earliest first. */
export async function readAttainments(
  tx: EntityManager,
  keys: ReadonlyMap<string, Key>,
): Promise<readonly KeptAttainment[]> {
  const rows = await tx.query<Row[]>(selectAttainments, [[...keys.keys()]]);
  const kept = rows.flatMap(({ id, practitioner, sealed }) => {
    const key = keys.get(practitioner);
    if (key === undefined) return [];
    // What was sealed here was an attainment.
    const opened = JSON.parse(key.open(placeOf(practitioner, id), sealed)) as Attainment;
    return [{ id, practitioner, ...opened }];
  });
  return kept.sort((one, other) => compare(one.reached, other.reached) || compare(one.id, other.id));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** At most 100 people of whom a level has stopped counting by this day, and who are shown as if it did. */
export async function levelsDue(tx: EntityManager, today: string): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string }[]>(selectDue, [today]);
  return rows.map(({ id }) => id);
}

/** Notes that what is shown of these people is made without them now; those of whom nobody else has noted it. */
export async function levelsSeenTo(
  tx: EntityManager,
  people: readonly string[],
  today: string,
): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string }[]>(seeTo, [people, today]);
  return rows.map(({ id }) => id);
}

type Row = { readonly id: string; readonly practitioner: string; readonly sealed: string };

const selectAttainments = `
  select attainment.id, attainment.practitioner, attainment.sealed
  from base.attainment
  where attainment.practitioner = any ($1::uuid[])`;

const selectDue = `
  select distinct attainment.practitioner as id
  from base.attainment
  where attainment.due <= $1
  limit 100`;

const seeTo = `
  with seen_to as (
    update base.attainment
    set due = null
    where attainment.practitioner = any ($1::uuid[]) and attainment.due <= $2
    returning attainment.practitioner
  )
  select distinct seen_to.practitioner as id from seen_to`;
