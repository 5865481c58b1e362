import { words } from "../../src/vocabulary/word.js";
import type { ListedKind } from "../../src/listing/listing.js";
import { PATHWAY } from "./cadre.js";
import { copyOf, MISTRUSTED, TRUSTED, UNKNOWN } from "./foreign.js";
import { recordsOf, type World } from "./model.js";
import type { Pair } from "./pair.js";
import { COMMUNITIES, DAYS, LANGUAGES, LICENSES, NAMES, PHRASES, REGIONS, SPECIALTIES } from "./words.js";

/** What questions are made with: what is in either of the two databases, seen or hidden, and what is in neither. */
export type Pool = {
  readonly records: readonly { readonly kind: ListedKind; readonly id: string }[];
  readonly otherIds: readonly string[];
  readonly searches: readonly string[];
  readonly texts: readonly string[];
  readonly specialties: readonly string[];
  readonly regions: readonly string[];
  readonly languages: readonly string[];
  readonly days: readonly string[];
};

export function poolOf({ left, right }: Pair, networks: readonly string[]): Pool {
  const worlds = [left.world, right.world];
  const copies = recordsOf(right.world).map((record) => ({ ...record, id: copyOf(record.id) }));
  const records = new Map([...worlds.flatMap(recordsOf), ...copies].map((record) => [record.id, record]));
  return {
    records: [...records.values()],
    otherIds: [...networks, PATHWAY, TRUSTED, MISTRUSTED, UNKNOWN, "3fd1c8a2-9b7e-4c05-8d16-2e7a4b90c5f1"],
    searches: [...new Set(worlds.flatMap(saidIn))],
    texts: [...COMMUNITIES, ...LICENSES, ...PHRASES, ...NAMES],
    specialties: [...SPECIALTIES, "legal", "digital.anonymity"],
    regions: [...REGIONS, "HN", "001", "142"],
    languages: [...LANGUAGES, "ar"],
    days: DAYS,
  };
}

/** Every word of a world, and the names of some of its codes. */
function saidIn(world: World): readonly string[] {
  const texts = [
    ...world.people.flatMap(({ facts }) => [
      facts.alias?.value ?? "",
      ...Object.values(facts.about?.value ?? {}),
    ]),
    ...world.organizations.flatMap(({ facts }) => [facts.name, ...Object.values(facts.summary ?? {})]),
    ...world.resources.flatMap(({ facts }) => [
      ...Object.values(facts.title),
      ...Object.values(facts.summary ?? {}),
    ]),
  ];
  return [...texts.flatMap(words), "Guatemala", "encryption", "persa", "self"];
}
