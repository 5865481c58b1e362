import { randomBytes } from "node:crypto";
import { record } from "../audit/audit.store.js";
import type { AuditAction } from "../audit/audit.js";
import { DirectoryError, badInput } from "../errors.js";
import type { Home } from "../listing/home.js";
import type { Database, Transaction } from "../storage/database.js";
import { viewerOf } from "../visibility/viewer.js";
import { makeRecoveryCodes, type Accounts } from "./account.store.js";
import { addressMac } from "./address.js";
import type { Attempts } from "./attempts.store.js";
import type { PersonRole } from "./invitation.js";
import { checkPassword, hashPassword, isPassword } from "./password.js";
import { recoveryMac } from "./recovery-code.js";
import type { Person } from "./person.js";
import { authenticatorSecret, openSecret, sealSecret, stepOf } from "./second-factor.js";
import { endSession, endSessions, enter, type Entrance, type Sessions } from "./session.store.js";
import { newToken } from "./token.js";

/** What somebody shows to prove who they are; `code` is of their authenticator, or a recovery code. */
export type Proof = { readonly password: string; readonly code: string };

/** A signed-in person, the session they act in, and where they are. */
export type Here = { readonly person: Person; readonly token: string; readonly source: string };

/** A new authenticator's secret, and the token by which it is made again when the authenticator has shown that it works. */
export type AuthenticatorOffer = { readonly token: string; readonly secret: string };

/** Signing in with a password and a second factor, and what somebody does about their own access. */
export class SignIn {
  /** Stands in for an address that nobody has, so that it costs the same work. */
  readonly #nobody: Credential;

  constructor(
    private readonly database: Database,
    private readonly home: Home,
    private readonly attempts: Attempts,
    private readonly sessions: Sessions,
    private readonly accounts: Accounts,
  ) {
    this.#nobody = nobodyOf(home);
  }

  /** One refusal for an unknown address, a wrong password and a wrong code, after the same work. */
  signIn(source: string, address: string, proof: Proof): Promise<Entrance> {
    const mac = addressMac(this.home, address);
    return this.attempts.limit({ source, account: mac }, async () => {
      const credential = await this.#credential(selectByAddress, mac);
      const weighed = await this.#weigh(credential, mac, proof);
      return this.database.transaction(async (tx) => {
        if (!(await spend(tx, credential, weighed))) throw notRight();
        return enter(tx, credential, this.home.clock());
      });
    });
  }

  /**
   * Sets a new password by a recovery code, which is spent, and ends every other session and every other way in; refuses as `signIn`
   * does. Whoever needs it may have lost their session to somebody: what was handed out in their name is good for nothing either.
   */
  async recover(source: string, address: string, recoveryCode: string, password: string): Promise<Entrance> {
    const mac = addressMac(this.home, address);
    const entrance = await this.attempts.limit({ source, account: mac }, async () => {
      checkPassword(this.home, password, mac, ["input", "password"]);
      const credential = await this.#credential(selectByAddress, mac);
      const hashed = await hashPassword(this.home, mac, password);
      return this.database.transaction(async (tx) => {
        const code = recoveryMac(this.home, credential.account, recoveryCode);
        const [spent] = await tx.query<object[]>(spendCode, [credential.account, code, true]);
        if (spent === undefined) throw notRight();
        await tx.query(updatePassword, [credential.account, hashed]);
        await endSessions(tx, credential.account, null);
        await this.#endOtherWays(tx, credential);
        await tx.query("delete from base.invitation where invitation.inviter = $1", [credential.account]);
        await this.#recordOf(tx, credential, "ACCESS_RECOVERED");
        return enter(tx, credential, this.home.clock());
      });
    });
    this.sessions.forgetAll();
    return entrance;
  }

  /** Ends this session, or all of one's own. */
  async signOut({ person, token }: Here, everywhere: boolean): Promise<void> {
    await this.database.transaction((tx) =>
      everywhere ? endSessions(tx, person.account, null) : endSession(tx, token),
    );
    this.sessions.forgetAll();
  }

  /** A new password; every other session of theirs ends, and every other way in. */
  changePassword(here: Here, proof: Proof, password: string): Promise<void> {
    return this.#prove(here, proof, async (credential) => {
      checkPassword(this.home, password, credential.address, ["input", "newPassword"]);
      const hashed = await hashPassword(this.home, credential.address, password);
      return async (tx) => {
        await tx.query(updatePassword, [credential.account, hashed]);
        await endSessions(tx, credential.account, here.token);
        await this.#endOtherWays(tx, credential);
        await this.#recordOf(tx, credential, "PASSWORD_CHANGED");
      };
    });
  }

  /** New recovery codes; those there were are good for nothing any more. */
  renewRecoveryCodes(here: Here, proof: Proof): Promise<readonly string[]> {
    return this.#prove(here, proof, async (credential) => async (tx) => {
      await this.#recordOf(tx, credential, "RECOVERY_CODES_RENEWED");
      return makeRecoveryCodes(tx, this.home, credential.account);
    });
  }

  /** What a new authenticator gets. Nothing is kept of it before `replaceAuthenticator`. */
  offerAuthenticator({ account }: Person): AuthenticatorOffer {
    const token = newToken();
    return { token, secret: this.#offered(account, token) };
  }

  /** Takes a new authenticator in place of the one there was, if it shows that it works; every other session and way in ends. */
  replaceAuthenticator(here: Here, proof: Proof, offer: string, newCode: string): Promise<void> {
    return this.#prove(here, proof, async (credential) => {
      const secret = this.#offered(credential.account, offer);
      const step = await stepOf(secret, newCode, this.home.clock());
      if (step === null)
        throw badInput("This is not the code that the new authenticator shows now.", ["input", "newCode"]);
      return async (tx) => {
        const sealed = sealSecret(this.home, credential.account, secret);
        await tx.query(updateSecondFactor, [credential.account, sealed, step]);
        await endSessions(tx, credential.account, here.token);
        await this.#endOtherWays(tx, credential);
        await this.#recordOf(tx, credential, "AUTHENTICATOR_REPLACED");
      };
    });
  }

  /** Spends a proof that it is still the person who acts; FORBIDDEN when it is not right. */
  prove(here: Here, proof: Proof): Promise<void> {
    return this.#prove(here, proof, async () => async () => undefined);
  }

  /** Removes one's own account and everything that goes with it. */
  async removeMyAccount(here: Here, proof: Proof): Promise<void> {
    await this.prove(here, proof);
    await this.accounts.removeOwn(here.person);
  }

  #offered(account: string, token: string): string {
    return authenticatorSecret(this.home, `${account} ${token}`);
  }

  /** What only somebody who has just shown their password and code may do. `prepare` refuses before the code is spent. */
  async #prove<T>(
    { person, source }: Here,
    proof: Proof,
    prepare: (credential: Credential) => Promise<(tx: Transaction) => Promise<T>>,
  ): Promise<T> {
    const credential = await this.#credential(selectByAccount, person.account);
    // Counted apart from sign-ins: whoever knows the address must not be able to hinder its owner, who is in.
    const account = this.home.seals.key("address").mac("account", person.account);
    const done = await this.attempts.limit({ source, account }, async () => {
      const weighed = await this.#weigh(credential, credential.address, proof);
      if (!weighed.right) throw notProven();
      const work = await prepare(credential);
      return this.database.transaction(async (tx) => {
        if (!(await spend(tx, credential, weighed))) throw notProven();
        return work(tx);
      });
    });
    this.sessions.forgetAll();
    return done;
  }

  async #credential(select: string, by: Buffer | string): Promise<Credential> {
    const [row] = await this.database.transaction((tx) => tx.query<Credential[]>(select, [by]));
    return row ?? this.#nobody;
  }

  /** Checks password and code, both of them always. */
  async #weigh(credential: Credential, mac: Buffer, { password, code }: Proof): Promise<Weighed> {
    const { account, secondFactor } = credential;
    const known = credential === this.#nobody ? null : credential.password;
    const right = await isPassword(this.home, mac, password, known);
    const step = await stepOf(openSecret(this.home, account, secondFactor), code, this.home.clock());
    return { right, step, code: recoveryMac(this.home, account, code) };
  }

  /**
   * Passkeys and links to the provider sign in without password and code: whoever had this person's telephone, or saw a password and a
   * code of theirs, may have added one, or have one. Their owner adds theirs again; what was begun to add one ends as well.
   */
  async #endOtherWays(tx: Transaction, credential: Credential): Promise<void> {
    await tx.query(deleteChallenges, [credential.account]);
    const passkeys = await tx.query<object[]>(deletePasskeys, [credential.account]);
    const identities = await tx.query<object[]>(deleteIdentities, [credential.account]);
    if (passkeys.length > 0) await this.#recordOf(tx, credential, "PASSKEY_REMOVED");
    if (identities.length > 0) await this.#recordOf(tx, credential, "IDENTITY_UNLINKED");
  }

  async #recordOf(tx: Transaction, { account, role }: Credential, action: AuditAction): Promise<void> {
    await record(tx, this.home, { actor: viewerOf(role, account), action, object: account });
  }
}

type Credential = {
  readonly account: string;
  readonly role: PersonRole;
  readonly address: Buffer;
  readonly password: string;
  readonly secondFactor: string;
};

/** What a proof came to: the step of the code when it is one of the authenticator, and what a recovery code would be kept as. */
type Weighed = { readonly right: boolean; readonly step: number | null; readonly code: Buffer };

function nobodyOf(home: Home): Credential {
  const account = "00000000-0000-4000-8000-000000000000";
  const secret = authenticatorSecret(home, newToken());
  return {
    account,
    role: "SEEKER",
    address: randomBytes(32),
    password: "",
    secondFactor: sealSecret(home, account, secret),
  };
}

/** Spends the code, so that it is accepted once; false when the password was wrong or the code is good for nothing. */
async function spend(
  tx: Transaction,
  { account, password }: Credential,
  { right, step, code }: Weighed,
): Promise<boolean> {
  const [stepped] = await tx.query<object[]>(spendStep, [account, step ?? -1, right, password]);
  const [coded] = await tx.query<object[]>(spendCode, [account, code, right]);
  return stepped !== undefined || coded !== undefined;
}

function notRight(): DirectoryError {
  return new DirectoryError(
    "UNAUTHENTICATED",
    "The address, the password or the code is not right. A code is good for one sign-in.",
  );
}

function notProven(): DirectoryError {
  return new DirectoryError(
    "FORBIDDEN",
    "The password or the code is not right. A code is good for once; wait for the next one.",
  );
}

const columns = `
  credential.account, account.role, credential.address, credential.password,
  credential.second_factor as "secondFactor"
  from base.credential
  join base.account on account.id = credential.account`;

const selectByAddress = `select ${columns} where credential.address = $1`;

const selectByAccount = `select ${columns} where credential.account = $1`;

const spendStep = `
  with spent as (
    update base.credential set last_step = $2
    where credential.account = $1 and credential.last_step < $2 and $3 and credential.password = $4
    returning credential.account
  )
  select spent.account from spent`;

const spendCode = `
  with spent as (
    delete from base.recovery_code
    where recovery_code.account = $1 and recovery_code.code = $2 and $3
    returning recovery_code.account
  )
  select spent.account from spent`;

const updatePassword = "update base.credential set password = $2 where credential.account = $1";

const deleteChallenges = "delete from base.passkey_challenge where passkey_challenge.account = $1";

const deletePasskeys = `
  with gone as (delete from base.passkey where passkey.account = $1 returning passkey.account)
  select gone.account from gone`;

const deleteIdentities = `
  with gone as (delete from base.identity where identity.account = $1 returning identity.account)
  select gone.account from gone`;

const updateSecondFactor = `
  update base.credential set second_factor = $2, last_step = $3 where credential.account = $1`;
