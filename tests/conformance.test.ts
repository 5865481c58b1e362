import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ceiba } from "../seeds/cast.js";
import type { Checked } from "../src/conformance/checked.js";
import { lookAtPublisher } from "../src/conformance/publisher.js";
import { loadIdentity } from "../src/federation/identity.store.js";
import type { Identity } from "../src/federation/identity.js";
import { claimsOf, sign } from "../src/federation/jws.js";
import { openOutbound } from "../src/federation/outbound.js";
import { loadPractitioners, savePractitioners } from "../src/practitioners/practitioner.store.js";
import { readVocabulary } from "../src/vocabulary/vocabulary.js";
import { cadre } from "./command.js";
import type { TestNode } from "./node.js";
import { startPeer, type Activity, type Page } from "./peers.js";

/** What a node answers, on its way through a mutant of it. */
type Told = { status: number; type: string; etag: string | null; text: string };
type Mutation = (path: string, told: Told) => Promise<Told> | Told;

const faithful: Mutation = (_path, told) => told;

let node: TestNode;
let door: Server;
let url: string;
let identity: Identity;
let mutate: Mutation = faithful;

/** Everything that peers ask of the node goes through a door that may change what it says, with the node's own keys. */
beforeAll(async () => {
  door = createServer((asked, answer) => {
    void (async () => {
      const path = asked.url ?? "/";
      const { "if-none-match": tag } = asked.headers;
      const told = await fetch(`${node.url}${path}`, {
        headers: tag === undefined ? {} : { "if-none-match": tag },
      });
      const plain = {
        status: told.status,
        type: told.headers.get("content-type") ?? "",
        etag: told.headers.get("etag"),
      };
      const { status, type, etag, text } = await mutate(path, { ...plain, text: await told.text() });
      answer
        .writeHead(status, { "content-type": type, ...(etag === null ? {} : { etag }) })
        .end(status === 304 ? "" : text);
    })();
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  url = `http://localhost:${(door.address() as AddressInfo).port}`;
  node = await startPeer(ceiba, { publicUrl: url });
  const { database, home } = node.ground;
  identity = await database.transaction((tx) => loadIdentity(tx, home));
  await database.transaction(async (tx) => {
    const [first] = ceiba.practitioners.filter(({ audience }) => audience === "PUBLIC");
    await fetch(`${node.url}/fed/v1/public/head`);
    const [person] = await loadPractitioners(tx, home, [first!.id]);
    await savePractitioners(tx, home, [{ ...person!, state: "WITHDRAWN" }]);
  });
});
afterAll(async () => {
  await node.close();
  door.close();
});

async function look(): Promise<readonly Checked[]> {
  const outbound = openOutbound({ allowPrivate: true, timeout: 10_000, userAgent: "test" });
  return lookAtPublisher(outbound, url, readVocabulary()).finally(() => outbound.close());
}

const faults = (checked: readonly Checked[]) =>
  checked.filter(({ fault }) => fault !== null).map(({ id }) => id);

// ── mutants ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const at =
  (suffix: string, change: (told: Told) => Promise<Told> | Told): Mutation =>
  (path, told) =>
    path.split("?")[0]?.endsWith(suffix) === true ? change(told) : told;

const page = (change: (page: Page) => object): Mutation =>
  at("/public/changes", (told) =>
    told.status === 200 ? { ...told, text: JSON.stringify(change(JSON.parse(told.text) as Page)) } : told,
  );

const items = (change: (items: readonly Activity[]) => readonly object[]): Mutation =>
  page((one) => ({ ...one, orderedItems: change(one.orderedItems) }));

const head = (change: (claims: Record<string, unknown>) => object): Mutation =>
  at("/public/head", async (told) => {
    if (told.status !== 200) return told;
    const claims = change(claimsOf(told.text) as Record<string, unknown>);
    return { ...told, text: await sign("vnd.cadre.head+jwt", claims, identity.feed) };
  });

/** Every record says something else, under the node's own signature. */
const records = (change: (claims: Record<string, unknown>) => object): Mutation =>
  at("/public/changes", async (told) => {
    if (told.status !== 200) return told;
    const read = JSON.parse(told.text) as Page;
    const orderedItems = await Promise.all(
      read.orderedItems.map(async (item) => {
        const jws = item["cadre:jws"];
        if (jws === undefined) return item;
        const claims = change(claimsOf(jws) as Record<string, unknown>);
        return { ...item, "cadre:jws": await sign("vnd.cadre.record+jwt", claims, identity.feed) };
      }),
    );
    return { ...told, text: JSON.stringify({ ...read, orderedItems }) };
  });

const bodies = (change: (body: Record<string, unknown>) => object): Mutation =>
  records((claims) => ({ ...claims, body: change(claims["body"] as Record<string, unknown>) }));

const statement = (change: (claims: Record<string, unknown>) => object): Mutation =>
  at("/openid-federation", async (told) => ({
    ...told,
    text: await sign("entity-statement+jwt", change(claimsOf(told.text) as Record<string, unknown>), {
      ...identity.root,
      signs: identity.root.signs!,
    }),
  }));

const now = () => Date.now() / 1000;

const MUTANTS: readonly (readonly [fault: string, caughtBy: string, mutation: Mutation])[] = [
  [
    "tells its statement as plain text",
    "D1",
    at("/openid-federation", (told) => ({ ...told, type: "text/plain" })),
  ],
  ["states what holds for a year", "D2", statement((claims) => ({ ...claims, exp: now() + 365 * 86_400 }))],
  [
    "tells another address than its own",
    "D3",
    statement((claims) => ({ ...claims, iss: "https://a.example", sub: "https://a.example" })),
  ],
  ["tells whom it knows", "D5", at("/fed/v1/peers", (told) => ({ ...told, status: 200, text: "[]" }))],
  [
    "has a feed key sign for its root",
    "D6",
    at("/historical-keys", async (told) => ({
      ...told,
      text: await sign("jwk-set+jwt", { keys: [] }, identity.feed),
    })),
  ],
  ["serves a head of last week", "H2", head((claims) => ({ ...claims, iat: now() - 7 * 86_400 }))],
  ["gives its head no tag", "H3", at("/head", (told) => ({ ...told, etag: null }))],
  [
    "counts one too many",
    "H5",
    page((one) => ({ ...one, "cadre:head": undefined, orderedItems: one.orderedItems.slice(1) })),
  ],
  [
    "gives a head that is good for a year",
    "H6",
    head((claims) => ({ ...claims, exp: now() + 365 * 86_400 })),
  ],
  ["turns the order around", "C1", items((all) => [...all].reverse())],
  ["tells a record twice", "C2", items((all) => [...all, all[0]!])],
  ["never ends", "C4", page((one) => ({ ...one, next: { id: `${url}/fed/v1/public/changes` } }))],
  [
    "tells of a withdrawn person what they were called",
    "C6",
    items((all) =>
      all.map((one) =>
        one.type === "Delete" ? { ...one, object: { ...one.object, name: "Quetzal" } } : one,
      ),
    ),
  ],
  [
    "takes any cursor",
    "C7",
    at("/public/changes", (told) => ({ ...told, status: 200, text: '{"orderedItems":[]}' })),
  ],
  [
    "hides a record from its collection",
    "C8",
    at("/page/1", (told) => {
      const read = JSON.parse(told.text) as Page;
      return { ...told, text: JSON.stringify({ ...read, orderedItems: read.orderedItems.slice(1) }) };
    }),
  ],
  [
    "has forgotten whom it withdrew",
    "C9",
    (_path, told) => (told.status === 410 ? { ...told, status: 404 } : told),
  ],
  [
    "passes off another node's record",
    "R2",
    records((claims) => ({ ...claims, iss: "urn:ietf:params:oauth:jwk-thumbprint:sha-256:x" })),
  ],
  ["gives every record the same number", "R3", records((claims) => ({ ...claims, jti: "0123456789abcdef" }))],
  [
    "writes text that turns the reading direction around",
    "R4",
    bodies((body) => ({ ...body, alias: "abc\u202edef" })),
  ],
  ["leases people for a quarter", "R5", records((claims) => ({ ...claims, lease: 89 * 86_400 }))],
  [
    "tells how to reach people",
    "R6",
    bodies((body) => ({ ...body, contact: [{ kind: "PHONE", value: "+1 555 0100" }] })),
  ],
  [
    "uses a word for a place that nobody knows",
    "R7",
    bodies((body) => ({ ...body, regions: [{ region: "x-nowhere", relation: "WORKS_IN" }] })),
  ],
  [
    "shows partners' records to everybody",
    "F1",
    (path, told) => (path.includes("/partners/") ? { ...told, status: 200 } : told),
  ],
];

describe("conformance", () => {
  afterEach(() => {
    mutate = faithful;
  });

  test("our own node keeps every promise", async () => {
    expect((await look()).filter(({ fault }) => fault !== null)).toEqual([]);
  });

  test.each(MUTANTS)("a node that %s is caught by %s", async (_fault, caughtBy, mutation) => {
    mutate = mutation;
    expect(faults(await look())).toContain(caughtBy);
  });

  test("the command says which promises hold, and fails when one does not", async () => {
    const good = await cadre(["conformance", url], { PRIVATE_PEERS: "true" });
    expect([good.status, good.said.trim().split("\n").at(-1)]).toEqual([0, "Publisher: 28 passed, 0 failed"]);
    mutate = at("/head", (told) => ({ ...told, etag: null }));
    const bad = await cadre(["conformance", url], { PRIVATE_PEERS: "true" });
    expect([bad.status, bad.said]).toEqual([
      1,
      expect.stringMatching(/✗ H3 .* — The head has no strong tag/),
    ]);
  });
});
