import type { Clock } from "../clock.js";
import type { Database, Transaction } from "../storage/database.js";
import { viewerOf, type Role, type Viewer } from "../visibility/viewer.js";
import { Believed } from "./believed.js";
import type { PersonRole } from "./invitation.js";
import { digestOf, newToken } from "./token.js";

/** How long a session lasts, in milliseconds, however much it is used. */
const SESSION_LASTS = 7 * 24 * 60 * 60 * 1000;

/** A session just begun. Its token is told once. */
type NewSession = { readonly token: string; readonly expires: Date };

/** Somebody's session, and what they are. Recovery codes are told once, when they are made; there are none otherwise. */
export type Entrance = NewSession & {
  readonly role: PersonRole;
  readonly recoveryCodes: readonly string[];
};

/** Lets somebody in who has shown who they are. */
export async function enter(
  tx: Transaction,
  { account, role }: { readonly account: string; readonly role: PersonRole },
  now: Date,
  recoveryCodes: readonly string[] = [],
): Promise<Entrance> {
  return { ...(await beginSession(tx, account, now)), role, recoveryCodes };
}

/** A session of this account from now on; those of it that are over are cleared away. */
export async function beginSession(tx: Transaction, account: string, now: Date): Promise<NewSession> {
  const token = newToken();
  const expires = new Date(now.getTime() + SESSION_LASTS);
  await tx.query(insertSession, [digestOf(token), account, expires]);
  await tx.query("delete from base.session where session.account = $1 and session.expires <= $2", [
    account,
    now,
  ]);
  return { token, expires };
}

/** Whether a session goes on, held until commit: what ends it at this moment waits, and then finds all that was done in it. */
export async function isSession(
  tx: Transaction,
  token: string,
  account: string,
  now: Date,
): Promise<boolean> {
  const rows = await tx.query<object[]>(holdSession, [digestOf(token), account, now]);
  return rows.length > 0;
}

/** Ends the session of this token, if there is one. */
export async function endSession(tx: Transaction, token: string): Promise<void> {
  await tx.query("delete from base.session where session.token = $1", [digestOf(token)]);
}

/** Ends all sessions of an account but that of `except`; all of them when it is null. */
export async function endSessions(tx: Transaction, account: string, except: string | null): Promise<void> {
  await tx.query(deleteSessions, [account, except === null ? null : digestOf(except)]);
}

/** Who is behind a session's token. */
export class Sessions {
  readonly #known = new Believed<Viewer | null>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Null when the token is of no session, of one that is over, or of one whose account was removed. */
  viewerOf(token: string): Promise<Viewer | null> {
    const digest = digestOf(token);
    return this.#known.of(digest.toString("base64"), () => this.#ask(digest));
  }

  /** Asks anew for everybody: sessions were ended here, or what somebody may do has changed. */
  forgetAll(): void {
    this.#known.forgetAll();
  }

  async #ask(digest: Buffer): Promise<Viewer | null> {
    const [row] = await this.database.transaction((tx) =>
      tx.query<SessionRow[]>(selectSession, [digest, this.clock()]),
    );
    return row === undefined ? null : viewerOf(row.role, row.account, row);
  }
}

type SessionRow = { readonly account: string; readonly role: Role; readonly suspended: boolean };

const insertSession = "insert into base.session (token, account, expires) values ($1, $2, $3)";

const holdSession = `
  select session.account
  from base.session
  where session.token = $1 and session.account = $2 and session.expires > $3
  for share`;

const deleteSessions = `
  delete from base.session
  where session.account = $1 and ($2::bytea is null or session.token <> $2)`;

const selectSession = `
  select account.id as account, account.role, account.suspended
  from base.session
  join base.account on account.id = session.account
  where session.token = $1 and session.expires > $2`;
