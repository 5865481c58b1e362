import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OperatorError } from "../errors.js";
import { readRegions, type Regions } from "./region.js";
import { readSpecialties, type Specialties } from "./specialty.js";

export { PAGE_LOCALES } from "./locale.js";

/** The closed words of a node. Languages are not here: they are the same everywhere (RFC 5646). */
export type Vocabulary = { readonly specialties: Specialties; readonly regions: Regions };

/** The words every node shares, from `seeds/`, with those of this network below and beside them. */
export function readVocabulary(
  own: { readonly specialties?: unknown; readonly groupings?: unknown } = {},
): Vocabulary {
  return {
    specialties: readSpecialties(readSeed("specialties.json"), own.specialties),
    regions: readRegions([...listOf(readSeed("groupings.json")), ...listOf(own.groupings ?? [])]),
  };
}

function listOf(groupings: unknown): readonly unknown[] {
  if (Array.isArray(groupings)) return groupings;
  throw new OperatorError("Groupings are a list of { code, names, members }.");
}

/** A file of `seeds/`, as JSON. */
export function readSeed(name: string): unknown {
  return JSON.parse(readFileSync(join(packageFolder(), "seeds", name), "utf8"));
}

/** The folder of package.json, whether this file runs from `src` or from `dist/src`. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const above = dirname(folder);
    if (above === folder) throw new OperatorError("The folder with package.json and seeds/ is missing.");
    folder = above;
  }
  return folder;
}
