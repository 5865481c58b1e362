import { Arg, FieldResolver, Int, Resolver, Root } from "type-graphql";
import { AuditEntryObject } from "../audit/audit.api.js";
import { auditAbout } from "../audit/audit.store.js";
import type { AuditEntry } from "../audit/audit.js";
import { badInput } from "../errors.js";
import { ProfileObject, type ProfileParts } from "./profile.api.js";

const MOST_AT_ONCE = 100;

@Resolver(() => ProfileObject)
export class HistoryResolver {
  constructor(private readonly parts: ProfileParts) {}

  @FieldResolver(() => [AuditEntryObject], {
    description:
      "Everything that was recorded about the entry and the account it belongs to, the newest first: who changed or disclosed what, and which fields. For its owner; empty for everybody else. Who vouched is told to nobody.",
  })
  async history(
    @Root() { id, isOwn, account }: ProfileObject,
    @Arg("first", () => Int, { defaultValue: 20, description: `How many, at most ${MOST_AT_ONCE}.` })
    first: number,
    @Arg("skip", () => Int, { defaultValue: 0, description: "How many of the newest to leave out." })
    skip: number,
  ): Promise<readonly AuditEntryObject[]> {
    if (skip < 0) throw badInput("A number to leave out is 0 or more.", ["skip"]);
    if (first < 1 || first > MOST_AT_ONCE)
      throw badInput(`Ask for 1 to ${MOST_AT_ONCE} entries at once.`, ["first"]);
    if (!isOwn) return [];
    const entries = await this.parts.database.transaction((tx) =>
      auditAbout(tx, account === null ? [id] : [id, account], { first, skip }),
    );
    return entries.map((entry) => new AuditEntryObject(withoutVoucher(entry)));
  }
}

/** The random id of an account would tell whose vouches are one person's. */
function withoutVoucher(entry: AuditEntry): AuditEntry {
  const isVouch = entry.action === "VOUCHED" || entry.action === "VOUCH_WITHDRAWN";
  return isVouch ? { ...entry, actor: "practitioner" } : entry;
}
