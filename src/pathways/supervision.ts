import type { PractitionerListing } from "../practitioners/practitioner.js";
import { isAtLeast, type PractitionerLevel } from "../practitioners/practitioner.js";
import { withBroaderLanguages, type LanguageTag } from "../vocabulary/language.js";
import type { SpecialtyCode, Specialties } from "../vocabulary/specialty.js";

/**
 * Whoever supervises on a pathway is not, there, supervised by those they supervise, nor by those who are supervised by these: the
 * sessions that were confirmed on one pathway, drawn from each supervisor to whom they supervised, form no circle. `supervisorsOf` tells who
 * supervised these people. What was only asked for is no session yet.
 */
export async function wouldCircle(
  supervisor: string,
  supervised: string,
  supervisorsOf: (people: readonly string[]) => Promise<readonly string[]>,
): Promise<boolean> {
  const met = new Set<string>([supervisor]);
  for (let next: readonly string[] = [supervisor]; next.length > 0;) {
    if (next.includes(supervised)) return true;
    next = [...new Set(await supervisorsOf(next))].filter((id) => !met.has(id));
    for (const id of next) met.add(id);
  }
  return false;
}

/** By what two people could work with each other: kinds of work and languages, as codes that those of the other are found by. */
export type InCommon = { readonly specialties: readonly string[]; readonly languages: readonly string[] };

/** What somebody shares with others: the root of the pathway, or the roots of their own work; and their languages. */
export function sharedBy(
  { specialties, languages }: Told,
  root: string | null,
  words: Specialties,
): InCommon {
  const roots = specialties.flatMap((code) => rootOf(code, words));
  return {
    specialties: root === null ? [...new Set(roots)] : [root],
    languages: [...new Set(languages.flatMap(broader))],
  };
}

type Told = { readonly specialties: readonly string[]; readonly languages: readonly string[] };

function rootOf(code: string, words: Specialties): readonly SpecialtyCode[] {
  return words.has(code) ? words.withBroader(code).slice(-1) : [];
}

function broader(tag: string): readonly string[] {
  // Languages in an entry were parsed when it was written.
  return withBroaderLanguages(tag as LanguageTag);
}

/** Whether somebody, by what is seen of them, has come far enough. */
export function reaches({ level }: Pick<PractitionerListing, "level">, wanted: PractitionerLevel): boolean {
  return level !== null && isAtLeast(level, wanted);
}
