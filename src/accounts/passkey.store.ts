import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  RegistrationResponseJSON,
} from "@simplewebauthn/server";
import { record } from "../audit/audit.store.js";
import { DirectoryError, badInput } from "../errors.js";
import type { Home } from "../listing/home.js";
import { isId } from "../listing/listing.js";
import type { Database } from "../storage/database.js";
import type { Attempts } from "./attempts.store.js";
import type { PersonRole } from "./invitation.js";
import type { Person } from "./person.js";
import { enter, isSession, type Entrance } from "./session.store.js";
import type { Here } from "./sign-in.store.js";

/** It is large, and on most nodes nobody has a passkey: it is read when somebody first needs it. */
const webAuthn = () => import("@simplewebauthn/server");

/** How long a challenge can be answered, in milliseconds. */
const CHALLENGE_LASTS = 5 * 60 * 1000;

/** Where passkeys are used: the origin at which people meet the network, and the name it has for authenticators. */
export type PasskeyPlace = { readonly origin: string; readonly network: string };

/** What a browser hands to an authenticator: `options` is JSON as WebAuthn names it, for `navigator.credentials`. */
export type PasskeyChallenge = { readonly id: string; readonly options: string };

/** A passkey as its owner sees it. */
export type KeptPasskey = { readonly id: string; readonly created: string };

/** Passkeys (WebAuthn): an authenticator that checks its owner itself stands for password and code. */
export class Passkeys {
  constructor(
    private readonly database: Database,
    private readonly home: Home,
    private readonly attempts: Attempts,
    private readonly place: PasskeyPlace | null,
  ) {}

  /** Refuses where there are no passkeys, before anybody proves anything. */
  require(): void {
    this.#place();
  }

  /** What an authenticator needs to make a passkey of this person's. It is told neither their address nor a name. */
  async offer({ account }: Person): Promise<PasskeyChallenge> {
    const { network, rpID } = this.#place();
    const rows = await this.database.transaction((tx) => tx.query<Credential[]>(selectOfAccount, [account]));
    const { generateRegistrationOptions } = await webAuthn();
    const options = await generateRegistrationOptions({
      rpName: network,
      rpID,
      userName: network,
      userDisplayName: network,
      userID: Uint8Array.from(Buffer.from(account)),
      timeout: CHALLENGE_LASTS,
      attestationType: "none",
      excludeCredentials: rows.map(({ credential }) => ({ id: credential })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    return this.#keep(account, options);
  }

  /** Takes the passkey that answers the challenge; the challenge is good for one answer, right or wrong. */
  async add({ person, token }: Here, challenge: string, response: string): Promise<void> {
    const { origin, rpID } = this.#place();
    const expectedChallenge = await this.#take(challenge, person.account);
    if (expectedChallenge === null) throw wrongAnswer();
    const { verifyRegistrationResponse } = await webAuthn();
    const verified = await verifyRegistrationResponse({
      // The library checks every part of it.
      response: parsed(response) as RegistrationResponseJSON,
      expectedChallenge,
      expectedOrigin: origin,
      expectedRPID: rpID,
    }).catch(() => null);
    if (verified === null || !verified.verified) throw wrongAnswer();
    const { id, publicKey, counter, transports = [] } = verified.registrationInfo.credential;
    await this.database.transaction(async (tx) => {
      if (!(await isSession(tx, token, person.account, this.home.clock()))) throw wrongAnswer();
      const [made] = await tx.query<{ id: string }[]>(insertPasskey, [
        person.account,
        id,
        Buffer.from(publicKey),
        counter,
        transports,
        this.home.clock(),
      ]);
      if (made === undefined) throw wrongAnswer();
      await record(tx, this.home, { actor: person, action: "PASSKEY_ADDED", object: person.account });
    });
  }

  /** What an authenticator needs to sign somebody in. It says nothing of who has a passkey. */
  async signInOptions(): Promise<PasskeyChallenge> {
    const { rpID } = this.#place();
    const { generateAuthenticationOptions } = await webAuthn();
    const options = await generateAuthenticationOptions({
      rpID,
      timeout: CHALLENGE_LASTS,
      userVerification: "required",
    });
    return this.#keep(null, options);
  }

  /** Signs in whoever's passkey answers the challenge; one refusal for whatever is not right. */
  signIn(source: string, challenge: string, response: string): Promise<Entrance> {
    const { origin, rpID } = this.#place();
    return this.attempts.limit({ source, account: null }, async () => {
      const expectedChallenge = await this.#take(challenge, null);
      // The library checks every part of it.
      const answer = parsed(response) as AuthenticationResponseJSON;
      const passkey = await this.#passkeyOf(answer);
      if (expectedChallenge === null || passkey === null) throw notRight();
      const { verifyAuthenticationResponse } = await webAuthn();
      const verified = await verifyAuthenticationResponse({
        response: answer,
        expectedChallenge,
        expectedOrigin: origin,
        expectedRPID: rpID,
        credential: {
          id: passkey.credential,
          publicKey: Uint8Array.from(passkey.publicKey),
          counter: Number(passkey.counter),
          transports: [...passkey.transports],
        },
      }).catch(() => null);
      if (verified?.verified !== true || ownerIn(answer) !== passkey.account) throw notRight();
      return this.#enter(passkey, verified.authenticationInfo.newCounter);
    });
  }

  /** One's own passkeys, oldest first. */
  all({ account }: Person): Promise<readonly KeptPasskey[]> {
    return this.database.transaction((tx) => tx.query<KeptPasskey[]>(selectKept, [account]));
  }

  /** Removes one of one's own; NOT_FOUND when it is somebody else's, or there is none. */
  async remove(person: Person, id: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const [gone] = isId(id) ? await tx.query<object[]>(deletePasskey, [id, person.account]) : [];
      if (gone === undefined)
        throw new DirectoryError("NOT_FOUND", "You have no passkey with this id.", ["id"]);
      await record(tx, this.home, { actor: person, action: "PASSKEY_REMOVED", object: person.account });
    });
  }

  #place(): PasskeyPlace & { readonly rpID: string } {
    if (this.place === null)
      throw new DirectoryError(
        "UNAVAILABLE",
        "This node takes no passkeys: its operator has not set PUBLIC_URL, the address they belong to.",
      );
    return { ...this.place, rpID: new URL(this.place.origin).hostname };
  }

  async #keep(account: string | null, options: { readonly challenge: string }): Promise<PasskeyChallenge> {
    const now = this.home.clock();
    const expires = new Date(now.getTime() + CHALLENGE_LASTS);
    const id = await this.database.transaction(async (tx) => {
      await tx.query("delete from base.passkey_challenge where passkey_challenge.expires <= $1", [now]);
      const [row] = await tx.query<{ id: string }[]>(insertChallenge, [account, options.challenge, expires]);
      if (row === undefined) throw new Error("a challenge could not be written");
      return row.id;
    });
    return { id, options: JSON.stringify(options) };
  }

  /** The challenge, which is then gone; null when it is not there, is somebody else's, or has expired. */
  async #take(id: string, account: string | null): Promise<string | null> {
    if (!isId(id)) return null;
    const [row] = await this.database.transaction((tx) =>
      tx.query<{ challenge: string }[]>(takeChallenge, [id, account, this.home.clock()]),
    );
    return row?.challenge ?? null;
  }

  async #passkeyOf({ id }: { readonly id: unknown }): Promise<Passkey | null> {
    // PostgreSQL takes no text with the character of code 0, and what is no base64url is nobody's.
    if (typeof id !== "string" || !/^[\w-]+$/.test(id)) return null;
    const [row] = await this.database.transaction((tx) => tx.query<Passkey[]>(selectPasskey, [id]));
    return row ?? null;
  }

  async #enter(passkey: Passkey, counter: number): Promise<Entrance> {
    return this.database.transaction(async (tx) => {
      const [counted] = await tx.query<object[]>(count, [passkey.id, counter]);
      if (counted === undefined) throw notRight();
      return enter(tx, passkey, this.home.clock());
    });
  }
}

type Credential = { readonly credential: string };

type Passkey = Credential & {
  readonly id: string;
  readonly account: string;
  readonly role: PersonRole;
  readonly publicKey: Buffer;
  readonly counter: string;
  readonly transports: readonly AuthenticatorTransport[];
};

/** An authenticator's answer; an empty one when it is no JSON object, which then fails as any wrong one does. */
function parsed(response: string): unknown {
  try {
    const answer: unknown = JSON.parse(response);
    return typeof answer === "object" && answer !== null ? answer : {};
  } catch {
    return {};
  }
}

/** The account that the authenticator says the passkey is of. */
function ownerIn({ response }: AuthenticationResponseJSON): string {
  return Buffer.from(response.userHandle ?? "", "base64url").toString();
}

function wrongAnswer(): DirectoryError {
  return badInput("This does not answer the challenge; ask for a new one and try again.", ["response"]);
}

function notRight(): DirectoryError {
  return new DirectoryError(
    "UNAUTHENTICATED",
    "This passkey is not known here, or does not answer the challenge; ask for a new one and try again.",
  );
}

const selectOfAccount = "select passkey.credential from base.passkey where passkey.account = $1";

const selectKept = `
  select passkey.id, to_char(passkey.created at time zone 'UTC', 'YYYY-MM-DD') as created
  from base.passkey
  where passkey.account = $1
  order by passkey.created, passkey.id`;

const selectPasskey = `
  select passkey.id, passkey.account, account.role, passkey.credential, passkey.public_key as "publicKey",
    passkey.counter, passkey.transports
  from base.passkey
  join base.account on account.id = passkey.account
  where passkey.credential = $1`;

const insertPasskey = `
  insert into base.passkey (account, credential, public_key, counter, transports, created)
  values ($1, $2, $3, $4, $5, $6)
  on conflict on constraint passkey_credential_unique do nothing
  returning passkey.id`;

const deletePasskey = `
  with gone as (
    delete from base.passkey where passkey.id = $1 and passkey.account = $2 returning passkey.id
  )
  select gone.id from gone`;

const insertChallenge = `
  insert into base.passkey_challenge (account, challenge, expires)
  values ($1, $2, $3)
  returning passkey_challenge.id`;

const takeChallenge = `
  with taken as (
    delete from base.passkey_challenge
    where passkey_challenge.id = $1 and passkey_challenge.account is not distinct from $2::uuid
      and passkey_challenge.expires > $3
    returning passkey_challenge.challenge
  )
  select taken.challenge from taken`;

/** An authenticator that counts has to have counted on, also where two answers come at once; one that does not stays at 0. */
const count = `
  with counted as (
    update base.passkey set counter = $2
    where passkey.id = $1 and (passkey.counter < $2 or (passkey.counter = 0 and $2 = 0))
    returning passkey.id
  )
  select counted.id from counted`;
