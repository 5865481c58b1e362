import { registerEnumType } from "type-graphql";

/** A closed list as a GraphQL enum whose names are its values. `meanings` says what each value means; one forgotten does not compile. */
export function enumOf<T extends string>(
  name: string,
  values: readonly T[],
  description: string,
  meanings: Readonly<Record<NoInfer<T>, string>>,
): { [K in T]: K } {
  const named = Object.fromEntries(values.map((value) => [value, value])) as { [K in T]: K };
  const described = values.map((value) => [value, { description: meanings[value] }]);
  registerEnumType(named, { name, description, valuesConfig: Object.fromEntries(described) });
  return named;
}
