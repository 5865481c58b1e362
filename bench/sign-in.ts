/**
 * Shows that signing in takes the same time for an address that has an account and for one that has none: failures of both kinds
 * in random order, through HTTP, and the ratio of their medians. `node dist/bench/sign-in.js`, or with `--times 500`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { addressMac } from "../src/accounts/address.js";
import { createAccount } from "../src/accounts/account.store.js";
import { hashPassword } from "../src/accounts/password.js";
import { authenticatorSecret } from "../src/accounts/second-factor.js";
import { readConfig } from "../src/config.js";
import { openLog } from "../src/log.js";
import { openGround } from "../src/ground.js";
import { startNode } from "../src/node.js";
import { randomFor } from "./random.js";
import { median } from "./report.js";

const { values } = parseArgs({ options: { times: { type: "string", default: "200" } } });
const times = Number(values.times);
const log = openLog("warn");
const folder = await mkdtemp(join(tmpdir(), "cadre-sign-in-"));
const config = readConfig({ DATA_DIR: folder, PORT: "0", TRUST_PROXY: "true" });
const password = "copper kettle on the ridge";

const node = await startNode(config, log);
const ground = await openGround(config, "guest-or-owner", log);
try {
  const known: string[] = [];
  for (let one = 0; one < times; one++) known.push(await member(`known-${one}@example.org`));
  const unknown = known.map((address) => address.replace("known", "other"));
  const taken: Record<"known" | "unknown", number[]> = { known: [], unknown: [] };
  const random = randomFor(1, "sign-in");
  // Each address fails once: nobody has to wait.
  for (let one = 0; one < times; one++) {
    const pair = [
      ["known", known[one]],
      ["unknown", unknown[one]],
    ] as const;
    for (const [kind, address] of random() < 0.5 ? pair : pair.toReversed())
      taken[kind].push(await fail(address ?? "", taken.known.length + taken.unknown.length));
  }
  const [one, other] = [median(taken.known), median(taken.unknown)];
  console.log(
    `known ${one.toFixed(2)} ms, unknown ${other.toFixed(2)} ms, ratio ${(one / other).toFixed(3)}`,
  );
} finally {
  await node.close();
  await ground.close();
  await rm(folder, { recursive: true, force: true });
}

async function member(address: string): Promise<string> {
  const { database, home } = ground;
  const mac = addressMac(home, address);
  const hashed = await hashPassword(home, mac, password);
  const draft = {
    role: "SEEKER",
    address: mac,
    password: hashed,
    secret: authenticatorSecret(home, address),
    step: 0,
  } as const;
  await database.transaction((tx) => createAccount(tx, home, draft));
  return address;
}

/** How long, in milliseconds, one failure takes to be told. */
async function fail(address: string, source: number): Promise<number> {
  const query = "mutation ($input: SignInInput!) { signIn(input: $input) { token } }";
  const began = performance.now();
  const response = await fetch(`${node.url}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-forwarded-for": `198.51.${source >> 8}.${source & 255}`,
    },
    body: JSON.stringify({
      query,
      variables: { input: { address, password: "not this one", code: "123456" } },
    }),
  });
  const told = await response.text();
  if (!told.includes("UNAUTHENTICATED")) throw new Error("a failure was not refused as one");
  return performance.now() - began;
}
