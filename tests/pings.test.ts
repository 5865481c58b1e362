import { createServer, type IncomingHttpHeaders } from "node:http";
import { Socket, type AddressInfo } from "node:net";
import { ceiba, yasmin, type Cast } from "../seeds/cast.js";
import { loadIdentity } from "../src/federation/identity.store.js";
import type { Peer } from "../src/federation/peer.js";
import { signRequest } from "../src/federation/request-signature.js";
import { savePractitioners } from "../src/practitioners/practitioner.store.js";
import { listed, does, currentVersion } from "./entries.js";
import { seen } from "./eventually.js";
import type { Person, TestNode } from "./node.js";
import { befriend, changePerson, readerOf, startPeer } from "./peers.js";

const MINUTE = 60_000;

/** The network whose people are told of, and a peer that reads it. One clock for both. */
let moment = Date.now();
let there: TestNode;
let here: TestNode;
/** Each as the other knows it. */
let origin: Peer;
let reader: Peer;

beforeAll(async () => {
  const start = (cast: Cast) => startPeer(cast, {}, () => new Date(moment));
  [there, here] = await Promise.all([start(ceiba), start(yasmin)]);
  // Nobody is read but when a test says so.
  await here.federation!.harvester.stop();
  [origin, reader] = await befriend(here, there);
});
afterAll(async () => {
  await Promise.all([there, here].map((node) => node.close()));
});

const sync = () => here.federation!.peering.sync(origin.id);
const rows = (node: TestNode, sql: string) => node.ground.database.write.query(sql);
const someone = ceiba.practitioners.find(
  ({ audience, state }) => audience === "PUBLIC" && state === "LISTED",
)!;
const alias = someone.facts.alias!.value;

const become = (state: "WITHDRAWN" | "LISTED") =>
  changePerson(there, someone.id, (person) => ({ ...person, state }));

const shows = async ({ ask }: TestNode) =>
  (await ask("{ practitioners(first: 50) { nodes { alias } } }")).text.includes(`"${alias}"`);

/** What a node says to another in its own name. */
async function says(from: TestNode, path: string, body: string): Promise<number> {
  const { feed, node } = await from.ground.database.transaction((tx) => loadIdentity(tx, from.ground.home));
  const to = from === here ? there : here;
  const url = `${to.url}${path}`;
  const headers = await signRequest(feed, { node, method: "POST", url, body });
  return (await fetch(url, { method: "POST", body, headers })).status;
}

type Heard = { readonly path: string; readonly body: string; readonly headers: IncomingHttpHeaders };

/** Whatever is sent to the reader, heard in its place. */
async function inItsPlace(work: (heard: readonly Heard[]) => Promise<void>): Promise<void> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      heard.push({ path: `${request.method} ${request.url}`, body, headers: request.headers });
      response.writeHead(204, { "content-length": "0" }).end();
    });
  }).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const { port } = server.address() as AddressInfo;
  await rows(there, `update base.peer set url = 'http://localhost:${port}'`);
  try {
    await work(heard);
  } finally {
    await rows(there, `update base.peer set url = '${here.url}'`);
    server.closeAllConnections();
    server.close();
  }
}

/** Whether the origin is to be read now. */
const due = async () => {
  const [peer] = (await rows(here, "select next_poll from base.peer")) as { next_poll: Date }[];
  return peer!.next_poll.getTime() <= moment;
};

const round = () => there.federation!.pings.round();

describe("a ping", () => {
  test("soon after somebody withdraws makes a peer read, and they are gone there", async () => {
    await sync();
    await seen(() => shows(here), true);
    await round();
    await sync();
    moment += 2 * MINUTE;
    await become("WITHDRAWN");
    expect(await due()).toBe(false);
    await seen(due, true);
    expect(await sync()).toMatchObject({ problem: null, taken: { public: { withdrawn: 1 } } });
    await seen(() => shows(here), false);
    await become("LISTED");
    moment += 2 * MINUTE;
    await sync();
    await seen(() => shows(here), true);
    // From here on a test says itself when peers are told.
    await there.federation!.pings.stop();
  });

  test("that comes while the peer is being read is heeded once that is done", async () => {
    moment += 120 * MINUTE;
    expect(await due()).toBe(true);
    const { outbound } = here.federation!.harvester.parts;
    const get = outbound.get.bind(outbound);
    let pinged: number | null = null;
    outbound.get = async (url, asked) => {
      if (pinged === null && url.endsWith("/head")) {
        moment += MINUTE;
        const { seq, iss } = await readerOf(there.url).head();
        pinged = await says(there, "/fed/v1/pings", JSON.stringify({ iss, seq }));
        moment += 1000;
      }
      return get(url, asked);
    };
    expect(await sync()).toMatchObject({ problem: null });
    outbound.get = get;
    expect(pinged).toBe(204);
    expect(await due()).toBe(true);
    await sync();
    expect(await due()).toBe(false);
  });

  test("says who it is from and how far the feed goes, and is sent at most once a minute", async () => {
    moment += 2 * MINUTE;
    await round();
    await inItsPlace(async (heard) => {
      moment += 2 * MINUTE;
      expect(await round()).toEqual([]);
      await become("WITHDRAWN");
      expect(await round()).toEqual([reader.id]);
      await become("LISTED");
      expect(await round()).toEqual([]);
      moment += MINUTE;
      expect(await round()).toEqual([reader.id]);
      const { seq, iss } = await readerOf(there.url).head();
      expect(heard.map(({ path }) => path)).toEqual(["POST /fed/v1/pings", "POST /fed/v1/pings"]);
      expect(heard.map(({ body }) => JSON.parse(body) as object)).toEqual([
        { iss, seq: seq - 1 },
        { iss, seq },
      ]);
      expect(heard[0]?.headers["signature-input"]).toContain('tag="cadre"');
    });
  });

  test("goes to nobody who is not trusted, and what is for members only is worth none", async () => {
    await inItsPlace(async (heard) => {
      moment += 2 * MINUTE;
      await there.federation!.peering.setTrust("operator", reader.id, "PAUSED", null);
      await become("WITHDRAWN");
      expect(await round()).toEqual([]);
      const { peering } = there.federation!;
      const number = await peering.safetyNumberWith(reader);
      await peering.setTrust("operator", reader.id, "PUBLIC_ONLY", number);
      await round();
      moment += 2 * MINUTE;
      const before = heard.length;
      const { database, home } = there.ground;
      const members = ceiba.practitioners.find(({ audience }) => audience === "MEMBERS")!;
      await database.transaction((tx) => savePractitioners(tx, home, [{ ...members, state: "WITHDRAWN" }]));
      expect(await round()).toEqual([]);
      expect(heard.length).toBe(before);
      await become("LISTED");
    });
  });

  test("is believed in nothing but that there is something to read", async () => {
    await sync();
    const held = () =>
      rows(
        here,
        `select (select json_agg(feed) from base.peer_feed as feed) as feeds,
          (select json_agg(record order by record.id) from base.peer_record as record) as records,
          (select json_agg(staged) from base.peer_staged as staged) as staged,
          (select json_agg(peer.statement) from base.peer) as peers`,
      );
    const before = await held();
    const body = JSON.stringify({
      iss: "urn:ietf:params:oauth:jwk-thumbprint:sha-256:somebody-else",
      seq: 999_999,
      epoch: "another",
      head: "a.b.c",
      orderedItems: [{ type: "Delete", object: { id: `x/${someone.id}` }, "cadre:seq": 1 }],
    });
    expect(await says(there, "/fed/v1/pings", body)).toBe(204);
    expect(await held()).toEqual(before);
    expect(await shows(here)).toBe(true);
    const unsigned = await fetch(`${here.url}/fed/v1/pings`, { method: "POST", body });
    expect(unsigned.status).toBe(401);
  });
});

test("a hundred searches make no connection to anybody", async () => {
  const [own, database] = [new URL(here.url).port, new URL(here.databaseUrl).port || "5432"];
  const connected: string[] = [];
  // oxlint-disable-next-line typescript/unbound-method
  const connect = Socket.prototype.connect;
  Socket.prototype.connect = function tapped(this: Socket, ...args: unknown[]) {
    // Node's own callers pass what they normalized, as a list in a list.
    const [first] = (Array.isArray(args[0]) ? args[0] : args) as unknown[];
    const { port, path } = Object(first) as { readonly port?: unknown; readonly path?: unknown };
    connected.push(String(path ?? port ?? first));
    return Reflect.apply(connect, this, args) as Socket;
  } as typeof connect;
  try {
    const query = `query ($search: String) { practitioners(search: $search, first: 5) { totalCount sources { fresh stale hidden }
      nodes { alias provenance { network { name } expires } } facets { regions { count } } } }`;
    for (let turn = 0; turn < 100; turn++) {
      const answer = await here.ask(query, {
        search: turn % 3 === 0 ? alias : ["trauma", "phone", ""][turn % 3],
      });
      expect(answer.errors).toBeUndefined();
    }
    // The tap hears: this is one.
    new Socket().connect(Number(new URL(there.url).port), "127.0.0.1").destroy();
  } finally {
    Socket.prototype.connect = connect;
  }
  const others = connected.filter((port) => port !== own && port !== database);
  expect(others).toEqual([new URL(there.url).port]);
});

describe("peersHolding", () => {
  const question = "peersHolding { network { name isThisNode } state since }";
  type Copies = readonly {
    readonly network: { readonly name: string };
    readonly state: string;
    readonly since: string;
  }[];
  const copiesOf = async (person: Person) =>
    (await person.ask<{ profile: { peersHolding: Copies } }>(`{ profile { ${question} } }`)).data.profile
      .peersHolding;
  const states = async (person: Person) =>
    (await copiesOf(person)).map(({ network, state }) => [network.name, state]);
  let person: Person & { readonly id: string };

  beforeAll(async () => {
    person = await listed(there, { alias: "Tamarindo", specialties: [{ specialty: "digital" }] }, [
      ["ENTRY", "PUBLIC"],
      ["ALIAS", "PUBLIC"],
    ]);
  });

  test("tells somebody which networks have their entry, and when these know that it was withdrawn", async () => {
    expect(await states(person)).toEqual([]);
    moment += MINUTE;
    await sync();
    const [copy] = await copiesOf(person);
    expect(copy).toEqual({
      network: { name: yasmin.network.name, isThisNode: false },
      state: "HOLDS",
      since: expect.any(String),
    });
    expect((await does(person, "withdrawProfile")).errors).toBeUndefined();
    expect(await states(person)).toEqual([[yasmin.network.name, "WITHDRAWAL_SENT"]]);
    moment += MINUTE;
    await sync();
    const [confirmed] = await copiesOf(person);
    expect([confirmed?.state, confirmed?.since]).toEqual([
      "WITHDRAWAL_CONFIRMED",
      new Date(moment).toISOString(),
    ]);
  });

  test("is told to nobody but the person: a steward who looks after the entry gets nothing", async () => {
    await does(person, "submitProfile", { agreedTo: await currentVersion(there) });
    expect(await states(person)).toEqual([[yasmin.network.name, "WITHDRAWAL_CONFIRMED"]]);
    for (const role of ["STEWARD", "ADMIN"] as const) {
      const steward = await there.signedIn(role);
      const { data } = await steward.ask<{ entriesToReview: { id: string; peersHolding: Copies }[] }>(
        `{ entriesToReview { id ${question} } }`,
      );
      expect(data.entriesToReview).toEqual([{ id: person.id, peersHolding: [] }]);
    }
    const { errors } = await there.ask(`{ profile { ${question} } }`);
    expect(errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
  });

  test("goes by what a trusted peer has signed about a state of the feed that there was", async () => {
    const receipt = () => rows(there, "select epoch, seq, tier from base.peer_receipt");
    const before = await receipt();
    const { epoch, seq } = await readerOf(there.url).head();
    const say = (told: object) => says(here, "/fed/v1/receipts", JSON.stringify(told));
    expect(await say({ tier: "public", epoch, seq: seq + 1 })).toBe(204);
    expect(await say({ tier: "public", epoch: "another", seq })).toBe(204);
    expect(await say({ tier: "partners", epoch, seq: 0 })).toBe(204);
    expect(await say({ tier: "public", epoch, seq: 0 })).toBe(204);
    expect(await receipt()).toEqual(before);
    expect(await say({ tier: "public", seq: "all" })).toBe(400);
    const url = `${there.url}/fed/v1/receipts`;
    expect(
      (await fetch(url, { method: "POST", body: JSON.stringify({ tier: "public", epoch, seq }) })).status,
    ).toBe(401);
    await there.federation!.peering.setTrust("operator", reader.id, "PAUSED", null);
    expect(await say({ tier: "public", epoch, seq })).toBe(204);
    expect(await receipt()).toEqual(before);
    const { peering } = there.federation!;
    await peering.setTrust("operator", reader.id, "PUBLIC_ONLY", await peering.safetyNumberWith(reader));
    expect(await say({ tier: "public", epoch, seq })).toBe(204);
    expect(await receipt()).toEqual([{ epoch, seq: String(seq), tier: "public" }]);
  });
});
