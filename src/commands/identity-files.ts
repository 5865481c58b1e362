import { readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { OperatorError } from "../errors.js";
import { LARGEST_FILE } from "../federation/ceremony.js";
import { makeFile, syncFolder, writeSecret } from "../storage/data-folder.js";
import { codeOf } from "../storage/failure.js";

/** Reads a small file that the operator named, or says that it cannot be read. */
export async function readNamed(file: string): Promise<string> {
  try {
    const found = await stat(file);
    if (!found.isFile() || found.size > LARGEST_FILE)
      throw new OperatorError(`${file} is not a plain file, or too large to be the right one.`);
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`${file} cannot be read (${codeOf(error)}).`);
  }
}

/** Writes a secret into a new file that nobody else may read, and makes sure that the disk holds it. What is there already stays. */
export async function writeNew(file: string, secret: string): Promise<void> {
  const made = await makeFile(file).catch(cannotWrite(file));
  if (made === undefined)
    throw new OperatorError(`${file} is there already, and is not written over; name a new file.`);
  try {
    await writeSecret(made, secret);
    if ((await readFile(file, "utf8")).trim() !== secret)
      throw new OperatorError(`${file} does not hold what was written to it; nothing was changed.`);
    await syncFolder(dirname(file));
  } catch (error) {
    await unlink(file).catch(() => undefined);
    throw error instanceof OperatorError ? error : cannotWrite(file)(error);
  }
}

function cannotWrite(file: string): (error: unknown) => never {
  return (error) => {
    throw new OperatorError(`${file} cannot be written (${codeOf(error)}); nothing was changed.`);
  };
}
