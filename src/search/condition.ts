import { add, drop, keep, turn, type Bits } from "./bits.js";
import type { Index, IndexAxis } from "./index.js";
import { ASIDE, MAYBE, NO, TOLD, YES, type Verdicts } from "./posting.js";

/**
 * What is asked of a record, with codes canonical and regions already widened to what answers for them. A condition is
 * true, false or unknown of a record (Kleene): hidden and never told are the same unknown, which `not` does not turn.
 */
export type Condition =
  | { readonly kind: "and"; readonly all: readonly Condition[] }
  | { readonly kind: "or"; readonly any: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition }
  /** Has one of the codes, with a mark judged YES. Who has one of `coarser` may or may not have it. */
  | {
      readonly kind: "has";
      readonly axis: IndexAxis;
      readonly codes: readonly string[];
      readonly coarser: readonly string[];
      readonly judged: Verdicts | null;
    }
  /** Has a code, on an axis of numbers or days, that is in the range. */
  | { readonly kind: "within"; readonly axis: IndexAxis; readonly within: (code: string) => boolean }
  /** Tells nothing on any of the axes. This is never unknown itself. */
  | { readonly kind: "untold"; readonly axes: readonly IndexAxis[] };

/** The ordinals of which the condition is true; the dead may be among them. */
export function trueOf(index: Index, condition: Condition): Bits {
  switch (condition.kind) {
    case "and":
      return condition.all.map((one) => trueOf(index, one)).reduce(keep);
    case "or":
      return condition.any.map((one) => trueOf(index, one)).reduce(add);
    case "not":
      return falseOf(index, condition.of);
    case "has":
      return whoHas(index, condition, YES);
    case "within":
      return whoIsWithin(index, condition);
    case "untold":
      return turn(whoTells(index, condition.axes));
    default:
      return condition satisfies never;
  }
}

/** The ordinals of which the condition is false: who tells something that decides it, the other way. */
export function falseOf(index: Index, condition: Condition): Bits {
  switch (condition.kind) {
    case "and":
      return condition.all.map((one) => falseOf(index, one)).reduce(add);
    case "or":
      return condition.any.map((one) => falseOf(index, one)).reduce(keep);
    case "not":
      return trueOf(index, condition.of);
    case "has":
      return whoHasNot(index, condition);
    case "within":
      return drop(whoTells(index, [condition.axis]), whoIsWithin(index, condition));
    case "untold":
      return whoTells(index, condition.axes);
    default:
      return condition satisfies never;
  }
}

type Has = Extract<Condition, { kind: "has" }>;

function whoHas(index: Index, { axis, codes, judged }: Has, verdict: typeof YES | typeof MAYBE): Bits {
  const found = index.none();
  const postings = index.on(axis);
  for (const code of codes) {
    if (judged !== null) postings.fillJudged(code, judged, verdict, found);
    else if (verdict === YES) postings.fill(code, found);
  }
  return found;
}

/** Those who tell something that is asked for, without those who have it and those who may have it. */
function whoHasNot(index: Index, condition: Has): Bits {
  const { axis, coarser, judged } = condition;
  const not = index.none();
  if (judged === null) index.on(axis).fill(TOLD, not);
  else for (const verdict of [NO, YES, MAYBE]) index.on(axis).fillJudged(TOLD, judged, verdict, not);
  drop(not, whoHas(index, condition, YES));
  if (judged !== null) drop(not, whoHas(index, condition, MAYBE));
  if (coarser.length === 0) return not;
  const vague = { ...condition, codes: coarser };
  drop(not, whoHas(index, vague, YES));
  return judged === null ? not : drop(not, whoHas(index, vague, MAYBE));
}

function whoIsWithin(index: Index, { axis, within }: Extract<Condition, { kind: "within" }>): Bits {
  const found = index.none();
  const postings = index.on(axis);
  for (const code of postings.codes) if (code !== TOLD && within(code)) postings.fill(code, found);
  return found;
}

function whoTells(index: Index, axes: readonly IndexAxis[]): Bits {
  const told = index.none();
  for (const axis of axes) index.on(axis).fill(TOLD, told);
  return told;
}

/** Regions are judged by relation: another relation than those asked for tells nothing about them. */
export function judgedByRelation(relations: number): (mark: number) => number {
  return (mark) => ((mark & relations) === 0 ? ASIDE : YES);
}

/** A skill told without a depth may be as deep as asked for. */
export function judgedByDepth(atLeast: number): (mark: number) => number {
  return (mark) => (mark === 0 ? MAYBE : mark >= atLeast ? YES : NO);
}

/** Level and use of one language: each may be untold (0), and both must be met by the same one. */
export function judgedByLanguage(atLeast: number, use: number): (mark: number) => number {
  return (mark) => {
    const level = met(atLeast, mark & 7, (told) => told >= atLeast);
    const used = met(use, mark >>> 3, (told) => (told & use) !== 0);
    if (level === NO || used === NO) return NO;
    return level === YES && used === YES ? YES : MAYBE;
  };
}

function met(asked: number, told: number, enough: (told: number) => boolean): number {
  if (asked === 0) return YES;
  if (told === 0) return MAYBE;
  return enough(told) ? YES : NO;
}
