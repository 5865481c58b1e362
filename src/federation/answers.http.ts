/** How a node answers others: media types, and refusals. */

export const ACTIVITY = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"';

export function activityPage(body: object, headers: Told["headers"] = {}): Response {
  return answer(JSON.stringify(body), ACTIVITY, { headers });
}

type Told = { readonly status?: number; readonly headers?: Readonly<Record<string, string>> };

export function answer(body: string, type: string, { status = 200, headers = {} }: Told = {}): Response {
  return new Response(body, { status, headers: { "content-type": type, ...headers } });
}

/** A refusal in the form of RFC 9457. */
export function problem(status: number, type: string, detail: string): Response {
  const body = { type: `urn:cadre:problem:${type}`, status, detail };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/problem+json",
      ...(status === 503 ? { "retry-after": "5" } : {}),
    },
  });
}
