import { record } from "../audit/audit.store.js";
import { dayOf, monthsAfter } from "../clock.js";
import { DirectoryError } from "../errors.js";
import { listedBy, type Home } from "../listing/home.js";
import type { Transaction } from "../storage/database.js";
import type { Viewer } from "../visibility/viewer.js";
import { type Terms } from "./confirmation.js";
import { seenAs } from "./practitioner.js";
import { loadPractitioners, lockPractitioners, relist, waitForVouches } from "./practitioner.store.js";
import { ownEntry } from "./profile.store.js";

/** A vouch as its giver sees it. Nobody else is told who gave it. */
export type GivenVouch = {
  readonly practitioner: string;
  readonly note: string | null;
  readonly given: string | null;
  readonly expires: string | null;
};

/** Stands behind a practitioner whom the viewer may see, or does so anew. */
export async function giveVouch(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  practitioner: string,
  note: string | null,
  { vouchLasts }: Terms,
): Promise<void> {
  const voucher = await holdBoth(tx, home, viewer, practitioner);
  if (voucher === null)
    throw new DirectoryError("FORBIDDEN", "Only somebody whose own entry is listed can vouch for others.");
  if (voucher === practitioner)
    throw new DirectoryError("BAD_USER_INPUT", "Nobody can vouch for themselves.", ["practitioner"]);
  const [person] = await loadPractitioners(tx, home, [practitioner]);
  const by = listedBy(home);
  if (person?.state !== "LISTED" || seenAs(person, viewer.audience, by) === null)
    throw new DirectoryError("NOT_FOUND", "There is no practitioner with this id.", ["practitioner"]);
  const today = dayOf(home.clock());
  const sealed =
    note === null
      ? null
      : (await home.seals.personKey(tx, voucher)).seal(placeOf(practitioner, voucher), note);
  await tx.query(upsertVouch, [practitioner, voucher, today, monthsAfter(today, vouchLasts), sealed]);
  await relist(tx, home, [practitioner]);
  await record(tx, home, { actor: viewer, action: "VOUCHED", object: practitioner });
}

/** Takes a vouch back; that there was none is told to nobody. */
export async function takeVouchBack(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  practitioner: string,
): Promise<void> {
  await waitForVouches(tx);
  const rows = await tx.query<{ practitioner: string }[]>(deleteVouch, [practitioner, viewer.account]);
  if (rows.length === 0) return;
  await lockPractitioners(tx, [practitioner]);
  await relist(tx, home, [practitioner]);
  await record(tx, home, { actor: viewer, action: "VOUCH_WITHDRAWN", object: practitioner });
}

/** What the viewer has given, the newest first. */
export async function vouchesGiven(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
): Promise<readonly GivenVouch[]> {
  const own = await ownEntry(tx, home, viewer.account);
  if (own === null) return [];
  const { id } = own.person;
  const rows = await tx.query<GivenVouch[]>(selectGiven, [id]);
  const key = await home.seals.personKey(tx, id);
  return rows.map(({ note, ...vouch }) => ({
    ...vouch,
    note: note === null ? null : key.open(placeOf(vouch.practitioner, id), note),
  }));
}

/** The id of the viewer's own entry when it is listed, with both entries held; null otherwise. */
async function holdBoth(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  practitioner: string,
): Promise<string | null> {
  await waitForVouches(tx);
  const before = await ownEntry(tx, home, viewer.account);
  if (before === null) return null;
  await lockPractitioners(tx, [before.person.id, practitioner]);
  const own = await ownEntry(tx, home, viewer.account);
  return own?.person.state === "LISTED" ? own.person.id : null;
}

function placeOf(practitioner: string, voucher: string): readonly string[] {
  return ["base.vouch", practitioner, voucher, "note"];
}

const upsertVouch = `
  insert into base.vouch (practitioner, voucher, given, expires, note)
  values ($1, $2, $3, $4, $5)
  on conflict (practitioner, voucher) do update
    set given = excluded.given, expires = excluded.expires, note = excluded.note`;

const deleteVouch = `
  with gone as (
    delete from base.vouch
    using base.practitioner as voucher
    where vouch.practitioner = $1 and vouch.voucher = voucher.id and voucher.account = $2
    returning vouch.practitioner
  )
  select gone.practitioner from gone`;

const selectGiven = `
  select vouch.practitioner, vouch.note, vouch.given::text, vouch.expires::text
  from base.vouch
  where vouch.voucher = $1
  order by vouch.given desc nulls last, vouch.practitioner`;
