import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { pino } from "pino";
import { Client } from "pg";
import { ceiba } from "../seeds/cast.js";
import { readConfig, type Config } from "../src/config.js";
import { identityCommands } from "../src/commands/identity.js";
import type { Shell } from "../src/commands/running.js";
import { loadCast } from "../src/demo.js";
import { readEntry } from "../src/federation/entry.js";
import { readHead } from "../src/federation/head.js";
import { claimsOf } from "../src/federation/jws.js";
import { readStatement, type Statement } from "../src/federation/statement.js";
import { openGround, type Ground } from "../src/ground.js";
import { openLog } from "../src/log.js";
import { startNode, type Node } from "../src/node.js";
import { loadPractitioners, savePractitioners } from "../src/practitioners/practitioner.store.js";
import { cadre, type Ended } from "./command.js";
import { cloneDatabase, type TestDatabase } from "./database.js";
import { keyFile } from "./node.js";
import { freePort, idOf, readerOf } from "./peers.js";
import { readMasterKeys } from "../src/storage/master-key.js";

const DAY = 86_400_000;
const quetzal = ceiba.practitioners[0]!;

let folder: string;
let database: TestDatabase;
let config: Config;
let ground: Ground;
let node: Node;
/** How far the node's clock is ahead of the machine's, which commands go by. */
let ahead: number;
let warned: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cadre-identity-"));
  database = await cloneDatabase();
  ahead = 0;
  warned = "";
  await readMasterKeys(keyFile, true);
  config = readConfig({ ...environment(), PORT: String(await freePort()) });
  config = { ...config, publicUrl: `http://localhost:${config.port}` };
  ground = await openGround(config, "guest-or-owner", openLog("silent"), clock);
  await ground.database.transaction((tx) => loadCast(tx, ground.home, ceiba));
  await begin();
});
afterEach(async () => {
  await node.close();
  await ground.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

const clock = () => new Date(Date.now() + ahead);

function environment(): Record<string, string> {
  return {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    DATABASE_URL: database.url,
    KEY_FILE: keyFile,
    NETWORK_NAME: "Red Ceiba",
  };
}

async function begin(settings: Partial<Config> = {}): Promise<void> {
  const log = pino({ level: "warn" }, { write: (line: string) => (warned += line) });
  node = await startNode({ ...config, ...settings }, log, clock);
}

/** A command as the program runs it, without starting a program for each. */
async function identity(...args: readonly string[]): Promise<Ended> {
  return inEnvironment({ ...environment(), PUBLIC_URL: config.publicUrl ?? "" }, ["identity", ...args]);
}

async function inEnvironment(settings: Record<string, string>, args: readonly string[]): Promise<Ended> {
  const ended = { status: 0, said: "", complained: "" };
  const shell: Shell = {
    settings,
    say: (text) => void (ended.said += `${text}\n`),
    complain: (text) => void (ended.complained += `${text}\n`),
    fail: (status) => void (ended.status = status),
  };
  await new Command("cadre").addCommand(identityCommands(shell)).parseAsync([...args], { from: "user" });
  return ended;
}

/** What went well, and said nothing but its answer. */
async function done(...args: readonly string[]): Promise<string> {
  const { status, said, complained } = await identity(...args);
  expect([status, complained]).toEqual([0, ""]);
  return said;
}

const file = (name: string) => join(folder, name);
const served = async () => await (await fetch(`${node.url}/.well-known/openid-federation`)).text();
const statement = async (): Promise<Statement> => readStatement(await served());
const thumbprints = async () => (await statement()).feedKeys.map(({ thumbprint }) => thumbprint);
const keysOf = ({ feedKeys }: Statement) => new Map(feedKeys.map((key) => [key.thumbprint, key]));

/** By which keys the node's feed is signed now, each signature verified by what its statement says. */
async function signers(): Promise<{
  readonly head: string;
  readonly records: ReadonlyMap<string, string>;
}> {
  const feed = readerOf(node.url);
  const keys = keysOf(await statement());
  const records = [...(await feed.records()).values()].filter((one) => one["cadre:jws"] !== undefined);
  const read = await Promise.all(
    records.map(async (one) => [idOf(one), (await readEntry(one["cadre:jws"]!, keys)).signedBy] as const),
  );
  const { signedBy } = await readHead(await (await feed.get("/head")).text(), keys);
  return { head: signedBy, records: new Map(read) };
}

const whoSigned = async () => [...new Set([...(await signers()).records.values()])];

async function sql(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client(database.url);
  await client.connect();
  return client
    .query<Record<string, unknown>>(text)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}

async function deeds(): Promise<readonly unknown[]> {
  const rows = await sql(
    "select actor || ' ' || action as deed from base.audit where action ~ 'KEY|ROOT|IDENTITY' order by seq",
  );
  return rows.map(({ deed }) => deed);
}

/** Everything that is in the database, as text. */
async function dump(): Promise<string> {
  const tables = await sql(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('base', 'seen')",
  );
  const rows = await Promise.all(
    tables.map(({ name }) => sql(`select one::text as text from ${String(name)} one`)),
  );
  return JSON.stringify(rows);
}

type RootFile = { readonly d: string; readonly kid: string; readonly node: string };
const rootFile = async (name: string) => JSON.parse(await readFile(file(name), "utf8")) as RootFile;

/** From a request to what is served. */
async function ceremony(...more: readonly string[]): Promise<Ended> {
  await writeFile(file("request"), await done("request"));
  const signed = await signOffline("request", ...more);
  await writeFile(file("signed"), signed.said);
  await done("install", file("signed"));
  return signed;
}

/** Where there is no database and nothing is set. */
async function signOffline(request: string, ...more: readonly string[]): Promise<Ended> {
  return inEnvironment({}, ["identity", "sign", file(request), "--root", file("root"), ...more]);
}

async function refused(sentence: RegExp, ...args: readonly string[]): Promise<void> {
  const before = await served();
  const { status, said, complained } = await identity(...args);
  expect([status, said]).toEqual([1, ""]);
  expect(complained).toMatch(sentence);
  expect(complained).not.toMatch(/\n {4}at /);
  expect(await served()).toBe(before);
}

describe("cadre identity", () => {
  test("says who the node is, by which keys it signs, and what to do next", async () => {
    const { node: id, root, feedKeys } = await statement();
    const said = await done();
    for (const told of [id, root.thumbprint, feedKeys[0]!.thumbprint, config.publicUrl ?? ""])
      expect(said).toContain(told);
    expect(said).toMatch(/Short form {2}[a-z2-7]{26}\n/);
    expect(said).toMatch(/on this node/);
    expect(said).toMatch(/take-root-out/);
    expect(
      (await cadre(["identity", "show"], { ...environment(), PUBLIC_URL: config.publicUrl ?? "" })).said,
    ).toBe(said);
  });

  test("wants to know where others meet the node before it signs anything about that", async () => {
    for (const args of [["rotate"], ["rotate-root"], ["take-root-out", file("root")], ["request"]]) {
      const { status, complained } = await inEnvironment(environment(), ["identity", ...args]);
      expect([args, status]).toEqual([args, 1]);
      expect(complained).toMatch(/PUBLIC_URL is not set/);
    }
    expect((await inEnvironment(environment(), ["identity"])).said).toMatch(/Set PUBLIC_URL/);
  });

  test("a node whose name no peer would take does not start, and says which setting it is", async () => {
    await node.close();
    await expect(begin({ network: { ...config.network, name: "Red\u001b[2KCeiba" } })).rejects.toThrow(
      /NETWORK_NAME/,
    );
    await begin();
  });

  test("each of what was done is in the audit log, and nothing else", async () => {
    const [key] = await thumbprints();
    await done("rotate");
    await done("revoke", key!, "--since", "2026-01-01", "--reason", "lost");
    await done("rotate-root");
    await done("take-root-out", file("root"));
    const signed = "operator IDENTITY_SIGNED";
    expect(await deeds()).toEqual([
      "node IDENTITY_SIGNED",
      ...["operator FEED_KEY_ROTATED", signed],
      ...["operator FEED_KEY_REVOKED", signed],
      ...["operator ROOT_ROTATED", signed],
      ...["operator ROOT_TAKEN_OUT", signed],
    ]);
  });
});

describe("rotating a feed key", () => {
  test("tells of the new one a week before it signs, and what the old one signed stays good", async () => {
    const [old] = await thumbprints();
    expect(await whoSigned()).toEqual([old]);
    expect(await done("rotate")).toMatch(/in 7 days/);
    const [, next] = await thumbprints();
    const ends = (await statement()).feedKeys[0]?.ends?.getTime() ?? 0;
    expect(Math.abs(ends - Date.now() - 7 * DAY)).toBeLessThan(60_000);
    expect(await signers()).toMatchObject({ head: old });
    ahead = 8 * DAY;
    await ground.database.transaction(async (tx) => {
      const [person] = await loadPractitioners(tx, ground.home, [quetzal.id]);
      await savePractitioners(tx, ground.home, [
        {
          ...person!,
          facts: { ...person!.facts, pronouns: { value: "elle", audience: "PUBLIC" } },
        },
      ]);
    });
    const now = await signers();
    expect([now.head, now.records.get(quetzal.id)]).toEqual([next, next]);
    expect(new Set(now.records.values())).toEqual(new Set([old, next]));
  });

  test("keeps the old private key no longer than it is used", async () => {
    const [old] = await thumbprints();
    await done("rotate");
    const kept = async () =>
      (await sql(`select sealed is not null as kept from base.signing_key where thumbprint = '${old}'`))[0];
    await node.upkeep();
    expect(await kept()).toEqual({ kept: true });
    ahead = 8 * DAY;
    await node.upkeep();
    expect(await kept()).toEqual({ kept: false });
    await signers();
  });

  test("goes on when a statement has no room for all the keys there were: what the oldest signed is signed anew", async () => {
    const [first] = await thumbprints();
    expect(await whoSigned()).toEqual([first]);
    await sql(
      `insert into base.signing_key (thumbprint, purpose, public_key, starts, ends, told)
       select lpad(n::text, 43, 'A'), 'feed', lpad(n::text, 42, 'A') || 'A', now() - interval '2 years', now() - interval '1 year', now()
       from generate_series(1000, 1099) as n`,
    );
    await sql(
      `update base.signing_key set starts = now() - interval '3 years' where thumbprint = '${first}'`,
    );
    await done("revoke", first!, "--since", "2026-11-01", "--reason", "lost");
    const keys = await thumbprints();
    expect([keys.length, keys.includes(first!)]).toEqual([100, false]);
    expect(await whoSigned()).toEqual([keys.at(-1)]);
  });

  test("is done once at a time", async () => {
    await done("rotate");
    await refused(/waits to be used/, "rotate");
  });
});

describe("revoking a feed key", () => {
  test("has every record and every head signed anew, and tells peers since when the key counts for nothing", async () => {
    const [old] = await thumbprints();
    const before = await signers();
    await done("revoke", old!, "--since", "2026-11-01", "--reason", "a laptop was taken");
    const [told, next] = (await statement()).feedKeys;
    expect(told).toMatchObject({
      thumbprint: old,
      revoked: { at: new Date("2026-11-01T00:00:00Z"), reason: "a laptop was taken" },
    });
    const after = await signers();
    expect([...after.records.keys()].sort()).toEqual([...before.records.keys()].sort());
    expect([after.head, ...new Set(after.records.values())]).toEqual([next?.thumbprint, next?.thumbprint]);
    const historical = claimsOf(await (await fetch(`${node.url}/fed/v1/historical-keys`)).text());
    expect(historical).toMatchObject({ keys: [{ kid: old, revoked: { reason: "a laptop was taken" } }] });
  });

  test("signs the head of a feed anew in which there is nothing", async () => {
    await ground.database.transaction(async (tx) => {
      const ids = ceiba.practitioners.map(({ id }) => id);
      const people = await loadPractitioners(tx, ground.home, ids);
      await savePractitioners(
        tx,
        ground.home,
        people.map((one) => ({ ...one, audience: "MEMBERS" })),
      );
    });
    await sql("delete from seen.listing where audience = 'PUBLIC'");
    await sql("truncate seen.feed_item, seen.feed");
    const [old] = await thumbprints();
    expect(await signers()).toEqual({ head: old, records: new Map() });
    await done("revoke", old!, "--since", "2026-11-01", "--reason", "lost");
    expect((await signers()).head).not.toBe(old);
  });

  test("uses the key that peers were told of already, when one was waiting", async () => {
    const [old] = await thumbprints();
    await done("rotate");
    const [, waiting] = await thumbprints();
    await done("revoke", old!, "--since", "2026-11-01", "--reason", "lost");
    expect(await thumbprints()).toEqual(expect.arrayContaining([old, waiting]));
    expect(await thumbprints()).toHaveLength(2);
    expect(await whoSigned()).toEqual([waiting]);
    await done("rotate");
  });

  test("of one that is not in use yet leaves nobody without a key", async () => {
    const [old] = await thumbprints();
    await done("rotate");
    const [, waiting] = await thumbprints();
    await done("revoke", waiting!, "--since", "2026-11-01", "--reason", "lost");
    const [signer] = await whoSigned();
    expect([old, waiting]).not.toContain(signer);
    ahead = 30 * DAY;
    await node.upkeep();
    expect(await whoSigned()).toEqual([signer]);
  });

  test("wants a key of the node, a day that has been, and a reason that peers can be told", async () => {
    const [key] = await thumbprints();
    const wrong: readonly (readonly [key: string, since: string, reason: string, RegExp])[] = [
      ["nothing", "2026-11-01", "lost", /no feed key/],
      [(await statement()).root.thumbprint, "2026-11-01", "lost", /no feed key/],
      [key!, "2099-11-01", "lost", /since today/],
      [key!, "yesterday", "lost", /wants a day/],
      [key!, "2026-02-40", "lost", /wants a day/],
      [key!, "2026-11-01", " ", /reason/],
      [key!, "2026-11-01", "x".repeat(201), /reason/],
    ];
    for (const [thumbprint, since, reason, sentence] of wrong)
      await refused(sentence, "revoke", thumbprint, "--since", since, "--reason", reason);
    await done("revoke", key!, "--since", "2026-11-01", "--reason", "lost");
    await refused(/revoked already/, "revoke", key!, "--since", "2026-11-01", "--reason", "lost");
  });
});

describe("rotating the root key", () => {
  test("keeps the node's id, and peers who know the first root take the third, whatever the clock said", async () => {
    const first = await statement();
    await done("rotate-root");
    const second = await statement();
    await done("rotate-root");
    const third = await statement();
    expect(new Set([first.node, second.node, third.node]).size).toBe(1);
    expect(new Set([first, second, third].map(({ root }) => root.thumbprint)).size).toBe(3);
    expect(third.chain).toHaveLength(2);
    await sql(
      "update base.signing_key set starts = now() - row_number * interval '1 hour' from (select thumbprint as one, row_number() over (order by starts) from base.signing_key) numbered where thumbprint = one and purpose = 'root'",
    );
    const said = await done("show");
    expect(said).toContain(first.node);
    expect(said).toContain(`${third.root.thumbprint}, on this node`);
    await node.upkeep();
    expect(await statement()).toEqual(third);
    await signers();
  });
});

describe("a root key that is kept elsewhere", () => {
  test("leaves the database for a new file that nobody else may read, and is told to be offline", async () => {
    const before = await statement();
    const dumped = await dump();
    const said = await done("take-root-out", file("root"));
    expect((await stat(file("root"))).mode & 0o777).toBe(0o600);
    const { d, kid, node: id } = await rootFile("root");
    expect([kid, id]).toEqual([before.root.thumbprint, before.node]);
    expect(await statement()).toMatchObject({ node: before.node, custody: "offline" });
    const rows = await sql("select sealed from base.signing_key where purpose = 'root'");
    expect(rows).toEqual([{ sealed: null }]);
    for (const text of [dumped, await dump(), said, await done(), await served()])
      expect(text).not.toContain(d);
    await refused(/taken out before/, "take-root-out", file("again"));
  });

  test("no private key is in the database in clear, whichever key it is", async () => {
    await done("rotate");
    const keys = await ground.database.transaction((tx) =>
      tx.query<{ thumbprint: string; sealed: string }[]>(
        "select thumbprint, sealed from base.signing_key where sealed is not null",
      ),
    );
    const opened = keys.map(({ thumbprint, sealed }) =>
      ground.home.seals.key("signing").open(["base.signing_key", thumbprint, "sealed"], sealed),
    );
    expect(opened).toHaveLength(3);
    const dumped = await dump();
    for (const d of opened) {
      expect(d).toMatch(/^[\w-]{43}$/);
      expect(dumped).not.toContain(d);
      expect(dumped).not.toContain(Buffer.from(d, "base64url").toString("hex"));
    }
  });

  test("stays where it is when the file cannot be written, and nothing is written over", async () => {
    await writeFile(file("precious"), "something else");
    await refused(/is there already/, "take-root-out", file("precious"));
    await refused(/cannot be written \(ENOENT\)/, "take-root-out", file("nowhere/root"));
    expect(await readFile(file("precious"), "utf8")).toBe("something else");
    expect(await done()).toMatch(/on this node/);
    await done("rotate-root");
  });

  test("a change of what the node says waits for it: the node warns, serves what it has, and the ceremony tells it", async () => {
    await done("take-root-out", file("root"));
    const before = await served();
    await node.close();
    await begin({ network: { ...config.network, name: "Red Ceiba y Jícaro" } });
    expect(warned).toMatch(/cadre identity request/);
    expect(await served()).toBe(before);
    expect(await done()).toMatch(/waits for the root key/);
    const signed = await ceremony();
    expect(signed.complained).toContain('"Red Ceiba y Jícaro"');
    for (const told of [
      (await statement()).node,
      config.publicUrl ?? "",
      ...(await thumbprints()),
      (await statement()).expires.toISOString(),
    ])
      expect(signed.complained).toContain(told);
    expect((await statement()).network.name).toBe("Red Ceiba y Jícaro");
    warned = "";
    await node.upkeep();
    expect(warned).toBe("");
    const { d } = await rootFile("root");
    expect(signed.said + signed.complained).not.toContain(d);
    const offline = await cadre(["identity", "sign", file("request"), "--root", file("root")]);
    expect(offline).toEqual(signed);
    expect(await done()).toMatch(/Nothing has to be done before/);
  });

  test("a new feed key is not used before it has signed that there is one, even when that takes longer than a week", async () => {
    await done("take-root-out", file("root"));
    const [old] = await thumbprints();
    expect(await done("rotate")).toMatch(/Nobody is told yet/);
    await sql(
      "update base.signing_key set starts = starts - interval '9 days', ends = ends - interval '9 days'",
    );
    await node.upkeep();
    expect(await signers()).toMatchObject({ head: old });
    await ceremony();
    const [, next] = await thumbprints();
    expect(await whoSigned()).toEqual([next]);
  });

  test("a revocation holds from when it has signed that: until then no peer is left without a feed", async () => {
    await done("take-root-out", file("root"));
    const [old] = await thumbprints();
    await done("revoke", old!, "--since", "2026-11-01", "--reason", "lost");
    expect(await signers()).toMatchObject({ head: old });
    expect(await done()).toMatch(/still in use/);
    await ceremony();
    const { head, records } = await signers();
    expect([...new Set([head, ...records.values()])]).toEqual([(await thumbprints())[1]]);
    const [revoked] = await sql(`select sealed from base.signing_key where thumbprint = '${old}'`);
    expect(revoked).toEqual({ sealed: null });
  });

  test("hands over to a new one where it is kept; on the node that is refused, and said how", async () => {
    await done("take-root-out", file("root"));
    const before = await statement();
    await refused(/--new-root/, "rotate-root");
    await ceremony("--new-root", file("next"));
    const after = await statement();
    expect([after.node, after.custody]).toEqual([before.node, "offline"]);
    const next = await rootFile("next");
    expect([after.root.thumbprint, next.node]).toEqual([next.kid, before.node]);
    expect((await stat(file("next"))).mode & 0o777).toBe(0o600);
    await writeFile(file("request"), await done("request"));
    expect((await signOffline("request")).complained).toMatch(/nothing was signed/);
    await writeFile(file("root"), await readFile(file("next"), "utf8"));
    await done("rotate");
    await ceremony();
    expect((await deeds()).slice(-5)).toEqual(
      [
        "operator ROOT_TAKEN_OUT",
        "operator IDENTITY_SIGNED",
        "operator ROOT_ROTATED",
        "operator IDENTITY_SIGNED",
        ...["operator FEED_KEY_ROTATED", "operator IDENTITY_SIGNED"],
      ].slice(-5),
    );
  });

  test("signs nothing that is malformed, holds what nobody was shown, or is not its node's", async () => {
    await done("take-root-out", file("root"));
    const text = await done("request");
    type Claims = { exp: number; iss: string; metadata: { cadre_node: Record<string, unknown> } };
    const changed = (change: (claims: Claims) => void): string => {
      const request = JSON.parse(text) as { statement: Claims };
      change(request.statement);
      return JSON.stringify(request);
    };
    const other = `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${"A".repeat(43)}`;
    const requests = [
      "",
      "{",
      "[]",
      text.replace("identity request", "signed identity"),
      changed((claims) => (claims.exp += 86_400)),
      changed((claims) => (claims.iss = "https://elsewhere.example")),
      changed((claims) => (claims.metadata.cadre_node["node_id"] = other)),
      changed((claims) => (claims.metadata.cadre_node["more"] = true)),
      changed((claims) => Object.assign(claims, { authority_hints: ["https://elsewhere.example"] })),
      changed((claims) => (claims.metadata.cadre_node["jwks"] = { keys: [] })),
    ];
    for (const request of requests) {
      await writeFile(file("request"), request);
      const { status, said, complained } = await signOffline("request");
      expect([status, said]).toEqual([1, ""]);
      expect(complained).toMatch(/is no identity request/);
    }
    await writeFile(file("request"), text);
    await writeFile(file("root"), JSON.stringify({ ...(await rootFile("root")), d: "A".repeat(43) }));
    const { status, said } = await signOffline("request");
    expect([status, said]).toEqual([1, ""]);
  });

  test("a name cannot write over what whoever signs is shown", async () => {
    await done("take-root-out", file("root"));
    const name = JSON.stringify("Red\u001b[2K\rCeiba");
    await writeFile(file("request"), (await done("request")).replace('"Red Ceiba"', name));
    const { said, complained } = await signOffline("request");
    expect(complained).not.toBe("");
    for (const sign of ["\u001b", "\r"]) expect(said + complained).not.toContain(sign);
  });

  test("what it signed for another node, before a change, or earlier is not installed", async () => {
    await done("take-root-out", file("root"));
    await writeFile(file("request"), await done("request"));
    const { said: first } = await signOffline("request");
    await writeFile(file("first"), first);
    await ceremony();
    await refused(/older than the one/, "install", file("first"));

    const texts = JSON.parse(first) as { statement: string; historicalKeys: string };
    const [head, , signature] = texts.statement.split(".");
    const forged = Buffer.from(JSON.stringify({ ...(claimsOf(texts.statement) as object) })).toString(
      "base64url",
    );
    await writeFile(file("bad"), JSON.stringify({ ...texts, statement: `${head}.${forged}A.${signature}` }));
    await refused(/not signed by this node's root key/, "install", file("bad"));
    await writeFile(file("bad"), JSON.stringify({ ...texts, historicalKeys: texts.statement }));
    await refused(/not signed by this node's root key|older/, "install", file("bad"));
    await writeFile(file("bad"), "{}");
    await refused(/is no signed identity/, "install", file("bad"));

    await writeFile(file("request"), await done("request"));
    await writeFile(file("second"), (await signOffline("request")).said);
    await done("rotate");
    await refused(/not what this node has to say now/, "install", file("second"));

    const own = file("first");
    await sql("truncate base.signing_key, seen.node_identity");
    await node.upkeep();
    await refused(/another node/, "install", own);
  });
});
