import { LEVELS, type PractitionerLevel } from "../practitioners/practitioner.js";
import type { IndexAxis } from "../search/index.js";
import type { Indexes } from "../search/indexes.js";
import type { Viewer } from "../visibility/viewer.js";
import type { Specialties } from "../vocabulary/specialty.js";
import type { Shared } from "./supervision.js";

/** Finds people by what the viewer may see of them, in the index of the viewer's audience. */
export class Candidates {
  constructor(
    readonly indexes: Indexes,
    readonly viewer: Viewer,
    readonly words: Specialties,
  ) {}

  /** Those shown with this level or a higher one, who share work and a language. */
  supervisors(level: PractitionerLevel, { specialties, languages }: Shared): readonly string[] {
    return this.#all([
      this.#any("level", LEVELS.slice(LEVELS.indexOf(level))),
      ...this.#told("specialty", specialties),
      ...this.#told("language", languages),
    ]);
  }

  /** Those who say that they want to learn such work, and share a language. */
  learners({ specialties, languages }: Shared): readonly string[] {
    // A wish is found by its own code alone: what is narrower is asked for by name.
    const wished = specialties.flatMap((code) => this.words.withNarrower(this.words.parse(code)));
    return this.#all([this.#any("seeks", wished), ...this.#told("language", languages)]);
  }

  /** Who has said nothing of themselves is not held to it. */
  #told(axis: IndexAxis, codes: readonly string[]): readonly ReadonlySet<string>[] {
    return codes.length === 0 ? [] : [this.#any(axis, codes)];
  }

  #any(axis: IndexAxis, codes: readonly string[]): ReadonlySet<string> {
    return new Set(codes.flatMap((code) => this.indexes.linked(this.viewer, "practitioner", axis, code)));
  }

  #all([first = new Set(), ...others]: readonly ReadonlySet<string>[]): readonly string[] {
    return [...first].filter((id) => others.every((ids) => ids.has(id))).sort();
  }
}
