import { randomUUID } from "node:crypto";
import { ceiba, yasmin } from "../seeds/cast.js";
import { loadIdentity } from "../src/federation/identity.store.js";
import { sign, type SigningKey } from "../src/federation/jws.js";
import { nodeIdOf, shortForm } from "../src/federation/node-id.js";
import type { Peer, Trust } from "../src/federation/peer.js";
import { signRequest } from "../src/federation/request-signature.js";
import { makeKey, signingKey } from "../src/federation/signing-key.js";
import { statementClaims } from "../src/federation/statement.js";
import { cadre } from "./command.js";
import { keyFile, type TestNode } from "./node.js";
import { Origins, type Origin } from "../src/conformance/origins.js";
import { befriend, startPeer } from "./peers.js";

const DAY = 86_400_000;

/** A node, an honest peer of it, and one that says of itself what is another's. */
let here: TestNode;
let there: TestNode;
let honest: Peer;
let origins: Origins;
let evil: Origin;
let impostor: Peer;

beforeAll(async () => {
  [here, there] = await Promise.all([startPeer(ceiba), startPeer(yasmin)]);
  origins = await Origins.start();
  await here.federation!.harvester.stop();
  honest = (await befriend(here, there))[0];
  evil = await origins.add();
  evil.name = "Rеd  Cеibá";
  evil.keys = [(await keysOf(there)).feedKeys[0]!, ...evil.keys];
  impostor = await peering().add("operator", evil.url, null);
}, 60_000);
afterAll(async () => {
  await Promise.all([here, there].map((node) => node.close()));
  await origins.close();
});

const peering = () => here.federation!.peering;
const keysOf = ({ ground: { database, home } }: TestNode) =>
  database.transaction((tx) => loadIdentity(tx, home));
const trust = async (peer: Peer, as: Trust) =>
  peering().setTrust("operator", peer.id, as, await peering().safetyNumberWith(peer));

/** What the node answers to somebody who signs for a node by a key. */
async function asks(node: string, key: SigningKey, path: string, body?: string): Promise<number> {
  const [url, method] = [`${here.url}${path}`, body === undefined ? "GET" : "POST"];
  const headers = await signRequest(key, { node, method, url, body });
  return (await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) })).status;
}

describe("a peer that names another's key as its own", () => {
  const head = "/fed/v1/partners/head";

  test("neither lends that other what it may read, nor takes it away", async () => {
    const { node, feed } = await keysOf(there);
    await trust(impostor, "PARTNER");
    expect(await asks(node, feed, head)).toBe(401);
    await trust(honest, "PARTNER");
    await trust(impostor, "PAUSED");
    expect(await asks(node, feed, head)).toBe(200);
    expect(await asks(evil.node, feed, head)).toBe(401);
    expect(await asks(node, evil.feed, head)).toBe(401);
  });

  test("is answered like a stranger when it signs for somebody else", async () => {
    const url = `${here.url}${head}`;
    const stranger = await signingKey(await makeKey());
    const answers = await Promise.all(
      [honest.node, evil.node, nodeIdOf(stranger.thumbprint), "nobody"].map(async (node) => {
        const answer = await fetch(url, {
          headers: await signRequest(stranger, { node, method: "GET", url }),
        });
        const kept = [...answer.headers].filter(([name]) => name !== "date");
        return JSON.stringify([answer.status, kept, await answer.text()]);
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^\[401/);
  });
});

describe("a peering", () => {
  /** Sends an invitation back, as a new node that says it is met at this address. */
  async function takeUp(invitation: string, url: string): Promise<number> {
    const [root, feed] = [await signingKey(await makeKey()), await signingKey(await makeKey())];
    const [node, now] = [nodeIdOf(root.thumbprint), new Date()];
    const claims = statementClaims({
      node,
      url,
      network: { name: "Somebody", regions: [] },
      root,
      feedKeys: [{ ...feed, ends: null, revoked: null }],
      chain: [],
      feeds: {},
      custody: "online",
      relay: false,
      retiring: null,
      vocabulary: [],
      issued: now,
      expires: new Date(now.getTime() + DAY),
    });
    const statement = await sign("entity-statement+jwt", claims, root);
    return asks(node, feed, "/fed/v1/peerings", JSON.stringify({ invitation, statement }));
  }

  test("is taken up only by the node that is met at the address it names, and leaves the invitation to that", async () => {
    const { text } = await peering().invite("operator", "public");
    const third = await startPeer(null);
    for (const url of [third.url, there.url, evil.url, "http://localhost:1"])
      expect(await takeUp(text, url)).toBe(403);
    expect((await peering().all()).map(({ url }) => url).sort()).toEqual([there.url, evil.url].sort());
    await third.federation!.peering.add("operator", here.url, text);
    expect((await peering().all()).map(({ url }) => url)).toContain(third.url);
    await third.close();
  });

  test("that nobody was invited to is refused while somebody else holds the node's keys, and fetches nothing", async () => {
    const { identity } = await peering().parts.own.now();
    const claims = { iss: identity.node, url: here.url, jti: randomUUID(), tier: "public", exp: 4e9 };
    const invitation = await sign("vnd.cadre.invitation+jwt", claims, identity.feed);
    const before = origins.requests;
    await here.ground.database.transaction(async (tx) => {
      await tx.query("select pg_advisory_xact_lock(hashtext('cadre identity'))");
      expect(await takeUp(invitation, evil.url)).toBe(403);
    });
    expect(origins.requests).toBe(before);
  });
});

describe("who looks like another", () => {
  test("has the short form of its node behind its name", async () => {
    const steward = await here.signedIn("STEWARD");
    const { data } = await steward.ask<{ peers: { id: string; network: { name: string } }[] }>(
      "{ peers { id network { name } } }",
    );
    const names = new Map(data.peers.map(({ id, network }) => [id, network.name]));
    expect(names.get(impostor.id)).toBe(`Rеd  Cеibá (${shortForm(evil.node)})`);
    expect(names.get(honest.id)).toBe(yasmin.network.name);
  });

  test("is not taken for the other at one address: a command wants the id", async () => {
    await here.ground.database.write.query("update base.peer set url = $1 where id = $2", [
      there.url,
      impostor.id,
    ]);
    const peer = (...args: readonly string[]) =>
      cadre(["peer", ...args], {
        NODE_ENV: "production",
        DATABASE_URL: here.databaseUrl,
        KEY_FILE: keyFile,
        PUBLIC_URL: here.url,
      });
    const unclear = await peer("block", there.url);
    expect([unclear.status, unclear.said]).toEqual([1, ""]);
    for (const { id, node } of [honest, impostor])
      expect(unclear.complained).toContain(`${id}  ${there.url}  ${shortForm(node)}`);
    expect((await peer("show", shortForm(evil.node))).said).toContain(impostor.id);
    expect((await peering().all()).map(({ trust }) => trust)).not.toContain("BLOCKED");
  }, 30_000);
});
