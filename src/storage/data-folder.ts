import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { chmod, lstat, mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../errors.js";
import { codeOf } from "./failure.js";

/** The folder of one embedded server: its data, its log, and the secret that is its password. */
export type Place = {
  readonly folder: string;
  readonly data: string;
  readonly secretFile: string;
  readonly logFile: string;
  readonly secret: string;
  readonly durable: boolean;
  /** When root works in somebody's folder, what it makes there is theirs. */
  readonly owner?: Owner;
};
export type Owner = { readonly uid: number; readonly gid: number };

/** Whom the secret belongs to: the server's one user. */
export const USER = "cadre";

/** Makes the folder and its secret where they are missing; the database is made when the server first starts. */
export async function prepare(folder: string, durable: boolean): Promise<Place> {
  const data = join(folder, "postgres");
  try {
    await makeFolder(folder);
    const secretFile = join(folder, "secret");
    const owner = isRoot() ? await ownerOf(folder) : undefined;
    const secret = await readOrMakeSecret(secretFile, (await present(data)) !== undefined, owner);
    return { folder, data, secretFile, logFile: join(folder, "postgres.log"), secret, durable, owner };
  } catch (error) {
    if (["EACCES", "EPERM", "EROFS", "ENOTDIR"].includes(codeOf(error)))
      throw new OperatorError(
        `The data folder ${folder} cannot be read and written by this user; run Cadre as the folder's owner, or set another DATA_DIR.`,
      );
    throw error;
  }
}

/** Root's folder lets others pass through (not look): the server inside runs as somebody else. */
async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined) await chmod(folder, isRoot() ? 0o711 : 0o700);
}

/** Exclusive creation decides between two that start at once; a short file is one that is still being written, or never was. */
async function readOrMakeSecret(file: string, dataExists: boolean, owner?: Owner): Promise<string> {
  const fresh = randomBytes(32).toString("hex");
  if ((await present(file)) === undefined) {
    if (dataExists)
      throw new OperatorError(
        `${file}, the password of the database beside it, is missing; put it back from your backup, or set another DATA_DIR.`,
      );
    if (await writeSecret(file, fresh, "wx", owner)) return fresh;
  }
  for (let tries = 0; tries < 20; tries++) {
    const found = (await readFile(file, "utf8")).trim();
    if (found.length >= fresh.length) return found;
    await sleep(50);
  }
  if (dataExists)
    throw new OperatorError(
      `${file}, the password of the database beside it, is damaged; put it back from your backup.`,
    );
  await writeSecret(file, fresh, "w", owner);
  return fresh;
}

/** Whether it was written; with "wx" an existing file is left alone. */
export async function writeSecret(
  file: string,
  secret: string,
  flags: "w" | "wx",
  owner?: Owner,
): Promise<boolean> {
  try {
    const handle = await open(file, flags, 0o600);
    if (owner) await handle.chown(owner.uid, owner.gid);
    await handle.writeFile(`${secret}\n`);
    await handle.sync();
    await handle.close();
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Undefined for root's own, and for what does not exist. */
export async function ownerOf(path: string): Promise<Owner | undefined> {
  const found = await present(path);
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
}

export async function present(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}
