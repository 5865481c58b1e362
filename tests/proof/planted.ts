import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Leak } from "./leaks.js";
import type { Sought } from "./seek.js";

/** Runs the search for a difference on a copy of the compiled product with this leak in it; with none, on the product as it is. */
export async function seekWith(
  leak: Leak | null,
  seeds: readonly number[],
  pairs: number,
): Promise<readonly Sought[]> {
  const folder = await copyOfProduct();
  try {
    for (const { file, find, put } of leak?.changes ?? [])
      await plant(join(folder, "dist", "src", file), find, put);
    return await seek(folder, seeds, pairs, leak === null || leak.counting);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function copyOfProduct(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cadre-leak-"));
  await Promise.all([
    ...["src", "seeds", "tests"].map((part) =>
      cp(join("dist", part), join(folder, "dist", part), { recursive: true, filter: isNoTest }),
    ),
    cp("package.json", join(folder, "package.json")),
    ...["node_modules", "seeds"].map((part) => symlink(join(process.cwd(), part), join(folder, part))),
  ]);
  return folder;
}

function isNoTest(file: string): boolean {
  return !file.includes(".test.js");
}

/** A text that is not there, or there twice, would leave the leak unplanted or planted elsewhere. */
export async function plant(file: string, find: string, put: string): Promise<void> {
  const text = await readFile(file, "utf8");
  const times = text.split(find).length - 1;
  if (times !== 1)
    throw new Error(`${file} holds the text that the leak replaces ${times} times, not once: ${find}`);
  await writeFile(
    file,
    text.replace(find, () => put),
  );
}

/** Without `counting` no coverage is published, which takes longer than all that is asked. */
function seek(
  folder: string,
  seeds: readonly number[],
  pairs: number,
  counting: boolean,
): Promise<readonly Sought[]> {
  const args = ["dist/tests/proof/seek.js", "--seeds", seeds.join(","), "--pairs", String(pairs)];
  if (counting) args.push("--counting");
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 24 }, (error, told, complaint) => {
      if (error === null) resolve(JSON.parse(told) as readonly Sought[]);
      else reject(new Error(`the search for a difference failed: ${complaint}`));
    });
  });
}
