import type { TypedDocumentString } from "./generated.js";

/** What came of a question: with `missing` a part of it could not be answered, and stands as null in `data`. */
export type Answer<Result> = { readonly data: Result | null; readonly missing: boolean };

const gateway = process.env["GATEWAY_URL"] ?? "http://localhost:4002/graphql";

/** Asks the gateway. The generated type of the document says what it is asked with and what it is answered by. */
export async function ask<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Answer<Result>> {
  try {
    const response = await fetch(gateway, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: document.toString(), variables }),
    });
    const { data, errors } = (await response.json()) as { data?: Result | null; errors?: unknown };
    return { data: data ?? null, missing: errors !== undefined };
  } catch {
    return { data: null, missing: true };
  }
}
