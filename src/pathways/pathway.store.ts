import { randomUUID } from "node:crypto";
import { record } from "../audit/audit.store.js";
import { DirectoryError, badInput } from "../errors.js";
import type { Home } from "../listing/home.js";
import { parseId } from "../listing/listing.js";
import type { Path } from "../listing/told.js";
import { isBound } from "../practitioners/attainment.store.js";
import { countLowered, relistEverybody, waitForVouches } from "../practitioners/practitioner.store.js";
import { loadResources } from "../resources/resource.store.js";
import type { Transaction } from "../storage/database.js";
import type { Viewer } from "../visibility/viewer.js";
import { LEARNED_FROM, newPathway, type Pathway } from "./pathway.js";

/** Every pathway of this network, in the order of their ids. */
export async function loadPathways(tx: Transaction): Promise<readonly Pathway[]> {
  return tx.query<Pathway[]>(selectPathways, [null]);
}

/** The pathway of this id; NOT_FOUND when there is none. */
export async function findPathway(tx: Transaction, text: string, path: Path): Promise<Pathway> {
  const id = parseId(text, path);
  const [pathway] = await tx.query<Pathway[]>(selectPathways, [id]);
  if (pathway === undefined) throw new DirectoryError("NOT_FOUND", "There is no pathway with this id.", path);
  return pathway;
}

/**
 * Changes a pathway, or adds one. When it begins or ceases to bind what is shown, everybody is listed anew; it begins only for a steward
 * who has proven who they are.
 */
export async function savePathway(
  tx: Transaction,
  home: Home,
  actor: Viewer,
  { id, isProven }: { readonly id: string | null; readonly isProven: boolean },
  change: (before: Pathway) => Pathway,
): Promise<Pathway> {
  // Whoever is accepted or imported meanwhile waits, and is listed by what holds then.
  await waitForVouches(tx);
  const before = id === null ? newPathway(randomUUID()) : await findPathway(tx, id, ["input", "id"]);
  const after = change(before);
  await refuseUnknownModules(tx, before, after);
  const wasBound = await isBound(tx);
  const { name, specialty, binding, levels } = after;
  await tx.query(upsertPathway, [after.id, specialty, binding, JSON.stringify(name), JSON.stringify(levels)]);
  if (binding && !before.binding && !isProven) throw unproven(wasBound ? 0 : await countLowered(tx, home));
  if (wasBound !== (await isBound(tx))) await relistEverybody(tx, home);
  await record(tx, home, { actor, action: "PATHWAY_SAVED", object: after.id });
  return after;
}

/** Says what would come of it. Where another pathway binds already, nothing does. */
function unproven(lowered: number): DirectoryError {
  return new DirectoryError(
    "FORBIDDEN",
    `Show that it is you, by password and code, to let this pathway bind. People of this network who would be shown with a lower level or none: ${lowered}.`,
    ["proof"],
  );
}

/** Which of a pathway's modules can be worked through now: one that was taken out of the directory is asked of nobody. */
export async function askableModules(tx: Transaction, { levels }: Pathway): Promise<ReadonlySet<string>> {
  return modulesAmong(
    tx,
    levels.flatMap(({ modules }) => modules),
  );
}

async function modulesAmong(tx: Transaction, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const held = await loadResources(tx, ids);
  const there = held.filter(
    ({ audience, facts }) => audience !== "PRIVATE" && LEARNED_FROM.includes(facts.kind),
  );
  return new Set(there.map(({ id }) => id));
}

/** What stood in the pathway already may have gone since; what is new has to be there. */
async function refuseUnknownModules(tx: Transaction, before: Pathway, after: Pathway): Promise<void> {
  if (after.levels === before.levels) return;
  const told = after.levels.flatMap(({ level, modules }) => modules.map((id) => ({ level, id })));
  const ids = told.map(({ id }, at) => parseId(id, ["input", "levels", at, "modules"]));
  const there = await modulesAmong(tx, ids);
  const missing = told.find(({ id }) => !there.has(id));
  if (missing === undefined) return;
  throw badInput(
    `What ${missing.level} asks to work through are resources of this network: ${LEARNED_FROM.join(", ")}. One of these is none.`,
    ["input", "levels"],
  );
}

const selectPathways = `
  select pathway.id, pathway.name, pathway.specialty, pathway.binding, pathway.levels
  from base.pathway
  where $1::uuid is null or pathway.id = $1
  order by pathway.id`;

const upsertPathway = `
  insert into base.pathway (id, specialty, binding, name, levels)
  values ($1, $2, $3, $4, $5)
  on conflict (id) do update
    set specialty = excluded.specialty, binding = excluded.binding, name = excluded.name, levels = excluded.levels`;
