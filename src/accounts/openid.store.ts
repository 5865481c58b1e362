import * as provider from "openid-client";
import { record } from "../audit/audit.store.js";
import { DirectoryError } from "../errors.js";
import type { Home } from "../listing/home.js";
import type { Database } from "../storage/database.js";
import type { Attempts } from "./attempts.store.js";
import type { PersonRole } from "./invitation.js";
import type { Person } from "./person.js";
import { enter, isSession, type Entrance } from "./session.store.js";
import type { Here } from "./sign-in.store.js";
import { digestOf } from "./token.js";

/** How long the way to the provider and back may take, in milliseconds. */
const START_LASTS = 10 * 60 * 1000;
/** How long the provider may take to answer, in seconds. */
const PATIENCE = 10;

/** How this node is known to the network's provider. */
export type Provider = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUrl: string;
};

/** Where to send somebody, and what only whoever sent them there knows. */
export type OpenIdStart = { readonly url: string; readonly state: string };

/**
 * Signing in through the network's own OpenID provider: authorization code with PKCE, nonce and state, ID tokens with a signature that
 * is always checked. It opens accounts that their owners have linked, and makes none.
 */
export class OpenId {
  #configuration: Promise<provider.Configuration> | null = null;

  constructor(
    private readonly database: Database,
    private readonly home: Home,
    private readonly attempts: Attempts,
    private readonly known: Provider | null,
  ) {}

  /** Refuses where there is no provider, before anybody proves anything. */
  require(): void {
    this.#provider();
  }

  /** Begins the way to the provider, of this account's owner who links their identity, or of anybody who signs in. */
  async start(account: string | null): Promise<OpenIdStart> {
    const { redirectUrl } = this.#provider();
    const configuration = await this.#discovered();
    const [state, nonce] = [provider.randomState(), provider.randomNonce()];
    const verifier = provider.randomPKCECodeVerifier();
    const url = provider.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUrl,
      scope: "openid",
      code_challenge: await provider.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    });
    const now = this.home.clock();
    const expires = new Date(now.getTime() + START_LASTS);
    await this.database.transaction(async (tx) => {
      await tx.query("delete from base.openid_start where openid_start.expires <= $1", [now]);
      await tx.query(insertStart, [digestOf(state), account, verifier, nonce, expires]);
    });
    return { url: url.href, state };
  }

  /** Signs in whoever came back; one refusal for whatever is not right, an identity that nobody has linked included. */
  signIn(source: string, state: string, callback: string): Promise<Entrance> {
    return this.attempts.limit({ source, account: null }, async () => {
      const identity = await this.#identity(state, callback, null);
      return this.database.transaction(async (tx) => {
        const [found] = await tx.query<Linked[]>(selectLinked, [identity]);
        if (found === undefined) throw notRight();
        return enter(tx, found, this.home.clock());
      });
    });
  }

  /** From now on whoever this is at the provider is this person here. */
  link({ person, token, source }: Here, state: string, callback: string): Promise<void> {
    return this.attempts.limit({ source, account: null }, async () => {
      const identity = await this.#identity(state, callback, person.account);
      await this.database.transaction(async (tx) => {
        if (!(await isSession(tx, token, person.account, this.home.clock()))) throw notRight();
        const [linked] = await tx.query<object[]>(insertIdentity, [identity, person.account]);
        if (linked === undefined)
          throw new DirectoryError("CONFLICT", "Whoever you are at the provider is linked already.");
        await record(tx, this.home, { actor: person, action: "IDENTITY_LINKED", object: person.account });
      });
    });
  }

  /** Takes back every link of this person's. */
  async unlink(person: Person): Promise<void> {
    await this.database.transaction(async (tx) => {
      const gone = await tx.query<object[]>(deleteIdentities, [person.account]);
      if (gone.length === 0)
        throw new DirectoryError("NOT_FOUND", "You have linked no identity at the provider.");
      await record(tx, this.home, { actor: person, action: "IDENTITY_UNLINKED", object: person.account });
    });
  }

  /** Who came back, as a mac of issuer and subject. What was started is over, whether this is right or wrong. */
  async #identity(state: string, callback: string, account: string | null): Promise<Buffer> {
    const { issuer, redirectUrl } = this.#provider();
    const [start] = await this.database.transaction((tx) =>
      tx.query<Start[]>(takeStart, [digestOf(state), account, this.home.clock()]),
    );
    if (start === undefined || !comesBackTo(redirectUrl, callback)) throw notRight();
    const configuration = await this.#discovered();
    const tokens = await provider
      .authorizationCodeGrant(configuration, new URL(callback), {
        expectedState: state,
        expectedNonce: start.nonce,
        pkceCodeVerifier: start.verifier,
        idTokenExpected: true,
      })
      .catch(() => null);
    const subject = tokens?.claims()?.sub;
    if (subject === undefined) throw notRight();
    return this.home.seals.key("identity").mac(issuer, subject);
  }

  #provider(): Provider {
    if (this.known === null)
      throw new DirectoryError("UNAVAILABLE", "This network has no OpenID provider to sign in through.");
    return this.known;
  }

  /** What the provider says of itself, asked once; asked again when it did not answer. */
  #discovered(): Promise<provider.Configuration> {
    const asked = (this.#configuration ??= discover(this.#provider()));
    return asked.catch(() => {
      if (this.#configuration === asked) this.#configuration = null;
      throw new DirectoryError(
        "UNAVAILABLE",
        "The network's OpenID provider does not answer; try again later, or sign in in another way.",
      );
    });
  }
}

/** The configuration has made sure that http is for this machine alone, outside production. */
function discover({ issuer, clientId, clientSecret }: Provider): Promise<provider.Configuration> {
  const plain = new URL(issuer).protocol === "http:" ? [provider.allowInsecureRequests] : [];
  return provider.discovery(new URL(issuer), clientId, clientSecret, undefined, {
    execute: [provider.enableNonRepudiationChecks, ...plain],
    timeout: PATIENCE,
  });
}

/** Whether this is the page that the provider sends people back to, whatever stands behind its question mark. */
function comesBackTo(redirectUrl: string, callback: string): boolean {
  if (!URL.canParse(callback)) return false;
  const [came, expected] = [new URL(callback), new URL(redirectUrl)];
  return came.origin === expected.origin && came.pathname === expected.pathname;
}

type Start = { readonly verifier: string; readonly nonce: string };
type Linked = { readonly account: string; readonly role: PersonRole };

function notRight(): DirectoryError {
  return new DirectoryError(
    "UNAUTHENTICATED",
    "The provider's answer is not right, was used already, or is of nobody known here; begin again.",
  );
}

const insertStart = `
  insert into base.openid_start (state, account, verifier, nonce, expires) values ($1, $2, $3, $4, $5)`;

const takeStart = `
  with taken as (
    delete from base.openid_start
    where openid_start.state = $1 and openid_start.account is not distinct from $2::uuid
      and openid_start.expires > $3
    returning openid_start.verifier, openid_start.nonce
  )
  select taken.verifier, taken.nonce from taken`;

const selectLinked = `
  select account.id as account, account.role
  from base.identity
  join base.account on account.id = identity.account
  where identity.identity = $1`;

const insertIdentity = `
  insert into base.identity (identity, account) values ($1, $2)
  on conflict do nothing
  returning identity.account`;

const deleteIdentities = `
  with gone as (delete from base.identity where identity.account = $1 returning identity.account)
  select gone.account from gone`;
