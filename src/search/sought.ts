import { parseLanguage } from "../vocabulary/language.js";
import type { Sought } from "../vocabulary/sought.js";
import type { Query } from "./find.js";
import type { PractitionerWhere } from "./where.js";

/**
 * What a search looks for, when it is one for people that says so plainly: no words of the asker's own, nothing excluded, no
 * alternatives, and from the first page on. Null of any other.
 */
export function soughtIn(query: Query): Sought | null {
  if (query.kind !== "practitioner" || query.where === null) return null;
  if (query.search !== null || query.after !== null || query.first === 0) return null;
  const { specialty, region, language, or, not, network, verifiedSince } = query.where;
  if ([or, not, query.where.and, network, verifiedSince, query.where.unknown].some((one) => one != null))
    return null;
  return {
    specialties: named(specialty),
    regions: named(region),
    languages: named(language).map((tag) => parseLanguage(tag)),
  };
}

/** Everything that must be there, or the one of several that would do: which of them was meant nobody knows. */
function named(match: PractitionerWhere["specialty"] | PractitionerWhere["language"]): readonly string[] {
  return [...(match?.allOf ?? []), ...(match?.anyOf ?? [])];
}
