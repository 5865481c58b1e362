import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import type { Cast } from "../seeds/cast.js";
import { systemClock, type Clock } from "../src/clock.js";
import type { Config } from "../src/config.js";
import type { Peer, Trust } from "../src/federation/peer.js";
import { claimsOf } from "../src/federation/jws.js";
import type { Practitioner } from "../src/practitioners/practitioner.js";
import { loadPractitioners, savePractitioners } from "../src/practitioners/practitioner.store.js";
import { startTestNode, type TestNode } from "./node.js";

/** A node that other nodes can meet: it knows its own address. */
export async function startPeer(
  cast: Cast | null,
  settings: Partial<Config> = {},
  clock: Clock = systemClock,
): Promise<TestNode> {
  const port = await freePort();
  const publicUrl = `http://localhost:${port}`;
  const network = { name: cast?.network.name ?? "Test network", url: null, regions: [] };
  return startTestNode(cast, { port, publicUrl, network, privatePeers: true, ...settings }, clock);
}

/** One network invites the other, both stewards compare the number, and each trusts the other so far. */
export async function befriend(
  one: TestNode,
  other: TestNode,
  trust: Trust = "PUBLIC_ONLY",
): Promise<readonly [Peer, Peer]> {
  const [here, there] = [one.federation!.peering, other.federation!.peering];
  const { text } = await here.invite("operator", "public");
  const met = await there.add("operator", one.url, text);
  const known = (await here.all()).find(({ url }) => url === other.url)!;
  const number = await here.safetyNumberWith(known);
  await here.setTrust("operator", known.id, trust, number);
  await there.setTrust("operator", met.id, trust, number);
  return [known, met];
}

/** Changes somebody's record as its owner would, and commits. */
export async function changePerson(
  { ground: { database, home } }: TestNode,
  id: string,
  how: (person: Practitioner) => Practitioner,
): Promise<void> {
  await database.transaction(async (tx) => {
    const [person] = await loadPractitioners(tx, home, [id]);
    await savePractitioners(tx, home, [how(person!)]);
  });
}

/** A port that nobody listens on. It lies below those that systems give out by themselves, so that nobody gets it meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer()
        .once("error", () => resolve(false))
        .listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/** What a node's feed says of itself. */
export type Head = {
  readonly iss: string;
  readonly iat: number;
  readonly exp: number;
  readonly epoch: string;
  readonly seq: number;
  readonly count: number;
  readonly set: string;
  readonly floor: number;
  readonly prev_iat?: number;
};

/** One entry of a feed's list of changes. */
export type Activity = {
  readonly type: "Create" | "Update" | "Delete" | "Move";
  readonly object: { readonly id: string; readonly type: string; readonly formerType?: string };
  readonly endTime: string;
  readonly "cadre:seq": number;
  readonly "cadre:jws"?: string;
  readonly "cadre:move"?: string;
};

export type Page = {
  readonly id: string;
  readonly orderedItems: readonly Activity[];
  readonly next?: { readonly id: string };
  readonly "cadre:head"?: string;
  readonly "cadre:cursor"?: string;
};

/** Reads a node's public feed as anybody may. */
export function readerOf(url: string) {
  const base = `${url}/fed/v1/public`;
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${base}${path}`, { headers });
  const json = async <T>(address: string) => (await (await fetch(address)).json()) as T;
  const walk = async (from = `${base}/changes`): Promise<readonly Page[]> => {
    const page = await json<Page>(from);
    return page.next === undefined ? [page] : [page, ...(await walk(page.next.id))];
  };
  return {
    base,
    get,
    json,
    walk,
    head: async () => claimsOf(await (await get("/head")).text()) as Head,
    /** Everything the feed holds now, by id. */
    records: async () => {
      const activities = (await walk()).flatMap(({ orderedItems }) => orderedItems);
      return new Map(activities.map((one) => [idOf(one), one]));
    },
  };
}

export function idOf({ object }: Activity): string {
  return object.id.split("/").at(-1) ?? "";
}

/** What a record in a feed says. */
export function bodyOf(activity: Activity | undefined): Record<string, unknown> {
  return (claimsOf(activity?.["cadre:jws"] ?? "") as { body: Record<string, unknown> }).body;
}
