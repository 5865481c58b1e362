import { badInput } from "../errors.js";
import type { Localized } from "../listing/listing.js";
import { list, refuseTwins, texts, type Path, type ToldText } from "../listing/told.js";
import { LEVELS, isAtLeast, type PractitionerLevel } from "../practitioners/practitioner.js";
import type { ResourceKind } from "../resources/resource.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";

/** What a level asks of whoever wants to reach it, beside the level before it. */
export type LevelRequirement = {
  readonly level: PractitionerLevel;
  /** Resources of this network to have worked through. */
  readonly modules: readonly string[];
  /** How many practice activities with one's own community. */
  readonly practice: number;
  /** How many sessions under supervision. */
  readonly supervised: number;
  /** The level that a supervisor must have. */
  readonly supervisor: PractitionerLevel;
  /** For how many months it counts; null for good. */
  readonly validFor: number | null;
};

/** How a cadre grows in a network: the four levels, each building on the one before. */
export type Pathway = {
  readonly id: string;
  readonly name: Localized;
  /** The root of the specialties it is for; null for all of them. */
  readonly specialty: string | null;
  /** Whether the level of people of this network is shown only as far as they have reached it. */
  readonly binding: boolean;
  /** One for each level, the lowest first. */
  readonly levels: readonly LevelRequirement[];
};

/** What a steward tells of one level: what is left out is asked of nobody. */
type ToldRequirement = {
  readonly level: PractitionerLevel;
  readonly modules?: readonly string[] | null;
  readonly practice?: number | null;
  readonly supervised?: number | null;
  readonly supervisor?: PractitionerLevel | null;
  readonly validFor?: number | null;
};

/** What a steward tells of a pathway. */
export type ToldPathway = {
  readonly name?: readonly ToldText[] | null;
  readonly specialty?: string | null;
  readonly binding?: boolean | null;
  readonly levels?: readonly ToldRequirement[] | null;
};

/** What there is to learn from: kinds of resources that can be worked through. */
export const LEARNED_FROM: readonly ResourceKind[] = [
  "SESSION",
  "MODULE",
  "CURRICULUM",
  "GUIDE",
  "RECORDING",
];

const LONGEST_NAME = 100;
const MOST_ASKED = 100;
const MOST_MONTHS = 240;
const input: Path = ["input"];

/** A pathway of which nothing is told yet. */
export function newPathway(id: string): Pathway {
  return { id, name: {}, specialty: null, binding: false, levels: LEVELS.map(nothingAsked) };
}

/** Whoever trains on their own is supervised by those who train trainers; before that by whoever trains on their own. */
function nothingAsked(level: PractitionerLevel): LevelRequirement {
  const supervisor = isAtLeast(level, "TRAINER") ? "MASTER_TRAINER" : "TRAINER";
  return { level, modules: [], practice: 0, supervised: 0, supervisor, validFor: null };
}

/** The pathway with what is told of it now. A list of levels replaces what all four ask for. */
export function tellPathway(before: Pathway, told: ToldPathway, { specialties }: Vocabulary): Pathway {
  const name = told.name == null ? before.name : (texts(told.name, LONGEST_NAME, [...input, "name"]) ?? {});
  if (Object.keys(name).length === 0) throw badInput("A pathway needs a name.", [...input, "name"]);
  return {
    id: before.id,
    name,
    specialty:
      told.specialty == null ? (told.specialty === null ? null : before.specialty) : root(told.specialty),
    binding: told.binding ?? before.binding,
    levels: told.levels == null ? before.levels : requirements(told.levels),
  };

  function root(text: string): string {
    const code = specialties.parse(text, [...input, "specialty"]);
    if (specialties.roots.includes(code)) return code;
    throw badInput(`A pathway is for a root: ${specialties.roots.join(", ")}; or for all, with null.`, [
      ...input,
      "specialty",
    ]);
  }
}

function requirements(told: readonly ToldRequirement[]): readonly LevelRequirement[] {
  const path = [...input, "levels"];
  refuseTwins(
    told.map(({ level }) => level),
    path,
  );
  return LEVELS.map((level) => {
    const at = told.findIndex((one) => one.level === level);
    const asked = told[at];
    return asked === undefined ? nothingAsked(level) : requirement(asked, [...path, at]);
  });
}

function requirement(told: ToldRequirement, path: Path): LevelRequirement {
  const usual = nothingAsked(told.level);
  const supervisor = told.supervisor ?? usual.supervisor;
  if (!isAtLeast(supervisor, told.level))
    throw badInput(`Whoever supervises towards ${told.level} has reached it: name it, or a higher level.`, [
      ...path,
      "supervisor",
    ]);
  const ids = list(told.modules ?? [], [...path, "modules"]).map((id) => id.toLowerCase());
  return {
    level: told.level,
    modules: [...new Set(ids)],
    practice: within(told.practice ?? 0, 0, MOST_ASKED, [...path, "practice"]),
    supervised: within(told.supervised ?? 0, 0, MOST_ASKED, [...path, "supervised"]),
    supervisor,
    validFor: told.validFor == null ? null : within(told.validFor, 1, MOST_MONTHS, [...path, "validFor"]),
  };
}

function within(told: number, least: number, most: number, path: Path): number {
  if (told >= least && told <= most) return told;
  throw badInput(`This takes a number from ${least} to ${most}.`, path);
}

/** What a level of a pathway asks for. */
export function requirementOf({ levels }: Pathway, level: PractitionerLevel): LevelRequirement {
  const found = levels.find((one) => one.level === level);
  if (found === undefined) throw new Error("a pathway has no such level");
  return found;
}
