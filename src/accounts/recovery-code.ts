import { randomInt } from "node:crypto";
import type { Home } from "../listing/home.js";

/** How many an account has, each good for once. */
const CODES = 10;
/** Crockford's base32: no letter that is taken for another when it is copied by hand. */
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUPS = 4;
const GROUP = 5;

/** New codes of 100 random bits each, as in 7KQ2M-X0V4T-9RB1C-HJ3WD. */
export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: CODES }, () => Array.from({ length: GROUPS }, () => letters(GROUP)).join("-"));
}

function letters(count: number): string {
  return Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join("");
}

/** What is kept of a code of this account. Spaces, dashes and case do not matter; O is 0, I and L are 1. */
export function recoveryMac({ seals }: Home, account: string, code: string): Buffer {
  const plain = code.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  return seals.key("recovery").mac(account, plain);
}
