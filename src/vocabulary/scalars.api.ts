import { GraphQLError, GraphQLScalarType, Kind } from "graphql";

/** Strings with a grammar, checked at the door. Whether a code exists is for the vocabulary to say. */
export const SpecialtyCodeScalar = text(
  "SpecialtyCode",
  "A dotted path below one of the four roots digital, psychosocial, legal and mobile, such as digital.organizational-security. See the query `specialties`.",
  /^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*$/,
);

export const RegionCodeScalar = text(
  "RegionCode",
  "A UN M49 area (419), an ISO 3166-1 country (GT), an ISO 3166-2 subdivision (GT-10), or a network's own grouping (x-mena). See the query `regions`.",
  /^([0-9]{3}|[A-Za-z]{2}(-[A-Za-z0-9]{1,3})?|[xX]-[A-Za-z0-9-]+)$/,
);

export const LanguageTagScalar = text(
  "LanguageTag",
  "A BCP 47 language tag (RFC 5646), such as es, quc or fa-AF; ES and es are the same.",
  /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/,
  remembered((tag) => Intl.getCanonicalLocales(tag)[0]),
);

export const DateScalar = text(
  "Date",
  "A day of the calendar, YYYY-MM-DD (RFC 3339 full-date).",
  /^\d{4}-\d{2}-\d{2}$/,
  (day) => (new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) ? day : undefined),
);

/** A moment, as a `Date`. Only answered: nothing that is asked takes one. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: "DateTime",
  description: "A moment in UTC, as in 2026-11-21T09:30:00.000Z (RFC 3339).",
  serialize: (moment) => (moment as Date).toISOString(),
});

export const URLScalar = text(
  "URL",
  "An address with the scheme http, https or mailto.",
  /^(https?|mailto):\S+$/i,
);

/** The one form of what has the grammar; undefined, or thrown, when there is no such thing. */
type Canonical = (value: string) => string | undefined;

function text(name: string, description: string, grammar: RegExp, canonical: Canonical = (value) => value) {
  const parse = (value: unknown): string => {
    const accepted = typeof value === "string" && grammar.test(value) ? attempt(canonical, value) : undefined;
    if (accepted !== undefined) return accepted;
    throw new GraphQLError(`${name} wants: ${description}`, { extensions: { code: "BAD_USER_INPUT" } });
  };
  return new GraphQLScalarType({
    name,
    description,
    serialize: String,
    parseValue: parse,
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : null),
  });
}

/** Intl takes long, and the same few tags come again and again. */
function remembered(canonical: Canonical): Canonical {
  const known = new Map<string, string | undefined>();
  return (value) => {
    if (value.length > LONGEST) return canonical(value);
    const found = known.has(value) ? known.get(value) : attempt(canonical, value);
    if (known.size >= REMEMBERED) known.clear();
    known.set(value, found);
    return found;
  };
}

const REMEMBERED = 1000;
/** Longer ones are no tags of anything. */
const LONGEST = 35;

/** `new Date` and `Intl` throw where something is out of every calendar or register. */
function attempt(canonical: Canonical, value: string): string | undefined {
  try {
    return canonical(value);
  } catch {
    return undefined;
  }
}
