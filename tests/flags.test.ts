import { randomUUID } from "node:crypto";
import { baobab, ceiba, yasmin } from "../seeds/cast.js";
import { loadIdentity } from "../src/federation/identity.store.js";
import { localIdOf } from "../src/federation/node-id.js";
import type { Peer } from "../src/federation/peer.js";
import { signRequest } from "../src/federation/request-signature.js";
import type { Practitioner } from "../src/practitioners/practitioner.js";
import type { Answer, Person, TestNode } from "./node.js";
import { Origins, type Origin } from "../src/conformance/origins.js";
import { befriend, changePerson, startPeer } from "./peers.js";
import { newMember, proofOf, refusal, type Member, type Town } from "./people.js";

/** Networks that tell each other that a record is to be looked at. One clock for all. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let moment = Date.now() - 30 * DAY;
const clock = () => new Date(moment);
const pass = (milliseconds: number) => {
  moment += milliseconds;
};

/** Whose records are flagged; who flags them, and a second one who does. */
let home: TestNode;
let town: Town;
let steward: Member;
let peer: TestNode;
let other: TestNode;
let flagger: Person;
/** As the one who flags knows the network of the records, and as that one knows the two who do. */
let subject: Peer;
let otherThere: Peer;
let subjectOfOther: Peer;

beforeAll(async () => {
  [home, peer, other] = await Promise.all([
    startPeer(ceiba, { trustProxy: true }, clock),
    startPeer(yasmin, {}, clock),
    startPeer(baobab, {}, clock),
  ]);
  await Promise.all([home, peer, other].map((node) => node.federation!.harvester.stop()));
  town = { node: home, now: clock, pass, stranger: () => home.ask, close: () => home.close() };
  steward = await newMember(town, "STEWARD");
  flagger = await peer.signedIn("STEWARD");
  [subject] = await befriend(peer, home);
  [subjectOfOther, otherThere] = await befriend(other, home);
  for (const [node, known] of [
    [peer, subject],
    [other, subjectOfOther],
  ] as const)
    expect(await reads(node, known)).toBeNull();
}, 60_000);
afterAll(() => Promise.all([home, peer, other].map((node) => node.close())));
afterEach(() => home.ground.database.write.query("delete from base.peer_flag"));

const reads = async ({ federation }: TestNode, { id }: Peer) => (await federation!.peering.sync(id))!.problem;

const listed = (audience: string) =>
  ceiba.practitioners.filter((one) => one.audience === audience && one.state === "LISTED");
const [someone, another] = listed("PUBLIC");
const toPartners = listed("PARTNERS")[0]!;
const toMembers = listed("MEMBERS")[0]!;

/** What a node says to the one whose records they are, signed, and what that answers. */
async function says(by: TestNode, body: string): Promise<readonly [number, string]> {
  const url = `${home.url}/fed/v1/flags`;
  const { database, home: there } = by.ground;
  const own = await database.transaction((tx) => loadIdentity(tx, there));
  const headers = await signRequest(own.feed, { node: own.node, method: "POST", url, body });
  const answer = await fetch(url, { method: "POST", headers, body });
  return [answer.status, await answer.text()];
}

const flagOf = (record: string, reason = "UNSAFE_DETAIL") =>
  JSON.stringify({ type: "Flag", object: `urn:uuid:${record}`, "cadre:reason": reason });

type Seen = { record: string; kind: string; reason: string; peers: number; since: string };
const FLAGS = "{ flags(first: 100) { record kind reason peers since } }";
const flags = async () => (await steward.ask<{ flags: readonly Seen[] }>(FLAGS)).data.flags;

const flag = (record: string, reason = "UNSAFE_DETAIL"): Promise<Answer<{ flagRecord: boolean }>> =>
  flagger.ask(`mutation ($id: ID!) { flagRecord(id: $id, reason: ${reason}) }`, {
    id: localIdOf(subject.node, record),
  });

async function dismisses(record: string, reason = "UNSAFE_DETAIL") {
  const proof = await proofOf(town, steward);
  return steward.ask<{ dismissFlag: boolean }>(
    `mutation ($record: ID!, $proof: ProofInput!) { dismissFlag(record: $record, reason: ${reason}, proof: $proof) }`,
    { record, proof },
  );
}

const become = (state: Practitioner["state"]) => (person: Practitioner) => ({ ...person, state });

describe("a flag", () => {
  test("travels with the next reading to the stewards of the network that the record belongs to, with the record, a reason and a day", async () => {
    expect((await flag(someone!.id)).data).toEqual({ flagRecord: true });
    expect((await flag(someone!.id)).data).toEqual({ flagRecord: true });
    expect(await flags()).toEqual([]);
    expect(await reads(peer, subject)).toBeNull();
    const since = clock().toISOString().slice(0, 10);
    const told = { record: someone!.id, kind: "PRACTITIONER", reason: "UNSAFE_DETAIL", peers: 1, since };
    expect(await flags()).toEqual([told]);
    moment += DAY;
    expect((await says(other, flagOf(someone!.id)))[0]).toBe(202);
    expect((await says(other, flagOf(someone!.id)))[0]).toBe(202);
    expect(await flags()).toEqual([{ ...told, peers: 2 }]);
  });

  test("is dismissed by a steward's proof; whoever raised it does not raise it again, others may", async () => {
    await says(peer, flagOf(someone!.id));
    const wrong = { password: "guessed", code: "123456" };
    const unproven = await steward.ask(
      "mutation ($record: ID!, $proof: ProofInput!) { dismissFlag(record: $record, reason: UNSAFE_DETAIL, proof: $proof) }",
      { record: someone!.id, proof: wrong },
    );
    expect(refusal(unproven)).toBe("FORBIDDEN");
    pass(HOUR);
    expect((await dismisses(someone!.id)).data).toEqual({ dismissFlag: true });
    expect(await flags()).toEqual([]);
    await says(peer, flagOf(someone!.id));
    expect(await flags()).toEqual([]);
    await says(other, flagOf(someone!.id));
    expect(await flags()).toMatchObject([{ record: someone!.id, peers: 1 }]);
    await says(peer, flagOf(someone!.id, "OUT_OF_DATE"));
    expect((await flags()).map(({ reason }) => reason).sort()).toEqual(["OUT_OF_DATE", "UNSAFE_DETAIL"]);
    pass(HOUR);
    expect(refusal(await dismisses(another!.id))).toBe("NOT_FOUND");
  });

  test("is told to nobody but stewards and admins, and leads to nobody who raised it", async () => {
    await says(peer, flagOf(someone!.id));
    const questions = [
      FLAGS,
      `mutation { flagRecord(id: "${randomUUID()}", reason: OUT_OF_DATE) }`,
      `mutation { dismissFlag(record: "${someone!.id}", reason: OUT_OF_DATE, proof: { password: "a", code: "123456" }) }`,
    ];
    for (const role of ["SEEKER", "FUNDER", "PRACTITIONER"] as const) {
      const { ask } = await home.signedIn(role);
      for (const question of questions) expect(refusal(await ask(question))).toBe("FORBIDDEN");
    }
    for (const question of questions) expect(refusal(await home.ask(question))).toBe("UNAUTHENTICATED");
    pass(HOUR);
    await dismisses(someone!.id);
    const about = await home.ground.database.write.query<{ object: string | null }[]>(
      "select object from base.audit where action = 'FLAG_DISMISSED'",
    );
    expect(new Set(about.map(({ object }) => object))).toEqual(new Set([null]));
  });

  test("is answered alike whether there is such a record or not, and kept only where that peer may read it", async () => {
    const records = [someone!.id, toPartners.id, toMembers.id, randomUUID()];
    await home.federation!.peering.setTrust(
      "operator",
      otherThere.id,
      "PARTNER",
      await home.federation!.peering.safetyNumberWith(otherThere),
    );
    // What partners see is published when somebody may read it.
    await reads(other, subjectOfOther);
    for (const record of records) expect(await says(peer, flagOf(record))).toEqual([202, ""]);
    expect((await flags()).map(({ record }) => record)).toEqual([someone!.id]);
    for (const record of records) expect(await says(other, flagOf(record))).toEqual([202, ""]);
    expect((await flags()).map(({ record, peers }) => [record, peers])).toEqual([
      [someone!.id, 2],
      [toPartners.id, 1],
    ]);
  });

  test("of a stranger, a blocked node or nobody is refused; of one that is not trusted it is forgotten", async () => {
    const stranger = await startPeer(null, {}, clock);
    const refused = await says(stranger, flagOf(someone!.id));
    expect(refused[0]).toBe(401);
    const url = `${home.url}/fed/v1/flags`;
    const unsigned = await fetch(url, { method: "POST", body: flagOf(someone!.id) });
    expect([unsigned.status, await unsigned.text()]).toEqual(refused);
    const { peering } = home.federation!;
    const { text } = await peering.invite("operator", "public");
    await stranger.federation!.peering.add("operator", home.url, text);
    const [met] = (await peering.all()).filter(({ trust }) => trust === "PROBATION");
    expect(await says(stranger, flagOf(someone!.id))).toEqual([202, ""]);
    expect(await flags()).toEqual([]);
    await peering.setTrust("operator", met!.id, "PUBLIC_ONLY", await peering.safetyNumberWith(met!));
    expect(await flags()).toEqual([]);
    expect(await says(stranger, flagOf(someone!.id))).toEqual([202, ""]);
    expect(await flags()).toHaveLength(1);
    await peering.setTrust("operator", met!.id, "PAUSED", null);
    expect(await flags()).toEqual([]);
    await peering.setTrust("operator", met!.id, "BLOCKED", null);
    expect(await says(stranger, flagOf(someone!.id))).toEqual(refused);
    expect(await home.ground.database.write.query("select from base.peer_flag")).toEqual([]);
    await stranger.close();
  });

  test("is a record and a reason from the list, and nothing that is written beside them is kept", async () => {
    const odd = { ...(JSON.parse(flagOf(someone!.id)) as object), content: "They live at …", actor: "Ana" };
    expect(await says(peer, JSON.stringify(odd))).toEqual([202, ""]);
    const rows = await home.ground.database.write.query<object[]>("select * from base.peer_flag");
    expect(rows.map((row) => Object.keys(row).sort())).toEqual([
      ["day", "dismissed", "peer", "reason", "record"],
    ]);
    const wrong = [
      "{}",
      "no JSON",
      flagOf(someone!.id, "DISLIKED"),
      flagOf("everybody"),
      flagOf(someone!.id).replace("Flag", "Like"),
    ];
    for (const body of wrong) expect((await says(peer, body))[0]).toBe(400);
  });

  test("that a peer raises of everybody hides nobody else's: so few stand at a time, and so many are kept of a day", async () => {
    await home.ground.database.write.query(
      `insert into seen.feed_item (tier, id, seq, kind, change, day, jws, digest, body)
       select 'public', gen_random_uuid(), 1000000 + n, 'practitioner', 'Create', '2026-01-01', 'x', '\\x00', ''
       from generate_series(1, 60) as n`,
    );
    const rows = await home.ground.database.write.query<{ id: string }[]>(
      "select id from seen.feed_item where jws = 'x'",
    );
    expect(rows).toHaveLength(60);
    for (const { id } of rows) expect(await says(peer, flagOf(id))).toEqual([202, ""]);
    expect(await flags()).toHaveLength(20);
    expect(await says(other, flagOf(rows[59]!.id))).toEqual([202, ""]);
    expect(await flags()).toHaveLength(21);
    const isDone = () => home.ground.database.write.query("update base.peer_flag set dismissed = true");
    const raised: number[] = [];
    for (const later of [0, 0, DAY]) {
      moment += later;
      await isDone();
      for (const { id } of rows) await says(peer, flagOf(id));
      raised.push((await flags()).length);
    }
    expect(raised).toEqual([20, 10, 10]);
    await home.ground.database.write.query("delete from seen.feed_item where jws = 'x'");
  });

  test("goes when the record does", async () => {
    await says(peer, flagOf(another!.id));
    expect(await flags()).toHaveLength(1);
    await changePerson(home, another!.id, become("WITHDRAWN"));
    await home.upkeep();
    expect(await flags()).toEqual([]);
    expect(await home.ground.database.write.query("select from base.peer_flag")).toEqual([]);
    await changePerson(home, another!.id, become("LISTED"));
  });
});

describe("a node that flags records of others", () => {
  let origins: Origins;
  let origin: Origin;
  let known: Peer;
  let heard: readonly object[] = [];
  let takes = true;

  beforeAll(async () => {
    origins = await Origins.start(clock);
    origin = await origins.add(25);
    const { peering } = peer.federation!;
    known = await peering.add("operator", origin.url, null);
    await peering.setTrust("operator", known.id, "PUBLIC_ONLY", await peering.safetyNumberWith(known));
    origin.misdeed = (asked, answer) => {
      if (!asked.url!.endsWith("/flags")) return false;
      let body = "";
      asked.on("data", (piece: Buffer) => (body += piece.toString()));
      asked.on("end", () => {
        if (takes) heard = [...heard, JSON.parse(body) as object];
        answer.writeHead(takes ? 202 : 503).end();
      });
      return true;
    };
    expect(await reads(peer, known)).toBeNull();
  });
  afterAll(() => origins.close());
  beforeEach(() => {
    heard = [];
    takes = true;
  });

  const flagIts = (id: string, reason = "NOT_THIS_PERSON") =>
    flagger.ask(`mutation ($id: ID!) { flagRecord(id: $id, reason: ${reason}) }`, {
      id: localIdOf(origin.node, id),
    });

  test("tells so many in a day, tells again what was not taken, and keeps what was told no longer than the day", async () => {
    const ids = [...origin.items.keys()];
    for (const id of ids) expect((await flagIts(id)).errors).toBeUndefined();
    takes = false;
    await reads(peer, known);
    expect(heard).toEqual([]);
    takes = true;
    await reads(peer, known);
    expect(heard).toHaveLength(20);
    await reads(peer, known);
    expect(heard).toHaveLength(20);
    moment += DAY;
    await origin.publish();
    await reads(peer, known);
    expect(new Set(heard.map((one) => JSON.stringify(one)))).toHaveProperty("size", 25);
    expect(heard[0]).toEqual({
      "@context": expect.any(Array) as object,
      type: "Flag",
      object: expect.stringMatching(/^urn:uuid:/) as string,
      "cadre:reason": "NOT_THIS_PERSON",
    });
    moment += DAY;
    await peer.upkeep();
    expect(await peer.ground.database.write.query("select from base.flag_to_tell")).toEqual([]);
  });

  test("flags only what a trusted peer lists, and says nothing more once that peer is not trusted", async () => {
    const [id, gone] = [...origin.items.keys()];
    expect(refusal(await flagIts(randomUUID()))).toBe("NOT_FOUND");
    await flagIts(id!, "HARMFUL");
    await flagIts(gone!, "HARMFUL");
    await origin.withdraw(gone!);
    await reads(peer, known);
    expect(heard).toHaveLength(1);
    const { peering } = peer.federation!;
    await flagIts(id!, "DUPLICATE");
    await peering.setTrust("operator", known.id, "PAUSED", null);
    expect(refusal(await flagIts(id!, "OUT_OF_DATE"))).toBe("CONFLICT");
    await peering.setTrust("operator", known.id, "BLOCKED", null);
    const left = "select from base.flag_to_tell where peer = $1";
    expect(await peer.ground.database.write.query(left, [known.id])).toEqual([]);
    expect(heard).toHaveLength(1);
  });
});
