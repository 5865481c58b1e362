import { ceiba, yasmin, type Cast } from "../seeds/cast.js";
import { keepSigned } from "../src/federation/identity.store.js";
import { problemsOf } from "../src/federation/holding.js";
import { claimsOf } from "../src/federation/jws.js";
import { localIdOf } from "../src/federation/node-id.js";
import type { Peer } from "../src/federation/peer.js";
import { bucketOf, setOf } from "../src/federation/set.js";
import type { Practitioner } from "../src/practitioners/practitioner.js";
import { seen } from "./eventually.js";
import type { TestNode } from "./node.js";
import { befriend, changePerson, readerOf, startPeer, type Head, type Page } from "./peers.js";

/** Two networks, a third that passes one of them on, and a reader that cannot always reach them. One clock for all. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let moment = Date.parse("2026-11-20T10:00:00Z");
const clock = () => new Date(moment);
let relay: TestNode;
let origin: TestNode;
let other: TestNode;
let reader: TestNode;
/** As the one who passes them on knows them, and as the reader does. */
let known: Peer;
let knownOther: Peer;
let read: Peer;

const peering = ({ federation }: TestNode) => federation!.peering;

beforeAll(async () => {
  const start = (cast: Cast | null, settings = {}) => startPeer(cast, settings, clock);
  [relay, origin, other, reader] = await Promise.all([
    start(null),
    start(ceiba, { relay: true }),
    start(yasmin, { relay: true }),
    start(null),
  ]);
  await Promise.all([relay, reader].map((node) => node.federation!.harvester.stop()));
}, 60_000);
afterAll(() => Promise.all([relay, other, reader].map((node) => node.close())));

const sync = async (node: TestNode, { id }: Peer) => {
  moment += 1000;
  return (await peering(node).sync(id))!;
};

const placeOf = (node: string) => `${relay.url}/fed/v1/relay/${node}/public`;
const ask = (path: string, node = known.node) => fetch(`${placeOf(node)}${path}`);
const told = async (path: string, node = known.node): Promise<readonly [number, string]> => {
  const answer = await ask(path, node);
  return [answer.status, await answer.text()];
};

const openly = (cast: Cast) =>
  cast.practitioners.filter(({ audience, state }) => audience === "PUBLIC" && state === "LISTED");
const [someone, another, third] = openly(ceiba);
const withdraw = (person: Practitioner): Practitioner => ({ ...person, state: "WITHDRAWN" });

const aliases = async ({ ask }: TestNode): Promise<readonly string[]> => {
  const { data } = await ask<{ practitioners: { nodes: { alias: string }[] } }>(
    "{ practitioners(first: 50) { nodes { alias } } }",
  );
  return data.practitioners.nodes.map(({ alias }) => alias);
};
const finds = (node: TestNode, person: Practitioner, is: boolean) =>
  seen(async () => (await aliases(node)).includes(person.facts.alias!.value), is);

/** One answer for whatever is not passed on. */
const nothing = async (): Promise<readonly [number, string]> => {
  const stranger = await told("/head", `${known.node.slice(0, -2)}xx`);
  expect(stranger[0]).toBe(404);
  return stranger;
};

// Each of these goes on from where the one before it ended: nodes take long to start.
describe("a network that passes a peer's feed on", () => {
  test("does so only by its steward's word, for a peer that is trusted and allows it; whatever is not passed on is not told apart", async () => {
    known = (await befriend(relay, origin))[0];
    knownOther = (await befriend(relay, other))[0];
    expect(await sync(relay, known)).toMatchObject({ problem: null });
    expect(await sync(relay, knownOther)).toMatchObject({ problem: null });
    const missing = await nothing();
    const paths = ["/head", "/buckets", "/buckets/3", "/buckets/300", "/changes", "/records/1", ""];
    for (const path of paths) expect(await told(path)).toEqual(missing);
    await peering(relay).setRelayed("operator", known.id, true);
    expect((await told("/head"))[0]).toBe(200);
    for (const path of paths) expect(await told(path, knownOther.node)).toEqual(missing);
    for (const path of ["/buckets/300", "/changes", "/records/1", ""])
      expect(await told(path)).toEqual(missing);
    const modest = await startPeer(null, {}, clock);
    const [peer] = await befriend(relay, modest);
    await expect(peering(relay).setRelayed("operator", peer.id, true)).rejects.toThrow(/does not say/);
    await modest.close();
  });

  test("tells head and records as they were signed, and nothing of who left", async () => {
    await changePerson(origin, someone!.id, withdraw);
    expect(await sync(relay, known)).toMatchObject({ problem: null });
    const theirs = readerOf(origin.url);
    const [status, head] = await told("/head");
    expect([status, head]).toEqual([200, await (await theirs.get("/head")).text()]);
    const { set, count } = claimsOf(head) as Head;
    const listed = JSON.parse((await told("/buckets"))[1]) as { buckets: string[]; head: string };
    expect(listed.head).toBe(head);
    expect(listed.buckets).toEqual(
      (JSON.parse(await (await theirs.get("/buckets")).text()) as { buckets: string[] }).buckets,
    );
    const signed: string[] = [];
    for (let bucket = 0; bucket < 256; bucket++) {
      const page = JSON.parse((await told(`/buckets/${bucket}`))[1]) as Page;
      expect(page["cadre:head"]).toBe(head);
      signed.push(...page.orderedItems.map((item) => item["cadre:jws"]!));
      expect(JSON.stringify(page)).not.toContain(someone!.id);
    }
    const standing = [...(await theirs.records()).values()].flatMap((item) => item["cadre:jws"] ?? []);
    expect([...signed].sort()).toEqual([...standing].sort());
    const digests = listed.buckets.map((digest) => Buffer.from(digest, "base64url"));
    expect([signed.length, setOf(Buffer.concat(digests))]).toEqual([count, set]);
    expect((await ask("/buckets/0")).headers.get("cache-control")).toBe("no-store");
  });

  test("lets go of whoever withdrew with the reading by which they leave its own copies", async () => {
    const bucket = `/buckets/${bucketOf(another!.id)}`;
    expect((await told(bucket))[1]).toContain(another!.id);
    await changePerson(origin, another!.id, withdraw);
    await sync(relay, known);
    expect((await told(bucket))[1]).not.toContain(another!.id);
  });

  test("gives out no bucket that is larger than any reader takes", async () => {
    const bucket = `/buckets/${bucketOf(third!.id)}`;
    const { write } = relay.ground.database;
    const local = localIdOf(known.node, third!.id);
    const [kept] = await write.query<{ jws: string }[]>("select jws from base.peer_record where local = $1", [
      local,
    ]);
    const setText = (jws: string) =>
      write.query("update base.peer_record set jws = $1 where local = $2", [jws, local]);
    await setText("x".repeat(8 * 1024 * 1024 + 1));
    expect(await told(bucket)).toEqual(await nothing());
    await setText(kept!.jws);
    expect((await told(bucket))[0]).toBe(200);
  });

  test("passes on nothing while its steward hides some of it, or something waits or cannot be shown", async () => {
    const missing = await nothing();
    const local = localIdOf(known.node, third!.id);
    const { database } = relay.ground;
    const setState = (state: string) =>
      database.write.query("update base.peer_record set state = $1 where local = $2", [state, local]);
    const withheld = async () => {
      for (const path of ["/head", "/buckets", `/buckets/${bucketOf(third!.id)}`])
        expect(await told(path)).toEqual(missing);
      const looked = await peering(relay).lookAt(known.id);
      expect(problemsOf(looked, looked.holds)).toContainEqual(
        expect.stringMatching(/^Nothing of it is passed on/),
      );
    };
    await peering(relay).setHidden("operator", local, true);
    await withheld();
    await peering(relay).setHidden("operator", local, false);
    expect((await told("/head"))[0]).toBe(200);
    const setEnd = (at: Date | null) =>
      database.write.query("update base.peer_record set not_after = $1 where local = $2", [at, local]);
    await setEnd(new Date(moment - 1));
    await withheld();
    await setEnd(null);
    for (const state of ["WAITING", "QUARANTINED"]) {
      await setState(state);
      await withheld();
    }
    await setState("TAKEN");
    const looked = await peering(relay).lookAt(known.id);
    expect(problemsOf(looked, looked.holds)).toEqual([]);
    expect((await told("/head"))[0]).toBe(200);
  });

  test("stops with the pause or the block of that peer, and goes on only when that is said anew", async () => {
    const missing = await nothing();
    const number = await peering(relay).safetyNumberWith(known);
    await peering(relay).setTrust("operator", known.id, "PAUSED", null);
    expect(await told("/head")).toEqual(missing);
    await peering(relay).setTrust("operator", known.id, "PUBLIC_ONLY", number);
    expect(await told("/head")).toEqual(missing);
    await peering(relay).setRelayed("operator", known.id, true);
    expect((await told("/head"))[0]).toBe(200);
    await peering(relay).setRelayed("operator", knownOther.id, true);
    expect((await told("/head", knownOther.node))[0]).toBe(200);
    await peering(relay).setTrust("operator", knownOther.id, "BLOCKED", null);
    for (const path of ["/head", "/buckets", "/buckets/0"])
      expect(await told(path, knownOther.node)).toEqual(missing);
  });
});

test("where an origin's machine is gone its readers go on over the relay, those who withdrew stay gone, and its lease ends it", async () => {
  const { database, home, vocabulary } = origin.ground;
  const self = { url: origin.url, name: ceiba.network.name, regions: [], vocabulary, relay: true };
  const mirrors = [placeOf(known.node)];
  expect(await database.transaction((tx) => keepSigned(tx, home, { ...self, mirrors }))).toBe("signed anew");
  read = (await befriend(reader, origin))[0];
  expect(await sync(reader, read)).toMatchObject({ problem: null, mirror: null });
  await finds(reader, third!, true);
  await changePerson(origin, third!.id, withdraw);
  await sync(relay, known);
  await origin.close();
  expect(await sync(reader, read)).toMatchObject({ problem: "UNREACHABLE", mirror: mirrors[0] });
  await finds(reader, third!, false);
  const rest = openly(ceiba).at(-1)!;
  await finds(reader, rest, true);
  // The head has ended: nobody passes it on any more.
  moment += 2 * DAY;
  expect(await told("/head")).toEqual(await nothing());
  expect(await sync(reader, read)).toMatchObject({ problem: "UNREACHABLE", mirror: null });
  await finds(reader, rest, true);
  moment += 6 * DAY;
  await finds(reader, rest, false);
  expect(await aliases(reader)).toEqual([]);
  await peering(reader).setTrust("operator", read.id, "BLOCKED", null);
  expect(await peering(reader).sync(read.id)).toBeNull();
}, 30_000);
