import { badInput } from "../errors.js";
import type { Path } from "../listing/told.js";
import type { Attainment } from "../practitioners/attainment.js";
import { LEVELS, isAtLeast, type PractitionerLevel } from "../practitioners/practitioner.js";
import type { Place } from "../storage/seal.js";
import type { Pathway, LevelRequirement } from "./pathway.js";

export const STEP_KINDS = ["MODULE", "PRACTICE", "SUPERVISED"] as const;
/** How far a supervised session has come: the person names who supervised it, and that person says so from their own account. */
export const SUPERVISION_STATES = ["ASKED", "CONFIRMED", "DECLINED"] as const;
export type StepKind = (typeof STEP_KINDS)[number];
export type SupervisionState = (typeof SUPERVISION_STATES)[number];

/** Towards which level of which pathway something was done. */
type Towards = { readonly pathway: string; readonly level: PractitionerLevel };

/** Something that somebody did: a day and what it counts for, no story, no place and nobody else but who supervised it. */
export type Step = { readonly day: string } & (
  | { readonly kind: "MODULE"; readonly module: string }
  | ({ readonly kind: "PRACTICE" } & Towards)
  | ({
      readonly kind: "SUPERVISED";
      readonly supervisor: string;
      readonly state: SupervisionState;
    } & Towards)
);

export type Supervised = Extract<Step, { readonly kind: "SUPERVISED" }>;

export type ToldStep = {
  readonly kind: StepKind;
  readonly day: string;
  readonly module?: string | null;
  readonly pathway?: string | null;
  readonly level?: PractitionerLevel | null;
  readonly supervisor?: string | null;
};

/** So many steps are kept of one person. */
export const MOST_STEPS = 500;

/** What was told, as a step: each kind with what belongs to it, and nothing else. */
export function readStep(told: ToldStep): Step {
  const { kind, day, module, pathway, level, supervisor } = told;
  switch (kind) {
    case "MODULE":
      refuseMore(told, ["pathway", "level", "supervisor"]);
      return { kind, day, module: wanted(module, "module") };
    case "PRACTICE":
      refuseMore(told, ["module", "supervisor"]);
      return { kind, day, pathway: wanted(pathway, "pathway"), level: wanted(level, "level") };
    case "SUPERVISED":
      refuseMore(told, ["module"]);
      return {
        kind,
        day,
        pathway: wanted(pathway, "pathway"),
        level: wanted(level, "level"),
        supervisor: wanted(supervisor, "supervisor"),
        state: "ASKED",
      };
    default:
      return kind satisfies never;
  }
}

type Part = "module" | "pathway" | "level" | "supervisor";

function pathOf(part: Part): Path {
  return ["input", part];
}

function wanted<T>(told: T | null | undefined, part: Part): T {
  if (told == null) throw badInput(`A step of this kind needs ${part}.`, pathOf(part));
  return told;
}

function refuseMore(told: ToldStep, parts: readonly Part[]): void {
  const more = parts.find((part) => told[part] != null);
  if (more !== undefined) throw badInput(`A step of this kind takes no ${more}.`, pathOf(more));
}

/** Where it lies sealed. */
export function placeOfStep(practitioner: string, id: string): Place {
  return ["base.step", practitioner, id];
}

// ── how far somebody has come ───────────────────────────────────────────────────────────────────────────────────────

/** How much of what is asked has been done. */
export type Tally = { readonly done: number; readonly asked: number };

/** How far somebody has come towards a level: counts alone, and when they reached it last. */
export type LevelProgress = {
  readonly level: PractitionerLevel;
  readonly modules: Tally;
  readonly practice: Tally;
  readonly supervised: Tally;
  /** The level to reach first; null when that has been reached, and for the first. */
  readonly before: PractitionerLevel | null;
  /** When it was reached last; null when it never was. */
  readonly attainment: Attainment | null;
};

/** What somebody has done, and has reached, so far. */
export type Course = { readonly steps: readonly Step[]; readonly attainments: readonly Attainment[] };

/** How far somebody has come on a pathway, level by level. `askable` are the modules that are still there to be worked through. */
export function progressOn(
  pathway: Pathway,
  course: Course,
  askable: ReadonlySet<string>,
): readonly LevelProgress[] {
  const reached = course.attainments.filter((one) => one.pathway === pathway.id);
  return pathway.levels.map((asked) => ({
    level: asked.level,
    modules: modulesOf(asked, course.steps, askable),
    practice: { done: towards("PRACTICE", pathway, asked, course.steps).length, asked: asked.practice },
    supervised: {
      done: towards("SUPERVISED", pathway, asked, course.steps).length,
      asked: asked.supervised,
    },
    before: stillBefore(asked.level, reached),
    attainment: reached.findLast(({ level }) => level === asked.level) ?? null,
  }));
}

function modulesOf(
  { modules }: LevelRequirement,
  steps: readonly Step[],
  askable: ReadonlySet<string>,
): Tally {
  const asked = modules.filter((id) => askable.has(id));
  const done = new Set(steps.flatMap((step) => (step.kind === "MODULE" ? [step.module] : [])));
  return { done: asked.filter((id) => done.has(id)).length, asked: asked.length };
}

/** What was done towards a level; of supervised sessions those that were confirmed. */
function towards(
  kind: StepKind,
  { id }: Pathway,
  { level }: LevelRequirement,
  steps: readonly Step[],
): readonly Step[] {
  return steps.filter(
    (step) =>
      step.kind !== "MODULE" &&
      step.kind === kind &&
      step.pathway === id &&
      step.level === level &&
      (step.kind !== "SUPERVISED" || step.state === "CONFIRMED"),
  );
}

/** Each level builds on the one before, which was reached once, or a higher one was; that it lapsed since does not matter. */
function stillBefore(level: PractitionerLevel, reached: readonly Attainment[]): PractitionerLevel | null {
  const before = LEVELS[LEVELS.indexOf(level) - 1];
  if (before === undefined) return null;
  const was = reached.some((one) => one.revoked === null && isAtLeast(one.level, before));
  return was ? null : before;
}

/** What is missing towards a level, in words that name counts and levels alone; empty when nothing is. */
export function missingOf({ modules, practice, supervised, before }: LevelProgress): readonly string[] {
  const part = ({ done, asked }: Tally, what: string) =>
    done >= asked ? [] : [`${done} of ${asked} ${what}`];
  return [
    ...(before === null ? [] : [`the level ${before}`]),
    ...part(modules, "modules"),
    ...part(practice, "practice activities"),
    ...part(supervised, "supervised sessions"),
  ];
}
