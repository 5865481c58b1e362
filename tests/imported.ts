import { loadImported, loadQuestions } from "../src/intake/source.store.js";
import type { Mapping } from "../src/intake/mapping.js";
import type { Home } from "../src/listing/home.js";
import type { Database } from "../src/storage/database.js";

/** Of files read by the mapping practitioners-csv. */
export const PRACTITIONER_COLUMNS = [
  "handle",
  "display_name",
  "network",
  "organisation",
  "serves",
  "languages",
  "specialties",
  "level",
  "formats",
  "follow_up",
  "contact",
  "visibility",
  "consent_given",
  "consent_on",
  "last_verified",
  "vouched_by",
  "notes",
];

/** What a node remembers of its imports: the database alone does not tell whose row became whom. */
export type Remembered = {
  /** Ids of records by the id they have in their source. */
  readonly ids: ReadonlyMap<string, string>;
  readonly questions: readonly {
    readonly field: string;
    readonly reason: string;
    readonly original: string;
  }[];
};

export function remembered(database: Database, home: Home): Promise<Remembered> {
  return database.transaction(async (tx) => {
    const origins = await tx.query<Pick<Mapping, "source" | "kind">[]>(
      "select distinct source.source, source.kind from base.source",
    );
    const ids = new Map<string, string>();
    const questions = [];
    for (const origin of origins) {
      const imported = await loadImported(tx, home, origin, []);
      for (const { sourceId, id } of imported) ids.set(sourceId, id);
      questions.push(...(await loadQuestions(tx, home, origin, imported)));
    }
    return { ids, questions };
  });
}
