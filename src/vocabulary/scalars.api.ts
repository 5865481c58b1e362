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
  "A BCP 47 language tag (RFC 5646), such as es, quc or fa-AF.",
  /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/,
);

export const DateScalar = text(
  "Date",
  "A day of the calendar, YYYY-MM-DD (RFC 3339 full-date).",
  /^\d{4}-\d{2}-\d{2}$/,
  (day) => new Date(`${day}T00:00:00Z`).toISOString().startsWith(day),
);

export const URLScalar = text(
  "URL",
  "An address with the scheme http, https or mailto.",
  /^(https?|mailto):\S+$/i,
);

function text(
  name: string,
  description: string,
  grammar: RegExp,
  exists?: (value: string) => boolean,
): GraphQLScalarType {
  const parse = (value: unknown): string => {
    if (typeof value === "string" && grammar.test(value) && accepted(value, exists)) return value;
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

/** `new Date` throws where the day is out of every calendar. */
function accepted(value: string, exists?: (value: string) => boolean): boolean {
  try {
    return exists?.(value) ?? true;
  } catch {
    return false;
  }
}
