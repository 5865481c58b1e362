/** Requests that are made to cost more than they look like; tests send them through HTTP, `limits.ts` measures the refusals. */
export type Hostile = {
  readonly what: string;
  /** The body as it is sent. */
  readonly body: string;
  readonly code: "TOO_COMPLEX" | "BAD_USER_INPUT";
  /** Part of the sentence it is refused with. */
  readonly told: RegExp;
};

const times = (count: number, text: (at: number) => string, between = " "): string =>
  Array.from({ length: count }, (_, at) => text(at)).join(between);

function asking(query: string, variables?: object): string {
  return JSON.stringify({ query, variables });
}

/** `field { field { … inner } }`, so many times; a field can be several, each within the one before. */
function nested(levels: number, field: string, inner: string): string {
  const depth = levels * field.split(" ").length;
  return `${`${field.split(" ").join(" { ")} { `.repeat(levels)}${inner}${" }".repeat(depth)}`;
}

const search = "query ($where: PractitionerWhere) { practitioners(where: $where) { totalCount } }";
const person =
  "id alias about pronouns formats delivery level communities offersFollowUp coFacilitates cost referable";
const everything = `${person} specialties { specialty { name } } regions { region { name within { name } } }
  organizations { name regions { name } } resources { title parts { title } practitioners { alias } }`;

/** An object within an object, as text: JSON.stringify would not go as deep. */
const deepJson = (levels: number): string => `${'{"not":'.repeat(levels)}{}${"}".repeat(levels)}`;

export const HOSTILE: readonly Hostile[] = [
  {
    what: "one list under many aliases",
    body: asking(`{ ${times(11, (at) => `a${at}: practitioners(first: 50) { nodes { alias } }`)} }`),
    code: "TOO_COMPLEX",
    told: /10 things at once; this one has 11/,
  },
  {
    what: "many aliases of one field",
    body: asking(`{ network { ${times(31, (at) => `a${at}: name`)} } }`),
    code: "TOO_COMPLEX",
    told: /30 aliases; this one has 31/,
  },
  {
    what: "few aliases of much",
    body: asking(`{ ${times(4, (at) => `a${at}: practitioners(first: 50) { nodes { ${everything} } }`)} }`),
    code: "TOO_COMPLEX",
    told: /may cost \d+; this one costs \d+/,
  },
  {
    what: "a length that only its variable tells",
    body: asking(
      `query ($n: Int) { ${times(4, (at) => `a${at}: practitioners(first: $n) { nodes { ${everything} } }`)} }`,
      { n: 50 },
    ),
    code: "TOO_COMPLEX",
    told: /may cost/,
  },
  {
    what: "a length that only its variable's default tells",
    body: asking(
      `query ($n: Int = 50) { ${times(4, (at) => `a${at}: practitioners(first: $n) { nodes { ${everything} } }`)} }`,
    ),
    code: "TOO_COMPLEX",
    told: /may cost/,
  },
  {
    what: "people of resources of people of resources",
    body: asking(
      "{ practitioners(first: 50) { nodes { resources { practitioners { resources { practitioners { alias } } } } } } }",
    ),
    code: "TOO_COMPLEX",
    told: /may cost/,
  },
  {
    what: "what is within what contains what is within",
    body: asking(`{ ${nested(1, "regions", nested(5, "contains within", "name"))} }`),
    code: "TOO_COMPLEX",
    told: /may cost/,
  },
  {
    what: "a list of 101 codes in the document",
    body: asking(
      `{ practitioners(where: { region: { anyOf: [${times(101, () => '"GT"', ",")}] } }) { totalCount } }`,
    ),
    code: "TOO_COMPLEX",
    told: /100 items at a place; this one has 101/,
  },
  {
    what: "a list of 5,000 codes in a variable",
    body: asking(search, { where: { region: { anyOf: Array<string>(5000).fill("GT") } } }),
    code: "TOO_COMPLEX",
    told: /100 items at a place; this one has 5000/,
  },
  {
    what: "lists of 100 within lists of 100 in a variable",
    body: asking(search, {
      where: { or: Array<object>(100).fill({ language: { anyOf: Array<string>(100).fill("es") } }) },
    }),
    code: "TOO_COMPLEX",
    told: /2000 values in its variables/,
  },
  {
    what: "a variable with 6,000 fields that do not exist",
    body: asking(search, {
      where: Object.fromEntries(Array.from({ length: 6000 }, (_, at) => [at.toString(36), 1])),
    }),
    code: "TOO_COMPLEX",
    told: /values in its variables/,
  },
  {
    what: "a variable nested 5,000 times",
    body: `{"query":${JSON.stringify(search)},"variables":{"where":${deepJson(5000)}}}`,
    code: "TOO_COMPLEX",
    told: /nest 20 lists and objects/,
  },
  {
    what: "a variable of lists within lists, 10,000 times",
    body: `{"query":${JSON.stringify(search)},"variables":{"where":${"[".repeat(10_000)}${"]".repeat(10_000)}}}`,
    code: "TOO_COMPLEX",
    told: /nest 20 lists and objects/,
  },
  {
    what: "JSON nested 30,000 times beside the question",
    body: `{"query":"{ network { name } }","more":${"[".repeat(30_000)}${"]".repeat(30_000)},"variables":[]}`,
    code: "BAD_USER_INPUT",
    told: /variables/,
  },
  {
    what: "a text of 10,001 characters in a variable",
    body: asking("query ($s: String) { practitioners(search: $s) { totalCount } }", {
      s: "a".repeat(10_001),
    }),
    code: "TOO_COMPLEX",
    told: /texts of 10000 characters; this one has 10001/,
  },
  {
    what: "a text of 60,000 characters in the document",
    body: asking(`{ practitioners(search: "${"a".repeat(60_000)}") { totalCount } }`),
    code: "TOO_COMPLEX",
    told: /texts of 10000 characters/,
  },
  {
    what: "objects nested 21 times in the document",
    body: asking(`{ practitioners(where: ${"{ not: ".repeat(21)}{}${" }".repeat(21)}) { totalCount } }`),
    code: "TOO_COMPLEX",
    told: /nest 20 lists and objects/,
  },
  {
    what: "lists nested 900 times in the document",
    body: asking(`{ practitioners(where: ${"[".repeat(900)}${"]".repeat(900)}) { totalCount } }`),
    code: "TOO_COMPLEX",
    told: /nest 20 lists and objects/,
  },
  {
    what: "fields nested 600 times",
    body: asking(`{ ${nested(600, "regions", "name")} }`),
    code: "TOO_COMPLEX",
    told: /nest 12 fields; this one has 601/,
  },
  {
    what: "fragments nested deeper than fields may be",
    body: asking(
      `{ regions { ...f0 } } ${times(20, (at) => `fragment f${at} on Region { within { ${at < 19 ? `...f${at + 1}` : "name"} } }`)}`,
    ),
    code: "TOO_COMPLEX",
    told: /nest 12 fields; this one has 22/,
  },
  {
    what: "a fragment that spreads itself",
    body: asking("{ regions { ...f } } fragment f on Region { within { ...f } }"),
    code: "BAD_USER_INPUT",
    told: /itself/,
  },
  {
    what: "fragments that spread each other in a circle",
    body: asking(
      `{ regions { ...f0 } } ${times(30, (at) => `fragment f${at} on Region { ...f${(at + 1) % 30} }`)}`,
    ),
    code: "BAD_USER_INPUT",
    told: /itself/,
  },
  {
    what: "fragments each of which spreads the next three times",
    body: asking(
      `{ network { ...f0 } } ${times(30, (at) => `fragment f${at} on Network { ${at < 29 ? `...f${at + 1} ...f${at + 1} ...f${at + 1}` : "name"} }`)}`,
    ),
    code: "TOO_COMPLEX",
    told: /2000 fields/,
  },
  {
    what: "a fragment spread 101 times",
    body: asking(`{ network { ${times(101, () => "...f")} } } fragment f on Network { name }`),
    code: "TOO_COMPLEX",
    told: /spread 100 fragments; this one has 101/,
  },
  {
    what: "fragments nobody needs",
    body: asking(`{ network { ...f0 } } ${times(41, (at) => `fragment f${at} on Network { name }`)}`),
    code: "TOO_COMPLEX",
    told: /40 fragments; this one has 41/,
  },
  {
    what: "fragments that all ask the same, so that each is compared with each",
    body: asking(
      `{ practitioners(first: 50) { nodes { ${times(40, (at) => `...f${at}`)} } } }
      ${times(40, (at) => `fragment f${at} on Practitioner { organizations { regions { ${nested(4, "within", "code name kind")} } } }`)}`,
    ),
    code: "TOO_COMPLEX",
    told: /may cost/,
  },
  {
    what: "fragments that all ask the same, and one thing that does not exist",
    body: asking(
      `{ practitioners { nodes { ${times(40, (at) => `...f${at}`)} secret } } }
      ${times(40, (at) => `fragment f${at} on Practitioner { ${person} regions { region { code name } } languages { language { tag } } }`)}`,
    ),
    code: "BAD_USER_INPUT",
    told: /secret/,
  },
  {
    what: "one field 1,900 times",
    body: asking(`{ network { ${times(1900, () => "name")} } }`),
    code: "TOO_COMPLEX",
    told: /repeat 20 fields/,
  },
  {
    what: "__typename 1,990 times",
    body: asking(`{ ${times(1990, () => "__typename")} }`),
    code: "TOO_COMPLEX",
    told: /repeat 20 fields/,
  },
  {
    what: "fields that overlap at each of five levels",
    body: asking(
      `{ practitioners(first: 50) { nodes { ${times(3, () => `resources { parts { title } ${times(3, () => "practitioners { resources { title } resources { id } }")} }`)} } } }`,
    ),
    code: "TOO_COMPLEX",
    told: /may cost/,
  },
  {
    what: "1,900 fields that do not exist",
    body: asking(`{ network { ${times(1900, (at) => `names${at}`)} } }`),
    code: "BAD_USER_INPUT",
    told: /names0/,
  },
  {
    what: "an unknown field of 60,000 characters",
    body: asking(`{ network { ${"n".repeat(60_000)} } }`),
    code: "BAD_USER_INPUT",
    told: /Cannot query field/,
  },
  {
    what: "21 directives",
    body: asking(`{ network { ${times(21, (at) => `a${at}: name @include(if: true)`)} } }`),
    code: "TOO_COMPLEX",
    told: /20 directives; this one has 21/,
  },
  {
    what: "one directive 600 times at one place",
    body: asking(`{ network { name ${times(600, () => "@a")} } }`),
    code: "TOO_COMPLEX",
    told: /3 directives at a place; this one has 600/,
  },
  {
    what: "11 operations in one document",
    body: JSON.stringify({
      query: times(11, (at) => `query q${at} { network { name } }`),
      operationName: "q0",
    }),
    code: "TOO_COMPLEX",
    told: /10 operations; this one has 11/,
  },
  {
    what: "more than 2,000 words and signs",
    body: asking(`{ network { ${times(700, (at) => `a${at}: name`)} } }`),
    code: "TOO_COMPLEX",
    told: /2000 words and signs/,
  },
  {
    what: "2,000 variables",
    body: asking(`query (${times(480, (at) => `$v${at}: Int`)}) { network { name } }`),
    code: "BAD_USER_INPUT",
    told: /never used/,
  },
  {
    what: "types of fields of types of fields",
    body: asking(`{ ${nested(1, "__schema types", nested(6, "fields type", "name"))} }`),
    code: "BAD_USER_INPUT",
    told: /introspection depth/,
  },
  {
    what: "the whole schema ten times",
    body: asking(
      `{ ${times(10, (at) => `a${at}: __schema { types { fields { type { fields { args { type { name } } type { name } } } } } }`)} }`,
    ),
    code: "TOO_COMPLEX",
    told: /may cost/,
  },
  {
    what: "a list of questions",
    body: JSON.stringify(Array.from({ length: 500 }, () => ({ query: "{ network { name } }" }))),
    code: "BAD_USER_INPUT",
    told: /batching/,
  },
  {
    what: "a document of 900 kB",
    body: asking(`{ network { name } } #${" ".repeat(900_000)}`),
    code: "BAD_USER_INPUT",
    told: /64 KiB/,
  },
  {
    what: "a document of 64 KiB that is a comment",
    body: asking(`{ network { nam } } #${"#".repeat(65_000)}`),
    code: "BAD_USER_INPUT",
    told: /nam/,
  },
  {
    what: "what PostgreSQL could not keep",
    body: asking("query ($s: String) { practitioners(search: $s) { totalCount } }", { s: "a\u0000b" }),
    code: "BAD_USER_INPUT",
    told: /no character/,
  },
  {
    what: "half a character",
    body: '{"query":"{ practitioners(search: \\"\\\\ud83d\\") { totalCount } }"}',
    code: "BAD_USER_INPUT",
    told: /no character|Unicode|Syntax/,
  },
];
