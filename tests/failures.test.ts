import { randomBytes, randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { harvest, Harvester } from "../src/federation/harvest.js";
import { sign } from "../src/federation/jws.js";
import { openOutbound } from "../src/federation/outbound.js";
import type { Peer } from "../src/federation/peer.js";
import { makeKey, signingKey } from "../src/federation/signing-key.js";
import { seen } from "./eventually.js";
import type { TestNode } from "./node.js";
import { instead, silence } from "../src/conformance/misdeeds.js";
import { Origins, aliasOf, personCalled, type Misdeed, type Origin } from "../src/conformance/origins.js";
import { startPeer } from "./peers.js";

/** docs/failures.md, as far as it is about reading from peers: one promise a row, by its number. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let moment = Date.parse("2026-11-20T10:00:00Z");
const clock = () => new Date(moment);
let here: TestNode;
let origins: Origins;

beforeAll(async () => {
  [here, origins] = await Promise.all([startPeer(null, {}, clock), Origins.start(clock)]);
  // Read when a test says so, and at no other time.
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

/** A network of so many people that is trusted and was read once. */
async function known(people = 2): Promise<{ origin: Origin; peer: Peer; ids: readonly string[] }> {
  const origin = await origins.add(people);
  const met = await peering().add("operator", origin.url, null);
  const number = await peering().safetyNumberWith(met);
  const peer = await peering().setTrust("operator", met.id, "PUBLIC_ONLY", number);
  expect(await read(peer)).toBeNull();
  const ids = [...origin.items.keys()];
  await shows(origin, ids);
  return { origin, peer, ids };
}

/** Reads a peer, a moment later; what the problem was. */
async function read(peer: Peer): Promise<string | null> {
  moment += 1000;
  return (await peering().sync(peer.id))!.problem;
}

type People = {
  practitioners: {
    nodes: readonly { alias: string; provenance: { network: { name: string } } }[];
    sources: { fresh: number; stale: number; hidden: number };
  };
};

async function people() {
  const { data } = await here.ask<People>(
    "{ practitioners(first: 50) { nodes { alias provenance { network { name } } } sources { fresh stale hidden } } }",
  );
  return data.practitioners;
}

/** Whoever searches finds these people of a network, and nobody else of it. */
async function shows({ url }: Origin, ids: readonly string[]): Promise<void> {
  const name = `Network ${url.split("/").at(-1)}`;
  const found = async () => {
    const { nodes } = await people();
    // Two of one name are told apart by what follows it.
    const own = nodes.filter(({ provenance }) => provenance.network.name.split(" (")[0] === name);
    return JSON.stringify(own.map(({ alias }) => alias).sort());
  };
  await seen(found, JSON.stringify(ids.map(aliasOf).sort()));
}

const peerNow = (peer: Peer) => peering().one(peer.id);

describe("when a peer is silent", () => {
  test("1 and 2: its people stay as they are until their lease ends, and then hide by themselves", async () => {
    const { origin, peer, ids } = await known();
    origin.misdeed = silence;
    moment += 4 * DAY;
    expect(await read(peer)).toBe("UNREACHABLE");
    await shows(origin, ids);
    expect((await people()).sources).toMatchObject({ fresh: 0, stale: 1, hidden: 0 });
    const first = (await peerNow(peer)).nextPoll.getTime() - moment;
    expect(await read(peer)).toBe("UNREACHABLE");
    expect(first).toBeGreaterThan(HOUR);
    expect((await peerNow(peer)).failures).toBe(2);
    moment += 4 * DAY;
    await shows(origin, []);
    expect((await people()).sources).toMatchObject({ stale: 0, hidden: 1 });
  });

  test("4: whoever withdraws meanwhile is gone with the lease, and stays gone when it comes back", async () => {
    const { origin, peer, ids } = await known();
    origin.misdeed = silence;
    await origin.withdraw(ids[0]!);
    expect(await read(peer)).toBe("UNREACHABLE");
    moment += 8 * DAY;
    await shows(origin, []);
    origin.misdeed = null;
    await origin.publish();
    expect(await read(peer)).toBeNull();
    await shows(origin, ids.slice(1));
  });

  test("6: a network that was seized can be blocked at once, and nothing brings its copies back", async () => {
    const { origin, peer } = await known();
    await peering().setTrust("operator", peer.id, "BLOCKED", null);
    await shows(origin, []);
    await origin.publish();
    expect(await peering().sync(peer.id)).toBeNull();
    await expect(peering().add("operator", origin.url, null)).rejects.toThrow(/blocked/);
    await shows(origin, []);
  });
});

describe("when a person decides", () => {
  test("3: whoever withdraws is gone with the next reading", async () => {
    const { origin, peer, ids } = await known();
    await origin.withdraw(ids[0]!);
    expect(await read(peer)).toBeNull();
    await shows(origin, ids.slice(1));
  });

  test("5: whoever agreed until a day is hidden from then on, without a word from anybody", async () => {
    const { origin, peer, ids } = await known();
    const third = randomUUID();
    await origin.putClaims(third, { notAfter: (moment + HOUR) / 1000 });
    expect(await read(peer)).toBeNull();
    await shows(origin, [...ids, third]);
    moment += 2 * HOUR;
    await shows(origin, ids);
  });
});

describe("when a key is stolen, or a node is not who it was", () => {
  test("7: many new people at once wait, and what was signed since the key was taken back is hidden", async () => {
    const { origin, peer, ids } = await known();
    moment += 2 * DAY;
    const fakes = Array.from({ length: 51 }, () => randomUUID());
    await origin.list(...fakes);
    expect(await read(peer)).toBeNull();
    await shows(origin, ids);
    moment += 2 * DAY;
    const fake = randomUUID();
    await origin.list(fake);
    expect(await read(peer)).toBeNull();
    await shows(origin, [...ids, fake]);
    await origin.rotate({ at: clock(), reason: "stolen" });
    await origin.withdraw(...fakes, fake);
    expect(await read(peer)).toBeNull();
    await shows(origin, ids);
  });

  test("7: what a stolen key signed hides when its node says so, before anything is signed anew", async () => {
    const { origin, peer, ids } = await known();
    moment += 2 * DAY;
    const fake = randomUUID();
    await origin.list(fake);
    expect(await read(peer)).toBeNull();
    await origin.rotate({ at: clock(), reason: "stolen" });
    expect(await read(peer)).toBeNull();
    await shows(origin, ids);
  });

  test("8: who lost the root key begins anew under another id, by the stewards' hand alone; the old copies end with their lease", async () => {
    const { origin, peer, ids } = await known();
    const anew = await origins.inPlaceOf(origin);
    await anew.list(...ids);
    expect(await read(peer)).toBe("WRONG_ROOT");
    const met = await peering().add("operator", origin.url, null);
    expect([met.node, met.trust]).toEqual([anew.node, "PROBATION"]);
    expect(await read(met)).toBeNull();
    await shows(origin, ids);
    const old = await peering().safetyNumberWith(peer);
    await expect(peering().setTrust("operator", met.id, "PUBLIC_ONLY", old)).rejects.toThrow(/safety number/);
    const number = await peering().safetyNumberWith(met);
    await peering().setTrust("operator", met.id, "PUBLIC_ONLY", number);
    await shows(origin, [...ids, ...ids]);
    moment += 8 * DAY;
    await shows(origin, []);
    await anew.publish();
    expect([await read(peer), await read(met)]).toEqual(["WRONG_ROOT", null]);
    await shows(origin, ids);
  });

  test("9: another root at the same address changes nothing", async () => {
    const { origin, peer, ids } = await known();
    const other = await origins.add(1);
    const theirs = await sign(
      "entity-statement+jwt",
      { ...claimsAt(await other.statement()), iss: origin.url, sub: origin.url },
      other.root,
    );
    origin.misdeed = instead("openid-federation", (answer) => answer.end(theirs));
    expect(await read(peer)).toBe("WRONG_ROOT");
    await shows(origin, ids);
  });
});

function claimsAt(jws: string): object {
  return JSON.parse(Buffer.from(jws.split(".")[1] ?? "", "base64url").toString("utf8")) as object;
}

describe("when somebody stands in between", () => {
  test("10: an old head is refused, and the last good state stays", async () => {
    const { origin, peer, ids } = await known();
    const old = origin.head;
    await origin.withdraw(ids[0]!);
    expect(await read(peer)).toBeNull();
    origin.misdeed = instead("/head", (answer) => answer.end(old));
    expect(await read(peer)).toBe("REPLAYED");
    await shows(origin, ids.slice(1));
  });

  test("11: a head that is held back hides people at the end of its lease", async () => {
    const { origin, peer, ids } = await known();
    const frozen = origin.head;
    await origin.withdraw(ids[0]!);
    origin.misdeed = instead("/head", (answer) => answer.end(frozen));
    expect(await read(peer)).toBeNull();
    await shows(origin, ids);
    moment += 8 * DAY;
    await shows(origin, []);
  });

  test("11: a head that has ended is not taken", async () => {
    const { origin, peer } = await known();
    moment += 1000;
    await origin.publish();
    moment += 2 * DAY;
    expect(await read(peer)).toBe("EXPIRED");
  });

  test("12: withdrawals cannot be left out", async () => {
    const { origin, peer, ids } = await known();
    const before = JSON.stringify(origin.bucketList());
    await origin.withdraw(ids[0]!);
    const mirror = [
      instead("/changes", (answer) => answer.end(JSON.stringify({ ...origin.changes(99) }))),
      instead("/buckets", (answer) => answer.end(before)),
    ];
    origin.misdeed = (...asked) => mirror.some((misdeed) => misdeed(...asked));
    expect(await read(peer)).toBe("WRONG_SET");
    await shows(origin, ids);
    origin.misdeed = null;
    expect(await read(peer)).toBeNull();
    await shows(origin, ids.slice(1));
  });

  test("12: the head of a page that is older than the one asked for is not mistaken for it", async () => {
    const { origin, peer, ids } = await known();
    await origin.list(randomUUID());
    const [between, older] = [origin.changes(0), origin.items];
    const held = [...older.keys()];
    moment += 1000;
    await origin.withdraw(ids[0]!);
    origin.misdeed = instead("/changes", (answer) => answer.end(JSON.stringify(between)));
    expect(await read(peer)).toBeNull();
    await shows(origin, held);
    origin.misdeed = null;
    expect(await read(peer)).toBeNull();
    await shows(origin, held.slice(1));
  });

  test("13: a record that was altered on its way spoils what was read, and nothing that was there", async () => {
    const { origin, peer, ids } = await known();
    await origin.list(randomUUID());
    origin.misdeed = instead("/changes", (answer) => {
      const text = JSON.stringify(origin.changes(2));
      answer.end(
        text.replace(/("cadre:jws":"[^"]*\.)(.)(.)/, (_, front, one, two) => `${front}${two}${one}x`),
      );
    });
    expect(await read(peer)).toBe("BAD_SIGNATURE");
    await shows(origin, ids);
  });
});

describe("when a network says what it may not", () => {
  const stranger = async () => signingKey(await makeKey());
  const cases: readonly (readonly [
    string,
    string,
    (origin: Origin, ids: readonly string[]) => Promise<void>,
  ])[] = [
    [
      "14: a record of another node",
      "WRONG_ISSUER",
      (origin) => origin.putClaims(randomUUID(), { iss: "urn:x" }),
    ],
    ["14: a head of another node", "WRONG_ISSUER", (origin) => origin.publish({ node: "urn:x" })],
    [
      "a record under another's id",
      "WRONG_SUBJECT",
      (origin) => origin.putClaims(randomUUID(), { sub: randomUUID() }),
    ],
    [
      "a record of another feed",
      "WRONG_TIER",
      (origin) => origin.putClaims(randomUUID(), { audience: "partners" }),
    ],
    [
      "20: a record of the future",
      "FROM_THE_FUTURE",
      (origin) => origin.putClaims(randomUUID(), { iat: moment / 1000 + 86_400 }),
    ],
    [
      "20: a head of the future",
      "FROM_THE_FUTURE",
      (origin) => origin.publish({ iat: new Date(moment + DAY), exp: new Date(moment + 2 * DAY) }),
    ],
    [
      "a record leased for years",
      "LEASE_TOO_LONG",
      (origin) => origin.putClaims(randomUUID(), { lease: 1e9 }),
    ],
    [
      "a head good for a month",
      "LEASE_TOO_LONG",
      (origin) => origin.publish({ exp: new Date(moment + 30 * DAY) }),
    ],
    [
      "a head of another set",
      "WRONG_SET",
      (origin) => origin.publish({ set: "A".repeat(43), seq: origin.seq + 1 }),
    ],
    ["a head of another count", "WRONG_SET", (origin) => origin.publish({ count: 99 })],
    ["a number that goes back", "ROLLED_BACK", (origin) => origin.publish({ seq: 0 })],
    [
      "a record signed as something else",
      "WRONG_TYPE",
      async (origin) => origin.putJws(randomUUID(), await sign("vnd.cadre.head+jwt", {}, origin.feed)),
    ],
    [
      "a record signed by nobody known",
      "UNKNOWN_KEY",
      async (origin) => origin.putJws(randomUUID(), await sign("vnd.cadre.record+jwt", {}, await stranger())),
    ],
    [
      "a record that nobody signed",
      "WRONG_ALGORITHM",
      (origin) => origin.putJws(randomUUID(), `${Buffer.from('{"alg":"none"}').toString("base64url")}.e30.`),
    ],
    [
      "a record that is too large",
      "TOO_LARGE",
      (origin) => origin.putClaims(randomUUID(), { more: "x".repeat(13_000) }),
    ],
  ];

  test.each(cases)("%s is refused as %s, and what was there stays", async (_what, problem, how) => {
    const { origin, peer, ids } = await known();
    moment += 1000;
    await how(origin, ids);
    expect(await read(peer)).toBe(problem);
    await shows(origin, ids);
  });

  test("two stories under one number are kept as proof, and the network is paused", async () => {
    const { origin, peer, ids } = await known();
    const { seq } = origin;
    await origin.withdraw(ids[0]!);
    await origin.publish({ seq });
    expect(await read(peer)).toBe("TWO_STORIES");
    await shows(origin, []);
    expect((await peerNow(peer)).trust).toBe("PAUSED");
    const evidence = await here.ground.database.write.query(
      "select one <> other as two from base.peer_evidence where peer = $1",
      [peer.id],
    );
    expect(evidence).toEqual([{ two: true }]);
  });

  test("15: an id that another network uses as well is somebody else", async () => {
    const one = await known(1);
    const other = await known(1);
    await other.origin.list(one.ids[0]!);
    expect(await read(other.peer)).toBeNull();
    await shows(other.origin, [...other.ids, ...one.ids]);
    await other.origin.withdraw(one.ids[0]!);
    expect(await read(other.peer)).toBeNull();
    await shows(other.origin, other.ids);
    await shows(one.origin, one.ids);
  });

  test("24, 25 and 26: unknown words, members and types are no error, and a body that cannot be read hides itself alone", async () => {
    const { origin, peer, ids } = await known();
    const [odd, worded, strange] = [randomUUID(), randomUUID(), randomUUID()];
    const { body } = personCalled(aliasOf(worded));
    await origin.putClaims(worded, {
      v: "1.7",
      novelty: { a: 1 },
      body: {
        ...body,
        novelty: true,
        specialties: [{ specialty: "legal.detention.unheard-of" }],
        regions: [{ region: "own-region", relation: "WORKS_IN", broader: ["PE"] }],
      },
    });
    await origin.putClaims(strange, { type: "Spaceship", body: { any: "thing" } });
    await origin.putClaims(odd, { body: { alias: 7 } });
    expect(await read(peer)).toBeNull();
    await shows(origin, [...ids, worded]);
    const states = await here.ground.database.write.query(
      "select state from base.peer_record where peer = $1 and id = any ($2) order by state",
      [peer.id, [odd, strange]],
    );
    expect(states).toEqual([{ state: "QUARANTINED" }, { state: "TAKEN" }]);
  });

  test("28: whoever is blocked while they are read leaves nothing behind", async () => {
    const { origin, peer } = await known(4);
    await origin.list(randomUUID());
    let block: Promise<unknown> = Promise.resolve();
    origin.misdeed = instead("/changes", (answer) => {
      block = peering().setTrust("operator", peer.id, "BLOCKED", null);
      void block.then(() => answer.end(JSON.stringify(origin.changes(0))));
    });
    expect(await read(peer)).toBe("STOPPED");
    await block;
    await shows(origin, []);
    const left = await here.ground.database.write.query(
      `select (select count(*)::int from base.peer_record where peer = $1)
        + (select count(*)::int from base.peer_staged where peer = $1)
        + (select count(*)::int from seen.listing where origin = $1) as rows`,
      [peer.id],
    );
    expect(left).toEqual([{ rows: 0 }]);
  });
});

describe("when a feed begins anew, or was read long ago", () => {
  test("16: after a backup was put back, whoever had withdrawn does not come back as they were", async () => {
    const { origin, peer, ids } = await known();
    const backup = new Map(origin.items);
    moment += 3 * DAY;
    await origin.withdraw(ids[0]!);
    expect(await read(peer)).toBeNull();
    await shows(origin, ids.slice(1));
    moment += DAY;
    origin.items.clear();
    for (const [id, item] of backup) origin.items.set(id, item);
    origin.epoch = randomUUID();
    await origin.publish();
    expect(await read(peer)).toBe("OLDER_THAN_WITHDRAWAL");
    await shows(origin, ids.slice(1));
    await origin.withdraw(ids[0]!);
    expect(await read(peer)).toBeNull();
    await shows(origin, ids.slice(1));
    moment += DAY;
    await origin.list(ids[0]!);
    expect(await read(peer)).toBeNull();
    await shows(origin, ids);
  });

  test("a day of withdrawal that nobody signed keeps nobody from coming back", async () => {
    const { origin, peer, ids } = await known();
    await origin.withdraw(ids[0]!);
    origin.misdeed = instead("/changes", (answer) =>
      answer.end(JSON.stringify(origin.changes(0)).replaceAll(/"deleted":"\d{4}/g, '"deleted":"2999')),
    );
    expect(await read(peer)).toBeNull();
    await shows(origin, ids.slice(1));
    origin.misdeed = null;
    await origin.list(ids[0]!);
    expect(await read(peer)).toBeNull();
    await shows(origin, ids);
  });

  test("17: who was away for too long reads everything, and what is not there any more is gone", async () => {
    const { origin, peer, ids } = await known(3);
    origin.items.delete(ids[0]!);
    origin.seq += 10;
    origin.floor = origin.seq;
    await origin.publish();
    expect(await read(peer)).toBeNull();
    await shows(origin, ids.slice(1));
  });
});

describe("when what is held here turns out to be something else", () => {
  /** What is asked of a network from now on, below its feed. */
  function asked(origin: Origin): string[] {
    const paths: string[] = [];
    origin.misdeed = ({ url = "" }) => {
      if (url.includes("/public/")) paths.push(url.split("/public/")[1]!.split("?")[0]!);
      return false;
    };
    return paths;
  }

  /** Damages what is held of one record; then somebody comes whose id is in the same bucket. */
  async function damaged(how: string) {
    const all = await known(40);
    const { origin, peer, ids } = all;
    origin.pageSize = 10;
    await here.ground.database.write.query(`${how} where peer = $1 and id = $2`, [peer.id, ids[7]]);
    const lost = ids[7]!;
    const beside = `${lost.slice(0, 2)}${randomUUID().slice(2)}`;
    await origin.list(beside);
    return { ...all, ids: [...ids, beside], lost, bucket: Number.parseInt(lost.slice(0, 2), 16) };
  }

  test.each([
    ["is missing", "delete from base.peer_record"],
    ["is another", "update base.peer_record set digest = sha256('another')"],
    [
      "was taken for withdrawn",
      `update base.peer_record set state = 'GONE', gone = '2026-01-01', type = null, jws = null, digest = null,
        said = null, signed_by = null, iat = null, lease = null`,
    ],
    [
      "is in order, among digests that are not,",
      `update base.peer_feed set buckets = decode(repeat('00', 8192), 'hex') from (select $2::uuid as id) as one`,
    ],
  ])("a record that %s costs its bucket, and not the whole feed", async (_what, how) => {
    const { origin, peer, ids, lost, bucket } = await damaged(how);
    const paths = asked(origin);
    expect(await read(peer)).toBeNull();
    expect(paths).toEqual(["head", "changes", "buckets", `buckets/${bucket}`]);
    await shows(origin, ids);
    await origin.withdraw(lost);
    paths.splice(0);
    expect(await read(peer)).toBeNull();
    expect(paths).toEqual(["head", "changes"]);
    await shows(
      origin,
      ids.filter((id) => id !== lost),
    );
  });

  test.each([
    ["offers no buckets", (answer: ServerResponse) => answer.writeHead(404).end()],
    [
      "tells of others than it has signed",
      (answer: ServerResponse, origin: Origin) =>
        answer.end(
          JSON.stringify({ ...origin.bucketList(), buckets: Array<string>(256).fill("A".repeat(43)) }),
        ),
    ],
  ])("everything is read where the network %s", async (_what, how) => {
    const { origin, peer, ids } = await damaged("delete from base.peer_record");
    const paths = asked(origin);
    const [hear, lie] = [origin.misdeed!, instead("/buckets", how)];
    origin.misdeed = (...told) => hear(...told) || lie(...told);
    expect(await read(peer)).toBeNull();
    expect(paths).toEqual(["head", "changes", "buckets", ...Array<string>(5).fill("changes")]);
    await shows(origin, ids);
  });

  test("a bucket is taken by the same rules as a page: a record that breaks one changes nothing, and is told", async () => {
    const { origin, peer, ids, lost, bucket } = await damaged("delete from base.peer_record");
    const other = origin.items.get(ids[8]!)!.jws;
    origin.misdeed = instead(`/buckets/${bucket}`, (answer) => {
      const item = { type: "Create", object: { id: `x/${lost}` }, "cadre:jws": other };
      answer.end(JSON.stringify({ orderedItems: [item], "cadre:head": origin.head }));
    });
    expect(await read(peer)).toBe("WRONG_SUBJECT");
    const [held] = await here.ground.database.write.query<{ count: number }[]>(
      "select count(*)::int as count from base.peer_record where peer = $1",
      [peer.id],
    );
    expect(held!.count).toBe(39);
  });

  test("what fits no head after everything was read is told, and nothing of it is taken", async () => {
    const { origin, peer } = await damaged("delete from base.peer_record");
    await origin.publish({ set: "A".repeat(43), seq: origin.seq + 1 });
    const paths = asked(origin);
    expect(await read(peer)).toBe("WRONG_SET");
    expect(paths).toEqual(["head", "changes", "buckets", ...Array<string>(5).fill("changes")]);
  });
});

describe("when reading breaks off", () => {
  test("18: half of what came is nothing, and the next reading brings all of it", async () => {
    const { origin, peer, ids } = await known();
    origin.pageSize = 2;
    const more = Array.from({ length: 5 }, () => randomUUID());
    await origin.list(...more);
    let pages = 0;
    origin.misdeed = (asked, answer) => {
      if (!(asked.url ?? "").includes("/changes") || ++pages < 3) return false;
      answer.destroy();
      return true;
    };
    expect(await read(peer)).toBe("UNREACHABLE");
    await shows(origin, ids);
    origin.misdeed = null;
    expect(await read(peer)).toBeNull();
    await shows(origin, [...ids, ...more]);
  });

  test("19: two who read the same peer at once do it once", async () => {
    const { origin, peer, ids } = await known();
    await origin.list(...ids);
    const ended = await Promise.all([1, 2, 3].map(() => peering().sync(peer.id)));
    expect(ended.filter((one) => one !== null).length).toBe(1);
    await shows(origin, ids);
  });

  test("20: a peer whose clock is behind is read, and its leases end early", async () => {
    const { origin, peer, ids } = await known();
    moment += 2 * DAY;
    await origin.publish({ iat: new Date(moment - DAY), exp: new Date(moment + HOUR) });
    expect(await read(peer)).toBeNull();
    await shows(origin, ids);
    moment += 6 * DAY;
    await shows(origin, []);
  });

  test("23: whoever is asked to come later does, and keeps nobody else waiting", async () => {
    const { origin, peer, ids } = await known();
    for (const [status, wait] of [
      [429, 7200],
      [503, 600],
    ] as const) {
      origin.misdeed = instead("/head", (answer) =>
        answer.writeHead(status, { "retry-after": String(wait) }).end(),
      );
      expect(await read(peer)).toBe(`HTTP_${status}`);
      expect((await peerNow(peer)).nextPoll.getTime()).toBe(moment + wait * 1000);
    }
    await shows(origin, ids);
  });

  test("29: when the database cannot take it in, what was there stays and is found", async () => {
    const { origin, peer, ids } = await known();
    const { write } = here.ground.database;
    await write.query(
      `create function base.no_room() returns trigger language plpgsql as
        $$ begin raise exception 'no space left' using errcode = 'disk_full'; end $$`,
    );
    await write.query(
      "create trigger no_room before insert on base.peer_record execute function base.no_room()",
    );
    const more = randomUUID();
    await origin.list(more);
    await expect(peering().sync(peer.id)).rejects.toThrow(/no space/);
    await shows(origin, ids);
    await write.query("drop function base.no_room() cascade");
    moment += 3 * MINUTE;
    expect(await read(peer)).toBeNull();
    await shows(origin, [...ids, more]);
  });
});

describe("when a peer wears its readers down", () => {
  const cases: readonly (readonly [string, string, Misdeed])[] = [
    ["sends a byte now and then", "TIMEOUT", instead("/changes", trickle)],
    ["never stops sending", "TOO_LARGE", instead("/changes", flood)],
    ["sends gigabytes of nothing, compressed", "TOO_LARGE", instead("/changes", bomb)],
    [
      "sends less than it announced",
      "TRUNCATED",
      instead("/changes", (answer) => {
        answer.writeHead(200, { "content-length": 1000 });
        answer.write("{", () => answer.destroy());
      }),
    ],
    ["sends what is no JSON", "MALFORMED", instead("/changes", (answer) => answer.end("<html>"))],
    [
      "goes round in circles",
      "MALFORMED",
      instead("/changes", (answer, { place }) =>
        answer.end(JSON.stringify({ orderedItems: [], next: `${place}/changes?after=there` })),
      ),
    ],
    [
      "leads out of its feed",
      "MALFORMED",
      instead("/changes", (answer) =>
        answer.end(JSON.stringify({ orderedItems: [], next: "http://localhost:1/fed/v1/public/changes" })),
      ),
    ],
    [
      "sends its readers elsewhere",
      "REDIRECTED",
      instead("/head", (answer) => answer.writeHead(302, { location: "http://localhost:1/" }).end()),
    ],
  ];

  test.each(cases)(
    "22: one that %s is given up as %s, and nothing else changes",
    async (_what, problem, misdeed) => {
      const { origin, peer, ids } = await known();
      await origin.list(...ids);
      origin.misdeed = misdeed;
      moment += 1000;
      const ended = await impatiently((parts) => harvest(parts, peer.id));
      expect(ended?.problem).toBe(problem);
      await shows(origin, ids);
    },
  );

  test("22: one slow peer holds up nobody else", async () => {
    const slow = await known(1);
    const others = await Promise.all([known(1), known(1), known(1)]);
    slow.origin.misdeed = instead("/head", () => {});
    moment += 2 * HOUR;
    for (const { origin, ids } of others) await origin.withdraw(...ids);
    let [over, round]: [boolean, Promise<unknown>] = [false, Promise.resolve()];
    await impatiently(async (parts) => {
      round = new Harvester(parts).round().finally(() => (over = true));
      for (const { origin } of others) await shows(origin, []);
      expect(over).toBe(false);
    }, 20_000);
    await round;
  });
});

/** With a whole exchange given up early, so that nobody has to wait for it here. */
async function impatiently<T>(
  work: (parts: ReturnType<typeof peering>["parts"]) => Promise<T>,
  timeout = 1500,
): Promise<T> {
  const outbound = openOutbound({ allowPrivate: true, timeout, userAgent: "Cadre" });
  try {
    return await work({ ...peering().parts, outbound });
  } finally {
    await outbound.close();
  }
}

function trickle(answer: ServerResponse): void {
  answer.writeHead(200);
  const timer = setInterval(() => answer.write(" "), 100);
  answer.on("close", () => clearInterval(timer));
}

function flood(answer: ServerResponse): void {
  answer.writeHead(200);
  const part = randomBytes(1 << 20);
  const more = (): void => {
    while (!answer.destroyed && answer.write(part));
    if (!answer.destroyed) answer.once("drain", more);
  };
  more();
}

function bomb(answer: ServerResponse): void {
  answer.writeHead(200, { "content-encoding": "gzip" });
  answer.end(gzipSync(Buffer.alloc(16 << 20, " ")));
}
