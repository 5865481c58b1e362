import { visit, type GraphQLResolveInfo, type OperationDefinitionNode } from "graphql";

const known = new WeakMap<OperationDefinitionNode, ReadonlySet<string>>();

/** Whether a field of this name stands anywhere in the question. A question that is asked again is looked through once. */
export function isAsked({ operation, fragments }: GraphQLResolveInfo, field: string): boolean {
  const names = known.get(operation) ?? namesIn([operation, ...Object.values(fragments)]);
  known.set(operation, names);
  return names.has(field);
}

function namesIn(definitions: readonly Parameters<typeof visit>[0][]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const definition of definitions) {
    visit(definition, {
      Field: ({ name }) => {
        names.add(name.value);
      },
    });
  }
  return names;
}
