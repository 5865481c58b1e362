import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import {
  chmod,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  rm,
  rmdir,
  stat,
  unlink,
  type FileHandle,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
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
  const secretFile = join(folder, "secret");
  try {
    const made = await makeFolder(folder);
    return await hold(folder, folder, async (held) => {
      if (made && isRoot() && (await readdir(held)).length === 0) await chmod(held, 0o711);
      const owner = isRoot() ? await ownerOf(folder, held) : undefined;
      const dataExists = (await present(join(held, basename(data)))) !== undefined;
      const secret = await readOrMakeSecret(held, secretFile, dataExists, owner);
      return { folder, data, secretFile, logFile: join(folder, "postgres.log"), secret, durable, owner };
    });
  } catch (error) {
    if (["EACCES", "EPERM", "EROFS", "ENOTDIR", "ENOENT"].includes(codeOf(error)))
      throw new OperatorError(
        `The data folder ${folder} cannot be read and written by this user; run Cadre as the folder's owner, or set another DATA_DIR.`,
      );
    throw error;
  }
}

/** Whether it was made. Root's folder lets others pass through (not look): the server inside may run as somebody else. */
async function makeFolder(folder: string): Promise<boolean> {
  await mkdir(dirname(folder), { recursive: true });
  try {
    await mkdir(folder, { mode: isRoot() ? 0o711 : 0o700 });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Undefined for root's own. Who can put a link where root looks for the folder could lead root anywhere. */
async function ownerOf(folder: string, held: string): Promise<Owner | undefined> {
  const [named, { uid, gid }] = await Promise.all([lstat(folder), stat(held)]);
  if (named.isSymbolicLink() && named.uid !== 0 && named.uid !== uid) throw notOurs(folder, "folder");
  return uid === 0 ? undefined : { uid, gid };
}

/** Exclusive creation decides between two that start at once; a short file is one that is still being written, or never was. */
async function readOrMakeSecret(
  held: string,
  shown: string,
  dataExists: boolean,
  owner?: Owner,
): Promise<string> {
  const fresh = randomBytes(32).toString("hex");
  const file = join(held, basename(shown));
  if ((await present(file)) === undefined) {
    if (dataExists)
      throw new OperatorError(
        `${shown}, the password of the database beside it, is missing; put it back from your backup, or set another DATA_DIR.`,
      );
    const made = await makeFile(file, owner);
    if (made !== undefined) return writeSecret(made, fresh);
  }
  for (let tries = 0; tries < 20; tries++) {
    const found = (await using(openFile(file, shown, constants.O_RDONLY, [owner?.uid]), readAll)).trim();
    if (found.length >= fresh.length) return found;
    await sleep(50);
  }
  if (dataExists)
    throw new OperatorError(
      `${shown}, the password of the database beside it, is damaged; put it back from your backup.`,
    );
  return writeSecret(await openFile(file, shown, constants.O_RDWR, [owner?.uid]), fresh, owner);
}

/** Puts a secret into a file of a folder, whole or not at all; what is there already stays. */
export async function placeSecret(path: string, secret: string): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  await hold(folder, folder, async (held) => {
    const owner = isRoot() ? await ownerOf(folder, held) : undefined;
    const draft = join(held, `.${basename(path)}-${randomBytes(6).toString("hex")}`);
    const made = await makeFile(draft, owner);
    if (made === undefined) throw notOurs(draft, "file");
    await writeSecret(made, secret, owner);
    // Unlike a renaming, a link never replaces what somebody else has put there meanwhile.
    await link(draft, join(held, basename(path))).catch(unlessThere);
    await unlink(draft);
  });
}

function unlessThere(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}

/** Writes it into an open file and closes that. What was there is gone before the file is given away. */
export function writeSecret(file: FileHandle, secret: string, owner?: Owner): Promise<string> {
  return using(Promise.resolve(file), async () => {
    await file.truncate();
    if (owner) await file.chown(owner.uid, owner.gid);
    await file.writeFile(`${secret}\n`);
    await file.sync();
    return secret;
  });
}

/**
 * Where root works in a folder of somebody else, they may at any moment put a link, or a file that is not theirs, where
 * root expects its own. So root goes only through what it holds open and has looked at, and never by a path again:
 * `work` gets a path into the very folder that is there now, whatever becomes of its name.
 */
async function hold<T>(
  path: string,
  shown: string,
  work: (held: string) => Promise<T>,
  more = 0,
): Promise<T> {
  if (!isRoot()) return work(path);
  const folder = await open(path, constants.O_DIRECTORY | more).catch((error: unknown) => {
    throw LINKS.includes(codeOf(error)) && more !== 0 ? notOurs(shown, "folder") : error;
  });
  return using(Promise.resolve(folder), () =>
    work(process.platform === "linux" ? `/proc/self/fd/${folder.fd}` : path),
  );
}

/** The same for a folder inside one that is held: it is no link, and belongs to one of `users`. */
export function holdInside<T>(
  path: string,
  shown: string,
  users: readonly (number | undefined)[],
  work: (held: string) => Promise<T>,
): Promise<T> {
  const look = async (held: string): Promise<T> => {
    if (isRoot() && !users.includes((await stat(held)).uid)) throw notOurs(shown, "folder");
    return work(held);
  };
  return hold(path, shown, look, constants.O_NOFOLLOW);
}

/** Holds the place's folder, which still belongs to whom it did. */
export function holdPlace<T>(place: Place, work: (held: string) => Promise<T>): Promise<T> {
  return hold(place.folder, place.folder, async (held) => {
    if (isRoot() && (await stat(held)).uid !== (place.owner?.uid ?? 0)) throw notOurs(place.folder, "folder");
    return work(held);
  });
}

/** Undefined when something is there already. */
export async function makeFile(path: string, owner?: Owner): Promise<FileHandle | undefined> {
  const how = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
  try {
    const made = await open(path, how, 0o600);
    if (owner) await made.chown(owner.uid, owner.gid);
    return made;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return undefined;
    throw error;
  }
}

/** Opens what is a plain file and, for root, has no other name and belongs to root or to one of `users`. */
export async function openFile(
  path: string,
  shown: string,
  flags: number,
  users: readonly (number | undefined)[],
): Promise<FileHandle> {
  const file = await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      throw LINKS.includes(codeOf(error)) ? notOurs(shown, "file") : error;
    },
  );
  const found = await file.stat();
  const own = found.nlink === 1 && [0, ...users].includes(found.uid);
  if (found.isFile() && (own || !isRoot())) return file;
  await file.close();
  throw notOurs(shown, "file");
}

/** What the system says of a link, a pipe or a socket where a file or a folder was wanted. */
const LINKS: readonly string[] = ["ELOOP", "EMLINK", "ENOTDIR", "ENXIO", "EISDIR"];

export function notOurs(path: string, what: "file" | "folder"): OperatorError {
  return new OperatorError(
    `${path} must be a plain ${what} (no link, no second name) that belongs to root or to the owner of its folder; put that right, or set another DATA_DIR.`,
  );
}

export async function using<T>(
  opening: Promise<FileHandle>,
  work: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await opening;
  return work(file).finally(() => file.close());
}

/** That a file has its name is on the disk only when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform !== "win32") await using(open(folder, constants.O_RDONLY), (held) => held.sync());
}

function readAll(file: FileHandle): Promise<string> {
  return file.readFile("utf8");
}

/** Removes a file, or a folder with all that is in it; another start may be doing the same. */
export async function remove(path: string): Promise<void> {
  if (!isRoot()) return rm(path, { recursive: true, force: true });
  try {
    const found = await lstat(path);
    if (!found.isDirectory()) return await unlink(path);
    await holdInside(path, path, [found.uid], async (held) => {
      for (const name of await readdir(held)) await remove(join(held, name));
    });
    await rmdir(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
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
