import { generate } from "otplib";
import { askAt, startTestNode, type Answer, type Ask, type TestNode } from "./node.js";
import type { Config } from "../src/config.js";

/** A node without records whose clock is moved by hand, and that is asked from as many sources as a test wants. */
export type Town = {
  readonly node: TestNode;
  readonly now: () => Date;
  pass(milliseconds: number): void;
  /** Asks from a source of its own, so that attempts counted against one test are not counted against another. */
  stranger(headers?: Record<string, string>): Ask;
  close(): Promise<void>;
};

export const SECOND = 1000;
export const DAY = 24 * 60 * 60 * SECOND;

/** The sources strangers come from: the documentation network of RFC 5737, and then some. */
let strangers = 0;

export async function openTown(settings: Partial<Config> = {}): Promise<Town> {
  let moment = Date.now();
  const now = () => new Date(moment);
  const node = await startTestNode(null, { trustProxy: true, ...settings }, now);
  return {
    node,
    now,
    pass: (milliseconds) => {
      moment += milliseconds;
    },
    stranger: (headers = {}) => {
      strangers += 1;
      return askAt(node.url, {
        "x-forwarded-for": `198.51.${strangers >> 8}.${strangers & 255}`,
        ...headers,
      });
    },
    close: () => node.close(),
  };
}

export type Invitation = {
  readonly id: string;
  readonly token: string;
  readonly link: string | null;
  readonly role: string;
  readonly expires: string;
};

export type Session = {
  readonly token: string;
  readonly expires: string;
  readonly role: string;
  readonly recoveryCodes: readonly string[];
};

/** Somebody who came in by an invitation, and how they get in again. */
export type Member = {
  readonly address: string;
  readonly password: string;
  readonly secret: string;
  readonly session: Session;
  readonly ask: Ask;
};

export const sessionFields = "token expires role recoveryCodes";

export async function invite(ask: Ask, input: Record<string, unknown>): Promise<Invitation> {
  const { data, errors } = await ask<{ invite: Invitation }>(
    `mutation ($input: InviteInput!) { invite(input: $input) { id token link role expires } }`,
    { input },
  );
  if (errors !== undefined) throw new Error(errors[0]?.message);
  return data.invite;
}

export async function secretOf(ask: Ask, token: string): Promise<string> {
  const { data } = await ask<{ invitation: { otpauthUri: string } }>(
    `query ($token: String!) { invitation(token: $token) { otpauthUri } }`,
    { token },
  );
  return secretIn(data.invitation.otpauthUri);
}

export function secretIn(otpauthUri: string): string {
  return new URL(otpauthUri).searchParams.get("secret") ?? "";
}

/** What an authenticator with this secret shows at this moment. */
export function codeAt(secret: string, moment: Date): Promise<string> {
  return generate({ secret, epoch: Math.floor(moment.getTime() / SECOND) });
}

export function accept(ask: Ask, token: string, input: Record<string, unknown>) {
  return ask<{ acceptInvitation: Session }>(
    `mutation ($token: String!, $input: AcceptInput!) {
      acceptInvitation(token: $token, input: $input) { ${sessionFields} }
    }`,
    { token, input },
  );
}

export const password = "copper kettle on the ridge";

/** Comes in by this invitation. `chosen` is for one that is for no address. */
export async function join(town: Town, token: string, address: string, chosen?: string): Promise<Member> {
  const ask = town.stranger();
  const secret = await secretOf(ask, token);
  const input = { password, code: await codeAt(secret, town.now()), address: chosen };
  const { data, errors } = await accept(ask, token, input);
  if (errors !== undefined) throw new Error(errors[0]?.message);
  const session = data.acceptInvitation;
  return { address, password, secret, session, ask: signedIn(town, session) };
}

let members = 0;

/** Somebody of this role who was invited by an admin and came in. */
export async function newMember(town: Town, role: string): Promise<Member> {
  members += 1;
  const address = `member-${members}@example.org`;
  const admin = await town.node.signedIn("ADMIN");
  const { token } = await invite(admin.ask, { address, role });
  return join(town, token, address);
}

export function signedIn(town: Town, { token }: { readonly token: string }): Ask {
  return askAt(town.node.url, { authorization: `Bearer ${token}` });
}

export function signIn(ask: Ask, input: Record<string, unknown>) {
  return ask<{ signIn: Session }>(
    `mutation ($input: SignInInput!) { signIn(input: $input) { ${sessionFields} } }`,
    { input },
  );
}

/** What a member shows now to sign in; half a minute passes first, because a code is good for once. */
export async function proofOf(town: Town, { secret, password }: Member) {
  town.pass(30 * SECOND);
  return { password, code: await codeAt(secret, town.now()) };
}

/** The code of the one refusal, or null. */
export function refusal({ errors }: Answer<unknown>): unknown {
  return errors?.[0]?.extensions?.["code"] ?? null;
}

export const whoAmI = "{ viewer { audience role network { name } } }";
