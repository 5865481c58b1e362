import { dayOf } from "../clock.js";
import { DirectoryError } from "../errors.js";
import type { Home } from "../listing/home.js";
import { parseId } from "../listing/listing.js";
import { holds } from "../practitioners/attainment.js";
import { readAttainments } from "../practitioners/attainment.store.js";
import {
  shownFacts,
  type Practitioner,
  type PractitionerLevel,
  type PractitionerListing,
} from "../practitioners/practitioner.js";
import { lockPractitioners } from "../practitioners/practitioner.store.js";
import { ownEntry } from "../practitioners/profile.store.js";
import { refuseWhileSuspended, type Entry } from "../practitioners/profile.js";
import type { Transaction } from "../storage/database.js";
import type { Viewer } from "../visibility/viewer.js";
import {
  findSession,
  keepStep,
  loadSessions,
  loadSteps,
  sessionsAmong,
  type KeptStep,
} from "./kept-step.store.js";
import { requirementOf, type Pathway } from "./pathway.js";
import { findPathway } from "./pathway.store.js";
import type { Supervised, SupervisionState } from "./step.js";
import { reaches, wouldCircle } from "./supervision.js";

/** How many sessions somebody confirmed, and those that name them, what waits for an answer first. */
export type Supervision = { readonly sessions: number; readonly named: readonly KeptStep<Supervised>[] };

/**
 * Whoever is named as a supervisor is somebody else, is seen with the level that the pathway asks for, and was not supervised there by
 * whoever names them: what the two of them know. What they hold, and longer circles, are judged when they confirm.
 */
export async function refuseSupervisor(
  tx: Transaction,
  home: Home,
  { person }: Entry,
  step: Supervised,
  asked: PractitionerListing | null,
): Promise<void> {
  const path = ["input", "supervisor"];
  if (step.supervisor === person.id)
    throw new DirectoryError("BAD_USER_INPUT", "Nobody supervises themselves.", path);
  if (person.state !== "LISTED")
    throw new DirectoryError("FORBIDDEN", "Only somebody whose own entry is listed can name a supervisor.");
  if (asked === null)
    throw new DirectoryError("NOT_FOUND", "There is no practitioner of this network with this id.", path);
  const pathway = await findPathway(tx, step.pathway, ["input", "pathway"]);
  const { supervisor: wanted } = requirementOf(pathway, step.level);
  if (!reaches(asked, wanted))
    throw new DirectoryError(
      "CONFLICT",
      `Whoever supervises towards ${step.level} shows the level ${wanted}.`,
      path,
    );
  const theirs = await supervisedBy(tx, home, pathway, person.id);
  if (theirs.includes(step.supervisor))
    throw new DirectoryError("CONFLICT", "You supervised them on this pathway yourself.", path);
}

/** Whom somebody supervised on a pathway: those whose sessions they have confirmed. */
export async function supervisedBy(
  tx: Transaction,
  home: Home,
  pathway: Pathway,
  supervisor: string,
): Promise<readonly string[]> {
  return confirmedOn(pathway, await loadSessions(tx, home, supervisor)).map(
    ({ practitioner }) => practitioner,
  );
}

/** By whom these people were supervised on a pathway. */
export async function supervisorsOf(
  tx: Transaction,
  home: Home,
  pathway: Pathway,
  people: readonly string[],
): Promise<readonly string[]> {
  return confirmedOn(pathway, await loadSteps(tx, home, people)).map(({ step }) => step.supervisor);
}

function confirmedOn({ id }: Pathway, steps: readonly KeptStep[]): readonly KeptStep<Supervised>[] {
  return sessionsAmong(steps).filter(({ step }) => step.pathway === id && step.state === "CONFIRMED");
}

/** The levels towards which somebody may supervise on a pathway: by the level that is shown of them, and by what they have reached there where it binds. */
export async function supervisesTowards(
  tx: Transaction,
  home: Home,
  { id, binding, levels }: Pathway,
  person: Practitioner,
): Promise<readonly PractitionerLevel[]> {
  const shown = { level: shownFacts(person).level?.value ?? null };
  const reached = await readAttainments(tx, await home.seals.personKeys(tx, [person.id]));
  const today = dayOf(home.clock());
  return levels
    .filter(({ supervisor }) => reaches(shown, supervisor))
    .filter(({ supervisor }) => !binding || holds(reached, id, supervisor, today))
    .map(({ level }) => level);
}

/** The sessions whose supervisor is whoever asks; nothing when they have no entry. */
export async function ownSupervision(tx: Transaction, home: Home, viewer: Viewer): Promise<Supervision> {
  const own = await ownEntry(tx, home, viewer.account);
  if (own === null) return { sessions: 0, named: [] };
  const { id } = own.person;
  const theirs = await loadSessions(tx, home, id);
  const waiting = theirs.filter(({ step }) => step.state === "ASKED");
  return {
    sessions: await sessionsOf(tx, home, id),
    named: [...waiting, ...theirs.filter((one) => !waiting.includes(one))],
  };
}

/** The supervisor says that a session was one, while they have the level that it takes, and it closes no circle. */
export async function confirmSession(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  text: string,
): Promise<void> {
  const { own, session } = await holdSession(tx, home, viewer, text);
  refuseWhileSuspended(own);
  const { step } = session;
  if (step.state === "CONFIRMED") return;
  await refuseConfirming(tx, home, own, session);
  await answer(tx, home, session, "CONFIRMED");
  await countSession(tx, home, own.person.id, 1);
}

async function refuseConfirming(
  tx: Transaction,
  home: Home,
  { person }: Entry,
  { practitioner, step }: KeptStep<Supervised>,
): Promise<void> {
  const path = ["step"];
  const pathway = await findPathway(tx, step.pathway, path);
  const towards = await supervisesTowards(tx, home, pathway, person);
  if (person.state !== "LISTED" || !towards.includes(step.level)) {
    const { supervisor } = requirementOf(pathway, step.level);
    throw new DirectoryError(
      "CONFLICT",
      `Whoever supervises towards ${step.level} is listed, has the level ${supervisor}, and has reached it on this pathway where it binds.`,
      path,
    );
  }
  if (await wouldCircle(person.id, practitioner, (people) => supervisorsOf(tx, home, pathway, people)))
    throw new DirectoryError("CONFLICT", "This session would close a circle of supervision.", path);
}

/** The supervisor says that it was none, also after they had confirmed it. */
export async function declineSession(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  text: string,
): Promise<void> {
  const { own, session } = await holdSession(tx, home, viewer, text);
  await answer(tx, home, session, "DECLINED");
  if (session.step.state === "CONFIRMED") await countSession(tx, home, own.person.id, -1);
}

/** A session that names whoever asks, with both entries held; NOT_FOUND for every other step, as for one that never was. */
async function holdSession(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  text: string,
): Promise<{ readonly own: Entry; readonly session: KeptStep<Supervised> }> {
  const id = parseId(text, ["step"]);
  // One at a time: two sessions that were confirmed at once could each close half of a circle.
  await tx.query("select pg_advisory_xact_lock(hashtext('cadre supervision'))");
  const before = (await ownEntry(tx, home, viewer.account))?.person.id;
  const named = before === undefined ? null : await findSession(tx, home, id, before);
  if (before !== undefined && named !== null) {
    await lockPractitioners(tx, [before, named.practitioner]);
    const own = await ownEntry(tx, home, viewer.account);
    const session = await findSession(tx, home, id, before);
    if (own !== null && session !== null) return { own, session };
  }
  throw new DirectoryError("NOT_FOUND", "There is no session with this id that names you.", ["step"]);
}

async function answer(
  tx: Transaction,
  home: Home,
  { id, practitioner, step }: KeptStep<Supervised>,
  state: SupervisionState,
): Promise<void> {
  await keepStep(tx, home, { id, practitioner, step: { ...step, state } });
}

async function sessionsOf(tx: Transaction, home: Home, supervisor: string): Promise<number> {
  const [row] = await tx.query<{ sealed: string }[]>(selectSupervising, [supervisor]);
  if (row === undefined) return 0;
  const key = await home.seals.personKey(tx, supervisor);
  return Number(key.open(placeOfCount(supervisor), row.sealed));
}

async function countSession(tx: Transaction, home: Home, supervisor: string, more: number): Promise<void> {
  const count = (await sessionsOf(tx, home, supervisor)) + more;
  const key = await home.seals.personKey(tx, supervisor);
  await tx.query(upsertSupervising, [supervisor, key.seal(placeOfCount(supervisor), String(count))]);
}

function placeOfCount(supervisor: string): readonly string[] {
  return ["base.supervising", supervisor];
}

const selectSupervising =
  "select supervising.sealed from base.supervising where supervising.practitioner = $1";

const upsertSupervising = `
  insert into base.supervising (practitioner, sealed)
  values ($1, $2)
  on conflict (practitioner) do update set sealed = excluded.sealed`;
