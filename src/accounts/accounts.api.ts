import type { ClassType } from "type-graphql";
import { AccountResolver } from "./account.api.js";
import type { FrontDesk } from "./front-desk.js";
import { FrontendKeyResolver } from "./frontend-key.api.js";
import { InvitationResolver } from "./invitation.api.js";
import { OpenIdResolver } from "./openid.api.js";
import { PasskeyResolver } from "./passkey.api.js";
import { SignInResolver } from "./sign-in.api.js";

/** The resolvers of this room, each with its part. */
export function accountResolvers(desk: FrontDesk): readonly (readonly [ClassType, object])[] {
  return [
    [AccountResolver, new AccountResolver(desk.accounts)],
    [InvitationResolver, new InvitationResolver(desk.invitations)],
    [SignInResolver, new SignInResolver(desk.signIn)],
    [PasskeyResolver, new PasskeyResolver(desk.passkeys, desk.signIn)],
    [OpenIdResolver, new OpenIdResolver(desk.openId, desk.signIn)],
    [FrontendKeyResolver, new FrontendKeyResolver(desk.frontends, desk.clock)],
  ];
}
