import { randomUUID } from "node:crypto";
import { FrontendKeys } from "../../src/accounts/frontend-key.store.js";
import type { Person } from "../../src/accounts/person.js";
import { beginSession, Sessions } from "../../src/accounts/session.store.js";
import type { Ground } from "../../src/ground.js";
import { viewerOf, type Role, type Viewer } from "../../src/visibility/viewer.js";
import type { Asking } from "./model.js";

/**
 * What somebody of each audience sends with a question, nothing when they are anonymous; the account of the member; and the key of
 * a router that asks for any of them.
 */
export type LetIn = {
  readonly tokens: Readonly<Record<Asking, string | null>>;
  readonly member: string;
  readonly router: string;
};

/** Lets somebody of each audience in. Straight into the database: how people come to sign in is what tests of accounts are about. */
export async function letIn(ground: Ground): Promise<LetIn> {
  const members = await signIn(ground, "PRACTITIONER");
  const partner = await signIn(ground, "FUNDER");
  // Where there is somebody to invite others no first invitation is made, which each node would make its own.
  const admin = await signIn(ground, "ADMIN");
  const tokens = { PUBLIC: null, PARTNERS: takenForPartner(partner), MEMBERS: members.token };
  return { tokens, member: members.account, router: await routerKey(ground, admin) };
}

async function routerKey({ database, home }: Ground, { account }: Signed): Promise<string> {
  const wanted = { name: "Router", origins: [], scopes: ["ROUTER", "ACCOUNTS"], operations: null } as const;
  const admin: Person = { ...viewerOf("ADMIN", account), account };
  const { key } = await new FrontendKeys(database, home).create(admin, { ...wanted, expires: "2027-06-01" });
  return key;
}

type Signed = { readonly account: string; readonly token: string };

export async function signIn({ database, home }: Ground, role: Role): Promise<Signed> {
  const account = randomUUID();
  const { token } = await database.transaction(async (tx) => {
    await tx.query("insert into base.account (id, role, created) values ($1, $2, $3)", [
      account,
      role,
      home.clock(),
    ]);
    return beginSession(tx, account, home.clock());
  });
  return { account, token };
}

/**
 * Partners come with trusted nodes, to which no door leads yet: until then this account is taken for one of them wherever a
 * session is recognised, and everything behind the door is as it is for everybody.
 */
function takenForPartner({ account, token }: Signed): string {
  const recognition = Sessions.prototype as Recognition;
  const recognise = recognition.viewerOf;
  recognition.viewerOf = async function (this: Sessions, asked) {
    const viewer = await recognise.call(this, asked);
    return viewer?.account === account ? { ...viewer, audience: "PARTNERS" } : viewer;
  };
  return token;
}

type Recognition = { viewerOf: (this: Sessions, token: string) => Promise<Viewer | null> };
