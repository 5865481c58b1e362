// The gateway in front of the directory and the events service.
import { defineConfig } from "@graphql-hive/gateway";
import { readFileSync } from "node:fs";

/** Made by a steward of the directory (scope ROUTER, and ACCOUNTS if members are to see through the gateway what they may see). */
const routerKey = readFileSync(process.env.ROUTER_KEY_FILE ?? "router.key", "utf8").trim();

/**
 * Of somebody whom the caller may not see the directory tells nothing, so that the gateway lacks even what everybody has, and calls
 * that an error. Hidden is the same as absent: null says it all.
 */
const hiddenIsNull = {
  onExecute: () => ({
    onExecuteDone({ result, setResult }) {
      const { errors = [], ...rest } = result;
      const others = errors.filter(
        ({ message }) => !message.startsWith("Cannot return null for non-nullable field Practitioner."),
      );
      if (others.length < errors.length) setResult(others.length === 0 ? rest : { ...rest, errors: others });
    },
  }),
};

export const gatewayConfig = defineConfig({
  supergraph: new URL("../composed/supergraph.graphql", import.meta.url).pathname,
  host: "127.0.0.1",
  port: Number(process.env.GATEWAY_PORT ?? 4002),
  propagateHeaders: {
    /** Who somebody is, the directory alone is told, and the gateway's key goes nowhere else. A caller's own x-cadre-key is dropped. */
    fromClientToSubgraphs({ request, subgraphName }) {
      if (subgraphName.toLowerCase() !== "directory") return {};
      const authorization = request.headers.get("authorization");
      return { "x-cadre-key": routerKey, ...(authorization === null ? {} : { authorization }) };
    },
  },
  // A directory that does not answer in time is one that is away: the rest is answered.
  upstreamTimeout: Number(process.env.UPSTREAM_TIMEOUT ?? 3000),
  plugins: () => [hiddenIsNull],
  graphiql: false,
  landingPage: false,
});
