import { askAt, type Ask, type TestNode } from "./node.js";

/** A router in front of a node, by a key that a steward made for it. */
export type Router = { readonly id: string; readonly key: string; readonly ask: Ask };

export async function routerOf(
  node: TestNode,
  scopes: readonly string[] = ["ROUTER"],
  headers: Record<string, string> = {},
): Promise<Router> {
  const { ask } = await node.signedIn("STEWARD");
  const { data } = await ask<{ createFrontendKey: { id: string; key: string } }>(
    `mutation ($input: FrontendKeyInput!) { createFrontendKey(input: $input) { id key } }`,
    { input: { name: "Our router", origins: [], scopes } },
  );
  const { id, key } = data.createFrontendKey;
  return { id, key, ask: askAt(node.url, { "x-cadre-key": key, ...headers }, "/subgraph") };
}
