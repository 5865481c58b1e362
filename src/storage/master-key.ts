import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { OperatorError } from "../errors.js";
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

/** Reads the key file; when `make` is true and there is none, one is made with a key of its own. */
export async function readMasterKeys(file: string, make: boolean): Promise<MasterKeys> {
  if (make) await makeIfMissing(file);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new OperatorError(
      `The key file ${file} cannot be read (${codeOf(error)}); make one with "cadre keys new > FILE" and set KEY_FILE.`,
    );
  });
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const [first, ...older] = lines.map((line) => parseKey(file, line));
  if (first === undefined)
    throw new OperatorError(`The key file ${file} is empty; make a key with "cadre keys new".`);
  return [first, ...older];
}

function parseKey(file: string, line: string): Key {
  const bytes = Buffer.from(line, "base64url");
  if (!/^[\w-]{43}$/.test(line) || bytes.length !== 32)
    throw new OperatorError(
      `The key file ${file} holds a line that is no key: a key is 32 random bytes in base64url, as "cadre keys new" makes them.`,
    );
  // A key somebody typed has few different bytes; 32 random ones practically never have fewer than 16.
  if (new Set(bytes).size < 16)
    throw new OperatorError(
      `The key file ${file} holds a key that is not random; make one with "cadre keys new".`,
    );
  return new Key(bytes);
}

async function makeIfMissing(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${newKeyLine()}\n`, { mode: 0o600, flag: "wx" }).then(
    () => chmod(file, 0o600),
    (error: unknown) => {
      if (codeOf(error) !== "EEXIST") throw error;
    },
  );
}
