import { badInput } from "../errors.js";
import { parseId } from "../listing/listing.js";
import { LEVELS, type PractitionerLevel } from "../practitioners/practitioner.js";
import { keep, membersOf } from "../search/bits.js";
import { trueOf, type Condition } from "../search/condition.js";
import type { Index, IndexAxis } from "../search/index.js";
import { ordering, pageOf } from "../search/order.js";
import type { Specialties } from "../vocabulary/specialty.js";
import type { InCommon } from "./supervision.js";

/** How many are named, and after whom: the last of the page before, whether or not they are still there. Null for the first page. */
export type Paging = { readonly first: number; readonly after: string | null };

const MOST = 50;

/** Finds people of this network by what the viewer may see of them, in the index of the viewer's audience. */
export class Candidates {
  constructor(
    readonly index: Index,
    readonly network: string,
    readonly words: Specialties,
  ) {}

  /** Those shown with this level or a higher one, who share work and a language, and do not say that they take nobody. */
  supervisors(level: PractitionerLevel, { specialties, languages }: InCommon): Condition {
    const takesNobody = has("availability", ["NOT_ACCEPTING"]);
    return all(
      has("level", LEVELS.slice(LEVELS.indexOf(level))),
      ...told("specialty", specialties),
      ...told("language", languages),
      either(untold("availability"), { kind: "not", of: takesNobody }),
    );
  }

  /** Those who say that they want to learn such work, share a language, and whose next level is one of these. */
  learners(towards: readonly PractitionerLevel[], { specialties, languages }: InCommon): Condition {
    // A wish is found by its own code alone: what is narrower is asked for by name.
    const wished = specialties.flatMap((code) => this.words.withNarrower(this.words.parse(code)));
    const levels = towards.flatMap((level) => LEVELS[LEVELS.indexOf(level) - 1] ?? []);
    const begins = towards.some((level) => level === LEVELS[0]) ? [untold("level")] : [];
    return all(has("seeks", wished), ...told("language", languages), either(has("level", levels), ...begins));
  }

  /** The ids of a page of these, without some, in their random order; BAD_USER_INPUT for a page that cannot be asked for. */
  page(of: Condition, without: readonly string[], { first, after }: Paging): readonly string[] {
    if (!Number.isInteger(first) || first < 0 || first > MOST)
      throw badInput(`first may be at most ${MOST}, and not less than 0.`, ["first"]);
    const place = after === null ? null : { value: 0, id: parseId(after, ["after"]) };
    const { index, network } = this;
    const found = keep(trueOf(index, all(has("network", [network]), of)), index.alive);
    const order = ordering(index, "RELEVANCE", null);
    const { ordinals } = pageOf(index, membersOf(found), order, place, first + without.length);
    const left = new Set(without);
    return ordinals
      .map((ordinal) => index.id(ordinal))
      .filter((id) => !left.has(id))
      .slice(0, first);
  }
}

/** Who has said nothing of themselves is not held to it. */
function told(axis: IndexAxis, codes: readonly string[]): readonly Condition[] {
  return codes.length === 0 ? [] : [has(axis, codes)];
}

function has(axis: IndexAxis, codes: readonly string[]): Condition {
  return { kind: "has", axis, codes, coarser: [], judged: null };
}

function untold(axis: IndexAxis): Condition {
  return { kind: "untold", axes: [axis] };
}

function all(...conditions: readonly Condition[]): Condition {
  return { kind: "and", all: conditions };
}

function either(...conditions: readonly Condition[]): Condition {
  return { kind: "or", any: conditions };
}
