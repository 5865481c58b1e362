import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../src/config.js";
import type { Ask } from "./node.js";
import { client, openProvider, type TestProvider, type Token } from "./openid-provider.js";
import {
  SECOND,
  invite,
  newMember,
  openTown,
  proofOf,
  refusal,
  signedIn,
  whoAmI,
  type Member,
  type Session,
  type Town,
} from "./people.js";

const redirectUrl = "https://ceiba.example/back";

let provider: TestProvider;
let town: Town;
beforeAll(async () => {
  provider = await openProvider();
  town = await openTown({
    openId: { issuer: provider.issuer, clientId: client.id, clientSecret: client.secret, redirectUrl },
  });
});
afterAll(async () => {
  await town.close();
  await provider.close();
});

type Start = { readonly url: string; readonly state: string };

async function start(ask: Ask): Promise<Start> {
  const { data } = await ask<{ openIdSignInUrl: Start }>(`mutation { openIdSignInUrl { url state } }`);
  return data.openIdSignInUrl;
}

const linkOpenId = `mutation ($s: String!, $c: URL!, $input: ProofInput!) {
  linkOpenId(state: $s, callback: $c, input: $input)
}`;

async function link(member: Member, { state }: Start, callback: string) {
  const input = await proofOf(town, member);
  return member.ask(linkOpenId, { s: state, c: callback, input });
}

function enter(state: string, callback: string) {
  return town.stranger()<{ signInWithOpenId: Session }>(
    `mutation ($s: String!, $c: URL!) { signInWithOpenId(state: $s, callback: $c) { token role } }`,
    { s: state, c: callback },
  );
}

async function linked(subject: string): Promise<Member> {
  const member = await newMember(town, "PRACTITIONER");
  const way = await start(member.ask);
  expect((await link(member, way, provider.visit(way.url, subject))).data).toEqual({ linkOpenId: true });
  return member;
}

test("somebody who has linked who they are at the provider signs in through it", async () => {
  await linked("sapodilla");
  const way = await start(town.stranger());
  const { data } = await enter(way.state, provider.visit(way.url, "sapodilla"));
  expect(data.signInWithOpenId.role).toBe("PRACTITIONER");
  const me = await signedIn(town, data.signInWithOpenId)(whoAmI);
  expect(me.data).toMatchObject({ viewer: { role: "PRACTITIONER" } });
});

const wrong: readonly (readonly [string, Token])[] = [
  ["without a signature", { signed: "none" }],
  ["with an HMAC keyed by the public key", { signed: "hmac" }],
  ["signed by somebody else", { signed: "stranger" }],
  ["of another issuer", { claims: { iss: "https://evil.example" } }],
  ["for another audience", { claims: { aud: "another-client" } }],
  ["for several audiences, authorized for another", { claims: { aud: [client.id, "b"], azp: "b" } }],
  ["that has expired", { claims: { exp: Math.floor(Date.now() / 1000) - 3600 } }],
  ["that never expires", { claims: { exp: undefined } }],
  ["with another nonce", { claims: { nonce: "AAAAAAAAAAAAAAAAAAAAAA" } }],
  ["without a nonce", { claims: { nonce: undefined } }],
  ["without a subject", { claims: { sub: undefined } }],
];

test.each(wrong)("a token %s signs nobody in, in the words of every other refusal", async (_what, token) => {
  await linked(`ceiba ${_what}`);
  const way = await start(town.stranger());
  const refused = await enter(way.state, provider.visit(way.url, `ceiba ${_what}`, token));
  const other = await start(town.stranger());
  const unknown = await enter(other.state, provider.visit(other.url, "nobody has linked this"));
  expect(refusal(refused)).toBe("UNAUTHENTICATED");
  expect(refused.text).toBe(unknown.text);
  const again = await start(town.stranger());
  expect(refusal(await enter(again.state, provider.visit(again.url, `ceiba ${_what}`)))).toBeNull();
});

test.each(wrong)("a token %s links nothing", async (_what, token) => {
  const member = await newMember(town, "SEEKER");
  const way = await start(member.ask);
  expect(refusal(await link(member, way, provider.visit(way.url, `link ${_what}`, token)))).toBe(
    "UNAUTHENTICATED",
  );
});

test("whoever comes back by a recovery code takes every link with it, and the invitations made in their name", async () => {
  const member = await linked("subject-before-recovery");
  const boss = await newMember(town, "STEWARD");
  const made = await invite(boss.ask, { address: "planted@example.org", role: "STEWARD" });
  const recover = `mutation ($input: RecoverInput!) { recover(input: $input) { token } }`;
  for (const { address, session } of [member, boss]) {
    const [recoveryCode] = session.recoveryCodes;
    const input = { address, recoveryCode, password: "seven herons at low tide" };
    expect(refusal(await town.stranger()(recover, { input }))).toBeNull();
  }
  const way = await start(town.stranger());
  const answer = await enter(way.state, provider.visit(way.url, "subject-before-recovery"));
  expect(refusal(answer)).toBe("UNAUTHENTICATED");
  const offer = await town.stranger()(`query ($t: String!) { invitation(token: $t) { role } }`, {
    t: made.token,
  });
  expect(refusal(offer)).toBe("NOT_FOUND");
});

test("a state is good for one return within ten minutes, for the address it was given with", async () => {
  await linked("once");
  const way = await start(town.stranger());
  expect(refusal(await enter(way.state, provider.visit(way.url, "once")))).toBeNull();
  expect(refusal(await enter(way.state, provider.visit(way.url, "once")))).toBe("UNAUTHENTICATED");
  const late = await start(town.stranger());
  town.pass(10 * 60 * SECOND);
  expect(refusal(await enter(late.state, provider.visit(late.url, "once")))).toBe("UNAUTHENTICATED");
  const [mine, theirs] = [await start(town.stranger()), await start(town.stranger())];
  expect(refusal(await enter(mine.state, provider.visit(theirs.url, "once")))).toBe("UNAUTHENTICATED");
  const elsewhere = await start(town.stranger());
  const callback = provider.visit(elsewhere.url, "once").replace("ceiba.example", "evil.example");
  expect(refusal(await enter(elsewhere.state, callback))).toBe("UNAUTHENTICATED");
});

test("what one person began links nobody else's account, and signs nobody in", async () => {
  const [one, other] = [await newMember(town, "SEEKER"), await newMember(town, "SEEKER")];
  const way = await start(one.ask);
  const callback = provider.visit(way.url, "crossed");
  expect(refusal(await link(other, way, callback))).toBe("UNAUTHENTICATED");
  expect(refusal(await enter(way.state, callback))).toBe("UNAUTHENTICATED");
  expect((await link(one, way, callback)).data).toEqual({ linkOpenId: true });
  const open = await start(town.stranger());
  expect(refusal(await link(one, open, provider.visit(open.url, "crossed too")))).toBe("UNAUTHENTICATED");
});

test("an open session alone links nothing: it takes password and code, and a wrong one spends no return", async () => {
  const member = await newMember(town, "SEEKER");
  const way = await start(member.ask);
  const callback = provider.visit(way.url, "a thief");
  const input = await proofOf(town, member);
  for (const wrong of [{ password: "seven herons at low tide" }, { code: "000000" }]) {
    const asked = { s: way.state, c: callback, input: { ...input, ...wrong } };
    expect(refusal(await member.ask(linkOpenId, asked))).toBe("FORBIDDEN");
  }
  expect((await member.ask(linkOpenId, { s: way.state, c: callback, input })).data).toEqual({
    linkOpenId: true,
  });
});

test("who somebody is at the provider belongs to one account, until it is taken back", async () => {
  const member = await linked("taken");
  const other = await newMember(town, "SEEKER");
  const way = await start(other.ask);
  expect(refusal(await link(other, way, provider.visit(way.url, "taken")))).toBe("CONFLICT");
  expect((await member.ask(`mutation { unlinkOpenId }`)).data).toEqual({ unlinkOpenId: true });
  expect(refusal(await member.ask(`mutation { unlinkOpenId }`))).toBe("NOT_FOUND");
  const open = await start(town.stranger());
  expect(refusal(await enter(open.state, provider.visit(open.url, "taken")))).toBe("UNAUTHENTICATED");
});

test("the database holds no subject and no client secret", async () => {
  await linked("canary-subject");
  const rows = await town.node.ground.database.transaction(async (tx) => [
    await tx.query<object[]>("select * from base.identity"),
    await tx.query<object[]>("select * from base.openid_start"),
    await tx.query<object[]>("select * from base.audit"),
  ]);
  expect(JSON.stringify(rows)).not.toMatch(/canary-subject|a secret between/);
});

test("a network without a provider says so", async () => {
  const other = await openTown();
  try {
    expect(refusal(await other.stranger()(`mutation { openIdSignInUrl { url } }`))).toBe("UNAVAILABLE");
  } finally {
    await other.close();
  }
});

test("a provider that is away is told as such, and asked again", async () => {
  const away = await openProvider();
  const openId = { issuer: away.issuer, clientId: client.id, clientSecret: client.secret, redirectUrl };
  await away.close();
  const other = await openTown({ openId });
  try {
    expect(refusal(await other.stranger()(`mutation { openIdSignInUrl { url } }`))).toBe("UNAVAILABLE");
  } finally {
    await other.close();
  }
});

describe("the provider's settings", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cadre-openid-"));
    await writeFile(join(folder, "secret"), "a secret between the two\n");
    await writeFile(join(folder, "empty"), "\n");
  });
  afterAll(() => rm(folder, { recursive: true }));

  const settings = (more: Record<string, string>) => ({
    OIDC_ISSUER: "https://id.example",
    OIDC_CLIENT_ID: "cadre",
    OIDC_CLIENT_SECRET_FILE: join(folder, "secret"),
    OIDC_REDIRECT_URL: redirectUrl,
    ...more,
  });

  test("are all there, or none of them", () => {
    expect(readConfig({}).openId).toBeNull();
    expect(readConfig(settings({})).openId).toEqual({
      issuer: "https://id.example",
      clientId: "cadre",
      clientSecret: "a secret between the two",
      redirectUrl,
    });
    expect(() => readConfig(settings({ OIDC_CLIENT_ID: "" }))).toThrow(/needs all of/);
    expect(() => readConfig(settings({ OIDC_CLIENT_SECRET_FILE: join(folder, "empty") }))).toThrow(/nothing/);
    expect(() => readConfig(settings({ OIDC_CLIENT_SECRET_FILE: join(folder, "none") }))).toThrow(/nothing/);
  });

  test("take an issuer without TLS on this machine only, and never in production", () => {
    const key = { NODE_ENV: "production", KEY_FILE: "key" };
    expect(readConfig(settings({ OIDC_ISSUER: "http://127.0.0.1:9" })).openId).not.toBeNull();
    expect(() => readConfig(settings({ OIDC_ISSUER: "http://id.example" }))).toThrow(/https/);
    expect(() => readConfig(settings({ OIDC_ISSUER: "http://127.0.0.1:9", ...key }))).toThrow(/https/);
  });
});
