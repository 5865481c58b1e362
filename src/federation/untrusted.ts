/** The rules by which what comes from another node is refused. What breaks one changes nothing here. */
export type Rule =
  | "MALFORMED"
  | "TOO_LARGE"
  | "WRONG_TYPE"
  | "WRONG_ALGORITHM"
  | "UNKNOWN_KEY"
  | "BAD_SIGNATURE"
  | "REVOKED_KEY"
  | "ENDED_KEY"
  | "WRONG_ISSUER"
  | "WRONG_SUBJECT"
  | "WRONG_TIER"
  | "FROM_THE_FUTURE"
  | "EXPIRED"
  | "REPLAYED"
  | "ROLLED_BACK"
  | "TWO_STORIES"
  | "OLDER_THAN_WITHDRAWAL"
  | "LEASE_TOO_LONG"
  | "WRONG_SET"
  | "WRONG_ROOT";

/** What came from another node and is not to be believed. The message is for stewards: it names no person. */
export class Untrusted extends Error {
  override readonly name = "Untrusted";

  constructor(
    readonly rule: Rule,
    message: string,
  ) {
    super(message);
  }
}
