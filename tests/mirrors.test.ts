import { randomUUID } from "node:crypto";
import { readConfig } from "../src/config.js";
import { harvest } from "../src/federation/harvest.js";
import { problemsOf } from "../src/federation/holding.js";
import { readSigned } from "../src/federation/identity.store.js";
import { openOutbound } from "../src/federation/outbound.js";
import type { Peer } from "../src/federation/peer.js";
import { bucketOf } from "../src/federation/set.js";
import { readStatement } from "../src/federation/statement.js";
import { seen } from "./eventually.js";
import type { TestNode } from "./node.js";
import { Origins, aliasOf, newKey, type Origin } from "../src/conformance/origins.js";
import { silence } from "../src/conformance/misdeeds.js";
import { startPeer } from "./peers.js";

/** A feed that is read where its origin says that it is to be read as well. Mirrors are files here, as anybody could have copied them. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let moment = Date.parse("2026-11-20T10:00:00Z");
const clock = () => new Date(moment);
let here: TestNode;
let origins: Origins;

beforeAll(async () => {
  [here, origins] = await Promise.all([startPeer(null, {}, clock), Origins.start(clock)]);
  await here.federation!.harvester.stop();
});
afterAll(async () => {
  await Promise.all([here.close(), origins.close()]);
});
afterEach(async () => {
  moment += 100 * DAY;
  for (const { id, trust } of await peering().all())
    if (trust !== "BLOCKED") await peering().setTrust("operator", id, "BLOCKED", null);
});

const peering = () => here.federation!.peering;

type Known = { readonly origin: Origin; readonly peer: Peer; readonly ids: readonly string[] };

/** A network with so many mirrors that is trusted and was read once at its own address. */
async function known(mirrors: readonly Mirror[], people = 3): Promise<Known> {
  const origin = await origins.add(people);
  origin.names(...mirrors.map(({ place }) => place));
  const met = await peering().add("operator", origin.url, null);
  const peer = await peering().setTrust(
    "operator",
    met.id,
    "PUBLIC_ONLY",
    await peering().safetyNumberWith(met),
  );
  expect(await read(peer)).toBeNull();
  const ids = [...origin.items.keys()];
  await shows(ids);
  return { origin, peer, ids };
}

/** Reads a peer, a moment later; what the problem was at its own address. */
async function read({ id }: Pick<Peer, "id">): Promise<string | null> {
  moment += 1000;
  return (await peering().sync(id))!.problem;
}

const lookAt = ({ id }: Peer) => peering().lookAt(id);

/** These people are found, and nobody else. */
async function shows(ids: readonly string[]): Promise<void> {
  const found = async () => {
    const { data } = await here.ask<{ practitioners: { nodes: readonly { alias: string }[] } }>(
      "{ practitioners(first: 50) { nodes { alias } } }",
    );
    return JSON.stringify(data.practitioners.nodes.map(({ alias }) => alias).sort());
  };
  await seen(found, JSON.stringify(ids.map(aliasOf).sort()));
}

type Mirror = { place: string; files: ReadonlyMap<string, string>; asked: string[]; date: string | null };

/** A server of files, with nothing on it yet. */
async function mirror(): Promise<Mirror> {
  const host = await origins.add();
  const made: Mirror = { place: host.place, files: new Map(), asked: [], date: null };
  host.misdeed = (asked, answer) => {
    const path = (asked.url ?? "").split("/fed/v1/public/")[1] ?? "";
    made.asked.push(path);
    const file = made.files.get(path);
    if (made.date !== null) answer.setHeader("date", made.date);
    if (file === undefined) answer.writeHead(404);
    answer.end(file);
    return true;
  };
  return made;
}

const mirrorsOf = (count: number) => Promise.all(Array.from({ length: count }, mirror));

const without = (files: Mirror["files"], ...paths: readonly string[]) =>
  new Map([...files].filter(([path]) => !paths.includes(path)));

describe("a network that does not answer at its own address", () => {
  test("is read over a mirror that its statement names: who withdrew is gone, and its steward sees where it was read", async () => {
    const [copy] = await mirrorsOf(1);
    const { origin, peer, ids } = await known([copy!]);
    const more = randomUUID();
    await origin.withdraw(ids[0]!);
    await origin.list(more);
    copy!.files = origin.files();
    origin.misdeed = silence;
    expect(await read(peer)).toBe("UNREACHABLE");
    await shows([ids[1]!, ids[2]!, more]);
    const looked = await lookAt(peer);
    expect(looked).toMatchObject({ problem: "UNREACHABLE", mirror: copy!.place, failures: 0 });
    expect(looked.nextPoll.getTime() - moment).toBeLessThan(2 * HOUR);
    expect(problemsOf(looked, looked.holds)).toContain(`It was last read over a mirror: ${copy!.place}.`);
    origin.misdeed = null;
    expect(await read(peer)).toBeNull();
    expect(await lookAt(peer)).toMatchObject({ problem: null, mirror: null });
  });

  test("is read bucket by bucket where they differ, and page after page where there are only pages", async () => {
    const [copy] = await mirrorsOf(1);
    const { origin, peer, ids: people } = await known([copy!], 8);
    // Who goes first is alone in their bucket, so that nothing is left of it to be read.
    const alone = people.find((id) =>
      people.every((other) => other === id || bucketOf(other) !== bucketOf(id)),
    )!;
    const ids = [alone, ...people.filter((id) => id !== alone)];
    await origin.withdraw(ids[0]!);
    origin.pageSize = 3;
    copy!.files = origin.files();
    origin.misdeed = silence;
    await read(peer);
    await shows(ids.slice(1));
    expect(copy!.asked).toEqual(["head", "buckets"]);
    await origin.list(ids[0]!);
    await origin.withdraw(ids[1]!);
    copy!.files = new Map([...origin.files()].filter(([path]) => !path.startsWith("buckets")));
    copy!.asked = [];
    moment += DAY;
    await origin.publish();
    copy!.files = new Map([...copy!.files, ["head", origin.head]]);
    await read(peer);
    await shows([ids[0]!, ...ids.slice(2)]);
    expect(copy!.asked).toEqual(["head", "buckets", "page/1", "page/2", "page/3"]);
  });

  test("goes on at its own place in its list once it answers again, wherever it was read meanwhile", async () => {
    const [copy] = await mirrorsOf(1);
    const { origin, peer, ids } = await known([copy!]);
    const cursor = `${origin.epoch}.${origin.seq}`;
    const more = randomUUID();
    await origin.withdraw(ids[0]!);
    await origin.list(more);
    copy!.files = origin.files();
    origin.misdeed = silence;
    await read(peer);
    await origin.withdraw(ids[1]!);
    const asked: string[] = [];
    origin.misdeed = ({ url }) => {
      asked.push(url!);
      return false;
    };
    expect(await read(peer)).toBeNull();
    await shows([...ids.slice(2), more]);
    expect(asked.filter((url) => url.includes("changes"))).toEqual([
      expect.stringContaining(`changes?after=${encodeURIComponent(cursor)}`),
    ]);
  });

  test("is read over a mirror where somebody else has taken its address, who changes nothing", async () => {
    const [copy] = await mirrorsOf(1);
    const { origin, peer, ids } = await known([copy!]);
    await origin.withdraw(ids[0]!);
    copy!.files = origin.files();
    const thief = await origins.inPlaceOf(origin);
    await thief.list(randomUUID());
    expect(await read(peer)).toBe("WRONG_ROOT");
    await shows(ids.slice(1));
  });
});

describe("a mirror", () => {
  test("is not asked while the network itself answers", async () => {
    const [copy] = await mirrorsOf(1);
    const { origin, peer, ids } = await known([copy!]);
    copy!.files = origin.files();
    await origin.withdraw(ids[0]!);
    expect(await read(peer)).toBeNull();
    expect(await read(peer)).toBeNull();
    expect(copy!.asked).toEqual([]);
    await shows(ids.slice(1));
  });

  test("11: that is frozen keeps nobody from what another one knows", async () => {
    const [frozen, current] = await mirrorsOf(2);
    const { origin, peer, ids } = await known([frozen!, current!]);
    frozen!.files = origin.files();
    await origin.withdraw(ids[0]!);
    current!.files = origin.files();
    origin.misdeed = silence;
    await read(peer);
    await shows(ids.slice(1));
    expect(await lookAt(peer)).toMatchObject({ mirror: current!.place });
  });

  test("11: can hold back for no longer than the lease: then everybody of that network hides", async () => {
    const [frozen] = await mirrorsOf(1);
    const { origin, peer, ids } = await known([frozen!]);
    frozen!.files = origin.files();
    await origin.withdraw(ids[0]!);
    origin.misdeed = silence;
    expect(await read(peer)).toBe("UNREACHABLE");
    moment += 2 * DAY;
    expect(await read(peer)).toBe("UNREACHABLE");
    // A head that has ended was read nowhere.
    expect(await lookAt(peer)).toMatchObject({ failures: 1 });
    await shows(ids);
    moment += 6 * DAY;
    await shows([]);
  });

  test("11: is asked for newer heads when the network's own address shows one that stands still", async () => {
    const [copy] = await mirrorsOf(1);
    const { origin, peer, ids } = await known([copy!]);
    const frozen = origin.head;
    origin.misdeed = (asked, answer) => {
      if (!asked.url!.endsWith("/head")) return false;
      answer.end(frozen);
      return true;
    };
    moment += 7 * HOUR;
    await origin.withdraw(ids[0]!);
    copy!.files = origin.files();
    expect(await read(peer)).toBeNull();
    await shows(ids);
    moment += 6 * HOUR;
    expect(await read(peer)).toBeNull();
    await shows(ids.slice(1));
    expect(await lookAt(peer)).toMatchObject({ mirror: copy!.place });
    expect(await read(peer)).toBe("REPLAYED");
    await shows(ids.slice(1));
  });

  const omissions: readonly (readonly [
    string,
    (files: Mirror["files"], older: Mirror["files"]) => Mirror["files"],
  ])[] = [
    ["buckets", (files, older) => new Map([...files, ...[...older].filter(([path]) => path !== "head")])],
    [
      "pages",
      (files, older) =>
        new Map([...[...older].filter(([path]) => path.startsWith("page")), ["head", files.get("head")!]]),
    ],
  ];
  test.each(omissions)(
    "12: that leaves a withdrawal out of its %s changes nothing, and the next one is read",
    async (_what, spoilt) => {
      const [omitting, current] = await mirrorsOf(2);
      const { origin, peer, ids } = await known([omitting!]);
      const older = origin.files();
      await origin.withdraw(ids[0]!);
      omitting!.files = spoilt(origin.files(), older);
      origin.misdeed = silence;
      await read(peer);
      await shows(ids);
      expect(omitting!.asked.length).toBeGreaterThan(1);
      origin.misdeed = null;
      origin.names(omitting!.place, current!.place);
      current!.files = origin.files();
      // It is read at its own address for its statement, and nothing more.
      origin.misdeed = (asked, answer) => !asked.url!.includes("openid") && silence(asked, answer, origin);
      expect(await read(peer)).toBe("UNREACHABLE");
      await shows(ids.slice(1));
      expect(await lookAt(peer)).toMatchObject({ mirror: current!.place });
    },
  );

  test("13: that alters a record is left for the next one, and the network itself is not blamed", async () => {
    const [altering, current] = await mirrorsOf(2);
    const { origin, peer, ids } = await known([altering!, current!]);
    const more = randomUUID();
    await origin.list(more);
    current!.files = origin.files();
    const alter = (text: string) =>
      text.replace(/("cadre:jws":"[^"]*\.)(.)(.)/, (_, front, one, two) => `${front}${two}${one}x`);
    altering!.files = new Map([...origin.files()].map(([path, text]) => [path, alter(text)]));
    origin.misdeed = silence;
    expect(await read(peer)).toBe("UNREACHABLE");
    await shows([...ids, more]);
    expect(await lookAt(peer)).toMatchObject({ mirror: current!.place, trust: "PUBLIC_ONLY" });
    current!.files = new Map();
    await origin.list(randomUUID());
    altering!.files = new Map([...origin.files()].map(([path, text]) => [path, alter(text)]));
    expect(await read(peer)).toBe("UNREACHABLE");
    await shows([...ids, more]);
  });

  test("that sends an older state than was read before is left", async () => {
    const [replaying] = await mirrorsOf(1);
    const { origin, peer, ids } = await known([replaying!]);
    replaying!.files = origin.files();
    await origin.withdraw(ids[0]!);
    expect(await read(peer)).toBeNull();
    origin.misdeed = silence;
    expect(await read(peer)).toBe("UNREACHABLE");
    await shows(ids.slice(1));
    expect(await lookAt(peer)).toMatchObject({ mirror: null, failures: 1 });
  });

  test("28: that passes on what another node signs, a blocked one's too, brings nothing of it", async () => {
    const blocked = await known([]);
    await peering().setTrust("operator", blocked.peer.id, "BLOCKED", null);
    await shows([]);
    const [smuggling] = await mirrorsOf(1);
    const { origin, peer, ids } = await known([smuggling!]);
    await blocked.origin.publish();
    smuggling!.files = blocked.origin.files();
    origin.misdeed = silence;
    expect(await read(peer)).toBe("UNREACHABLE");
    await shows(ids);
    // Nor does it when the head is right.
    await origin.list(randomUUID());
    smuggling!.files = new Map([...blocked.origin.files(), ["head", origin.head]]);
    expect(await read(peer)).toBe("UNREACHABLE");
    await shows(ids);
    expect(await here.ground.database.write.query("select from base.peer_staged")).toEqual([]);
  });

  test("that brings a second story which the network itself has signed is proof against the network", async () => {
    const [copy] = await mirrorsOf(1);
    const { origin, peer, ids } = await known([copy!]);
    const { seq } = origin;
    await origin.withdraw(ids[0]!);
    await origin.publish({ seq });
    copy!.files = origin.files();
    origin.misdeed = silence;
    expect(await read(peer)).toBe("TWO_STORIES");
    expect((await lookAt(peer)).trust).toBe("PAUSED");
    await shows([]);
  });

  test("does not bring in what another key signs than before: whether that key was taken back, only the network can say", async () => {
    const [copy] = await mirrorsOf(1);
    const { origin, peer, ids } = await known([copy!]);
    const stolen = origin.feed;
    await origin.rotate();
    expect(await read(peer)).toBeNull();
    origin.feed = stolen;
    await origin.list(randomUUID());
    copy!.files = origin.files();
    origin.misdeed = silence;
    expect(await read(peer)).toBe("UNREACHABLE");
    await shows(ids);
  });

  test("that brings one head by the known key, and what it is of by another, brings in neither", async () => {
    const [copy] = await mirrorsOf(1);
    const { origin, peer, ids } = await known([copy!]);
    const announced = await newKey();
    origin.keys = [...origin.keys, { ...announced, ends: null, revoked: null }];
    origin.names(copy!.place);
    expect(await read(peer)).toBeNull();
    await origin.publish();
    const { head } = origin;
    origin.feed = announced;
    await origin.list(randomUUID());
    copy!.files = new Map([...origin.files(), ["head", head]]);
    origin.misdeed = silence;
    expect(await read(peer)).toBe("UNREACHABLE");
    await shows(ids);
  });

  test("is not asked once nobody has heard the network's own word for as long as people are leased", async () => {
    const [copy] = await mirrorsOf(1);
    const { origin, peer } = await known([copy!]);
    origin.misdeed = silence;
    moment += 7 * DAY;
    await origin.list(randomUUID());
    copy!.files = origin.files();
    expect(await read(peer)).toBe("UNREACHABLE");
    expect(copy!.asked).toEqual([]);
    await shows([]);
  });

  test("that tells another time says nothing about the clocks of this node and of the network", async () => {
    const [copy] = await mirrorsOf(1);
    const { origin, peer, ids } = await known([copy!]);
    const before = (await lookAt(peer)).clocks;
    await origin.withdraw(ids[0]!);
    copy!.files = origin.files();
    copy!.date = new Date(moment + 9 * HOUR).toUTCString();
    origin.misdeed = silence;
    await read(peer);
    await shows(ids.slice(1));
    expect((await lookAt(peer)).clocks).toEqual(before);
  });

  test("at an address that no peer is asked at is not asked either", async () => {
    const [inside] = await mirrorsOf(1);
    const { origin, peer, ids } = await known([inside!]);
    await origin.withdraw(ids[0]!);
    inside!.files = origin.files();
    const before = origins.requests;
    const outbound = openOutbound({ allowPrivate: false, timeout: 1000, userAgent: "Cadre" });
    const ended = await harvest({ ...peering().parts, outbound }, peer.id, true);
    await outbound.close();
    expect(ended).toMatchObject({ problem: "FORBIDDEN_URL", mirror: null });
    expect(origins.requests).toBe(before);
    await shows(ids);
  });

  test("that has nothing, or never had, costs its try and no more", async () => {
    const [empty, older, current] = await mirrorsOf(3);
    const { origin, peer, ids } = await known([empty!, older!, current!]);
    older!.files = without(origin.files(), "head");
    await origin.withdraw(ids[0]!);
    current!.files = origin.files();
    origin.misdeed = silence;
    await read(peer);
    await shows(ids.slice(1));
    expect([empty!.asked, older!.asked]).toEqual([["head"], ["head"]]);
  });
});

test("an operator names mirrors of the public feed, and whether others may pass it on: its statement says both", async () => {
  const address = "https://mirror.example.org/ceiba";
  const node = await startPeer(null, { mirrors: [address], relay: true }, clock);
  const { statement } = (await readSigned(node.ground.database.read))!;
  await node.close();
  const { feeds, relay } = await readStatement(statement);
  expect([feeds.public?.mirrors, feeds.partners?.mirrors, relay]).toEqual([[address], [], true]);
  const settings = (FEED_MIRRORS: string) => {
    const env = { NODE_ENV: "production", KEY_FILE: "key", LEDGER_FILE: "ledger", FEED_MIRRORS };
    return readConfig(env).mirrors;
  };
  expect(settings(`${address}/, https://other.example.org`)).toEqual([address, "https://other.example.org"]);
  const many = Array.from({ length: 11 }, (_, at) => `https://${at}.example.org`).join();
  for (const wrong of ["mirror.example.org", "http://mirror.example.org", `${address}?a=b`, many])
    expect(() => settings(wrong)).toThrow(/^FEED_MIRRORS is up to ten https addresses/);
});
