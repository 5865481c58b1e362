import { pino } from "pino";
import { harvest } from "../src/federation/harvest.js";
import type { Peer } from "../src/federation/peer.js";
import { cadre } from "./command.js";
import { keyFile, type TestNode } from "./node.js";
import { Origins, type Origin } from "../src/conformance/origins.js";
import { startPeer } from "./peers.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What time it is, and by how much this node's clock is ahead of that. */
let moment = Date.now();
let wrong = 0;
let here: TestNode;
let origins: Origins;
let peers: readonly { readonly origin: Origin; readonly peer: Peer }[];
let said: string;

beforeAll(async () => {
  const clock = () => new Date(moment + wrong);
  [here, origins] = await Promise.all([startPeer(null, {}, clock), Origins.start(() => new Date(moment))]);
  await here.federation!.harvester.stop();
  peers = await Promise.all([trusted(), trusted(), trusted()]);
});
afterAll(async () => {
  await Promise.all([here.close(), origins.close()]);
});
beforeEach(async () => {
  wrong = 0;
  moment += HOUR;
  for (const { origin } of peers) await origin.publish();
  await readAll();
  said = "";
});

const peering = () => here.federation!.peering;

async function trusted(): Promise<(typeof peers)[number]> {
  const origin = await origins.add(1);
  const met = await peering().add("operator", origin.url, null);
  const number = await peering().safetyNumberWith(met);
  return { origin, peer: await peering().setTrust("operator", met.id, "PUBLIC_ONLY", number) };
}

/** Reads a peer when its time comes, with the log that the node writes. */
async function read({ peer }: (typeof peers)[number]): Promise<string | null> {
  moment += 1000;
  const log = pino({ level: "warn" }, { write: (line: string) => (said += line) });
  return (await harvest({ ...peering().parts, log }, peer.id))!.problem;
}

async function readAll(): Promise<void> {
  for (const one of peers) await read(one);
}

/** What the node answers to whoever wants the head of its feed, when that has to be signed anew. */
async function head(): Promise<number> {
  await here.ground.database.write.query("update seen.feed set head = ''");
  return (await fetch(`${here.url}/fed/v1/public/head`)).status;
}

const told = async () => (await peering().lookAtAll()).map((one) => one.clocks.own.peers);
const problems = async () => {
  const steward = await here.signedIn("STEWARD");
  const { data } = await steward.ask<{ peers: { problems: string[] }[] }>("{ peers { problems } }");
  return data.peers.map((one) => one.problems.join(" ")).sort();
};

describe("21: a node whose clock is wrong", () => {
  test.each([
    ["ahead of", 10 * MINUTE],
    ["behind", -10 * MINUTE],
  ])(
    "signs no head once most of three peers' answers say that it is %s theirs, says so, and goes on when it is right",
    async (which, by) => {
      expect(await head()).toBe(200);
      wrong = by;
      await read(peers[0]!);
      expect(await head()).toBe(200);
      await read(peers[1]!);
      expect([await head(), said]).toEqual([503, expect.stringMatching(`10 minutes ${which} those of its`)]);
      await read(peers[2]!);
      expect(said.split("clock is").length).toBe(2);
      expect(await problems()).toEqual(
        peers.map(() => expect.stringMatching(/This node's clock is 10 minutes .* signs nothing/)),
      );
      const { port } = new URL(here.url);
      const env = { DATABASE_URL: here.databaseUrl, KEY_FILE: keyFile, PORT: port };
      expect((await cadre(["peer", "list"], env)).said).toMatch(/^! This node's clock is 10 minutes /);
      // As after a restart: what was heard is remembered.
      await expect(here.upkeep()).resolves.toBeUndefined();
      wrong = 0;
      await readAll();
      expect(await head()).toBe(200);
      expect(await problems()).toEqual(["", "", ""]);
      expect(said).toContain("right again");
    },
  );

  test("whose operator vouches for its clock goes on signing whatever peers say, and stewards are told of it", async () => {
    const home = peering().parts.home as { clockTrusted: boolean };
    wrong = HOUR;
    await readAll();
    expect(await head()).toBe(503);
    home.clockTrusted = true;
    try {
      expect(await head()).toBe(200);
      expect(await problems()).toEqual(
        peers.map(() => expect.stringMatching(/clock is 60 minutes ahead .* goes on signing/)),
      );
    } finally {
      home.clockTrusted = false;
    }
    expect(await head()).toBe(503);
  });

  test("asks its peers as often as before, and nobody besides", async () => {
    wrong = -HOUR;
    const before = origins.requests;
    await readAll();
    const first = origins.requests - before;
    for (let turn = 0; turn < 5; turn++) await readAll();
    expect(origins.requests - before).toBe(6 * first);
    const waits = (await peering().all()).map(({ nextPoll }) => nextPoll.getTime() - moment - wrong);
    expect(Math.max(...waits)).toBeLessThan(2 * HOUR);
  });

  test("is not talked into it by one peer, by a slow answer, or by peers that are not trusted", async () => {
    const { origin } = peers[0]!;
    origin.misdeed = (_asked, answer) => {
      answer.setHeader("date", new Date(moment + 24 * HOUR).toUTCString());
      return false;
    };
    await readAll();
    origin.misdeed = null;
    expect(await head()).toBe(200);
    expect(await problems()).toEqual(["", "", expect.stringMatching(/^Its clock is 24 hours ahead/)]);
    await read(peers[0]!);
    for (const { origin: slow } of peers)
      slow.misdeed = () => {
        moment += 10 * MINUTE;
        return false;
      };
    await readAll();
    for (const { origin: slow } of peers) slow.misdeed = null;
    expect([await head(), ...(await problems())]).toEqual([200, "", "", ""]);
    await peering().setTrust("operator", peers[1]!.peer.id, "PAUSED", null);
    expect(await told()).toEqual([2, 2, 2]);
    wrong = HOUR;
    await read(peers[0]!);
    await read(peers[2]!);
    expect(await head()).toBe(200);
  });
});
