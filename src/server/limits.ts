import { GraphQLError, Kind, type DocumentNode, type SelectionSetNode, type ValidationRule } from "graphql";

/** Refuses documents with fields nested deeper than `most`. Questions about the schema itself are finite and are not counted. */
export function noDeeperThan(most: number): ValidationRule {
  return (context) => ({
    OperationDefinition(operation) {
      const depth = new Depths(context.getDocument()).of(operation.selectionSet);
      if (depth <= most) return;
      context.reportError(
        new GraphQLError(`A question may nest ${most} fields; this one nests ${depth}.`, {
          nodes: operation,
          // Apollo gives every error of validation a code of its own; `presentError` knows a limit by this.
          extensions: { limit: true },
        }),
      );
    },
  });
}

/** How deep fields are nested; each fragment is looked at once, however often it is spread. */
class Depths {
  readonly #fragments: ReadonlyMap<string, SelectionSetNode>;
  readonly #known = new Map<string, number>();

  constructor(document: DocumentNode) {
    const fragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((one) => [one.name.value, one.selectionSet]));
  }

  of(selected: SelectionSetNode): number {
    const depths = selected.selections.map((one) => {
      switch (one.kind) {
        case Kind.FIELD:
          if (one.name.value.startsWith("__")) return 0;
          return 1 + (one.selectionSet === undefined ? 0 : this.of(one.selectionSet));
        case Kind.INLINE_FRAGMENT:
          return this.of(one.selectionSet);
        case Kind.FRAGMENT_SPREAD:
          return this.#ofFragment(one.name.value);
        default:
          return one satisfies never;
      }
    });
    return Math.max(0, ...depths);
  }

  /** A fragment that spreads itself is refused by a rule of graphql-js; until then it counts as nothing inside itself. */
  #ofFragment(name: string): number {
    const known = this.#known.get(name);
    const selected = this.#fragments.get(name);
    if (known !== undefined || selected === undefined) return known ?? 0;
    this.#known.set(name, 0);
    const depth = this.of(selected);
    this.#known.set(name, depth);
    return depth;
  }
}
