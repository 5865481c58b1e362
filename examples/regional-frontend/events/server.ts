import { buildSchema, graphql } from "graphql";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { events, type KeptEvent } from "./invented.js";

/**
 * The network's own events as a subgraph: it adds `events` to the directory's practitioners, by their ids. What every subgraph has
 * (`_entities`, `_service`) takes no library.
 */
const sdl = readFileSync(new URL("../../events/schema.graphql", import.meta.url), "utf8");
const schema = buildSchema(
  `${sdl}
  scalar _Any
  union _Entity = Event | Practitioner
  type _Service { sdl: String! }
  extend type Query { _entities(representations: [_Any!]!): [_Entity]! _service: _Service! }`,
  { assumeValidSDL: true },
);

const today = () => new Date().toISOString().slice(0, 10);

function coming(): readonly KeptEvent[] {
  const ahead = events.filter(({ day }) => day >= today());
  return ahead.sort((one, other) => (one.day < other.day ? -1 : 1));
}

function event({ ledBy, ...told }: KeptEvent) {
  return { __typename: "Event", ...told, ledBy: () => ledBy.map(practitioner) };
}

function practitioner(id: string) {
  const theirs = () => coming().filter(({ ledBy }) => ledBy.includes(id));
  return { __typename: "Practitioner", id, events: () => theirs().map(event) };
}

type Representation = { readonly __typename?: unknown; readonly id?: unknown };

function entity({ __typename, id }: Representation) {
  if (__typename === "Practitioner") return practitioner(String(id));
  const kept = events.find((one) => one.id === id);
  return __typename === "Event" && kept !== undefined ? event(kept) : null;
}

const rootValue = {
  events: () => coming().map(event),
  _entities: ({ representations }: { readonly representations: readonly Representation[] }) =>
    representations.map(entity),
  _service: { sdl },
};

/** Whoever reaches it can ask who leads what, so nobody but the gateway is to reach it. */
const [host, port] = ["127.0.0.1", Number(process.env["EVENTS_PORT"] ?? 4001)];

createServer(async (request, response) => {
  try {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { query, variables } = JSON.parse(Buffer.concat(parts).toString("utf8")) as Question;
    const answer = await graphql({ schema, source: query, variableValues: variables, rootValue });
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  } catch {
    response.writeHead(400).end();
  }
}).listen(port, host, () => console.log(`events: http://localhost:${port}/`));

type Question = { readonly query: string; readonly variables?: Record<string, unknown> };
