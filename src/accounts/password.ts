import { hash, verify } from "@node-rs/argon2";
import { badInput } from "../errors.js";
import type { Home } from "../listing/home.js";
import { holdsAddress } from "./address.js";

const SHORTEST = 12;
const LARGEST = 512;

/** Passwords of twelve characters and more that head every list of leaked ones. */
const notorious = new Set([
  "0123456789ab",
  "012345678910",
  "098765432109",
  "0987654321098",
  "111222333444",
  "112233445566",
  "121212121212",
  "1234567890123",
  "123456789012",
  "12345678910",
  "123456789123",
  "1234567891011",
  "123123123123",
  "123qweasdzxc",
  "1q2w3e4r5t6y",
  "1qaz2wsx3edc",
  "1qaz2wsx3edc4rfv",
  "abcdefghijkl",
  "abcdefghijklm",
  "administrator",
  "asdfghjkl123",
  "changeme1234",
  "contraseña123",
  "correcthorsebatterystaple",
  "iloveyou1234",
  "letmein12345",
  "motdepasse123",
  "password1234",
  "password12345",
  "password123456",
  "passwordpassword",
  "p@ssw0rd1234",
  "qwerty123456",
  "qwertyuiop12",
  "qwertyuiop123",
  "qwertyuiop[]",
  "welcome12345",
]);

/** Refuses what is too easily guessed as the password of whoever has the address of this mac. `path` names it in the input. */
export function checkPassword(home: Home, password: string, address: Buffer, path: readonly string[]): void {
  const text = password.normalize("NFKC");
  if ([...text].length < SHORTEST)
    throw badInput(`A password has at least ${SHORTEST} characters; several words make a good one.`, path);
  if (Buffer.byteLength(text) > LARGEST) throw badInput(`A password has at most ${LARGEST} bytes.`, path);
  if (new Set(text).size === 1)
    throw badInput("A password is more than one character again and again.", path);
  if (notorious.has(text.toLowerCase()))
    throw badInput("This password is among the first that are tried; choose another.", path);
  if (holdsAddress(home, text, address))
    throw badInput("A password does not contain the address you sign in with.", path);
}

/** What is kept of a password: argon2id of it, keyed, and bound to the address. */
export function hashPassword(home: Home, address: Buffer, password: string): Promise<string> {
  return hash(keyed(home, address, password));
}

/** Whether the password is the one the hash was made of; the same work when `hashed` is null, for an address nobody has. */
export async function isPassword(
  home: Home,
  address: Buffer,
  password: string,
  hashed: string | null,
): Promise<boolean> {
  const right = await verify(hashed ?? (await nobodys), keyed(home, address, password));
  return right && hashed !== null;
}

/** Nobody's password, made as everybody's is. */
const nobodys = hash(Buffer.alloc(32));

function keyed({ seals }: Home, address: Buffer, password: string): Buffer {
  return seals.key("password").mac(address.toString("base64url"), password.normalize("NFKC"));
}
