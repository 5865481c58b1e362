import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ceiba } from "../seeds/cast.js";
import { addressMac } from "../src/accounts/address.js";
import { openFrontDesk } from "../src/accounts/front-desk.js";
import { savePractitioners } from "../src/practitioners/practitioner.store.js";
import { askAt, startTestNode, type Answer, type Ask } from "./node.js";
import {
  DAY,
  SECOND,
  accept,
  codeAt,
  invite,
  join,
  newMember,
  openTown,
  password,
  proofOf,
  refusal,
  secretOf,
  signIn,
  signedIn,
  whoAmI,
  type Session,
  type Town,
} from "./people.js";

let town: Town;
beforeAll(async () => {
  town = await openTown({ network: { name: "Red Ceiba", url: "https://ceiba.example/", regions: [] } });
});
afterAll(() => town.close());

/** Nodes of single tests, closed when the test is over, however it ends. */
const others: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const other of others.splice(0)) await other.close();
});

async function opened<Opened extends { close(): Promise<void> }>(opening: Promise<Opened>): Promise<Opened> {
  const other = await opening;
  others.push(other);
  return other;
}

/** How often each refusal was the answer; "null" where there was none. */
function tallied(answers: readonly Answer<unknown>[]): Record<string, number> {
  const tally: Record<string, number> = {};
  for (const code of answers.map((one) => String(refusal(one)))) tally[code] = (tally[code] ?? 0) + 1;
  return tally;
}

const steward = () => town.node.signedIn("STEWARD");
const admin = () => town.node.signedIn("ADMIN");

async function sql<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
  return town.node.ground.database.transaction((tx) => tx.query<Row[]>(text, values));
}

describe("the first steward", () => {
  test("comes in by the invitation that the node makes at its first start, under an address they choose", async () => {
    const first = await opened(openTown());
    const { invitation } = first.node;
    const member = await join(first, invitation ?? "", "first@example.org", "First@Example.org");
    expect(member.session).toMatchObject({ role: "STEWARD" });
    expect(member.session.recoveryCodes).toHaveLength(10);
    expect((await member.ask(whoAmI)).data).toEqual({
      viewer: { audience: "MEMBERS", role: "STEWARD", network: { name: "Red Ceiba" } },
    });
    const again = await signIn(first.stranger(), {
      address: " first@EXAMPLE.org",
      ...(await proofOf(first, member)),
    });
    expect(again.data.signIn).toMatchObject({ role: "STEWARD", recoveryCodes: [] });
  });

  test("has to choose an address, and an invitation that carries one refuses another", async () => {
    const first = await opened(openTown());
    const token = first.node.invitation ?? "";
    const ask = first.stranger();
    const code = await codeAt(await secretOf(ask, token), first.now());
    expect(refusal(await accept(ask, token, { password, code }))).toBe("BAD_USER_INPUT");
    expect(refusal(await accept(ask, token, { password, code, address: "ab" }))).toBe("BAD_USER_INPUT");
    const other = await invite((await steward()).ask, { address: "carried@example.org", role: "SEEKER" });
    const stranger = town.stranger();
    const own = await codeAt(await secretOf(stranger, other.token), town.now());
    const input = { password, code: own, address: "mine@example.org" };
    expect(refusal(await accept(stranger, other.token, input))).toBe("BAD_USER_INPUT");
  });

  test("is waited for once: a node that starts again tells no second invitation, nor does one that has somebody", async () => {
    const first = await opened(openTown());
    const { home, database } = first.node.ground;
    const { invitations } = openFrontDesk(database, home);
    expect(first.node.invitation).toMatch(/^[\w-]{43}$/);
    expect(await invitations.firstInvitation()).toBeNull();
    first.pass(7 * DAY);
    const later = await invitations.firstInvitation();
    expect(later?.role).toBe("STEWARD");
    await join(first, later?.token ?? "", "late@example.org", "late@example.org");
    first.pass(30 * DAY);
    expect(await invitations.firstInvitation()).toBeNull();
  });
});

describe("an invitation", () => {
  test("is shown once with a link behind #, and lasts seven days", async () => {
    const made = await invite((await steward()).ask, { address: "ana@example.org", role: "PRACTITIONER" });
    expect(made.link).toBe(`https://ceiba.example/#invitation=${made.token}`);
    expect(made.role).toBe("PRACTITIONER");
    expect(Date.parse(made.expires) - town.now().getTime()).toBe(7 * DAY);
    expect(made.token).toMatch(/^[\w-]{43}$/);
  });

  test("tells its holder what it offers, with the same authenticator each time", async () => {
    const { token } = await invite((await steward()).ask, { address: "offer@example.org", role: "FUNDER" });
    const query = `query ($token: String!) { invitation(token: $token) { role expires otpauthUri network { name } } }`;
    const first = await town.stranger()(query, { token });
    const second = await town.stranger()(query, { token });
    expect(first.data).toMatchObject({ invitation: { role: "FUNDER", network: { name: "Red Ceiba" } } });
    expect(first.text).toBe(second.text);
    expect(first.text).toContain("otpauth://totp/");
    expect(first.text).not.toContain("offer@");
  });

  test("answers the same whether or not the address has an account, until somebody tries to come in", async () => {
    const member = await newMember(town, "SEEKER");
    const { ask } = await steward();
    const query = `mutation ($input: InviteInput!) { invite(input: $input) { id token link role expires } }`;
    const shape = (text: string) => text.replace(/[\w-]{43}/g, "TOKEN").replace(/[0-9a-f-]{36}/g, "ID");
    const known = await ask(query, { input: { address: member.address, role: "SEEKER" } });
    const unknown = await ask(query, { input: { address: "nobody@example.org", role: "SEEKER" } });
    expect(shape(known.text)).toBe(shape(unknown.text));
    const { token } = (known.data as { invite: { token: string } }).invite;
    const stranger = town.stranger();
    const code = await codeAt(await secretOf(stranger, token), town.now());
    const refused = await accept(stranger, token, { password, code });
    const never = await accept(stranger, "A".repeat(43), { password, code });
    expect(refused.text).toBe(never.text);
    expect(refusal(refused)).toBe("NOT_FOUND");
    // The account is as it was.
    const entered = await signIn(town.stranger(), {
      address: member.address,
      ...(await proofOf(town, member)),
    });
    expect(entered.data.signIn.role).toBe("SEEKER");
  });

  test("that was used, has expired or never was is refused in the same words", async () => {
    const { ask } = await steward();
    const used = await invite(ask, { address: "used@example.org", role: "SEEKER" });
    await join(town, used.token, "used@example.org");
    const expired = await invite(ask, { address: "expired@example.org", role: "SEEKER" });
    const code = await codeAt(await secretOf(town.stranger(), expired.token), town.now());
    town.pass(7 * DAY);
    const stranger = town.stranger();
    const answers = [];
    for (const token of [used.token, expired.token, "B".repeat(43), "", "x".repeat(10_000)])
      answers.push((await accept(stranger, token, { password, code })).text);
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain("NOT_FOUND");
    const offers = [];
    for (const token of [used.token, expired.token, "B".repeat(43)])
      offers.push(
        (await stranger(`query ($t: String!) { invitation(token: $t) { role } }`, { t: token })).text,
      );
    expect(new Set(offers).size).toBe(1);
  });

  test("accepted twice at the same moment makes one account", async () => {
    const made = await invite((await steward()).ask, { address: "twice@example.org", role: "SEEKER" });
    const code = await codeAt(await secretOf(town.stranger(), made.token), town.now());
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => accept(town.stranger(), made.token, { password, code })),
    );
    expect(tallied(answers)).toEqual({ null: 1, NOT_FOUND: 3 });
  });

  test("two for one address, accepted at the same moment, make one account", async () => {
    const { ask } = await steward();
    const both = await Promise.all(
      [1, 2].map(() => invite(ask, { address: "both@example.org", role: "SEEKER" })),
    );
    const answers = await Promise.all(
      both.map(async ({ token }) => {
        const stranger = town.stranger();
        const code = await codeAt(await secretOf(stranger, token), town.now());
        return accept(stranger, token, { password, code });
      }),
    );
    expect(tallied(answers)).toEqual({ null: 1, NOT_FOUND: 1 });
  });

  test("is worth nothing once the steward who made it is removed", async () => {
    const [gone, other] = [await steward(), await admin()];
    const made = await invite(gone.ask, { address: "later@example.org", role: "STEWARD" });
    const code = await codeAt(await secretOf(town.stranger(), made.token), town.now());
    await other.ask(`mutation ($id: ID!) { removeAccount(id: $id) }`, { id: gone.account });
    expect(refusal(await accept(town.stranger(), made.token, { password, code }))).toBe("NOT_FOUND");
  });

  test.each([
    ["a seeker", "SEEKER", "SEEKER", "FORBIDDEN"],
    ["a funder", "FUNDER", "SEEKER", "FORBIDDEN"],
    ["a practitioner", "PRACTITIONER", "PRACTITIONER", "FORBIDDEN"],
    ["a steward, of an admin,", "STEWARD", "ADMIN", "FORBIDDEN"],
    ["a steward, of nobody in particular,", "STEWARD", "ANONYMOUS", "BAD_USER_INPUT"],
    ["an admin, of a frontend,", "ADMIN", "FRONTEND", "BAD_USER_INPUT"],
    ["an admin, of an admin,", "ADMIN", "ADMIN", null],
    ["a steward, of a steward,", "STEWARD", "STEWARD", null],
  ] as const)("by %s is made or refused as it should be", async (_who, role, invited, expected) => {
    const person = await town.node.signedIn(role);
    const answer = await person.ask(`mutation ($input: InviteInput!) { invite(input: $input) { role } }`, {
      input: { address: `${randomUUID()}@example.org`, role: invited },
    });
    expect(refusal(answer)).toBe(expected);
  });

  test("by whoever has not signed in is refused", async () => {
    const answer = await town.stranger()(
      `mutation { invite(input: { address: "me@example.org", role: ADMIN }) { token } }`,
    );
    expect(refusal(answer)).toBe("UNAUTHENTICATED");
  });

  test.each(["ab", "  a ", "a".repeat(255)])("for the address %j is refused", async (address) => {
    const answer = await (
      await steward()
    ).ask(`mutation ($input: InviteInput!) { invite(input: $input) { role } }`, {
      input: { address, role: "SEEKER" },
    });
    expect(refusal(answer)).toBe("BAD_USER_INPUT");
  });

  test("keeps neither address nor token in the database", async () => {
    const made = await invite((await steward()).ask, { address: "hidden@example.org", role: "SEEKER" });
    await join(town, made.token, "hidden@example.org");
    const tables = await sql<{ name: string }>(
      "select tablename as name from pg_tables where schemaname in ('base', 'seen')",
    );
    for (const { name } of tables) {
      const rows = await sql(`select * from ${name === "listing" ? "seen" : "base"}.${name}`).catch(() => []);
      expect(JSON.stringify(rows)).not.toMatch(/hidden@example/);
      expect(JSON.stringify(rows)).not.toContain(made.token);
    }
  });
});

describe("an entry that was imported", () => {
  const [person] = ceiba.practitioners;
  if (person === undefined) throw new Error("the cast is empty");

  test("is handed over to whoever accepts, and to nobody after them", async () => {
    const node = await opened(startTestNode());
    const { ask } = await node.signedIn("STEWARD");
    const input = { address: "owner@example.org", role: "PRACTITIONER", practitioner: person.id };
    const [one, two] = [
      await invite(ask, input),
      await invite(ask, { ...input, address: "other@example.org" }),
    ];
    const answers = [];
    for (const { token } of [one, two]) {
      const code = await codeAt(await secretOf(node.ask, token), new Date());
      answers.push(refusal(await accept(node.ask, token, { password, code })));
    }
    expect(answers).toEqual([null, "NOT_FOUND"]);
    const { data } = await ask<{ accounts: { role: string; practitioner: string | null }[] }>(
      `{ accounts { role practitioner } }`,
    );
    expect(data.accounts.filter(({ practitioner }) => practitioner !== null)).toEqual([
      { role: "PRACTITIONER", practitioner: person.id },
    ]);
    const query = `mutation ($input: InviteInput!) { invite(input: $input) { role } }`;
    const owned = await ask(query, { input });
    const never = await ask(query, { input: { ...input, practitioner: randomUUID() } });
    expect(owned.text).toBe(never.text);
    expect(refusal(owned)).toBe("NOT_FOUND");
    expect(refusal(await ask(query, { input: { ...input, role: "SEEKER" } }))).toBe("BAD_USER_INPUT");
  });

  test("gives whoever accepts what members see, and nothing that is private; its history says who offered it", async () => {
    const { database, home } = town.node.ground;
    const id = randomUUID();
    const email = { kind: "EMAIL", value: "canary@example.org", note: null } as const;
    const signal = { kind: "SIGNAL", value: "known.42", note: null } as const;
    const [oaxaca, mexico] = ["MX-OAX", "MX"].map((region) => ({ region, relation: "BASED_IN" as const }));
    if (oaxaca === undefined || mexico === undefined) throw new Error("there are two");
    const facts = {
      ...person.facts,
      pronouns: { value: "canary", audience: "PRIVATE" as const },
      regions: [
        {
          value: oaxaca,
          audience: "PRIVATE" as const,
          ladder: [{ value: mexico, audience: "MEMBERS" as const }],
        },
      ],
      contact: [
        { value: email, audience: "PRIVATE" as const },
        { value: signal, audience: "MEMBERS" as const },
      ],
    };
    await database.transaction((tx) =>
      savePractitioners(tx, home, [{ ...person, id, facts, state: "LISTED", audience: "MEMBERS" }]),
    );
    const by = await steward();
    const entry = `alias pronouns regions { region { code } } contact { value }`;
    const members = await by.ask<{ practitioner: object }>(
      `query ($id: ID!) { practitioner(id: $id) { ${entry} } }`,
      { id },
    );
    const input = { address: "straw@example.org", role: "PRACTITIONER", practitioner: id };
    const straw = await join(town, (await invite(by.ask, input)).token, input.address);
    const { data } = await straw.ask<{ profile: { history: { action: string; actor: string }[] } }>(
      `{ profile { practitioner { ${entry} } history { action actor } } }`,
    );
    expect(data.profile).toMatchObject({ practitioner: members.data.practitioner });
    expect(members.data.practitioner).toMatchObject({
      pronouns: null,
      regions: [{ region: { code: "MX" } }],
      contact: [{ value: "known.42" }],
    });
    // Of the account and of the entry.
    const deeds = data.profile.history.map(({ action }) => action);
    expect(deeds).toEqual(["JOINED", "JOINED", "INVITED"]);
    expect(data.profile.history.at(-1)?.actor).toBe(`STEWARD ${by.account}`);
  });

  test("and that members see nothing of is there for no steward, as what never was", async () => {
    const { database, home } = town.node.ground;
    const { ask } = await steward();
    const query = `mutation ($input: InviteInput!) { invite(input: $input) { role } }`;
    const input = { address: "hidden@example.org", role: "PRACTITIONER" };
    const never = await ask(query, { input: { ...input, practitioner: randomUUID() } });
    const hidden = [{ audience: "PRIVATE" }, { state: "DRAFT" }, { state: "WITHDRAWN" }] as const;
    for (const change of hidden) {
      const id = randomUUID();
      await database.transaction((tx) => savePractitioners(tx, home, [{ ...person, id, ...change }]));
      expect((await ask(query, { input: { ...input, practitioner: id } })).text).toBe(never.text);
    }
  });

  test("that is erased takes its invitation with it", async () => {
    const { database, home } = town.node.ground;
    const id = randomUUID();
    await database.transaction((tx) => savePractitioners(tx, home, [{ ...person, id, facts: person.facts }]));
    const made = await invite((await steward()).ask, {
      address: "erased@example.org",
      role: "PRACTITIONER",
      practitioner: id,
    });
    const code = await codeAt(await secretOf(town.stranger(), made.token), town.now());
    await sql("delete from base.practitioner where id = $1", [id]);
    expect(refusal(await accept(town.stranger(), made.token, { password, code }))).toBe("NOT_FOUND");
  });
});

describe("a password", () => {
  test.each([
    ["too short", "short-words"],
    ["too long", "a b".repeat(171)],
    ["one character again and again", "xxxxxxxxxxxxxxxx"],
    ["among the first that are tried", "Password1234"],
    ["the address itself", "strict@example.org"],
    ["one that contains the address", "my STRICT@example.org!"],
    ["one sign that stands for eighteen letters", "ﷺ"],
  ])("%s is refused, and the invitation stays good", async (_what, chosen) => {
    const made = await invite((await steward()).ask, { address: "strict@example.org", role: "SEEKER" });
    const stranger = town.stranger();
    const code = await codeAt(await secretOf(stranger, made.token), town.now());
    const answer = await accept(stranger, made.token, { password: chosen, code });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
    expect(answer.text).not.toContain(chosen);
    expect(await secretOf(stranger, made.token)).not.toBe("");
  });

  test("is the same however its accents were typed", async () => {
    const made = await invite((await steward()).ask, { address: "accents@example.org", role: "SEEKER" });
    const stranger = town.stranger();
    const secret = await secretOf(stranger, made.token);
    const code = await codeAt(secret, town.now());
    await accept(stranger, made.token, { password: "canción de cuna larga", code });
    town.pass(30 * SECOND);
    const again = await signIn(stranger, {
      address: "accents@example.org",
      password: "cancio\u0301n de cuna larga",
      code: await codeAt(secret, town.now()),
    });
    expect(refusal(again)).toBeNull();
  });

  test("is needed with a code that works before there is an account", async () => {
    const made = await invite((await steward()).ask, { address: "nocode@example.org", role: "SEEKER" });
    const stranger = town.stranger();
    const right = await codeAt(await secretOf(stranger, made.token), town.now());
    for (const code of ["", "000000x", String((Number(right) + 1) % 1_000_000).padStart(6, "0")])
      expect(refusal(await accept(stranger, made.token, { password, code }))).toBe("BAD_USER_INPUT");
  });
});

describe("signing in", () => {
  test("refuses unknown addresses, wrong passwords and wrong codes byte for byte alike", async () => {
    const member = await newMember(town, "PRACTITIONER");
    const { address } = member;
    const proof = await proofOf(town, member);
    const old = await codeAt(member.secret, new Date(town.now().getTime() - 300 * SECOND));
    const answers = [
      await signIn(town.stranger(), { address: "nobody@example.org", ...proof }),
      await signIn(town.stranger(), { address, ...proof, password: "copper kettle on the fridge" }),
      await signIn(town.stranger(), { address, ...proof, code: old }),
      await signIn(town.stranger(), { address, ...proof, code: "" }),
      await signIn(town.stranger(), { address: "", ...proof }),
      await signIn(town.stranger(), { address, ...proof, password: "x".repeat(9_000) }),
      await signIn(town.stranger(), { address, ...proof, code: member.session.token }),
    ];
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(new Set(answers.map(({ status }) => status)).size).toBe(1);
    expect(refusal(answers[0]!)).toBe("UNAUTHENTICATED");
  });

  test("accepts the code of a step once, and that of the step before or after", async () => {
    const member = await newMember(town, "SEEKER");
    const { address } = member;
    const proof = await proofOf(town, member);
    const attempt = async (at: number) => {
      const code = await codeAt(member.secret, new Date(town.now().getTime() + at * SECOND));
      return refusal(await signIn(town.stranger(), { address, password, code }));
    };
    expect(refusal(await signIn(town.stranger(), { address, ...proof }))).toBeNull();
    expect(await attempt(0)).toBe("UNAUTHENTICATED");
    expect(await attempt(30)).toBeNull();
    expect(await attempt(0)).toBe("UNAUTHENTICATED");
    town.pass(120 * SECOND);
    expect(await attempt(-30)).toBeNull();
    expect(await attempt(60)).toBe("UNAUTHENTICATED");
  });

  test("with one code from two places at the same moment opens one session", async () => {
    const member = await newMember(town, "SEEKER");
    const proof = await proofOf(town, member);
    const answers = await Promise.all(
      [1, 2, 3].map(() => signIn(town.stranger(), { address: member.address, ...proof })),
    );
    expect(answers.map(refusal).filter((code) => code === null)).toHaveLength(1);
  });

  test("takes each recovery code once in place of the authenticator's", async () => {
    const member = await newMember(town, "SEEKER");
    const [first = "", second = ""] = member.session.recoveryCodes;
    const attempt = async (code: string) =>
      refusal(await signIn(town.stranger(), { address: member.address, password, code }));
    expect(await attempt(first.toLowerCase().replaceAll("-", " "))).toBeNull();
    expect(await attempt(first)).toBe("UNAUTHENTICATED");
    expect(await attempt(second)).toBeNull();
  });

  test("with a wrong password spends no recovery code", async () => {
    const member = await newMember(town, "SEEKER");
    const [code = ""] = member.session.recoveryCodes;
    const { address } = member;
    await signIn(town.stranger(), { address, password: "not the right password", code });
    expect(refusal(await signIn(town.stranger(), { address, password, code }))).toBeNull();
  });

  test("with somebody else's recovery code is refused", async () => {
    const [one, other] = [await newMember(town, "SEEKER"), await newMember(town, "SEEKER")];
    const [code = ""] = other.session.recoveryCodes;
    expect(refusal(await signIn(town.stranger(), { address: one.address, password, code }))).toBe(
      "UNAUTHENTICATED",
    );
  });
});

describe("attempts", () => {
  const wrong = { password: "not the right password", code: "123456" };

  /** The name under which an account's failures are counted. */
  function failuresOf(address: string): string {
    const { home } = town.node.ground;
    const mac = addressMac(home, address).toString("base64url");
    return `account failures:${home.seals.key("attempt").mac("account", mac).toString("base64url")}`;
  }

  test("on one account wait after five failures, from wherever they come, for a known address as for an unknown one", async () => {
    const member = await newMember(town, "SEEKER");
    const told = async (address: string) => {
      const answers = [];
      for (let times = 0; times < 8; times++)
        answers.push(await signIn(town.stranger(), { address, ...wrong }));
      return answers;
    };
    const [known, unknown] = [await told(member.address), await told("nobody-waits@example.org")];
    for (const answers of [known, unknown]) {
      expect(answers.slice(0, 5).map(refusal)).toEqual(Array(5).fill("UNAUTHENTICATED"));
      const waits = answers.filter((one) => refusal(one) === "RATE_LIMITED");
      expect(waits.length).toBeGreaterThan(0);
      for (const one of waits) expect(one.errors?.[0]?.message).toMatch(/try again in \d+ seconds\.$/);
    }
  });

  test.each([
    [13, 5],
    [14, 9],
    [15, 15],
    [40, 15],
  ])(
    "after %i failures wait %i minutes, and the right password does not help before",
    async (failures, minutes) => {
      const member = await newMember(town, "SEEKER");
      const { address } = member;
      await signIn(town.stranger(), { address, ...wrong });
      await sql("update base.attempt set points = $2 where key = $1", [failuresOf(address), failures - 1]);
      expect(refusal(await signIn(town.stranger(), { address, ...wrong }))).toBe("UNAUTHENTICATED");
      const refused = await signIn(town.stranger(), { address, ...(await proofOf(town, member)) });
      expect(refusal(refused)).toBe("RATE_LIMITED");
      expect(refused.errors?.[0]?.message).toContain(`try again in ${minutes} minutes.`);
    },
  );

  test("a hundred at once get no more tries than one after the other", async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => signIn(town.stranger(), { address: "flood@example.org", ...wrong })),
    );
    const tried = answers.map(refusal).filter((code) => code === "UNAUTHENTICATED");
    expect(tried.length).toBeLessThanOrEqual(6);
    expect(answers.map(refusal).filter((code) => code === "RATE_LIMITED").length).toBe(40 - tried.length);
  });

  test("that succeed do not count", async () => {
    const member = await newMember(town, "SEEKER");
    const { address } = member;
    for (let times = 0; times < 8; times++)
      expect(
        refusal(await signIn(town.stranger(), { address, ...(await proofOf(town, member)) })),
      ).toBeNull();
    expect(refusal(await signIn(town.stranger(), { address, ...wrong }))).toBe("UNAUTHENTICATED");
  });

  test.each([4, 5, 6])(
    "that failed %i times do not tell whoever made them that somebody signed in meanwhile",
    async (failures) => {
      const member = await newMember(town, "SEEKER");
      const unknown = `nobody-${failures}@example.org`;
      for (const address of [member.address, unknown]) {
        await signIn(town.stranger(), { address, ...wrong });
        await sql("update base.attempt set points = $2 where key = $1", [failuresOf(address), failures]);
      }
      const proof = await proofOf(town, member);
      expect(refusal(await signIn(town.stranger(), { address: member.address, ...proof }))).toBeNull();
      const told = async (address: string) => {
        const answers = [];
        for (let times = 0; times < 3; times++)
          answers.push(refusal(await signIn(town.stranger(), { address, ...wrong })));
        return answers;
      };
      const known = await told(member.address);
      expect(known).toEqual(await told(unknown));
      expect(known).toEqual(["UNAUTHENTICATED", "RATE_LIMITED", "RATE_LIMITED"]);
    },
  );

  test("from one source wait after thirty failures, whatever they are for", async () => {
    const ask = town.stranger();
    const codes = [];
    for (let times = 0; times < 33; times++)
      codes.push(refusal(await accept(ask, `${times}`.padStart(43, "A"), { password, code: "123456" })));
    expect(codes.slice(0, 30)).toEqual(Array(30).fill("NOT_FOUND"));
    expect(codes.slice(30)).toContain("RATE_LIMITED");
    const elsewhere = await accept(town.stranger(), "A".repeat(43), { password, code: "123456" });
    expect(refusal(elsewhere)).toBe("NOT_FOUND");
  });

  test("leave neither address nor source in the database", async () => {
    await signIn(askAt(town.node.url, { "x-forwarded-for": "203.0.113.77" }), {
      address: "traces@example.org",
      ...wrong,
    });
    const rows = JSON.stringify(await sql("select * from base.attempt"));
    expect(rows).not.toMatch(/203\.0\.113\.77|traces/);
  });
});

describe("recovery", () => {
  const recover = `mutation ($input: RecoverInput!) { recover(input: $input) { token role recoveryCodes } }`;

  test("sets a new password by a recovery code and ends every other session", async () => {
    const member = await newMember(town, "SEEKER");
    const [recoveryCode = ""] = member.session.recoveryCodes;
    const chosen = "seven herons at low tide";
    const { data } = await town.stranger()<{ recover: Session }>(recover, {
      input: { address: member.address, recoveryCode, password: chosen },
    });
    expect((await signedIn(town, data.recover)(whoAmI)).data).toMatchObject({ viewer: { role: "SEEKER" } });
    expect((await member.ask(whoAmI)).status).toBe(401);
    const { code } = await proofOf(town, member);
    const old = await signIn(town.stranger(), { address: member.address, password, code });
    expect(refusal(old)).toBe("UNAUTHENTICATED");
    expect(
      refusal(await signIn(town.stranger(), { address: member.address, password: chosen, code })),
    ).toBeNull();
  });

  test("answers the same for a known and an unknown address", async () => {
    const member = await newMember(town, "SEEKER");
    const attempt = (address: string, recoveryCode: string, chosen: string) =>
      town.stranger()(recover, { input: { address, recoveryCode, password: chosen } });
    const wrong = "00000-00000-00000-00000";
    const known = await attempt(member.address, wrong, "seven herons at low tide");
    const unknown = await attempt("nobody@example.org", wrong, "seven herons at low tide");
    expect(known.text).toBe(unknown.text);
    expect(refusal(known)).toBe("UNAUTHENTICATED");
    expect((await attempt(member.address, wrong, "short")).text).toBe(
      (await attempt("nobody@example.org", wrong, "short")).text,
    );
  });
});

describe("one's own access", () => {
  test("a new password ends every other session and not this one", async () => {
    const member = await newMember(town, "PRACTITIONER");
    const other = await signIn(town.stranger(), {
      address: member.address,
      ...(await proofOf(town, member)),
    });
    const { password: old, code } = await proofOf(town, member);
    const newPassword = "seven herons at low tide";
    const change = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }`;
    const wrong = await member.ask(change, { input: { password: newPassword, code, newPassword } });
    expect(refusal(wrong)).toBe("FORBIDDEN");
    const changed = await member.ask(change, { input: { password: old, code, newPassword } });
    expect(changed.data).toEqual({ changePassword: true });
    expect((await member.ask(whoAmI)).data).toMatchObject({ viewer: { role: "PRACTITIONER" } });
    expect((await signedIn(town, other.data.signIn)(whoAmI)).status).toBe(401);
  });

  test("new recovery codes put the old ones out of use", async () => {
    const member = await newMember(town, "SEEKER");
    const renew = `mutation ($input: ProofInput!) { renewRecoveryCodes(input: $input) }`;
    const { data } = await member.ask<{ renewRecoveryCodes: string[] }>(renew, {
      input: await proofOf(town, member),
    });
    expect(new Set(data.renewRecoveryCodes).size).toBe(10);
    const [old = ""] = member.session.recoveryCodes;
    const [fresh = ""] = data.renewRecoveryCodes;
    const { address } = member;
    expect(refusal(await signIn(town.stranger(), { address, password, code: old }))).toBe("UNAUTHENTICATED");
    expect(refusal(await signIn(town.stranger(), { address, password, code: fresh }))).toBeNull();
  });

  test("a new authenticator replaces the old one once it has shown that it works", async () => {
    const member = await newMember(town, "SEEKER");
    const { data } = await member.ask<{ offerAuthenticator: { offer: string; otpauthUri: string } }>(
      `mutation { offerAuthenticator { offer otpauthUri } }`,
    );
    const { offer, otpauthUri } = data.offerAuthenticator;
    const secret = new URL(otpauthUri).searchParams.get("secret") ?? "";
    const replace = `mutation ($input: ReplaceAuthenticatorInput!) { replaceAuthenticator(input: $input) }`;
    const proof = await proofOf(town, member);
    const newCode = await codeAt(secret, town.now());
    const wrong = await member.ask(replace, { input: { ...proof, offer, newCode: proof.code } });
    expect(refusal(wrong)).toBe("BAD_USER_INPUT");
    const right = await member.ask(replace, { input: { ...proof, offer, newCode } });
    expect(right.data).toEqual({ replaceAuthenticator: true });
    const { address } = member;
    const old = await proofOf(town, member);
    expect(refusal(await signIn(town.stranger(), { address, ...old }))).toBe("UNAUTHENTICATED");
    const fresh = { password, code: await codeAt(secret, town.now()) };
    expect(refusal(await signIn(town.stranger(), { address, ...fresh }))).toBeNull();
  });

  test("one's own account goes with password and code, and with everything of it", async () => {
    const member = await newMember(town, "SEEKER");
    const remove = `mutation ($input: ProofInput!) { removeMyAccount(input: $input) }`;
    const proof = await proofOf(town, member);
    expect(refusal(await member.ask(remove, { input: { ...proof, password: "not the right one" } }))).toBe(
      "FORBIDDEN",
    );
    expect((await member.ask(remove, { input: proof })).data).toEqual({ removeMyAccount: true });
    expect((await member.ask(whoAmI)).status).toBe(401);
    const again = await signIn(town.stranger(), {
      address: member.address,
      ...(await proofOf(town, member)),
    });
    const never = await signIn(town.stranger(), { address: "nobody@example.org", ...proof });
    expect(again.text).toBe(never.text);
  });
});

describe("a session", () => {
  test("lasts seven days, however much it is used", async () => {
    const member = await newMember(town, "SEEKER");
    town.pass(7 * DAY - SECOND);
    await sleep(2100);
    expect((await member.ask(whoAmI)).status).toBe(200);
    town.pass(SECOND);
    await sleep(2100);
    expect((await member.ask(whoAmI)).status).toBe(401);
  });

  test("ends when its person signs out, the others of theirs only when they say everywhere", async () => {
    const member = await newMember(town, "SEEKER");
    const enter = async () => {
      const { data } = await signIn(town.stranger(), {
        address: member.address,
        ...(await proofOf(town, member)),
      });
      return signedIn(town, data.signIn);
    };
    const [second, third] = [await enter(), await enter()];
    expect((await second(`mutation { signOut }`)).data).toEqual({ signOut: true });
    expect((await second(whoAmI)).status).toBe(401);
    expect((await third(whoAmI)).status).toBe(200);
    expect((await third(`mutation { signOut(everywhere: true) }`)).data).toEqual({ signOut: true });
    expect((await third(whoAmI)).status).toBe(401);
    expect((await member.ask(whoAmI)).status).toBe(401);
  });

  test("of a removed member ends at once here and within five seconds in every other process", async () => {
    const member = await newMember(town, "PRACTITIONER");
    await member.ask(whoAmI);
    // As another process does it.
    await sql(
      "delete from base.account where id = (select account from base.session where token = sha256($1))",
      [Buffer.from(member.session.token)],
    );
    const until = Date.now() + 5 * SECOND;
    let { status } = await member.ask(whoAmI);
    while (status !== 401 && Date.now() < until) {
      await sleep(100);
      ({ status } = await member.ask(whoAmI));
    }
    expect(status).toBe(401);
    const here = await town.node.signedIn("PRACTITIONER");
    expect((await here.ask(whoAmI)).status).toBe(200);
    const { ask } = await admin();
    await ask(`mutation ($id: ID!) { removeAccount(id: $id) }`, { id: here.account });
    expect((await here.ask(whoAmI)).status).toBe(401);
  });

  const confused = [
    ["nothing", ""],
    ["another scheme", "Basic YWxhZGRpbjpvcGVuc2VzYW1l"],
    ["a JWT that says it needs no signature", "Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoiQURNSU4ifQ."],
    ["a scheme alone", "Bearer"],
    ["a token of the right form that is none", `Bearer ${"A".repeat(43)}`],
    ["ten kilobytes", `Bearer ${"A".repeat(10_240)}`],
    ["a token behind another", `Bearer ${"A".repeat(43)}, Bearer ${"B".repeat(43)}`],
    ["a JSON null", "Bearer null"],
  ] as const;
  test.each(confused)("is not had by sending %s", async (_what, authorization) => {
    const answer = await town.stranger({ authorization })(whoAmI);
    expect(answer.status).toBe(401);
    expect(refusal(answer)).toBe("UNAUTHENTICATED");
  });

  test("is not had by sending two of them", async () => {
    const { token } = await steward();
    const response = await rawRequest(town.node.url, [
      ["authorization", `Bearer ${token}`],
      ["authorization", `Bearer ${"A".repeat(43)}`],
    ]);
    expect(response).toBe(401);
  });

  test("cannot be had with input that the contract does not name", async () => {
    const { ask } = await steward();
    for (const extra of [{ suspended: false }, { account: randomUUID() }, { role: "ADMIN", admin: true }]) {
      const answer = await ask(`mutation ($input: InviteInput!) { invite(input: $input) { role } }`, {
        input: { address: "mass@example.org", role: "SEEKER", ...extra },
      });
      expect(refusal(answer)).toBe("BAD_USER_INPUT");
    }
    const made = await invite(ask, { address: "mass@example.org", role: "SEEKER" });
    const code = await codeAt(await secretOf(town.stranger(), made.token), town.now());
    const answer = await accept(town.stranger(), made.token, { password, code, role: "ADMIN" });
    expect(refusal(answer)).toBe("BAD_USER_INPUT");
  });
});

/** fetch joins headers of one name; node:http sends them as they are. */
async function rawRequest(url: string, headers: readonly (readonly [string, string])[]): Promise<number> {
  const { request } = await import("node:http");
  const body = JSON.stringify({ query: whoAmI });
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/graphql`, { method: "POST" }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.setHeader("content-type", "application/json");
    for (const [name] of headers)
      sent.setHeader(
        name,
        headers.filter(([one]) => one === name).map(([, v]) => v),
      );
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("the accounts of a node", () => {
  test("are listed for stewards and admins without an address, page by page", async () => {
    const { ask } = await steward();
    const { data } = await ask<{ accounts: { id: string }[] }>(`{ accounts(first: 200) { id } }`);
    const pages: string[] = [];
    for (let after: string | undefined; ; after = pages.at(-1)) {
      const page = await ask<{ accounts: { id: string }[] }>(
        `query ($after: ID) { accounts(first: 3, after: $after) { id } }`,
        { after },
      );
      pages.push(...page.data.accounts.map(({ id }) => id));
      if (page.data.accounts.length < 3) break;
    }
    expect(pages).toEqual(data.accounts.map(({ id }) => id));
    expect(new Set(pages).size).toBe(pages.length);
  });

  test.each(["SEEKER", "FUNDER", "PRACTITIONER"] as const)("are not for a %s", async (role) => {
    const person = await town.node.signedIn(role);
    expect(refusal(await person.ask(`{ accounts { id } }`))).toBe("FORBIDDEN");
    const remove = `mutation ($id: ID!) { removeAccount(id: $id) }`;
    expect(refusal(await person.ask(remove, { id: person.account }))).toBe("FORBIDDEN");
  });

  test("are removed by a steward unless they are of a steward or an admin", async () => {
    const [seeker, other, boss] = [await town.node.signedIn("SEEKER"), await steward(), await admin()];
    const { ask } = await steward();
    const remove = `mutation ($id: ID!) { removeAccount(id: $id) }`;
    expect((await seeker.ask(whoAmI)).status).toBe(200);
    expect((await ask(remove, { id: seeker.account.toUpperCase() })).data).toEqual({ removeAccount: true });
    expect((await seeker.ask(whoAmI)).status).toBe(401);
    expect(refusal(await ask(remove, { id: seeker.account }))).toBe("NOT_FOUND");
    expect(refusal(await ask(remove, { id: "nonsense" }))).toBe("NOT_FOUND");
    expect(refusal(await ask(remove, { id: other.account }))).toBe("FORBIDDEN");
    expect(refusal(await ask(remove, { id: boss.account }))).toBe("FORBIDDEN");
    expect((await boss.ask(remove, { id: other.account })).data).toEqual({ removeAccount: true });
  });

  test("are removed ten a day by one steward, so that a stolen session cannot empty the directory", async () => {
    const node = await opened(startTestNode(null));
    const { ask } = await node.signedIn("STEWARD");
    const remove = `mutation ($id: ID!) { removeAccount(id: $id) }`;
    const removed = [];
    for (let nth = 0; nth < 11; nth++)
      removed.push(refusal(await ask(remove, { id: (await node.signedIn("SEEKER")).account })));
    expect(removed).toEqual([...Array<null>(10).fill(null), "RATE_LIMITED"]);
    const another = await node.signedIn("STEWARD");
    expect(refusal(await another.ask(remove, { id: (await node.signedIn("SEEKER")).account }))).toBeNull();
  });

  test("take an entry with them that is begun at the moment they are removed", async () => {
    const node = await opened(startTestNode(null));
    const person = await node.signedIn("PRACTITIONER");
    const { ask } = await node.signedIn("STEWARD");
    const { database } = node.ground;
    let removed: Promise<Answer<unknown>> | undefined;
    await database.transaction(async (tx) => {
      await tx.query(
        "insert into base.practitioner (state, audience, account) values ('DRAFT', 'PARTNERS', $1)",
        [person.account],
      );
      removed = ask(`mutation ($id: ID!) { removeAccount(id: $id) }`, { id: person.account });
      // Long enough for the removal to come to where it has to wait.
      await sleep(500);
    });
    expect((await removed)?.data).toEqual({ removeAccount: true });
    expect(await database.transaction((tx) => tx.query("select from base.practitioner"))).toEqual([]);
  });

  test("have a history that their owner reads beside that of the entry, and nobody else's", async () => {
    const [member, other] = [await newMember(town, "PRACTITIONER"), await newMember(town, "PRACTITIONER")];
    await member.ask(`mutation ($input: ProofInput!) { renewRecoveryCodes(input: $input) }`, {
      input: await proofOf(town, member),
    });
    for (const { ask } of [member, other])
      await ask(`mutation { saveProfile(input: { alias: "Sauce" }) { id } }`);
    const deedsOf = async ({ ask }: { ask: Ask }) => {
      const { data } = await ask<{ profile: { history: { action: string }[] } }>(
        `{ profile { history { action } } }`,
      );
      return data.profile.history.map(({ action }) => action);
    };
    expect(await deedsOf(member)).toContain("RECOVERY_CODES_RENEWED");
    expect(await deedsOf(other)).not.toContain("RECOVERY_CODES_RENEWED");
  });

  test("always keep one steward or admin, also when two remove each other at the same moment", async () => {
    const node = await opened(startTestNode(null));
    const [one, other] = [await node.signedIn("ADMIN"), await node.signedIn("ADMIN")];
    const remove = `mutation ($id: ID!) { removeAccount(id: $id) }`;
    const answers = await Promise.all([
      one.ask(remove, { id: other.account }),
      other.ask(remove, { id: one.account }),
    ]);
    expect(answers.filter((one) => refusal(one) === null).length).toBeLessThan(2);
    const left = await node.ground.database.transaction((tx) =>
      tx.query<object[]>("select from base.account"),
    );
    expect(left.length).toBeGreaterThan(0);
  });

  test("of whoever is suspended give no steward's powers", async () => {
    const { ask, account } = await steward();
    await sql("update base.account set suspended = true where id = $1", [account]);
    expect(refusal(await ask(`{ accounts { id } }`))).toBe("FORBIDDEN");
  });

  test("are in the audit log when they are invited, made, changed and removed, without a word of whose they are", async () => {
    const boss = await admin();
    const made = await invite(boss.ask, { address: "logged@example.org", role: "SEEKER" });
    const member = await join(town, made.token, "logged@example.org");
    await member.ask(`mutation ($input: ProofInput!) { renewRecoveryCodes(input: $input) }`, {
      input: await proofOf(town, member),
    });
    await member.ask(`mutation ($input: ProofInput!) { removeMyAccount(input: $input) }`, {
      input: await proofOf(town, member),
    });
    const rows = await sql<{ actor: string; action: string; object: string; fields: string[] }>(
      "select actor, action, object, fields from base.audit order by seq desc limit 4",
    );
    const account = rows[0]?.object;
    expect(rows.reverse()).toEqual([
      { actor: `ADMIN ${boss.account}`, action: "INVITED", object: made.id, fields: [] },
      { actor: `SEEKER ${account}`, action: "JOINED", object: account, fields: [] },
      { actor: `SEEKER ${account}`, action: "RECOVERY_CODES_RENEWED", object: account, fields: [] },
      { actor: `SEEKER ${account}`, action: "ACCOUNT_REMOVED", object: account, fields: [] },
    ]);
  });
});

test("whoever has not signed in is told what they are", async () => {
  expect((await town.stranger()(whoAmI)).data).toEqual({
    viewer: { audience: "PUBLIC", role: "ANONYMOUS", network: { name: "Red Ceiba" } },
  });
});
