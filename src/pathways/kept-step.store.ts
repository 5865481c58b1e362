import type { Home } from "../listing/home.js";
import type { Transaction } from "../storage/database.js";
import { placeOfStep, type Step, type Supervised } from "./step.js";

/** A step as it is kept: whose it is, and its own id. */
export type KeptStep<S extends Step = Step> = {
  readonly id: string;
  readonly practitioner: string;
  readonly step: S;
};

/** What these people have done, the latest first. */
export async function loadSteps(
  tx: Transaction,
  home: Home,
  people: readonly string[],
): Promise<readonly KeptStep[]> {
  return open(tx, home, await tx.query<Row[]>(selectSteps, [people]));
}

async function open(tx: Transaction, home: Home, rows: readonly Row[]): Promise<readonly KeptStep[]> {
  const keys = await home.seals.personKeys(tx, [...new Set(rows.map(({ practitioner }) => practitioner))]);
  const steps = rows.map(({ id, practitioner, sealed }) => {
    const text = keys.get(practitioner)?.open(placeOfStep(practitioner, id), sealed);
    if (text === undefined) throw new Error("a practitioner has no key");
    // What was sealed here was a step.
    return { id, practitioner, step: JSON.parse(text) as Step };
  });
  return steps.sort((one, other) => compare(other.step.day, one.step.day) || compare(one.id, other.id));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** The sessions that name somebody as their supervisor, the latest first. */
export async function loadSessions(
  tx: Transaction,
  home: Home,
  supervisor: string,
): Promise<readonly KeptStep<Supervised>[]> {
  return sessionsAmong(await open(tx, home, await tx.query<Row[]>(selectNaming, [markOf(home, supervisor)])));
}

/** The session of this id, when it names them. */
export async function findSession(
  tx: Transaction,
  home: Home,
  id: string,
  supervisor: string,
): Promise<KeptStep<Supervised> | null> {
  const rows = await tx.query<Row[]>(selectSession, [id, markOf(home, supervisor)]);
  return sessionsAmong(await open(tx, home, rows))[0] ?? null;
}

export function sessionsAmong(steps: readonly KeptStep[]): readonly KeptStep<Supervised>[] {
  return steps.filter((one): one is KeptStep<Supervised> => one.step.kind === "SUPERVISED");
}

/** Keeps a step, or what it has become: a session keeps the supervisor it began with. */
export async function keepStep(
  tx: Transaction,
  home: Home,
  { id, practitioner, step }: KeptStep,
): Promise<void> {
  const key = await home.seals.personKey(tx, practitioner);
  const supervisor = step.kind === "SUPERVISED" ? markOf(home, step.supervisor) : null;
  const sealed = key.seal(placeOfStep(practitioner, id), JSON.stringify(step));
  await tx.query(upsertStep, [id, practitioner, supervisor, sealed]);
}

/** By what a supervisor's sessions are found, and nobody else can tell whose they are. */
function markOf(home: Home, supervisor: string): string {
  return home.seals.key("supervisor").mac(supervisor).toString("hex");
}

type Row = { readonly id: string; readonly practitioner: string; readonly sealed: string };

const select = "select step.id, step.practitioner, step.sealed from base.step";
const selectSteps = `${select} where step.practitioner = any ($1::uuid[])`;
const selectNaming = `${select} where step.supervisor = $1`;
const selectSession = `${select} where step.id = $1 and step.supervisor = $2`;

const upsertStep = `
  insert into base.step (id, practitioner, supervisor, sealed)
  values ($1, $2, $3, $4)
  on conflict (id) do update set sealed = excluded.sealed
  where step.practitioner = excluded.practitioner`;
