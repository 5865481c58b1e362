import { record } from "../audit/audit.store.js";
import { dayOf } from "../clock.js";
import { DirectoryError } from "../errors.js";
import type { Home } from "../listing/home.js";
import type { Transaction } from "../storage/database.js";
import type { Viewer } from "../visibility/viewer.js";
import { CONSENT_VERSION } from "./consent.js";

/** Whoever said that they want to be counted, and whoever said that they do not. */
export type CountedAnswers = { readonly yes: readonly string[]; readonly no: readonly string[] };

export async function countedAnswers(tx: Transaction): Promise<CountedAnswers> {
  const rows = await tx.query<Answer[]>(
    "select counted.practitioner, counted.agreed from base.counted where counted.text_version = $1 or not counted.agreed",
    [CONSENT_VERSION],
  );
  const those = (agreed: boolean) =>
    rows.filter((row) => row.agreed === agreed).map(({ practitioner }) => practitioner);
  return { yes: those(true), no: those(false) };
}

/** What one person said; null when they have said nothing. */
export async function countedAnswer(tx: Transaction, id: string): Promise<boolean | null> {
  const [row] = await tx.query<Answer[]>(
    "select counted.practitioner, counted.agreed from base.counted where counted.practitioner = $1",
    [id],
  );
  return row?.agreed ?? null;
}

/** Keeps what whoever asks has said, with the day and the text. NOT_FOUND when they have no entry. */
export async function sayCounted(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  agreed: boolean,
): Promise<void> {
  const [row] = await tx.query<{ id: string }[]>(upsertAnswer, [
    viewer.account,
    agreed,
    CONSENT_VERSION,
    dayOf(home.clock()),
  ]);
  if (row === undefined)
    throw new DirectoryError("NOT_FOUND", "You have no entry yet; saveProfile begins one.");
  await record(tx, home, { actor: viewer, action: "AUDIENCE_CHANGED", object: row.id, fields: ["COUNTED"] });
}

/** Whoever withdraws takes back what they agreed to; a no stays. */
export async function takeBackCounted(tx: Transaction, id: string): Promise<void> {
  await tx.query("delete from base.counted where counted.practitioner = $1 and counted.agreed", [id]);
}

type Answer = { readonly practitioner: string; readonly agreed: boolean };

const upsertAnswer = `
  insert into base.counted as held (practitioner, agreed, text_version, given)
  select practitioner.id, $2, $3, $4
  from base.practitioner
  where practitioner.account = $1
  on conflict (practitioner) do update
    set agreed = excluded.agreed, text_version = excluded.text_version, given = excluded.given
  returning held.practitioner as id`;
