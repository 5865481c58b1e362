import { baobab, ceiba, yasmin, type Cast } from "../seeds/cast.js";
import { auditAbout } from "../src/audit/audit.store.js";
import { savePractitioners } from "../src/practitioners/practitioner.store.js";
import type { Practitioner } from "../src/practitioners/practitioner.js";
import { cadre, type Ended } from "./command.js";
import { seen } from "./eventually.js";
import { keyFile, startTestNode, type Answer, type Ask, type TestNode } from "./node.js";
import { changePerson, startPeer } from "./peers.js";
import { newMember, proofOf, refusal, type Member, type Town } from "./people.js";

/** A network with its node, and the steward who looks after it. Both networks have one clock, moved by hand. */
type Network = { readonly node: TestNode; readonly town: Town; readonly steward: Member };

const MINUTE = 60_000;
// Behind the machine's clock, which commands go by: what they read was never signed in their future.
let moment = Date.now() - 12 * 60 * MINUTE;
const pass = (milliseconds: number) => {
  moment += milliseconds;
};

let here: Network;
let there: Network;

async function found(cast: Cast): Promise<Network> {
  const now = () => new Date(moment);
  const node = await startPeer(cast, { trustProxy: true, relay: true }, now);
  const stranger = () => node.ask;
  const town: Town = { node, now, pass, stranger, close: () => node.close() };
  return { node, town, steward: await newMember(town, "STEWARD") };
}

beforeAll(async () => {
  [here, there] = [await found(ceiba), await found(yasmin)];
}, 60_000);
afterAll(() => Promise.all([here.node.close(), there.node.close()]));

type PeerSeen = {
  readonly id: string;
  readonly url: string;
  readonly node: string;
  readonly trust: string;
  readonly state: string;
  readonly lastSync: string | null;
  readonly behind: number | null;
  readonly problems: readonly string[];
  readonly safetyNumber: string;
  readonly shares: readonly string[];
  readonly mirror: string | null;
  readonly relayed: boolean;
  readonly network: { readonly name: string };
  readonly holds: Readonly<
    Record<"shown" | "kept" | "waiting" | "quarantined" | "hidden" | "withdrawn", number>
  >;
  readonly held: readonly { readonly id: string; readonly name: string | null; readonly state: string }[];
};
const PEER = `{ id url node shortForm trust state lastSync behind problems safetyNumber shares introducedBy mirror relayed network { name }
  holds { shown kept waiting quarantined hidden withdrawn } held(first: 100) { id kind name state problem } }`;

/** What a steward does, with proof where that is asked for. */
async function does(
  { steward, town }: Network,
  mutation: string,
  args: Record<string, unknown> = {},
  proven = false,
): Promise<Answer<{ done: unknown }>> {
  const given = proven ? { ...args, proof: await proofOf(town, steward) } : args;
  const typed = Object.keys(given).map(
    (name) => `$${name}: ${TYPES[`${mutation}.${name}`] ?? TYPES[name] ?? "ID!"}`,
  );
  const passed = Object.keys(given).map((name) => `${name}: $${name}`);
  return steward.ask(
    `mutation (${typed.join(", ")}) { done: ${mutation}(${passed.join(", ")}) ${ANSWERS[mutation] ?? PEER} }`,
    given,
  );
}
const TYPES: Readonly<Record<string, string>> = {
  url: "URL!",
  invitation: "String",
  proof: "ProofInput!",
  tier: "PeerTier!",
  trust: "PeerTrust!",
  safetyNumber: "String",
  relayed: "Boolean!",
};
const ANSWERS: Readonly<Record<string, string>> = {
  invitePeer: "{ text expires }",
  introducePeer: "{ text expires }",
  hideRecord: "{ id state }",
  showRecord: "{ id state }",
};

/** What comes of it when somebody tries who found a session and no more; whoever guesses has to wait a while. */
async function guesses(mutation: string, args: Record<string, unknown>): Promise<unknown> {
  const answer = await does(here, mutation, { ...args, proof: { password: "guessed", code: "123456" } });
  pass(20 * MINUTE);
  return refusal(answer);
}

/** As `does`, where it is to go well. */
async function did<T = PeerSeen>(...asked: Parameters<typeof does>): Promise<T> {
  const { data, errors } = await does(...asked);
  if (errors !== undefined) throw new Error(`${asked[1]}: ${errors[0]?.message}`);
  // What a mutation answers is the caller's to know.
  return data.done as T;
}

/** Reads a peer once the node is not doing so by itself. */
async function reads(network: Network, id: string): Promise<PeerSeen> {
  for (;;) {
    const answer = await does(network, "syncPeer", { id });
    if (answer.errors === undefined) return answer.data.done as PeerSeen;
    if (!/being read right now/.test(answer.errors[0]!.message)) throw new Error(answer.errors[0]!.message);
  }
}

const peersOf = async ({ steward }: Network) =>
  (await steward.ask<{ peers: readonly PeerSeen[] }>(`{ peers ${PEER} }`)).data.peers;

/** One steward gives the other an invitation, who takes it up. */
async function meet(one: Network, other: Network): Promise<PeerSeen> {
  const { text } = await did<{ text: string }>(one, "invitePeer", { tier: "PUBLIC" }, true);
  return did(other, "addPeer", { url: one.node.url, invitation: text }, true);
}

async function aliases(ask: Ask): Promise<readonly string[]> {
  const { data } = await ask<{ practitioners: { nodes: { alias: string }[] } }>(
    "{ practitioners(first: 50) { nodes { alias } } }",
  );
  return data.practitioners.nodes.map((one) => one.alias);
}

const change = ({ node }: Network, id: string, how: (person: Practitioner) => Practitioner) =>
  changePerson(node, id, how);

/** What was recorded about something, the newest first. */
async function recorded({ node }: Network, id: string): Promise<readonly string[]> {
  const page = { first: 50, skip: 0 };
  const entries = await node.ground.database.transaction((tx) => auditAbout(tx, [id], page));
  return entries.map(({ action, actor }) => `${actor.split(" ")[0]} ${action}`);
}

const openly = (cast: Cast) =>
  cast.practitioners.filter(({ audience, state }) => audience === "PUBLIC" && state === "LISTED");
const someone = openly(yasmin)[0]!;
const alias = someone.facts.alias!.value;
const aliasesOf = (cast: Cast) => openly(cast).map(({ facts }) => facts.alias!.value);

/** Everything of a peer that is left in the database. */
async function leftOf({ node }: Network, id: string): Promise<unknown> {
  const [row] = await node.ground.database.write.query<object[]>(
    `select
      (select count(*)::int from base.peer_record where peer = $1 and jws is not null) as signed,
      (select count(*)::int from base.peer_staged where peer = $1) as staged,
      (select count(*)::int from seen.listing where origin = $1) as listed`,
    [id],
  );
  return row;
}

// Each of these goes on from where the one before it ended: nodes take long to start.
describe("two stewards", () => {
  let id: string;
  let back: string;

  test("meet by an invitation, and each sees the other on probation, with the same number", async () => {
    const before = await does(here, "invitePeer", {
      tier: "PUBLIC",
      proof: { password: "wrong", code: "000000" },
    });
    expect(refusal(before)).toBe("FORBIDDEN");
    const met = await meet(there, here);
    id = met.id;
    expect(met).toMatchObject({
      url: there.node.url,
      trust: "PROBATION",
      state: "NEW",
      lastSync: null,
      behind: null,
      shares: ["PUBLIC"],
      network: { name: yasmin.network.name },
    });
    expect(met.problems).toEqual([expect.stringMatching(/safety number/)]);
    const [seenThere] = await peersOf(there);
    back = seenThere!.id;
    expect(seenThere).toMatchObject({
      url: here.node.url,
      trust: "PROBATION",
      safetyNumber: met.safetyNumber,
    });
    expect(met.safetyNumber).toMatch(/^(\d{5} ){5}\d{5}$/);
    expect(await recorded(here, id)).toEqual(["STEWARD PEER_ADDED"]);
    expect(await recorded(there, back)).toEqual(["node PEER_ADDED"]);
    expect(refusal(await does(here, "addPeer", { url: there.node.url, invitation: null }, true))).toBe(
      "CONFLICT",
    );
  });

  test("look at what a peer on probation sent, which nobody finds", async () => {
    const read = await reads(here, id);
    expect(read).toMatchObject({ trust: "PROBATION", state: "OK", behind: expect.any(Number) as number });
    expect(read.held.map(({ name }) => name)).toEqual(expect.arrayContaining([...aliasesOf(yasmin)]));
    expect(new Set(read.held.map(({ state }) => state))).toEqual(new Set(["KEPT"]));
    expect(read.holds).toMatchObject({ shown: 0, kept: read.held.length });
    expect(await aliases(here.steward.ask)).not.toContain(alias);
    const { data } = await here.steward.ask<{ practitioner: unknown }>(
      `query ($id: ID!) { practitioner(id: $id) { alias } }`,
      { id: read.held.find(({ name }) => name === alias)!.id },
    );
    expect(data?.practitioner ?? null).toBeNull();
  });

  test("trust only by proof and by the number that the other has read to them", async () => {
    const [seenThere] = await peersOf(there);
    const safetyNumber = seenThere!.safetyNumber;
    const trusting = { id, trust: "PUBLIC_ONLY" };
    expect(refusal(await does(here, "setPeer", { ...trusting, safetyNumber }))).toBe("BAD_USER_INPUT");
    for (const ending of ["BLOCKED", "RETIRED"] as const)
      expect(refusal(await does(here, "setPeer", { id, trust: ending }))).toBe("BAD_USER_INPUT");
    expect(await guesses("setPeer", { id, trust: "BLOCKED" })).toBe("FORBIDDEN");
    expect((await peersOf(here))[0]!.trust).toBe("PROBATION");
    expect(await guesses("setPeer", { ...trusting, safetyNumber })).toBe("FORBIDDEN");
    for (const number of [null, "", "12345 12345 12345 12345 12345 12345"]) {
      const { errors } = await does(here, "setPeer", { ...trusting, safetyNumber: number }, true);
      expect(errors?.[0]?.message).toMatch(/safety number/);
    }
    // Neither a pause nor a block is a way around it.
    await did(here, "setPeer", { id, trust: "PAUSED" });
    expect(refusal(await does(here, "setPeer", trusting, true))).toBe("BAD_USER_INPUT");
    expect(await aliases(here.node.ask)).not.toContain(alias);
    const trusted = await did(here, "setPeer", { ...trusting, safetyNumber }, true);
    expect(trusted).toMatchObject({ trust: "PUBLIC_ONLY", problems: [] });
    await seen(async () => (await aliases(here.node.ask)).includes(alias), true);
    expect(await recorded(here, id)).toEqual([
      "STEWARD PEER_TRUSTED",
      "STEWARD PEER_PAUSED",
      "STEWARD PEER_ADDED",
    ]);
  });

  test("find each other's people once they have read each other", async () => {
    const { safetyNumber } = (await peersOf(here))[0]!;
    await did(there, "setPeer", { id: back, trust: "PARTNER", safetyNumber }, true);
    const read = await reads(there, back);
    expect(read).toMatchObject({ state: "OK", problems: [] });
    expect(read.holds.shown).toBe(read.held.length);
    const [first] = aliasesOf(ceiba);
    await seen(async () => (await aliases(there.node.ask)).includes(first!), true);
  });

  test("hide a record here, which stays hidden whatever its origin sends", async () => {
    const local = (await peersOf(here))[0]!.held.find(({ name }) => name === alias)!.id;
    const member = await here.node.signedIn("PRACTITIONER");
    const isFound = async () =>
      [...(await aliases(here.node.ask)), ...(await aliases(member.ask))].includes(alias);
    expect(await did(here, "hideRecord", { id: local })).toEqual({ id: local, state: "HIDDEN" });
    expect(await isFound()).toBe(false);
    const again = async () => {
      pass(MINUTE);
      const read = await reads(here, id);
      expect(read.state).toBe("OK");
      expect(read.holds.hidden).toBe(1);
      expect(await isFound()).toBe(false);
    };
    await change(there, someone.id, (person) => ({ ...person, facts: { ...person.facts, pronouns: null } }));
    await again();
    // Only now it is read what they share with partners, and what was hidden before is in that feed as well.
    expect((await peersOf(here))[0]!.shares).toEqual(["PUBLIC", "PARTNERS"]);
    const partners = yasmin.practitioners.find(
      ({ audience, state }) => audience === "PARTNERS" && state === "LISTED",
    )!;
    await seen(async () => (await aliases(member.ask)).includes(partners.facts.alias!.value), true);
    expect(await isFound()).toBe(false);
    await change(there, someone.id, (person) => ({ ...person, state: "WITHDRAWN" }));
    await again();
    await change(there, someone.id, (person) => ({ ...person, state: "LISTED" }));
    await again();
    expect((await does(here, "hideRecord", { id: local })).errors).toBeUndefined();
    expect(await guesses("showRecord", { id: local })).toBe("FORBIDDEN");
    expect(await isFound()).toBe(false);
    expect(await did(here, "showRecord", { id: local }, true)).toEqual({ id: local, state: "SHOWN" });
    await seen(isFound, true);
    expect(await recorded(here, local)).toEqual(["STEWARD PEER_RECORD_SHOWN", "STEWARD PEER_RECORD_HIDDEN"]);
    const own = ceiba.practitioners[0]!.id;
    expect(refusal(await does(here, "hideRecord", { id: own }))).toBe("NOT_FOUND");
  });

  test("release what waited because so much changed at once", async () => {
    const { database, home } = there.node.ground;
    const copies = Array.from({ length: 51 }, (_, at) => ({
      ...someone,
      id: crypto.randomUUID(),
      facts: { ...someone.facts, alias: { value: `Zzz ${at}`, audience: "PUBLIC" as const } },
    }));
    await database.transaction((tx) => savePractitioners(tx, home, copies));
    pass(MINUTE);
    const read = await reads(here, id);
    expect(read.holds.waiting).toBe(51);
    expect(read.problems).toEqual([expect.stringMatching(/look at what waits \(51\)/)]);
    const { data } = await here.steward.ask<{ peer: PeerSeen }>(
      "query ($id: ID!) { peer(id: $id) { held(first: 2, state: WAITING) { id name state } } }",
      { id },
    );
    expect(data.peer.held).toHaveLength(2);
    expect(data.peer.held[0]!.name).toMatch(/^Zzz/);
    const total = async () =>
      (await here.node.ask<{ practitioners: { totalCount: number } }>("{ practitioners { totalCount } }"))
        .data.practitioners.totalCount;
    const before = await total();
    expect((await does(here, "releaseWaiting", { peer: id })).errors).toBeDefined();
    expect(await total()).toBe(before);
    const released = await did(here, "releaseWaiting", { peer: id }, true);
    expect(released).toMatchObject({ problems: [], holds: { waiting: 0 } });
    await seen(total, before + 51);
    expect(await recorded(here, id)).toContain("STEWARD PEER_RELEASED");
  });

  test("pass a peer's feed on only by proof, and stop by a word", async () => {
    const { node: theirs } = (await peersOf(here))[0]!;
    const asked = async () => (await fetch(`${here.node.url}/fed/v1/relay/${theirs}/public/head`)).status;
    expect(refusal(await does(here, "relayPeer", { id, relayed: true }))).toBe("BAD_USER_INPUT");
    const careless = { ...here, steward: await newMember(here.town, "STEWARD") };
    const proof = { password: "guessed", code: "123456" };
    expect(refusal(await does(careless, "relayPeer", { id, relayed: true, proof }))).toBe("FORBIDDEN");
    expect(await asked()).toBe(404);
    expect(await did(here, "relayPeer", { id, relayed: true }, true)).toMatchObject({
      relayed: true,
      mirror: null,
    });
    expect(await asked()).toBe(200);
    expect(await did(here, "relayPeer", { id, relayed: false })).toMatchObject({ relayed: false });
    expect(await asked()).toBe(404);
    expect((await recorded(here, id)).slice(0, 2)).toEqual([
      "STEWARD PEER_NOT_RELAYED",
      "STEWARD PEER_RELAYED",
    ]);
  });

  test("nobody but stewards and admins is told of peers, or may change anything about them", async () => {
    const questions = [
      "{ peers { id } }",
      `{ peer(id: "${id}") { id url } }`,
      `mutation { syncPeer(id: "${id}") { id } }`,
      `mutation { setPeer(id: "${id}", trust: BLOCKED) { id } }`,
      `mutation { hideRecord(id: "${id}") { id } }`,
      `mutation { relayPeer(id: "${id}", relayed: false) { id } }`,
    ];
    for (const role of ["SEEKER", "FUNDER", "PRACTITIONER"] as const) {
      const { ask } = await here.node.signedIn(role);
      for (const question of questions) expect(refusal(await ask(question))).toBe("FORBIDDEN");
    }
    for (const question of questions) expect(refusal(await here.node.ask(question))).toBe("UNAUTHENTICATED");
    const admin = await here.node.signedIn("ADMIN");
    expect((await admin.ask<{ peers: object[] }>("{ peers { id } }")).data.peers).toHaveLength(1);
    expect(refusal(await admin.ask(`{ peer(id: "${crypto.randomUUID()}") { id } }`))).toBe("NOT_FOUND");
  });

  test("block a peer while it is being read: everything of it is gone, and nothing comes after", async () => {
    const hidden = (await peersOf(here))[0]!.held.find(({ name }) => name === alias)!.id;
    await did(here, "hideRecord", { id: hidden });
    await change(there, someone.id, (person) => ({ ...person, facts: { ...person.facts, about: null } }));
    pass(MINUTE);
    let blocked = false;
    const read = await here.node.federation!.peering.sync(id, async () => {
      if (!blocked) await did(here, "setPeer", { id, trust: "BLOCKED" }, true);
      blocked = true;
    });
    expect(read?.problem).toBe("STOPPED");
    expect(await leftOf(here, id)).toEqual({ signed: 0, staged: 0, listed: 0 });
    for (const name of aliasesOf(yasmin)) expect(await aliases(here.steward.ask)).not.toContain(name);
    expect(refusal(await does(here, "syncPeer", { id }))).toBe("CONFLICT");
    expect(await recorded(here, id)).toContain("STEWARD PEER_BLOCKED");
    // Should they ever trust it again, what they had hidden stays so.
    const { safetyNumber } = (await peersOf(here))[0]!;
    await did(here, "setPeer", { id, trust: "PUBLIC_ONLY", safetyNumber }, true);
    const again = await reads(here, id);
    expect(again.state).toBe("OK");
    expect(again.held.find((one) => one.id === hidden)).toMatchObject({ state: "HIDDEN", name: alias });
    await seen(async () => (await aliases(here.node.ask)).length > openly(ceiba).length, true);
    expect(await aliases(here.node.ask)).not.toContain(alias);
  });
});

test("a node that others could not meet says which setting it lacks", async () => {
  const node = await startTestNode(null);
  const steward = await node.signedIn("STEWARD");
  const { errors } = await steward.ask("{ peers { id } }");
  await node.close();
  expect(errors?.[0]).toMatchObject({
    message: expect.stringMatching(/Set PUBLIC_URL/) as string,
    extensions: { code: "UNAVAILABLE" },
  });
});

describe("from the command line", () => {
  const from =
    ({ node }: Pick<Network, "node">) =>
    (...args: readonly string[]): Promise<Ended> =>
      cadre(["peer", ...args], {
        NODE_ENV: "production",
        DATABASE_URL: node.databaseUrl,
        KEY_FILE: keyFile,
        PUBLIC_URL: node.url,
        PRIVATE_PEERS: "true",
      });
  let third: Pick<Network, "node">;
  beforeAll(async () => {
    third = { node: await startPeer(baobab) };
  });
  afterAll(() => third.node.close());

  const numberIn = ({ said }: Ended) => /safety number {2}([\d ]{35})/.exec(said)?.[1] ?? "";

  test("a steward meets, trusts, reads, pauses and blocks a peer beside the running node", async () => {
    const [ours, theirs] = [from(here), from(third)];
    expect((await theirs("list")).said).toMatch(/knows no other yet/);
    const invited = await ours("invite", "--tier", "public");
    expect([invited.status, invited.complained]).toEqual([0, expect.stringMatching(/works once, until/)]);
    const added = await theirs("add", here.node.url, "--invitation", invited.said.trim());
    expect([added.status, added.complained]).toEqual([0, expect.stringMatching(/what everybody may see/)]);
    expect(added.said).toMatch(/probation; new, not read yet; no records/);
    const number = numberIn(await ours("show", third.node.url));
    expect(number).toBe(numberIn(added));
    const wrong = await theirs("trust", here.node.url, "--as", "partner", "--number", "1".repeat(30));
    expect([wrong.status, wrong.said]).toEqual([1, ""]);
    expect(wrong.complained).toMatch(/^Compare the safety number/);
    const trusted = await theirs("trust", here.node.url, "--as", "public-only", "--number", number);
    expect([trusted.status, trusted.complained]).toEqual([0, ""]);
    const read = await theirs("sync", "--all");
    expect([read.status, read.said]).toEqual([
      0,
      expect.stringMatching(/ \d+ shown\n {2}public: (\d+ taken|nothing new)/),
    ]);
    expect(read.complained).toMatch(/^Reading http/);
    const [alias] = aliasesOf(ceiba);
    await seen(async () => (await aliases(third.node.ask)).includes(alias!), true);
    expect((await theirs("relay", here.node.url, "on")).said).toMatch(/passed on {6}to whoever asks/);
    expect((await theirs("relay", here.node.url, "off")).said).not.toMatch(/passed on/);
    expect((await theirs("pause", here.node.url)).said).toMatch(/paused/);
    await seen(async () => (await aliases(third.node.ask)).includes(alias!), false);
    const refused = await theirs("sync", here.node.url);
    expect([refused.status, refused.complained]).toEqual([
      1,
      expect.stringMatching(/is paused, and is not read/),
    ]);
    const blocked = await theirs("block", here.node.url);
    expect(blocked.said).toMatch(/blocked; ok, .*; no records/);
    expect((await theirs("show", "https://nobody.example.org")).complained).toMatch(/knows no such peer/);
  }, 120_000);

  test("says which setting is missing, and which is another than the node's", async () => {
    const env = { NODE_ENV: "production", DATABASE_URL: here.node.databaseUrl, KEY_FILE: keyFile };
    const without = await cadre(["peer", "list"], env);
    expect([without.status, without.complained]).toEqual([1, expect.stringMatching(/Set PUBLIC_URL/)]);
    const other = await cadre(["peer", "list"], { ...env, PUBLIC_URL: "https://elsewhere.example.org" });
    expect([other.status, other.complained]).toEqual([
      1,
      expect.stringMatching(/is met at .* and these settings say/),
    ]);
  }, 60_000);
});
