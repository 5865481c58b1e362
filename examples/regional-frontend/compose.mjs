// Puts the supergraph together from the directory's schema and that of the events service: for the gateway as it is, and for the
// page's client as callers see it. Nothing has to run for it.
import { assertCompositionSuccess, composeServices } from "@theguild/federation-composition";
import { parse } from "graphql";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const here = (path) => new URL(path, import.meta.url);
const service = (name, file, url) => ({ name, url, typeDefs: parse(readFileSync(here(file), "utf8")) });

const composed = composeServices([
  service(
    "directory",
    "../../schema/subgraph.graphql",
    process.env.DIRECTORY_URL ?? "http://localhost:4000/subgraph",
  ),
  service("events", "events/schema.graphql", process.env.EVENTS_URL ?? "http://localhost:4001/"),
]);
assertCompositionSuccess(composed, "The two do not compose");

mkdirSync(here("composed"), { recursive: true });
writeFileSync(here("composed/supergraph.graphql"), composed.supergraphSdl);
writeFileSync(here("composed/api.graphql"), composed.publicSdl);
console.log("composed: composed/supergraph.graphql for the gateway, composed/api.graphql for clients");
