import {
  GraphQLError,
  Kind,
  parse,
  type ASTNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { DirectoryError, badInput } from "../errors.js";

/**
 * How large a question may be. All of this is counted before graphql-js looks at whether the question makes sense, some of which
 * takes time that grows with the square of the question. What a question costs to answer is counted in `cost.ts`.
 */
export const LIMITS = {
  /** Words and signs of a document, as the parser counts them. */
  tokens: 2000,
  /** Fields within fields. Questions about the schema itself have a limit of graphql-js. */
  depth: 12,
  operations: 10,
  fragments: 40,
  /** Places at which fragments are spread. */
  spreads: 100,
  aliases: 30,
  rootFields: 10,
  directives: 20,
  directivesOnOne: 3,
  /** Fields under a name that another field of the same selection has already. */
  repeats: 20,
  /** Fields and fragments, with those of a fragment counted wherever it is spread. */
  selections: 2000,
  /** Items of one list in arguments or variables. */
  items: 100,
  /** Lists and objects within each other, in arguments and variables. */
  nesting: 20,
  /** Characters of one text in arguments or variables. */
  text: 10_000,
  /** Values in all variables together. */
  values: 2000,
} as const;

function tooComplex(what: string, most: number, asked: number): DirectoryError {
  return new DirectoryError(
    "TOO_COMPLEX",
    `A question may ${what.replace("#", String(most))}; this one has ${asked}.`,
  );
}

/** Refuses when there are more than allowed. `what` is the rest of "A question may …", with # for the number. */
function hold(asked: number, most: number, what: string): void {
  if (asked > most) throw tooComplex(what, most, asked);
}

// ── documents ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** So many documents are remembered as sound, each of 64 KiB at most. */
const MOST_REMEMBERED = 300;

/** Checks documents before anything else is done with them, each once. */
export class Documents {
  /** Documents that passed, the oldest first. */
  readonly #sound = new Set<string>();

  constructor(private readonly settings: { readonly introspection: boolean }) {}

  /** Refuses a document that is too large. One that is no document is for Apollo to refuse. */
  check(text: string): void {
    if (this.#sound.has(text)) return;
    const document = read(text);
    if (document === null) return;
    const { aboutSchema } = checkDocument(document);
    if (aboutSchema && !this.settings.introspection)
      throw badInput(
        "This node does not describe its schema here; the folder schema/ in Cadre's source does.",
      );
    this.#remember(text);
  }

  #remember(text: string): void {
    const [oldest] = this.#sound;
    if (this.#sound.size === MOST_REMEMBERED && oldest !== undefined) this.#sound.delete(oldest);
    this.#sound.add(text);
  }
}

/** Null when it cannot be parsed. */
function read(text: string): DocumentNode | null {
  try {
    return parse(text, { noLocation: true, maxTokens: LIMITS.tokens });
  } catch (error) {
    if (error instanceof GraphQLError && /\d+ tokens/.test(error.message))
      throw new DirectoryError(
        "TOO_COMPLEX",
        `A question may have ${LIMITS.tokens} words and signs (tokens).`,
      );
    return null;
  }
}

/** Refuses a document that is larger than any of the limits. */
function checkDocument(document: DocumentNode): Counted {
  const counted = new Counted();
  for (const definition of document.definitions) counted.look(definition);
  hold(counted.operations, LIMITS.operations, "have # operations");
  hold(counted.fragments, LIMITS.fragments, "have # fragments");
  hold(counted.spreads, LIMITS.spreads, "spread # fragments");
  hold(counted.aliases, LIMITS.aliases, "have # aliases");
  hold(counted.directives, LIMITS.directives, "have # directives");
  hold(counted.repeats, LIMITS.repeats, "repeat # fields beside themselves");
  const spread = new Spread(document);
  for (const operation of document.definitions.filter(isOperation)) {
    const { depth, selections, here } = spread.measure(operation.selectionSet);
    hold(depth, LIMITS.depth, "nest # fields");
    hold(here, LIMITS.rootFields, "ask # things at once");
    hold(selections, LIMITS.selections, "have # fields, those of fragments counted at each place");
  }
  return counted;
}

function isOperation(definition: DefinitionNode): definition is OperationDefinitionNode {
  return definition.kind === Kind.OPERATION_DEFINITION;
}

/** What a document holds, counted where it is written. */
class Counted {
  operations = 0;
  fragments = 0;
  spreads = 0;
  aliases = 0;
  directives = 0;
  repeats = 0;
  /** Whether it asks about the schema itself; what kind of thing something is can always be asked. */
  aboutSchema = false;

  /** Looks at a node and all within it. `nesting` counts the lists and objects around it. */
  look(node: ASTNode, nesting = 0): void {
    if ("directives" in node) this.#directives(node.directives?.length ?? 0);
    switch (node.kind) {
      case Kind.OPERATION_DEFINITION:
        this.operations++;
        break;
      case Kind.FRAGMENT_DEFINITION:
        this.fragments++;
        break;
      case Kind.FRAGMENT_SPREAD:
        this.spreads++;
        break;
      case Kind.FIELD:
        if (node.alias !== undefined) this.aliases++;
        if (/^(__schema|__type|_service)$/.test(node.name.value)) this.aboutSchema = true;
        break;
      case Kind.SELECTION_SET:
        this.repeats += repeatsOf(node);
        break;
      case Kind.LIST:
        hold(node.values.length, LIMITS.items, "list # items at a place");
        hold(nesting + 1, LIMITS.nesting, "nest # lists and objects");
        break;
      case Kind.OBJECT:
        hold(nesting + 1, LIMITS.nesting, "nest # lists and objects");
        break;
      case Kind.STRING:
        checkText(node.value, []);
        break;
      default:
        break;
    }
    const inside = node.kind === Kind.LIST || node.kind === Kind.OBJECT ? nesting + 1 : nesting;
    for (const part of partsOf(node)) this.look(part, inside);
  }

  #directives(count: number): void {
    hold(count, LIMITS.directivesOnOne, "have # directives at a place");
    this.directives += count;
  }
}

/** What a node is made of, names and types left out. */
function partsOf(node: ASTNode): readonly ASTNode[] {
  const parts = node as unknown as Readonly<Record<string, ASTNode | readonly ASTNode[] | undefined>>;
  return [
    "variableDefinitions",
    "directives",
    "arguments",
    "selectionSet",
    "selections",
    "defaultValue",
    "value",
    "values",
    "fields",
  ]
    .flatMap((name) => parts[name] ?? [])
    .filter((part) => typeof part === "object");
}

/** How many fields of a selection have a name that an earlier one has. */
function repeatsOf({ selections }: SelectionSetNode): number {
  const fields = selections.filter((one) => one.kind === Kind.FIELD);
  return fields.length - new Set(fields.map(({ alias, name }) => (alias ?? name).value)).size;
}

/** What a selection amounts to: how deep fields are nested, all that is selected, and how many fields are at its own level. */
type Measure = { readonly depth: number; readonly selections: number; readonly here: number };

const nothing: Measure = { depth: 0, selections: 0, here: 0 };

/** What is selected with fragments put in wherever they are spread; each is looked at once, however often it is. */
class Spread {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #known = new Map<string, Measure>();

  constructor(document: DocumentNode) {
    const fragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((one) => [one.name.value, one]));
  }

  measure({ selections }: SelectionSetNode): Measure {
    const all = selections.map((one) => this.#ofSelection(one));
    return {
      depth: Math.max(0, ...all.map(({ depth }) => depth)),
      selections: all.reduce((sum, one) => sum + 1 + one.selections, 0),
      here: all.reduce((sum, { here }) => sum + here, 0),
    };
  }

  #ofSelection(one: SelectionNode): Measure {
    switch (one.kind) {
      case Kind.FIELD:
        return this.#ofField(one);
      case Kind.INLINE_FRAGMENT:
        return this.measure(one.selectionSet);
      case Kind.FRAGMENT_SPREAD:
        return this.#ofFragment(one.name.value);
      default:
        return one satisfies never;
    }
  }

  #ofField({ name, selectionSet }: FieldNode): Measure {
    const { depth, selections } = selectionSet === undefined ? nothing : this.measure(selectionSet);
    return { depth: name.value.startsWith("__") ? 0 : depth + 1, selections, here: 1 };
  }

  /** A fragment that spreads itself is refused by a rule of graphql-js; until then it counts as nothing inside itself. */
  #ofFragment(name: string): Measure {
    const known = this.#known.get(name);
    const fragment = this.#fragments.get(name);
    if (known !== undefined || fragment === undefined) return known ?? nothing;
    this.#known.set(name, nothing);
    const measured = this.measure(fragment.selectionSet);
    this.#known.set(name, measured);
    return measured;
  }
}

// ── variables ───────────────────────────────────────────────────────────────────────────────────────────────────────

type Path = readonly (string | number)[];

/** Refuses variables that are larger than any of the limits. What is not an object of variables is Apollo's to refuse. */
export function checkVariables(variables: unknown): void {
  if (typeof variables !== "object" || variables === null) return;
  let values = 0;
  const look = (value: unknown, path: Path): void => {
    values++;
    if (typeof value === "string") checkText(value, path);
    if (typeof value !== "object" || value === null) return;
    // The variables are themselves an object.
    hold(path.length, LIMITS.nesting, "nest # lists and objects");
    if (Array.isArray(value)) hold(value.length, LIMITS.items, "list # items at a place");
    for (const [key, inner] of Object.entries(value))
      look(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  };
  look(variables, []);
  hold(values, LIMITS.values, "have # values in its variables");
}

/** PostgreSQL keeps no text with the character of code 0, and nothing that is half a character. */
const unsound = /[\0\p{Surrogate}]/u;

function checkText(text: string, path: Path): void {
  hold(text.length, LIMITS.text, "have texts of # characters");
  if (unsound.test(text)) throw badInput("A text holds something that is no character.", path);
}
