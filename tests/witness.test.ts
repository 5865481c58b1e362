import { randomUUID } from "node:crypto";
import { Command } from "commander";
import { baobab, ceiba } from "../seeds/cast.js";
import { peerCommands } from "../src/commands/peer.js";
import { loadIdentity } from "../src/federation/identity.store.js";
import { problemsOf } from "../src/federation/holding.js";
import type { Peer } from "../src/federation/peer.js";
import { signRequest } from "../src/federation/request-signature.js";
import { seen } from "./eventually.js";
import { keyFile, type TestNode } from "./node.js";
import { Origins, type Origin } from "../src/conformance/origins.js";
import { befriend, startPeer } from "./peers.js";

const HOUR = 3_600_000;

/** One node asks another about a third that both read. One clock for all. */
let moment = Date.now();
let here: TestNode;
let witness: TestNode;
let origins: Origins;
let subject: Origin;
let known: Peer;
let knownThere: Peer;
let friend: Peer;

beforeAll(async () => {
  const clock = () => new Date(moment);
  [here, witness] = await Promise.all([startPeer(ceiba, {}, clock), startPeer(baobab, {}, clock)]);
  await Promise.all([here, witness].map((node) => node.federation!.harvester.stop()));
  origins = await Origins.start(clock);
  subject = await origins.add(2);
  [known, knownThere] = [await trusts(here), await trusts(witness)];
  friend = (await befriend(witness, here))[0];
}, 60_000);
afterAll(async () => {
  await Promise.all([here, witness].map((node) => node.close()));
  await origins.close();
});
afterEach(() => {
  subject.misdeed = null;
});

async function trusts(node: TestNode): Promise<Peer> {
  const { peering } = node.federation!;
  const peer = await peering.add("operator", subject.url, null);
  await peering.setTrust("operator", peer.id, "PUBLIC_ONLY", await peering.safetyNumberWith(peer));
  await reads(node, peer);
  return peer;
}

const reads = async (node: TestNode, { id }: Peer) =>
  (await node.federation!.peering.sync(id))?.problem ?? null;
const looksAt = (node: TestNode, { id }: Peer) => node.federation!.peering.lookAt(id);

/** Something else is served as the statement of the third node. */
function serveInstead(statement: string): void {
  subject.misdeed = (asked, answer) => {
    if (!asked.url!.endsWith("/.well-known/openid-federation")) return false;
    answer.end(statement);
    return true;
  };
}

/** What the witness answers to the other node about a third. */
async function told(node: string, signed = true): Promise<readonly [number, string]> {
  const url = `${witness.url}/fed/v1/witness/${node}`;
  const { database, home } = here.ground;
  const own = await database.transaction((tx) => loadIdentity(tx, home));
  const headers = signed ? await signRequest(own.feed, { node: own.node, method: "GET", url }) : {};
  const answer = await fetch(url, { headers });
  return [answer.status, await answer.text()];
}

/** `cadre peer …` beside the witness. */
async function peerCommand(...args: readonly string[]): Promise<{ said: string; complained: string }> {
  const ended = { said: "", complained: "" };
  const shell = {
    settings: {
      NODE_ENV: "production",
      DATABASE_URL: witness.databaseUrl,
      KEY_FILE: keyFile,
      PUBLIC_URL: witness.url,
      PRIVATE_PEERS: "true",
    },
    say: (text: string) => void (ended.said += text),
    complain: (text: string) => void (ended.complained += text),
    fail: () => undefined,
  };
  await new Command().addCommand(peerCommands(shell)).parseAsync(["peer", ...args], { from: "user" });
  return ended;
}

test("a steward introduces one trusted peer to another, who sees by whom, and decides for itself", async () => {
  const newcomer = await origins.add(1);
  const { peering } = witness.federation!;
  const met = await peering.add("operator", newcomer.url, null);
  const early = await peerCommand("introduce", newcomer.url, "--to", here.url);
  expect([early.said, early.complained]).toEqual(["", expect.stringMatching(/Only peers that are trusted/)]);
  await peering.setTrust("operator", met.id, "PUBLIC_ONLY", await peering.safetyNumberWith(met));
  const { said: text, complained } = await peerCommand("introduce", newcomer.url, "--to", here.url);
  expect(complained).toContain(`Give this to the steward of ${here.url}`);
  const there = here.federation!.peering;
  const forSomebodyElse = (await peerCommand("introduce", newcomer.url, "--to", subject.url)).said;
  for (const brought of [forSomebodyElse, `${text.slice(0, -4)}AAAA`])
    await expect(there.add("operator", newcomer.url, brought)).rejects.toThrow(/no peer's introduction/);
  await expect(there.add("operator", (await origins.add()).url, text)).rejects.toThrow(
    /no peer's introduction/,
  );
  const added = await there.add("operator", newcomer.url, text);
  const [introducer] = (await there.all()).filter(({ url }) => url === witness.url);
  expect(added).toMatchObject({ trust: "PROBATION", introducedBy: introducer!.id });
});

describe("a witness", () => {
  test("says what it holds to peers that it trusts, of those it trusts and shows; whoever is told nothing is not told why", async () => {
    const [status, text] = await told(subject.node);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ statement: await subject.statement(), head: subject.head });
    expect((await told(subject.node, false))[0]).toBe(401);
    const nothing = await told(`${subject.node.slice(0, -1)}_`);
    expect(nothing[0]).toBe(404);
    const { peering } = witness.federation!;
    const number = await peering.safetyNumberWith(knownThere);
    await peering.setTrust("operator", knownThere.id, "PAUSED", null);
    expect(await told(subject.node)).toEqual(nothing);
    await peering.setTrust("operator", knownThere.id, "PUBLIC_ONLY", number);
    expect((await told(subject.node))[0]).toBe(200);
    await peering.setTrust("operator", friend.id, "PAUSED", null);
    expect(await told(subject.node)).toEqual(nothing);
    await peering.setTrust("operator", friend.id, "PUBLIC_ONLY", await peering.safetyNumberWith(friend));
    expect((await told(subject.node))[0]).toBe(200);
    const silent = peering.parts as { witness: boolean };
    silent.witness = false;
    expect(await told(subject.node)).toEqual(nothing);
    silent.witness = true;
  });

  test("says nothing of a peer whose public feed holds nobody: that it shares with partners is theirs to know", async () => {
    const quiet = await origins.add();
    const { peering } = witness.federation!;
    const { id } = await peering.add("operator", quiet.url, null);
    const number = await peering.safetyNumberWith(await peering.one(id));
    const peer = await peering.setTrust("operator", id, "PARTNER", number);
    expect(await reads(witness, peer)).toBeNull();
    expect(await told(quiet.node)).toEqual(await told(`${subject.node.slice(0, -1)}_`));
    const somebody = randomUUID();
    await quiet.list(somebody);
    expect(await reads(witness, peer)).toBeNull();
    expect((await told(quiet.node))[0]).toBe(200);
    const holdForPartners = (tier: string) =>
      witness.ground.database.write.query(
        "update base.peer_record set tier = $2 where peer = $1 and tier <> $2",
        [id, tier],
      );
    await holdForPartners("partners");
    expect((await told(quiet.node))[0]).toBe(404);
    await holdForPartners("public");
    expect((await told(quiet.node))[0]).toBe(200);
    await quiet.withdraw(somebody);
    expect(await reads(witness, peer)).toBeNull();
    expect((await told(quiet.node))[0]).toBe(404);
  });

  test("is asked when another node answers at a peer's address, and stewards hear that it knows the same as we do", async () => {
    serveInstead(await (await origins.add()).statement());
    moment += HOUR;
    expect(await reads(here, known)).not.toBeNull();
    const peer = await looksAt(here, known);
    expect(peer.said).toMatchObject([{ witness: expect.any(String) as string, saying: "SAME" }]);
    expect(problemsOf(peer, peer.holds)).toContain(
      "One peer that knows it holds the same statement of it as this node.",
    );
  });

  test("brings the statement that takes a key back where somebody holds it back", async () => {
    const before = await subject.statement();
    moment += 2 * HOUR;
    await subject.rotate({ at: new Date(moment - HOUR), reason: "stolen" });
    expect(await reads(witness, knownThere)).toBeNull();
    serveInstead(before);
    expect(await reads(here, known)).toBe("UNKNOWN_KEY");
    const peer = await looksAt(here, known);
    expect(peer.said).toMatchObject([{ saying: "NEWER" }]);
    expect(peer.statement).toBe(await subject.statement());
    subject.misdeed = null;
    expect(await reads(here, known)).toBeNull();
  });

  test("that brings what an ended key has signed, however it is dated, proves nothing against the peer", async () => {
    const old = subject.feed;
    await subject.rotate();
    moment += 30 * HOUR;
    await subject.publish();
    expect(await reads(here, known)).toBeNull();
    expect(await reads(witness, knownThere)).toBeNull();
    const [head, current] = [subject.head, subject.feed];
    const ends = subject.keys.find(({ thumbprint }) => thumbprint === old.thumbprint)!.ends!;
    subject.feed = old;
    await subject.publish({
      iat: new Date(ends.getTime() - 1),
      exp: new Date(moment + HOUR),
      set: "A".repeat(43),
    });
    await witness.ground.database.write.query("update base.peer_feed set head = $2 where peer = $1", [
      knownThere.id,
      subject.head,
    ]);
    [subject.feed, subject.head] = [current, head];
    serveInstead(await (await origins.add()).statement());
    await reads(here, known);
    expect(await looksAt(here, known)).toMatchObject({ trust: "PUBLIC_ONLY" });
    subject.misdeed = null;
    await subject.list(randomUUID());
    expect(await reads(witness, knownThere)).toBeNull();
  });

  test("that was told another story under the same number is evidence, and nothing of that peer is shown any more", async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    moment += 2 * HOUR;
    await subject.list(one);
    expect(await reads(here, known)).toBeNull();
    subject.items.delete(one);
    subject.seq--;
    await subject.list(other);
    expect(await reads(witness, knownThere)).toBeNull();
    const shown = async () => (await here.ask("{ practitioners(first: 50) { nodes { alias } } }")).text;
    await seen(async () => (await shown()).includes(`Person ${one.slice(0, 8)}`), true);
    serveInstead(await (await origins.add()).statement());
    await reads(here, known);
    const peer = await looksAt(here, known);
    expect([peer.trust, peer.said[0]?.saying]).toEqual(["PAUSED", "TWO_STORIES"]);
    await seen(async () => (await shown()).includes("Person "), false);
    const evidence = await here.ground.database.write.query(
      "select other from base.peer_evidence where peer = $1",
      [known.id],
    );
    expect(evidence).toEqual([{ other: subject.head }]);
  });
});

describe("other peers are asked about one", () => {
  let other: Origin;
  let asked: number;

  beforeAll(async () => {
    other = await origins.add(1);
    await trust(other);
    other.misdeed = (request) => {
      if (request.url!.includes("/witness/")) asked++;
      return false;
    };
  });
  beforeEach(() => {
    asked = 0;
  });

  const trust = async (origin: Origin): Promise<Peer> => {
    const { peering } = here.federation!;
    const peer = await peering.add("operator", origin.url, null);
    return peering.setTrust("operator", peer.id, "PUBLIC_ONLY", await peering.safetyNumberWith(peer));
  };
  const answersAsAnother = async (origin: Origin) => {
    const statement = await (await origins.add()).statement();
    origin.misdeed = (request, answer) => {
      if (!request.url!.endsWith("/.well-known/openid-federation")) return false;
      answer.end(statement);
      return true;
    };
  };

  test("once a week while nothing is wrong", async () => {
    const origin = await origins.add(1);
    const peer = await trust(origin);
    expect(await reads(here, peer)).toBeNull();
    for (const [days, times] of [
      [6, 0],
      [2, 1],
      [6, 1],
      [2, 2],
    ] as const) {
      moment += days * 24 * HOUR;
      await origin.publish();
      expect(await reads(here, peer)).toBeNull();
      expect(asked).toBe(times);
    }
  });

  test("only where its public feed is held here: of a peering that is for partners alone nobody is told", async () => {
    const origin = await origins.add();
    const peer = await trust(origin);
    expect(await reads(here, peer)).toBeNull();
    await answersAsAnother(origin);
    moment += 8 * 24 * HOUR;
    expect(await reads(here, peer)).not.toBeNull();
    expect(asked).toBe(0);
    origin.misdeed = null;
    await origin.list(randomUUID());
    expect(await reads(here, peer)).toBeNull();
    expect(asked).toBe(1);
  });
});
