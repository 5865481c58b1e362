import { randomUUID } from "node:crypto";
import { viewerOf } from "../../src/visibility/viewer.js";
import type { Home } from "../../src/listing/home.js";
import { newPathway, type Pathway } from "../../src/pathways/pathway.js";
import { savePathway } from "../../src/pathways/pathway.store.js";
import { placeOf, type Attainment } from "../../src/practitioners/attainment.js";
import type { Transaction } from "../../src/storage/database.js";

/** A pathway that binds nothing, by which people can ask who could supervise whom. `modules` are what its first level asks for. */
export async function writePathway(
  tx: Transaction,
  home: Home,
  name: string,
  {
    specialty = null,
    modules = [],
  }: { readonly specialty?: string | null; readonly modules?: readonly string[] } = {},
): Promise<Pathway> {
  return savePathway(tx, home, viewerOf("STEWARD", randomUUID()), { id: null, isProven: false }, (fresh) => {
    const levels = newPathway(fresh.id).levels.map((asked) =>
      asked.level === "MULTIPLIER" ? { ...asked, modules, practice: 1, supervised: 1, validFor: 24 } : asked,
    );
    return { ...fresh, name: { en: name }, specialty, levels };
  });
}

/** The pathway of the networks that are held against each other, which both have in common. */
export const PATHWAY = "9f5d6041-3c7e-4d8a-a0b6-4e810c235d64";

export async function introduceCadre(tx: Transaction, home: Home): Promise<void> {
  const { id } = await writePathway(tx, home, "Ceiba");
  await tx.query("update base.pathway set id = $1 where id = $2", [PATHWAY, id]);
}

/** They have reached the first level, which nobody but themselves and stewards is told while nothing binds. */
export async function reach(
  tx: Transaction,
  home: Home,
  pathway: string,
  people: readonly string[],
): Promise<void> {
  for (const practitioner of people) {
    const id = randomUUID();
    const reached: Attainment = {
      pathway,
      level: "MULTIPLIER",
      reached: "2026-10-02",
      ends: "2028-10-02",
      revoked: null,
    };
    const key = await home.seals.personKey(tx, practitioner);
    await tx.query("insert into base.attainment (id, practitioner, due, sealed) values ($1, $2, $3, $4)", [
      id,
      practitioner,
      reached.ends,
      key.seal(placeOf(practitioner, id), JSON.stringify(reached)),
    ]);
  }
}
