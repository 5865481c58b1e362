import { add, drop, keep, turn, type Bits } from "./bits.js";
import type { Index, IndexAxis } from "./index.js";
import { marks, TOLD, type Marks } from "./posting.js";

/**
 * What is asked of a record, with codes canonical and regions already widened to what answers for them. A condition is
 * true, false or unknown of a record (Kleene): hidden and never told are the same unknown, which `not` does not turn.
 */
export type Condition =
  | { readonly kind: "and"; readonly all: readonly Condition[] }
  | { readonly kind: "or"; readonly any: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition }
  /** Has one of the codes, with a mark that is surely enough. Who has one of `coarser` may or may not have it. */
  | {
      readonly kind: "has";
      readonly axis: IndexAxis;
      readonly codes: readonly string[];
      readonly coarser: readonly string[];
      readonly judged: Judged | null;
    }
  /** Has a code, on an axis of numbers or days, that is in the range. */
  | { readonly kind: "within"; readonly axis: IndexAxis; readonly within: (code: string) => Within }
  /** Tells nothing on any of the axes. This is never unknown itself. */
  | { readonly kind: "untold"; readonly axes: readonly IndexAxis[] };

/** Whether a value is in a range; null when it was told too loosely to say. */
export type Within = boolean | null;

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
      return whoHas(index, condition.axis, condition.codes, condition.judged?.sure ?? null);
    case "within":
      return whoIsWithin(index, condition, true);
    case "untold":
      return turn(whoTells(index, condition.axes));
    default:
      return condition satisfies never;
  }
}

/** The ordinals of which the condition is false: who tells something that decides it, the other way. */
function falseOf(index: Index, condition: Condition): Bits {
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
      return whoIsWithin(index, condition, false);
    case "untold":
      return whoTells(index, condition.axes);
    default:
      return condition satisfies never;
  }
}

type Has = Extract<Condition, { kind: "has" }>;

function whoHas(index: Index, axis: IndexAxis, codes: readonly string[], accepted: Marks | null): Bits {
  const found = index.none();
  index.on(axis).fill(codes, accepted, found);
  return found;
}

/** Those who tell something that is asked for, without those who have it and those who may have it. */
function whoHasNot(index: Index, { axis, codes, coarser, judged }: Has): Bits {
  const not = whoHas(index, axis, [TOLD], judged?.telling ?? null);
  return drop(not, whoHas(index, axis, [...codes, ...coarser], judged?.possible ?? null));
}

function whoIsWithin(
  index: Index,
  { axis, within }: Extract<Condition, { kind: "within" }>,
  wanted: boolean,
): Bits {
  const found = index.none();
  const postings = index.on(axis);
  const codes = postings.codes.filter((code) => code !== TOLD && within(code) === wanted);
  postings.fill(codes, null, found);
  return found;
}

function whoTells(index: Index, axes: readonly IndexAxis[]): Bits {
  const told = index.none();
  for (const axis of axes) index.on(axis).fill([TOLD], null, told);
  return told;
}

/**
 * How marks answer what is asked: which are surely enough, which are possibly so (the sure ones among them), and which
 * tell anything about it; null when all do.
 */
export type Judged = { readonly sure: Marks; readonly possible: Marks; readonly telling: Marks | null };

/** Regions are judged by relation: another relation than those asked for tells nothing about them. */
export const judgedByRelation = remembered((relations) => {
  const related = marks(`relation ${relations}`, (mark) => (mark & relations) !== 0);
  return { sure: related, possible: related, telling: related };
});

/** A skill told without a depth may be as deep as asked for. */
export const judgedByDepth = remembered((atLeast) => ({
  sure: marks(`deep ${atLeast}`, (mark) => mark >= atLeast),
  possible: marks(`perhaps deep ${atLeast}`, (mark) => mark === 0 || mark >= atLeast),
  telling: null,
}));

/** Level and use of one language, `languageMark` of what is asked (0 for either asks nothing): both must be met by the same one. */
export const judgedByLanguage = remembered((asked) => {
  const [atLeast, use] = [asked & 7, asked >>> 3];
  const surely = (mark: number): boolean =>
    (mark & 7) >= atLeast && (use === 0 || ((mark >>> 3) & use) !== 0);
  const possibly = (mark: number): boolean =>
    ((mark & 7) === 0 || (mark & 7) >= atLeast) &&
    (use === 0 || mark >>> 3 === 0 || ((mark >>> 3) & use) !== 0);
  return {
    sure: marks(`speaking ${asked}`, surely),
    possible: marks(`perhaps speaking ${asked}`, possibly),
    telling: null,
  };
});

function remembered(judge: (asked: number) => Judged): (asked: number) => Judged {
  const known = new Map<number, Judged>();
  return (asked) => {
    const judged = known.get(asked) ?? judge(asked);
    known.set(asked, judged);
    return judged;
  };
}
