import { createHash } from "node:crypto";
import { FrontendKeys } from "../src/accounts/frontend-key.store.js";
import { DAY, SECOND, newMember, openTown, proofOf, refusal, signIn, whoAmI, type Town } from "./people.js";
import { setTimeout as sleep } from "node:timers/promises";

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

type FrontendKey = {
  readonly id: string;
  readonly key: string;
  readonly origins: readonly string[];
  readonly expires: string;
  readonly operations: number | null;
};

const create = `mutation ($input: FrontendKeyInput!) {
  createFrontendKey(input: $input) { id name key origins scopes created expires operations }
}`;
const plain = { name: "Our site", origins: ["https://ceiba.example"], scopes: ["READ"] };

async function made(input: Record<string, unknown> = {}): Promise<FrontendKey> {
  const { ask } = await town.node.signedIn("STEWARD");
  const { data, errors } = await ask<{ createFrontendKey: FrontendKey }>(create, {
    input: { ...plain, ...input },
  });
  if (errors !== undefined) throw new Error(errors[0]?.message);
  return data.createFrontendKey;
}

const day = (days: number) => new Date(town.now().getTime() + days * DAY).toISOString().slice(0, 10);

test("a steward makes a key, which is told once and kept as a hash", async () => {
  const { ask } = await town.node.signedIn("STEWARD");
  const { data } = await ask<{ createFrontendKey: FrontendKey }>(create, {
    input: { ...plain, origins: ["https://CEIBA.example:443/", "http://localhost:8080"], expires: day(30) },
  });
  expect(data.createFrontendKey).toMatchObject({
    name: "Our site",
    key: expect.stringMatching(/^cadre_key_[\w-]{43}$/),
    origins: ["https://ceiba.example", "http://localhost:8080"],
    scopes: ["READ"],
    created: day(0),
    expires: day(30),
    operations: null,
  });
  const listed = await ask(`{ frontendKeys { id key } }`);
  expect(listed.data).toMatchObject({
    frontendKeys: expect.arrayContaining([{ id: data.createFrontendKey.id, key: null }]),
  });
  const rows = await town.node.ground.database.transaction((tx) =>
    tx.query<object[]>("select * from base.frontend_key, base.audit"),
  );
  expect(JSON.stringify(rows)).not.toContain(data.createFrontendKey.key);
});

test("whoever asks with a key and nobody behind it is a frontend, and sees what everybody sees", async () => {
  const { key } = await made();
  const { data } = await town.stranger({ "x-cadre-key": key })(whoAmI);
  expect(data).toMatchObject({ viewer: { audience: "PUBLIC", role: "FRONTEND" } });
});

test("people sign in and act through a key only if it is for that", async () => {
  const member = await newMember(town, "PRACTITIONER");
  const [reads, carries] = [await made(), await made({ scopes: ["READ", "ACCOUNTS"] })];
  const through = (key: string, more: Record<string, string> = {}) =>
    town.stranger({ "x-cadre-key": key, ...more });
  const input = { address: member.address, ...(await proofOf(town, member)) };
  expect(refusal(await signIn(through(reads.key), input))).toBe("FORBIDDEN");
  const entered = await signIn(through(carries.key), input);
  const authorization = `Bearer ${entered.data.signIn.token}`;
  const acted = await through(carries.key, { authorization })(whoAmI);
  expect(acted.data).toMatchObject({ viewer: { audience: "MEMBERS", role: "PRACTITIONER" } });
  const refused = await through(reads.key, { authorization })(whoAmI);
  expect([refused.status, refusal(refused)]).toEqual([403, "FORBIDDEN"]);
});

test("a frontend is no person: what asks for one is refused", async () => {
  const { key } = await made({ scopes: ["READ", "ACCOUNTS"] });
  const ask = town.stranger({ "x-cadre-key": key });
  expect(refusal(await ask(`{ accounts { id } }`))).toBe("UNAUTHENTICATED");
  expect(refusal(await ask(create, { input: plain }))).toBe("UNAUTHENTICATED");
});

test.each([
  ["nothing", () => ""],
  ["another key", () => `cadre_key_${"A".repeat(43)}`],
  ["ten kilobytes", () => "A".repeat(10_000)],
])("a key that is %s is refused", async (_what, key) => {
  const answer = await town.stranger({ "x-cadre-key": key() })(whoAmI);
  expect([answer.status, refusal(answer)]).toEqual([401, "UNAUTHENTICATED"]);
});

test("a key is no session, and a session is no key", async () => {
  const { key } = await made({ scopes: ["READ", "ACCOUNTS"] });
  const { token } = await town.node.signedIn("ADMIN");
  expect((await town.stranger({ authorization: `Bearer ${key}` })(whoAmI)).status).toBe(401);
  expect((await town.stranger({ authorization: `Bearer ${key.slice(-43)}` })(whoAmI)).status).toBe(401);
  expect((await town.stranger({ "x-cadre-key": token })(whoAmI)).status).toBe(401);
});

test("a revoked key ends at once, an expired one when its last day is over", async () => {
  const { ask } = await town.node.signedIn("ADMIN");
  const [gone, short] = [await made(), await made({ expires: day(1) })];
  const revoke = `mutation ($id: ID!) { revokeFrontendKey(id: $id) }`;
  expect((await town.stranger({ "x-cadre-key": gone.key })(whoAmI)).status).toBe(200);
  expect((await ask(revoke, { id: gone.id })).data).toEqual({ revokeFrontendKey: true });
  expect((await town.stranger({ "x-cadre-key": gone.key })(whoAmI)).status).toBe(401);
  expect(refusal(await ask(revoke, { id: gone.id }))).toBe("NOT_FOUND");
  expect(refusal(await ask(revoke, { id: "nonsense" }))).toBe("NOT_FOUND");
  expect((await town.stranger({ "x-cadre-key": short.key })(whoAmI)).status).toBe(200);
  town.pass(2 * DAY);
  await sleep(2.1 * SECOND);
  expect((await town.stranger({ "x-cadre-key": short.key })(whoAmI)).status).toBe(401);
});

test.each([
  ["for more than two years", () => ({ expires: day(3 * 366) })],
  ["for a day that is over", () => ({ expires: day(-1) })],
  ["for an origin with a path", () => ({ origins: ["https://ceiba.example/site"] })],
  ["for an origin that is none", () => ({ origins: ["mailto:us@ceiba.example"] })],
  ["for an origin with a password", () => ({ origins: ["https://a:b@ceiba.example"] })],
  ["without a name", () => ({ name: "  " })],
  ["without a scope", () => ({ scopes: [] })],
  ["with an empty allow-list", () => ({ operations: [] })],
  ["with a document that is none", () => ({ operations: ["{ viewer {"] })],
  ["with a document this node cannot run", () => ({ operations: ["{ viewer { secrets } }"] })],
])("a key %s is not made", async (_what, input) => {
  const { ask } = await town.node.signedIn("STEWARD");
  expect(refusal(await ask(create, { input: { ...plain, ...input() } }))).toBe("BAD_USER_INPUT");
});

test.each(["SEEKER", "FUNDER", "PRACTITIONER"] as const)("keys are not for a %s", async (role) => {
  const { ask } = await town.node.signedIn(role);
  const { id } = await made();
  expect(refusal(await ask(create, { input: plain }))).toBe("FORBIDDEN");
  expect(refusal(await ask(`{ frontendKeys { id } }`))).toBe("FORBIDDEN");
  expect(refusal(await ask(`mutation ($id: ID!) { revokeFrontendKey(id: $id) }`, { id }))).toBe("FORBIDDEN");
});

test("a key's allow-list is known by the hashes of its documents, and the origins of valid keys together", async () => {
  const { database, home } = town.node.ground;
  const keys = new FrontendKeys(database, home);
  const document = "{ viewer { role } }";
  const listed = await made({ operations: [document], origins: ["https://listed.example"] });
  expect(listed.operations).toBe(1);
  const frontend = await keys.frontendOf(listed.key);
  const hash = createHash("sha256").update(document).digest("hex");
  expect([...(frontend?.operations ?? [])]).toEqual([[hash, document]]);
  expect((await keys.origins()).has("https://listed.example")).toBe(true);
});
