import { generate } from "otplib";
import { readFileSync } from "node:fs";
import { openTown, type Town } from "./people.js";
import { askAt, type Answer } from "./node.js";

/** The operations of README's walk-through, by name, as they stand there. */
const readme = readFileSync("README.md", "utf8");
const section = readme.slice(
  readme.indexOf("## A practitioner's way"),
  readme.indexOf("### How a cadre grows"),
);
const operations = new Map(
  [...section.matchAll(/```graphql\n([^]*?)```/g)].map(([, text = ""]) => [
    /^(?:query|mutation) (\w+)/.exec(text)?.[1] ?? "",
    text,
  ]),
);

let town: Town;
const used = new Set<string>();
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

async function send<Data>(name: string, variables: object = {}, token?: string): Promise<Answer<Data>> {
  used.add(name);
  const ask = askAt(town.node.url, token === undefined ? {} : { authorization: `Bearer ${token}` });
  return ask<Data>(operations.get(name) ?? "", variables as Record<string, unknown>);
}

async function data<Data>(name: string, variables?: object, token?: string): Promise<Data> {
  const answer = await send<Data>(name, variables, token);
  expect(answer.errors).toBeUndefined();
  return answer.data;
}

/** What the authenticator shows now. A code is good once, so time passes before the next. */
async function code(otpauthUri: string): Promise<string> {
  town.pass(60_000);
  const secret = new URL(otpauthUri).searchParams.get("secret") ?? "";
  return generate({ secret, epoch: Math.floor(town.now().getTime() / 1000) });
}

async function comesIn(token: string, address?: string) {
  const { invitation } = await data<{ invitation: { role: string; otpauthUri: string } }>("Offer", { token });
  const input = { password: "a kettle on four hills", code: await code(invitation.otpauthUri), address };
  const accepted = await data<{ acceptInvitation: { token: string; recoveryCodes: string[] } }>("Accept", {
    token,
    input,
  });
  expect(accepted.acceptInvitation.recoveryCodes).toHaveLength(10);
  return { ...invitation, ...accepted.acceptInvitation };
}

/** How many are found, as whoever holds this session; the index has followed within a second. */
async function expectFound(count: number, region: string, token?: string): Promise<void> {
  const found = async () =>
    (await data<{ practitioners: { totalCount: number } }>("Find", { region }, token)).practitioners
      .totalCount;
  for (let tries = 0; tries < 50 && (await found()) !== count; tries++)
    await new Promise((wake) => setTimeout(wake, 100));
  expect(await found()).toBe(count);
}

type Seen = {
  readonly pronouns: string | null;
  readonly regions: readonly { readonly region: { readonly code: string } }[];
  readonly contact: readonly { readonly value: string }[];
} | null;

test("README's walk-through works as it is written: a person is invited, writes, shows and hides, looks, is reviewed, found, withdrawn and erased", async () => {
  const steward = await comesIn(town.node.invitation ?? "", "steward@example.org");
  expect(steward.role).toBe("STEWARD");
  const { invite } = await data<{ invite: { token: string } }>(
    "Invite",
    { input: { address: "ceibo@example.org", role: "PRACTITIONER" } },
    steward.token,
  );
  const ceibo = await comesIn(invite.token);
  const { signIn } = await data<{ signIn: { token: string } }>("SignIn", {
    input: {
      address: "ceibo@example.org",
      password: "a kettle on four hills",
      code: await code(ceibo.otpauthUri),
    },
  });
  expect(await data("Write", {}, signIn.token)).toEqual({ saveProfile: { state: "DRAFT" } });

  const { consentText } = await data<{ consentText: { version: string } }>("Terms");
  const agreedTo = consentText.version;
  await data("Show", { agreedTo }, signIn.token);
  const { viewer } = await data<{ viewer: { profile: Record<string, Seen> } }>("Look", {}, signIn.token);
  const looks = ["everyone", "partners", "members", "myself"].map((whose) => {
    const seen = viewer.profile[whose];
    return [seen?.regions[0]?.region.code, seen?.contact[0]?.value, seen?.pronouns];
  });
  expect(looks).toEqual([
    ["013", undefined, null],
    ["GT", undefined, null],
    ["GT-09", "ceibo.01", null],
    ["GT-09", "ceibo.01", "ella"],
  ]);

  expect(await data("HandIn", { agreedTo }, signIn.token)).toEqual({
    submitProfile: { state: "AWAITING_REVIEW" },
  });
  const { entriesToReview } = await data<{
    entriesToReview: { id: string; practitioner: { pronouns: null } }[];
  }>("Review", {}, steward.token);
  expect(entriesToReview).toMatchObject([
    { practitioner: { alias: "Ceibo", pronouns: null, contact: [{ value: "ceibo.01" }] } },
  ]);
  await expectFound(0, "013", steward.token);
  const id = entriesToReview[0]?.id;
  expect(await data("TakeUp", { id }, steward.token)).toEqual({ acceptPractitioner: { state: "LISTED" } });

  await expectFound(1, "013");
  await expectFound(1, "SV");
  await expectFound(1, "GT-09", steward.token);
  await expectFound(0, "SV", steward.token);

  expect(await data("Withdraw", {}, signIn.token)).toEqual({ withdrawProfile: { state: "WITHDRAWN" } });
  await expectFound(0, "013", steward.token);
  await expectFound(0, "013");
  expect(await data("Erase", {}, signIn.token)).toEqual({ eraseProfile: true });
  expect((await data<{ viewer: { profile: unknown } }>("Look", {}, signIn.token)).viewer.profile).toBeNull();
  expect([...operations.keys()].toSorted()).toEqual([...used].toSorted());
});
