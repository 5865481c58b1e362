import { Authenticator, type Forgery } from "./authenticator.js";
import {
  SECOND,
  codeAt,
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

const origin = "https://ceiba.example";

let town: Town;
beforeAll(async () => {
  town = await openTown({ publicUrl: origin });
});
afterAll(() => town.close());

type Challenge = { readonly id: string; readonly options: string };

const passkeyOptions = `mutation ($input: ProofInput!) { passkeyOptions(input: $input) { id options } }`;

async function challengeFor(member: Member): Promise<Challenge> {
  const input = await proofOf(town, member);
  const { data } = await member.ask<{ passkeyOptions: Challenge }>(passkeyOptions, { input });
  return data.passkeyOptions;
}

function add(member: Member, challenge: string, response: string) {
  return member.ask(`mutation ($c: ID!, $r: String!) { addPasskey(challenge: $c, response: $r) }`, {
    c: challenge,
    r: response,
  });
}

async function enrolled(): Promise<{ member: Member; authenticator: Authenticator }> {
  const member = await newMember(town, "PRACTITIONER");
  const authenticator = new Authenticator(origin);
  const { id, options } = await challengeFor(member);
  const added = await add(member, id, authenticator.register(options));
  expect(added.data).toEqual({ addPasskey: true });
  return { member, authenticator };
}

async function signInChallenge(): Promise<Challenge> {
  const { data } = await town.stranger()<{ passkeySignInOptions: Challenge }>(
    `mutation { passkeySignInOptions { id options } }`,
  );
  return data.passkeySignInOptions;
}

function enter(challenge: string, response: string) {
  return town.stranger()<{ signInWithPasskey: Session }>(
    `mutation ($c: ID!, $r: String!) { signInWithPasskey(challenge: $c, response: $r) { token role recoveryCodes } }`,
    { c: challenge, r: response },
  );
}

test("somebody who has added a passkey signs in with it, again and again, and tells no address", async () => {
  const { authenticator } = await enrolled();
  for (let times = 0; times < 2; times++) {
    const { id, options } = await signInChallenge();
    expect(options).not.toContain('allowCredentials":[{');
    const { data } = await enter(id, authenticator.answer(options));
    expect(data.signInWithPasskey).toMatchObject({ role: "PRACTITIONER", recoveryCodes: [] });
    const me = await signedIn(town, data.signInWithPasskey)(whoAmI);
    expect(me.data).toMatchObject({ viewer: { audience: "MEMBERS", role: "PRACTITIONER" } });
  }
});

test("what an authenticator is told names the network and neither address nor person", async () => {
  const member = await newMember(town, "PRACTITIONER");
  const { options } = await challengeFor(member);
  expect(options).toContain("Red Ceiba");
  expect(options).not.toContain(member.address);
  expect(JSON.parse(options)).toMatchObject({
    rp: { id: "ceiba.example" },
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
});

const forgeries: readonly (readonly [string, Forgery])[] = [
  ["from another origin", { origin: "https://ceiba.example.evil.example" }],
  ["from the same host without TLS", { origin: "http://ceiba.example" }],
  ["for another relying party", { rpId: "evil.example" }],
  ["to another challenge", { challenge: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }],
  ["by an authenticator that did not check its owner", { verified: false }],
  ["of another ceremony", { type: "payment.get" }],
];

test.each([
  ...forgeries,
  ["whose counter went back", { counter: 0 }] as const,
  ["in somebody else's name", { owner: Buffer.from("somebody else").toString("base64url") }] as const,
  ["in nobody's name", { owner: "" }] as const,
])("an answer %s signs nobody in, in the words of every other refusal", async (_what, forged) => {
  const { authenticator } = await enrolled();
  const first = await signInChallenge();
  await enter(first.id, authenticator.answer(first.options));
  const { id, options } = await signInChallenge();
  const refused = await enter(id, authenticator.answer(options, forged));
  const unknown = await signInChallenge();
  const never = await enter(unknown.id, new Authenticator(origin).answer(unknown.options));
  expect(refusal(refused)).toBe("UNAUTHENTICATED");
  expect(refused.text).toBe(never.text);
});

test.each(forgeries)("an answer %s adds no passkey", async (_what, forged) => {
  const member = await newMember(town, "SEEKER");
  const { id, options } = await challengeFor(member);
  const refused = await add(member, id, new Authenticator(origin).register(options, forged));
  expect(refusal(refused)).toBe("BAD_USER_INPUT");
  expect((await member.ask(`{ passkeys { id } }`)).data).toEqual({ passkeys: [] });
});

test.each([["no JSON"], ["null"], ["[]"], ["{}"], ['{"id":{"$ne":1}}'], ["7"]])(
  "%s is no answer",
  async (response) => {
    const { id } = await signInChallenge();
    expect(refusal(await enter(id, response))).toBe("UNAUTHENTICATED");
    const member = await newMember(town, "SEEKER");
    const challenge = await challengeFor(member);
    expect(refusal(await add(member, challenge.id, response))).toBe("BAD_USER_INPUT");
  },
);

test("a challenge is good for one answer, right or wrong, and for five minutes", async () => {
  const { authenticator } = await enrolled();
  const used = await signInChallenge();
  const answer = authenticator.answer(used.options);
  expect(refusal(await enter(used.id, answer))).toBeNull();
  expect(refusal(await enter(used.id, answer))).toBe("UNAUTHENTICATED");
  const wrong = await signInChallenge();
  await enter(wrong.id, authenticator.answer(wrong.options, { origin: "https://evil.example" }));
  expect(refusal(await enter(wrong.id, authenticator.answer(wrong.options)))).toBe("UNAUTHENTICATED");
  const late = await signInChallenge();
  town.pass(5 * 60 * SECOND);
  expect(refusal(await enter(late.id, authenticator.answer(late.options)))).toBe("UNAUTHENTICATED");
});

test("one answer sent from two places at the same moment opens one session", async () => {
  const { authenticator } = await enrolled();
  const { id, options } = await signInChallenge();
  const answer = authenticator.answer(options);
  const answers = await Promise.all([enter(id, answer), enter(id, answer), enter(id, answer)]);
  expect(answers.filter((one) => refusal(one) === null)).toHaveLength(1);
});

test("a challenge to add a passkey is its asker's alone, and no challenge to sign in", async () => {
  const { member, authenticator } = await enrolled();
  const other = await newMember(town, "SEEKER");
  const mine = await challengeFor(member);
  const fresh = new Authenticator(origin);
  expect(refusal(await add(other, mine.id, fresh.register(mine.options)))).toBe("BAD_USER_INPUT");
  expect(refusal(await enter(mine.id, authenticator.answer(mine.options)))).toBe("UNAUTHENTICATED");
  const open = await signInChallenge();
  expect(refusal(await add(other, open.id, fresh.register(open.options)))).toBe("BAD_USER_INPUT");
});

test("a passkey is listed for and removed by its owner alone, and signs nobody in after that", async () => {
  const { member, authenticator } = await enrolled();
  const other = await newMember(town, "STEWARD");
  const { data } = await member.ask<{ passkeys: { id: string; created: string }[] }>(
    `{ passkeys { id created } }`,
  );
  expect(data.passkeys).toEqual([{ id: expect.any(String), created: town.now().toISOString().slice(0, 10) }]);
  const remove = `mutation ($id: ID!) { removePasskey(id: $id) }`;
  const id = data.passkeys[0]?.id;
  const theirs = await other.ask(remove, { id });
  const nobodys = await other.ask(remove, { id: "5f1c1b0e-3a52-4c1d-9f5e-0c8a4f7b2d11" });
  expect(theirs.text).toBe(nobodys.text);
  expect(refusal(theirs)).toBe("NOT_FOUND");
  expect((await member.ask(remove, { id })).data).toEqual({ removePasskey: true });
  const challenge = await signInChallenge();
  expect(refusal(await enter(challenge.id, authenticator.answer(challenge.options)))).toBe("UNAUTHENTICATED");
});

test("whoever has not signed in adds no passkey", async () => {
  const stranger = town.stranger();
  const input = { password: "seven herons at low tide", code: "123456" };
  expect(refusal(await stranger(passkeyOptions, { input }))).toBe("UNAUTHENTICATED");
  expect(refusal(await stranger(`{ passkeys { id } }`))).toBe("UNAUTHENTICATED");
});

test("an open session alone adds no passkey: it takes password and code, and each code once", async () => {
  const member = await newMember(town, "SEEKER");
  const input = await proofOf(town, member);
  for (const wrong of [{ password: "seven herons at low tide" }, { code: "000000" }])
    expect(refusal(await member.ask(passkeyOptions, { input: { ...input, ...wrong } }))).toBe("FORBIDDEN");
  expect(refusal(await member.ask(passkeyOptions, { input }))).toBeNull();
  expect(refusal(await member.ask(passkeyOptions, { input }))).toBe("FORBIDDEN");
});

test("a node whose operator has not said where it is met takes no passkeys, and says so", async () => {
  const other = await openTown();
  try {
    const answer = await other.stranger()(`mutation { passkeySignInOptions { id } }`);
    expect(refusal(answer)).toBe("UNAVAILABLE");
    expect(answer.errors?.[0]?.message).toContain("PUBLIC_URL");
    const member = await newMember(other, "SEEKER");
    const input = await proofOf(other, member);
    expect(refusal(await member.ask(passkeyOptions, { input }))).toBe("UNAVAILABLE");
    const renew = `mutation ($input: ProofInput!) { renewRecoveryCodes(input: $input) }`;
    expect(refusal(await member.ask(renew, { input }))).toBeNull();
  } finally {
    await other.close();
  }
});

describe("a passkey that somebody else may have added", () => {
  const chosen = "seven herons at low tide";

  async function signsIn(authenticator: Authenticator): Promise<boolean> {
    const { id, options } = await signInChallenge();
    return refusal(await enter(id, authenticator.answer(options))) === null;
  }

  test("signs nobody in once its owner came back by a recovery code", async () => {
    const { member, authenticator } = await enrolled();
    const [recoveryCode] = member.session.recoveryCodes;
    const recover = `mutation ($input: RecoverInput!) { recover(input: $input) { token } }`;
    const back = await town.stranger()(recover, {
      input: { address: member.address, recoveryCode, password: chosen },
    });
    expect(refusal(back)).toBeNull();
    expect(await signsIn(authenticator)).toBe(false);
  });

  test("signs nobody in once its owner changed their password", async () => {
    const { member, authenticator } = await enrolled();
    const change = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }`;
    const input = { ...(await proofOf(town, member)), newPassword: chosen };
    expect((await member.ask(change, { input })).data).toEqual({ changePassword: true });
    expect(await signsIn(authenticator)).toBe(false);
  });

  test("is not added after that either, by whoever began before", async () => {
    const member = await newMember(town, "PRACTITIONER");
    const { id, options } = await challengeFor(member);
    const change = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }`;
    const input = { ...(await proofOf(town, member)), newPassword: chosen };
    expect((await member.ask(change, { input })).data).toEqual({ changePassword: true });
    const added = await add(member, id, new Authenticator(origin).register(options));
    expect(refusal(added)).toBe("BAD_USER_INPUT");
  });

  test("signs nobody in once its owner replaced a lost authenticator", async () => {
    const { member, authenticator } = await enrolled();
    const { data } = await member.ask<{ offerAuthenticator: { offer: string; otpauthUri: string } }>(
      `mutation { offerAuthenticator { offer otpauthUri } }`,
    );
    const { offer, otpauthUri } = data.offerAuthenticator;
    const proof = await proofOf(town, member);
    const newCode = await codeAt(new URL(otpauthUri).searchParams.get("secret") ?? "", town.now());
    const replace = `mutation ($input: ReplaceAuthenticatorInput!) { replaceAuthenticator(input: $input) }`;
    const replaced = await member.ask(replace, { input: { ...proof, offer, newCode } });
    expect(replaced.data).toEqual({ replaceAuthenticator: true });
    expect(await signsIn(authenticator)).toBe(false);
  });
});

test("no passkey is added in a session that was ended elsewhere, even while it is still believed", async () => {
  const member = await newMember(town, "PRACTITIONER");
  const { id, options } = await challengeFor(member);
  const response = new Authenticator(origin).register(options);
  const { database } = town.node.ground;
  await member.ask(whoAmI);
  await database.transaction((tx) => tx.query("delete from base.session"));
  expect(refusal(await add(member, id, response))).toBe("BAD_USER_INPUT");
  const kept = await database.transaction((tx) =>
    tx.query<{ challenges: string }[]>(
      `select count(*) as challenges from base.passkey_challenge where passkey_challenge.id = $1`,
      [id],
    ),
  );
  expect(kept).toEqual([{ challenges: "0" }]);
});

test("an answer whose passkey is no name of one is refused like every other", async () => {
  const { id } = await signInChallenge();
  const answer = await enter(id, JSON.stringify({ id: "a\u0000b", response: {} }));
  expect(refusal(answer)).toBe("UNAUTHENTICATED");
});
