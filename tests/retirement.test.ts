import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { ceiba, yasmin } from "../seeds/cast.js";
import { dayOf, daysAfter } from "../src/clock.js";
import { identityCommands } from "../src/commands/identity.js";
import { networkIdOf } from "../src/federation/node-id.js";
import type { Peer } from "../src/federation/peer.js";
import type { Ended } from "./command.js";
import { listed } from "./entries.js";
import { seen } from "./eventually.js";
import { keyFile, type TestNode } from "./node.js";
import { Origins, type Origin } from "../src/conformance/origins.js";
import { befriend, readerOf, startPeer } from "./peers.js";

const DAY = 86_400_000;

/** The node that ends, one that reads it, and one clock for both: that of the machine, by which commands go, and then on. */
let moment = Date.now();
let folder: string;
let ledger: string;
let there: TestNode;
let here: TestNode;
let peer: Peer;
let origins: Origins;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cadre-retirement-"));
  ledger = join(folder, "withdrawals.jsonl");
  const clock = () => new Date(moment);
  there = await startPeer(ceiba, { ledgerFile: ledger }, clock);
  here = await startPeer(yasmin, {}, clock);
  await here.federation!.harvester.stop();
  [peer] = await befriend(here, there, "PARTNER");
  origins = await Origins.start(clock);
}, 60_000);
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await origins.close();
  await rm(folder, { recursive: true });
});

async function identity(...args: readonly string[]): Promise<Ended> {
  const ended = { status: 0, said: "", complained: "" };
  const settings = {
    NODE_ENV: "production",
    DATABASE_URL: there.databaseUrl,
    KEY_FILE: keyFile,
    PUBLIC_URL: there.url,
    NETWORK_NAME: ceiba.network.name,
  };
  const commands = identityCommands({
    settings,
    say: (text) => void (ended.said += `${text}\n`),
    complain: (text) => void (ended.complained += `${text}\n`),
    fail: (status) => void (ended.status = status),
  });
  await new Command("cadre").addCommand(commands).parseAsync(["identity", ...args], { from: "user" });
  return ended;
}

type Told = { readonly trust: string; readonly state: string; readonly problems: readonly string[] };

/** What a steward of the reader is told of a peer. */
async function told(id = peer.id): Promise<Told> {
  const { ask } = await here.signedIn("STEWARD");
  const { data } = await ask<{ peer: Told }>("query ($id: ID!) { peer(id: $id) { trust state problems } }", {
    id,
  });
  return data.peer;
}

async function sync(id = peer.id): Promise<void> {
  moment += 1000;
  await here.federation!.peering.sync(id);
}

async function peopleOf(node: TestNode, network: string): Promise<number> {
  const { data } = await node.ask<{
    practitioners: { nodes: readonly { provenance: { network: { name: string } } }[] };
  }>("{ practitioners(first: 50) { nodes { provenance { network { name } } } } }");
  return data.practitioners.nodes.filter(({ provenance }) => provenance.network.name === network).length;
}

const openly = ceiba.practitioners.filter(
  ({ audience, state }) => audience === "PUBLIC" && state === "LISTED",
);
const shownHere = () => peopleOf(here, ceiba.network.name);

describe("a node that ends", () => {
  test("says on which day, to its peers' stewards, and may take it back until then", async () => {
    await sync();
    await seen(shownHere, openly.length);
    const before = await told();
    const at = daysAfter(dayOf(new Date()), 30);
    expect(await identity("retire", "--successor", "https://next.example.org")).toMatchObject({
      status: 0,
      said: expect.stringContaining(`ends for others on ${at}`) as string,
    });
    expect((await identity()).said).toMatch(/^Ends .* https:\/\/next\.example\.org goes on/m);
    await sync();
    expect((await told()).problems).toEqual([
      `It ends on ${at}. It says that its successor is https://next.example.org; ask its steward before you trust that one.`,
    ]);
    expect(await shownHere()).toBe(openly.length);
    expect((await identity("unretire")).status).toBe(0);
    await sync();
    expect(await told()).toEqual(before);
    expect((await identity("unretire")).complained).toContain("nothing to take back");
  });

  test("refuses a day that has passed, what is no day, and a successor that leads nowhere", async () => {
    const refusals = [
      await identity("retire", "--at", daysAfter(dayOf(new Date()), -1)),
      await identity("retire", "--at", "soon"),
      await identity("retire", "--successor", "our friends in the north"),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([1, 1, 1]);
    expect(refusals.map(({ complained }) => complained.split(" ").slice(0, 3).join(" "))).toEqual([
      "A node ends",
      "--at wants a",
      "--successor wants the",
    ]);
  });

  test("has nothing to tell from that day on, and is hidden and retired where its last head is read", async () => {
    const at = daysAfter(dayOf(new Date()), 2);
    expect((await identity("retire", "--at", at)).status).toBe(0);
    const feed = readerOf(there.url);
    const somebody = openly[0]!.id;
    await sync();
    expect((await feed.get(`/records/${somebody}`)).status).toBe(200);
    moment = Date.parse(`${at}T00:00:00Z`);
    expect(await feed.head()).toMatchObject({ count: 0, set: "Donn7XTJpZRMiGWF1jTjxo9NzNCjGWj-UtbfCHPM3sY" });
    expect((await feed.get(`/records/${somebody}`)).status).toBe(410);
    expect([...(await feed.records()).values()].map(({ type }) => type)).toEqual(
      expect.not.arrayContaining(["Create", "Update"]),
    );
    expect(await shownHere()).toBe(openly.length);
    await sync();
    await seen(shownHere, 0);
    expect(await told()).toMatchObject({
      trust: "RETIRED",
      state: "RETIRED",
      problems: [`It ended on ${at}. It names nobody who goes on in its place.`],
    });
    // Commands go by the machine's clock, on which that day has not come.
    await there.ground.database.write.query("update seen.retirement set at = now()");
    expect((await identity("unretire")).complained).toContain("has ended for others");
    expect((await identity("retire", "--at", daysAfter(at, 9))).complained).toContain("has ended for others");
    await there.ground.database.write.query("update seen.retirement set at = $1", [at]);
  });

  test("goes on as a directory for its own network, and whoever joins it now is told to nobody", async () => {
    expect(await peopleOf(there, ceiba.network.name)).toBe(openly.length);
    const person = await listed(there, { alias: "Late" }, [["ENTRY", "PUBLIC"]]);
    await seen(() => peopleOf(there, ceiba.network.name), openly.length + 1);
    expect(await readerOf(there.url).head()).toMatchObject({ count: 0 });
    expect((await readerOf(there.url).records()).has(person.id)).toBe(false);
  });

  test("is no withdrawal of anybody: nobody is written down as one who left", async () => {
    const written = await readFile(ledger, "utf8");
    for (const { id } of openly) expect(written).not.toContain(id);
  });

  test("answers for thirty days that its feeds are empty, and then that there are none", async () => {
    const paths = [
      "/head",
      "/changes",
      "/collection",
      "/page/1",
      "/buckets",
      "/buckets/7",
      `/records/${openly[0]!.id}`,
    ];
    const statuses = async () =>
      Promise.all(paths.map(async (path) => (await readerOf(there.url).get(path)).status));
    moment += 29 * DAY;
    expect(await statuses()).toEqual([200, 200, 200, 200, 200, 200, 410]);
    moment += 2 * DAY;
    expect(await statuses()).toEqual(paths.map(() => 410));
    const response = await fetch(`${there.url}/fed/v1/partners/head`);
    expect(await response.json()).toMatchObject({ type: "urn:cadre:problem:retired" });
    expect((await fetch(`${there.url}/.well-known/openid-federation`)).status).toBe(200);
  });
});

describe("a peer that says it ends", () => {
  let origin: Origin;
  const id = () => networkIdOf(origin.node);

  beforeEach(async () => {
    origin = await origins.add(3);
    const { peering } = here.federation!;
    await peering.add("operator", origin.url, null);
    const number = await peering.safetyNumberWith(await peering.one(id()));
    await peering.setTrust("operator", id(), "PUBLIC_ONLY", number);
    await sync(id());
  });

  test("is read as before while anything stands in its feed, and while its day has not come", async () => {
    origin.retires({ at: new Date(moment - DAY), successor: null });
    await sync(id());
    expect((await told(id())).trust).toBe("PUBLIC_ONLY");
    origin.retires({ at: new Date(moment + DAY), successor: null });
    await origin.withdraw(...origin.items.keys());
    await sync(id());
    expect((await told(id())).trust).toBe("PUBLIC_ONLY");
    moment += 2 * DAY;
    await origin.publish();
    await sync(id());
    expect((await told(id())).trust).toBe("RETIRED");
  });

  test("is retired when it is gone after its day, and one that is only empty or gone is not", async () => {
    const gone: Origin["misdeed"] = (asked, answer) => {
      if (!asked.url?.endsWith("/head")) return false;
      answer.writeHead(410).end();
      return true;
    };
    origin.misdeed = gone;
    await sync(id());
    expect((await told(id())).trust).toBe("PUBLIC_ONLY");
    origin.misdeed = null;
    await origin.withdraw(...origin.items.keys());
    await sync(id());
    expect((await told(id())).trust).toBe("PUBLIC_ONLY");
    origin.retires({ at: new Date(moment - DAY), successor: "javascript:alert(1)" });
    origin.misdeed = gone;
    await sync(id());
    expect(await told(id())).toMatchObject({ trust: "RETIRED" });
    // What leads to no node is not told to anybody.
    expect((await told(id())).problems.join()).toContain("It names nobody who goes on in its place.");
  });
});
