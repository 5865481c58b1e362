import {
  GraphQLString,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from "graphql";
import type { Asked } from "./arena.js";
import type { Dice } from "./dice.js";
import type { Pool } from "./pool.js";
import { COMMUNITIES } from "./words.js";

/** A question as it is put together: the fields of the root with what they are asked. */
export type Question = { readonly operation: "query" | "mutation"; readonly roots: readonly Root[] };
type Root = { readonly field: string; readonly args: readonly Given[]; readonly selection: string };
/** An argument with its value, which is sent as a variable or stands in the text. */
type Given = Place & { readonly type: GraphQLInputType; readonly value: Value; readonly asVariable: boolean };
/** As GraphQL writes it, and as JSON. */
type Value = { readonly literal: string; readonly json: unknown };

const DEEPEST = 6;

/** Makes questions out of nothing but the schema: what is new in it is asked from the day it is there. */
export class Questions {
  /** Schema coordinates (Query.regions, Query.regions(within:), RegionMatch.anyOf) of everything that was asked so far. */
  readonly used = new Set<string>();

  constructor(readonly schema: GraphQLSchema) {}

  any(dice: Dice, pool: Pool): Question {
    const type = this.schema.getQueryType();
    if (!type) throw new Error("the schema has no Query");
    const roots = this.#roots(Object.values(type.getFields()), dice);
    return { operation: "query", roots: roots.map((field) => this.#root(type, field, dice, pool)) };
  }

  /** One field of the root, whatever else is asked. */
  one(name: string, dice: Dice, pool: Pool): Question {
    const type = this.schema.getQueryType();
    const field = type?.getFields()[name];
    if (!type || !field) throw new Error(`the schema has no Query.${name}`);
    return { operation: "query", roots: [this.#root(type, field, dice, pool)] };
  }

  /** What a router asks: records of one kind and of others, by their ids alone. */
  entities(dice: Dice, pool: Pool): Asked {
    const { records, otherIds } = pool;
    const kinds = Object.values(this.schema.getTypeMap())
      .filter(isObjectType)
      .filter((type) => type.getInterfaces().some(({ name }) => name === "Listed"));
    const type = dice.pick(kinds);
    const known = records.map(({ kind, id }) => ({
      __typename: kinds.find(({ name }) => name.toLowerCase() === kind)?.name ?? "",
      id,
    }));
    const others = otherIds.map((id) => ({ __typename: type.name, id }));
    const selection = this.#selection(type, 1, dice, pool);
    return {
      query: `query ($of: [_Any!]!) { r0: _entities(representations: $of) { ... on ${type.name}${selection} } }`,
      variables: { of: dice.some([...known, ...others], dice.pick([1, 3, 12])) },
      byRouter: true,
    };
  }

  /** Something done to records by their ids; null when nothing can be. Of what it leads to the answer tells only what is its own. */
  deed(dice: Dice, pool: Pool): Question | null {
    const type = this.schema.getMutationType();
    const fields = Object.values(type?.getFields() ?? {}).filter(({ args }) => args.some(takesId));
    if (!type || fields.length === 0) return null;
    return { operation: "mutation", roots: [this.#root(type, dice.pick(fields), dice, pool, DEEPEST)] };
  }

  /**
   * Records most often, which can be asked for together. Anything else is asked for alone: of two fields that fail, graphql-js
   * tells both or only the one that fails first, and that is a matter of time.
   */
  #roots(fields: readonly Field[], dice: Dice): readonly Field[] {
    const ofRecords = fields.filter(isOfRecords);
    const others = fields.filter((field) => !isOfRecords(field));
    const alone = others.length > 0 && dice.chance(0.15) ? dice.pick(others) : null;
    if (alone === null && ofRecords.length > 0) return dice.some(ofRecords, 2);
    return [
      alone !== null && isOfWords(alone) && dice.chance(0.8)
        ? dice.pick(others)
        : (alone ?? dice.pick(fields)),
    ];
  }

  /** The same fields and arguments with other values, all sent as variables: a document that a node has met before. */
  again(question: Question, dice: Dice, pool: Pool): Question {
    const roots = question.roots.map((root) => ({
      ...root,
      args: root.args.map((given) => ({
        ...given,
        asVariable: true,
        value: this.#value(given.type, given, 1, dice, pool),
      })),
    }));
    return { ...question, roots };
  }

  /** The same question, to go on behind a cursor that its answer held. */
  behind(question: Question, cursor: string): Question {
    const value = { literal: JSON.stringify(cursor), json: cursor };
    const roots = question.roots.map((root) =>
      this.#argsOf(root.field).has("after")
        ? {
            ...root,
            args: [
              ...root.args.filter(({ name }) => name !== "after"),
              { name: "after", of: root.field, type: GraphQLString, value, asVariable: true },
            ],
          }
        : root,
    );
    return { ...question, roots };
  }

  #argsOf(field: string): ReadonlySet<string> {
    const fields = this.schema.getQueryType()?.getFields() ?? {};
    return new Set(fields[field]?.args.map(({ name }) => name));
  }

  #root(type: GraphQLObjectType, field: Field, dice: Dice, pool: Pool, depth = 1): Root {
    this.used.add(`${type.name}.${field.name}`);
    const args = this.#given(`${type.name}.${field.name}`, field, dice, pool);
    return { field: field.name, args, selection: this.#selection(field.type, depth, dice, pool) };
  }

  #given(coordinate: string, { type, args }: Field, dice: Dice, pool: Pool): readonly Given[] {
    const of = getNamedType(type).name;
    return args.flatMap((arg) => {
      if (!isRequiredArgument(arg) && !dice.chance(LIKELY[arg.name] ?? 0.5)) return [];
      this.used.add(`${coordinate}(${arg.name}:)`);
      const value = this.#value(arg.type, { name: arg.name, of }, 1, dice, pool);
      return [{ name: arg.name, of, type: arg.type, value, asVariable: dice.chance(0.5) }];
    });
  }

  // ── what is asked for ──

  #selection(output: GraphQLOutputType, depth: number, dice: Dice, pool: Pool): string {
    const type = getNamedType(output);
    if (isLeafType(type)) return "";
    if (!isObjectType(type) && !isInterfaceType(type)) return " { __typename }";
    const fields = Object.values(type.getFields()).filter((field) =>
      dice.chance(likelihood(type.name, field, depth)),
    );
    if (fields.length === 0) return " { __typename }";
    return ` { ${fields.map((field) => this.#field(type.name, field, depth, dice, pool)).join(" ")} }`;
  }

  #field(type: string, field: Field, depth: number, dice: Dice, pool: Pool): string {
    this.used.add(`${type}.${field.name}`);
    const given = this.#given(`${type}.${field.name}`, field, dice, pool);
    const args = given.map(({ name, value }) => `${name}: ${value.literal}`).join(", ");
    return `${field.name}${args === "" ? "" : `(${args})`}${this.#selection(field.type, depth + 1, dice, pool)}`;
  }

  // ── what it is asked with ──

  #value(type: GraphQLInputType, asked: Place, depth: number, dice: Dice, pool: Pool): Value {
    if (isNonNullType(type)) return this.#value(type.ofType, asked, depth, dice, pool);
    if (dice.chance(0.02)) return { literal: "null", json: null };
    if (isListType(type)) {
      if (dice.chance(0.02)) return { literal: "[]", json: [] };
      const items = dice
        .some([0], depth > 2 ? 1 : 2)
        .map(() => this.#value(type.ofType, asked, depth, dice, pool));
      return {
        literal: `[${items.map(({ literal }) => literal).join(", ")}]`,
        json: items.map(({ json }) => json),
      };
    }
    if (isEnumType(type)) {
      const value = dice.pick(type.getValues()).name;
      return { literal: value, json: value };
    }
    if (isInputObjectType(type))
      return this.#object(type.name, Object.values(type.getFields()), depth, dice, pool);
    const json = scalar(type.name, asked, dice, pool);
    return { literal: JSON.stringify(json), json };
  }

  #object(type: string, fields: readonly GraphQLInputField[], depth: number, dice: Dice, pool: Pool): Value {
    const wanted = dice.some(fields, 2);
    const chosen = fields.filter((field) => isRequiredInputField(field) || wanted.includes(field));
    const given = chosen.map((field) => {
      this.used.add(`${type}.${field.name}`);
      return {
        name: field.name,
        value: this.#value(field.type, { name: field.name, of: type }, depth + 1, dice, pool),
      };
    });
    return {
      literal: `{${given.map(({ name, value }) => `${name}: ${value.literal}`).join(", ")}}`,
      json: Object.fromEntries(given.map(({ name, value }) => [name, value.json])),
    };
  }
}

type Field = GraphQLField<unknown, unknown>;
/** Where a value goes: the argument or input field, and the type that is asked for, or that the field is of. */
type Place = { readonly name: string; readonly of: string };

/** How often an argument that may be left out is given. */
const LIKELY: Readonly<Record<string, number>> = {
  where: 0.6,
  search: 0.4,
  first: 0.7,
  orderBy: 0.75,
  after: 0.06,
};

/** What everybody is told, records or none: it is asked for less often, for there is much of it. */
const WORDS: readonly string[] = ["Specialty", "Region", "Language"];

/** Whether it takes an id, itself or in a field of its input. */
function takesId({ type }: { readonly type: GraphQLInputType }): boolean {
  const named = getNamedType(type);
  return isInputObjectType(named) ? Object.values(named.getFields()).some(takesId) : named.name === "ID";
}

/** A record, a page of records, or what a need finds. Another bare list fails as a whole, and with it what is asked beside it. */
function isOfRecords({ type }: Field): boolean {
  const named = getNamedType(type);
  if (!isObjectType(named)) return false;
  if (ANSWERS.includes(named.name)) return true;
  if (isListType(getNullableType(type))) return false;
  return named.name.endsWith("Connection") || named.getInterfaces().some(({ name }) => name === "Listed");
}

const ANSWERS: readonly string[] = ["MatchResult", "TeamResult", "Exchange"];

function isOfWords({ type }: Field): boolean {
  return WORDS.includes(getNamedType(type).name);
}

function likelihood(of: string, field: Field, depth: number): number {
  if (isLeafType(getNamedType(field.type))) return WORDS.includes(of) ? 0.4 : 0.6;
  if (depth >= DEEPEST) return 0;
  return WORDS.includes(of) ? 0.02 : (ASKED_FOR[depth] ?? 0.1);
}

/** By depth, how often a field is asked for that has fields itself. */
const ASKED_FOR = [1, 0.7, 0.4, 0.25, 0.15];

/** A value of a scalar, most often one that means something in one of the two databases. */
function scalar(type: string, { name, of }: Place, dice: Dice, pool: Pool): unknown {
  switch (type) {
    case "Int":
      return dice.pick(
        name === "first"
          ? [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 20, 50, dice.pick([51, -1])]
          : name === "maxSize"
            ? [1, 2, 3, 4, 6, dice.pick([0, 7])]
            : name === "specialtyDepth"
              ? [1, 1, 2, 2, 3]
              : [0, 10, 30, 60, 90, 400],
      );
    case "Float":
      return dice.pick([0, 0.5, 1]);
    case "Boolean":
      return dice.chance(0.5);
    case "ID":
      return dice.chance(0.02) ? "no-id" : idFor(of, dice, pool);
    case "String":
      return name === "after"
        ? dice.pick(BAD_CURSORS)
        : name === "communities" && dice.chance(0.9)
          ? dice.pick(COMMUNITIES)
          : name === "search"
            ? searchFrom(dice, pool)
            : dice.pick(pool.texts);
    case "SpecialtyCode":
      return dice.chance(0.02) ? "nothing.known" : dice.pick(pool.specialties);
    case "RegionCode":
      return dice.chance(0.02) ? "QQ" : dice.pick(pool.regions);
    case "LanguageTag":
      return dice.chance(0.02) ? "!" : dice.pick(pool.languages);
    case "Date":
      return dice.chance(0.02) ? "2026-02-30" : dice.pick(pool.days);
    case "DateTime":
      return `${dice.pick(pool.days)}T12:00:00Z`;
    case "Duration":
      return "PT90M";
    case "URL":
      return "https://red.example.org/";
    default:
      throw new Error(`the proof knows no values of the scalar ${type}: add some here`);
  }
}

/** Most often of the kind that the field tells of. */
function idFor(of: string, dice: Dice, { records, otherIds }: Pool): string {
  const wanted = of === "Exchange" ? "practitioner" : of.toLowerCase();
  const alike = records.filter(({ kind }) => kind === wanted);
  if (alike.length > 0 && dice.chance(0.85)) return dice.pick(alike).id;
  return dice.pick([...records.map(({ id }) => id), ...otherIds]);
}

const BAD_CURSORS = ["", "AAAA", "bm90IGEgY3Vyc29y"];

/** A word, a beginning of one, one with a typo, or two words. */
function searchFrom(dice: Dice, { searches }: Pool): string {
  const word = dice.pick(searches);
  const at = 1 + Math.floor(dice.throw() * Math.max(1, word.length - 1));
  switch (dice.pick([0, 1, 2, 3])) {
    case 0:
      return word.slice(0, Math.max(2, at));
    case 1:
      return word.slice(0, at) + word.slice(at + 1);
    case 2:
      return `${dice.pick(searches)} ${word}`;
    default:
      return word;
  }
}

// ── as it is sent ───────────────────────────────────────────────────────────────────────────────────────────────────

export function writeQuestion({ operation, roots }: Question): Asked {
  const declared: string[] = [];
  const variables: Record<string, unknown> = {};
  const written = roots.map(({ field, args, selection }, at) => {
    const given = args.map(({ name, type, value, asVariable }) => {
      if (!asVariable) return `${name}: ${value.literal}`;
      const variable = `${name}${at}`;
      declared.push(`$${variable}: ${String(type)}`);
      variables[variable] = value.json;
      return `${name}: $${variable}`;
    });
    return `r${at}: ${field}${given.length === 0 ? "" : `(${given.join(", ")})`}${selection}`;
  });
  const head = declared.length === 0 ? operation : `${operation} (${declared.join(", ")})`;
  return { query: `${head} { ${written.join(" ")} }`, variables };
}

/** Every field that can be asked for, every argument that can be given there, and every field of what is given. */
export function coordinatesOf(schema: GraphQLSchema): readonly string[] {
  const query = schema.getQueryType();
  if (!query) return [];
  const told = new Set<string>();
  const met = new Set<string>();
  const visitInput = (input: GraphQLInputType): void => {
    const type = getNamedType(input);
    if (!isInputObjectType(type) || met.has(type.name)) return;
    met.add(type.name);
    for (const field of Object.values(type.getFields())) {
      told.add(`${type.name}.${field.name}`);
      visitInput(field.type);
    }
  };
  const visit = (output: GraphQLOutputType): void => {
    const type = getNamedType(output);
    if ((!isObjectType(type) && !isInterfaceType(type)) || met.has(type.name)) return;
    met.add(type.name);
    for (const field of Object.values(type.getFields())) {
      told.add(`${type.name}.${field.name}`);
      for (const arg of field.args) {
        told.add(`${type.name}.${field.name}(${arg.name}:)`);
        visitInput(arg.type);
      }
      visit(field.type);
    }
  };
  visit(query);
  return [...told].sort();
}
