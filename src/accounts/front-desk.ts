import type { Clock } from "../clock.js";
import type { Home } from "../listing/home.js";
import type { Database } from "../storage/database.js";
import { Accounts, type WhenRemoved } from "./account.store.js";
import { Attempts } from "./attempts.store.js";
import { FrontendKeys } from "./frontend-key.store.js";
import { Invitations } from "./invitation.store.js";
import { OpenId, type Provider } from "./openid.store.js";
import { Passkeys, type PasskeyPlace } from "./passkey.store.js";
import { Sessions } from "./session.store.js";
import { SignIn } from "./sign-in.store.js";

/** Everything by which a node knows people and lets them in. */
export type FrontDesk = {
  readonly sessions: Sessions;
  readonly frontends: FrontendKeys;
  readonly accounts: Accounts;
  readonly invitations: Invitations;
  readonly signIn: SignIn;
  readonly passkeys: Passkeys;
  readonly openId: OpenId;
  readonly clock: Clock;
};

/** What the node's configuration and the rooms after this one add. */
export type FrontDeskSettings = {
  /** Null where passkeys are not taken. */
  readonly passkeys: PasskeyPlace | null;
  /** Null where the network has no provider of its own. */
  readonly openId: Provider | null;
  /** What else has to go with an account, in order. */
  readonly whenRemoved: readonly WhenRemoved[];
};

/** Enough for a command that invites somebody. */
const bare: FrontDeskSettings = { passkeys: null, openId: null, whenRemoved: [] };

export function openFrontDesk(
  database: Database,
  home: Home,
  { passkeys, openId, whenRemoved }: FrontDeskSettings = bare,
): FrontDesk {
  const attempts = new Attempts(database, home);
  const sessions = new Sessions(database, home.clock);
  const accounts = new Accounts(database, home, sessions, whenRemoved);
  return {
    sessions,
    accounts,
    frontends: new FrontendKeys(database, home),
    invitations: new Invitations(database, home, attempts),
    signIn: new SignIn(database, home, attempts, sessions, accounts),
    passkeys: new Passkeys(database, home, attempts, passkeys),
    openId: new OpenId(database, home, attempts, openId),
    clock: home.clock,
  };
}
