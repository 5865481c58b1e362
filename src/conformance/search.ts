import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Outbound } from "../federation/outbound.js";

/** A node that does not answer what this has to ask it by. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** What whoever searches a node finds, without an account: all that can be told from outside of what it believes. */
export class Search {
  constructor(
    readonly outbound: Outbound,
    readonly url: string,
  ) {}

  /** The aliases of everybody who is found by a word; by `where` of those alone. */
  async find(word: string, where = "{}"): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    let after: string | null = null;
    for (let page = 0; page < MOST_PAGES; page++) {
      const { practitioners }: z.infer<typeof foundShape> = await this.#ask(
        `query ($word: String!, $after: String) {
          practitioners(search: $word, first: 50, after: $after, where: ${where}) {
            nodes { alias } pageInfo { hasNextPage endCursor }
          }
        }`,
        { word, after },
        foundShape,
      );
      for (const { alias } of practitioners.nodes) found.add(alias);
      after = practitioners.pageInfo.endCursor;
      if (!practitioners.pageInfo.hasNextPage) break;
    }
    return found;
  }

  /** As whom else each is shown who is found by a word, by alias. */
  async others(word: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const { practitioners } = await this.#ask(
      "query ($word: String!) { practitioners(search: $word, first: 20) { nodes { alias sameAs { alias } } } }",
      { word },
      othersShape,
    );
    return new Map(
      practitioners.nodes.map(({ alias, sameAs }) => [alias, sameAs.map((other) => other.alias)]),
    );
  }

  async #ask<T>(query: string, variables: object, shape: z.ZodType<T>): Promise<T> {
    for (;;) {
      const { status, headers, body } = await this.outbound.post(`${this.url}/graphql`, {
        contentType: "application/json",
        body: JSON.stringify({ query, variables }),
        largest: 4 * 1024 * 1024,
      });
      // A node that is asked too often says when to come again.
      if (status !== 429) return readAnswer(body, shape);
      await sleep(Math.min(90, Number(headers.get("retry-after") ?? 5) || 5) * 1000);
    }
  }
}

const MOST_PAGES = 5;

function readAnswer<T>(body: Buffer, shape: z.ZodType<T>): T {
  try {
    return z.object({ data: shape }).parse(JSON.parse(body.toString("utf8"))).data;
  } catch {
    throw new NoAnswer("the node does not answer a search as schema/api.graphql has it");
  }
}

const foundShape = z.object({
  practitioners: z.object({
    nodes: z.array(z.object({ alias: z.string() })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});
const othersShape = z.object({
  practitioners: z.object({
    nodes: z.array(z.object({ alias: z.string(), sameAs: z.array(z.object({ alias: z.string() })) })),
  }),
});
