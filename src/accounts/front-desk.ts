import type { Clock } from "../clock.js";
import type { Home } from "../listing/home.js";
import type { Database } from "../storage/database.js";
import { Accounts, type WhenRemoved } from "./account.store.js";
import { Attempts } from "./attempts.store.js";
import { FrontendKeys } from "./frontend-key.store.js";
import { Invitations } from "./invitation.store.js";
import { Sessions } from "./session.store.js";
import { SignIn } from "./sign-in.store.js";

/** Everything by which a node knows people and lets them in. */
export type FrontDesk = {
  readonly sessions: Sessions;
  readonly frontends: FrontendKeys;
  readonly accounts: Accounts;
  readonly invitations: Invitations;
  readonly signIn: SignIn;
  readonly clock: Clock;
};

/** `whenRemoved` is what else has to go with an account, in order. */
export function openFrontDesk(
  database: Database,
  home: Home,
  whenRemoved: readonly WhenRemoved[] = [],
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
    clock: home.clock,
  };
}
