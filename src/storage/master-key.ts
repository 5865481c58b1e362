import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { OperatorError } from "../errors.js";
import { placeSecret, present, using } from "./data-folder.js";
import { codeOf } from "./failure.js";
import { Key } from "./seal.js";

/**
 * The keys that wrap all other keys, kept outside the database. The first wraps; those after it still open what they wrapped,
 * so that a key can be changed while the node runs.
 */
export type MasterKeys = readonly [Key, ...Key[]];

/** A key as it stands in the key file: 32 random bytes in base64url, one key a line, lines beginning with # left out. */
export function newKeyLine(): string {
  return randomBytes(32).toString("base64url");
}

/** Reads the key file, or says what is wrong with it; when `make` is true and there is none, one is made with a key of its own. */
export async function readMasterKeys(file: string, make: boolean): Promise<MasterKeys> {
  if (make && (await present(file)) === undefined) await placeSecret(file, newKeyLine());
  const lines = (await readKeyFile(file))
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const [first, ...older] = lines.map((line) => parseKey(file, line));
  if (first === undefined)
    throw new OperatorError(`The key file ${file} is empty; make a key with "cadre keys new".`);
  return [first, ...older];
}

async function readKeyFile(file: string): Promise<string> {
  // A pipe would keep the node waiting for whoever writes into it.
  const opening = open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw new OperatorError(
      `The key file ${file} cannot be read (${codeOf(error)}). For a new database make one with "cadre keys new"; a database that is in use needs the keys it was sealed with, from your backup.`,
    );
  });
  return using(opening, async (opened) => {
    const found = await opened.stat();
    if (!found.isFile()) throw new OperatorError(`The key file ${file} is not a plain file.`);
    if (process.platform !== "win32" && (found.mode & 0o077) !== 0)
      throw new OperatorError(
        `The key file ${file} can be read or changed by other users of this machine; run: chmod 600 ${file}`,
      );
    return opened.readFile("utf8");
  });
}

function parseKey(file: string, line: string): Key {
  const bytes = Buffer.from(line, "base64url");
  if (!/^[\w-]{43}$/.test(line) || bytes.length !== 32)
    throw new OperatorError(
      `The key file ${file} holds a line that is no key: a key is 32 random bytes in base64url, as "cadre keys new" makes them.`,
    );
  if (!looksRandom(line, bytes))
    throw new OperatorError(
      `The key file ${file} holds a key that is not random; make one with "cadre keys new".`,
    );
  return new Key(bytes);
}

/**
 * Whether chance may have made it. What somebody typed has hardly any capitals, few different signs, or signs in
 * the order of the alphabet; of random keys fewer than one in a hundred million is taken for that.
 */
function looksRandom(line: string, bytes: Buffer): boolean {
  const neighbours = [...bytes].filter((byte, at) => at > 0 && Math.abs(byte - (bytes[at - 1] ?? 0)) <= 1);
  const signs = [...line].filter((sign, at) => Math.abs(sign.charCodeAt(0) - line.charCodeAt(at - 1)) <= 1);
  const small = [...line].filter((sign) => /[a-z]/.test(sign));
  return (
    /[A-Z]/.test(line) &&
    small.length > 0 &&
    small.length < 35 &&
    new Set(line).size >= 18 &&
    new Set(bytes).size >= 20 &&
    neighbours.length < 8 &&
    signs.length < 14
  );
}
