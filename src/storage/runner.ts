import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from "node:child_process";
import { chown, lchown, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { OperatorError } from "../errors.js";
import { isRoot, ownerOf, type Owner, type Place } from "./data-folder.js";
import { ELSEWHERE, lastWords } from "./failure.js";

/** As whom the binaries run, because PostgreSQL refuses to be root: who they become, and whose the files must be then. */
export type Runner = {
  readonly wrap: readonly string[];
  readonly become?: Owner;
  readonly files?: Owner;
};

export const ourselves: Runner = { wrap: [] };

/**
 * An ordinary user runs it as themselves. Root runs it as the owner of the data or the folder, else as `postgres` or
 * `nobody`; when that user cannot reach the folder or the binaries, in a user namespace where root has that user's number instead of 0.
 */
export async function chooseRunner(place: Place, postgres: string): Promise<Runner> {
  if (!isRoot()) return works(ourselves, place, postgres) ? ourselves : cannotRun(place, postgres);
  const user = (await ownerOf(place.data)) ?? place.owner ?? lookUp("postgres") ?? lookUp("nobody");
  const way = user && waysAs(user).find((one) => works(one, place, postgres));
  if (way !== undefined) return way;
  throw new OperatorError(
    `PostgreSQL refuses to run as root, and no other user here can reach ${place.folder} and the programs in node_modules; run Cadre as an ordinary user, or ${ELSEWHERE}.`,
  );
}

function waysAs(user: Owner): readonly Runner[] {
  const wrap = ["unshare", "--user", `--map-user=${user.uid}`, `--map-group=${user.gid}`, "--"];
  return [
    { wrap: [], become: user, files: user },
    { wrap, files: { uid: 0, gid: 0 } },
  ];
}

function works(runner: Runner, place: Place, postgres: string): boolean {
  if (process.platform === "win32") return true;
  const reach = ["/bin/sh", "-c", 'cd "$0" && exec "$1" --version', place.folder, postgres];
  const [program = "", ...rest] = [...runner.wrap, ...reach];
  return spawnSync(program, rest, { ...surroundings(runner), stdio: "ignore" }).status === 0;
}

function cannotRun(place: Place, postgres: string): never {
  const why = spawnSync(postgres, ["--version"], { cwd: place.folder, encoding: "utf8" });
  const words = why.error === undefined ? lastWords(why.stderr) : "it needs a system with glibc";
  throw new OperatorError(`The embedded PostgreSQL does not run here (${words}); ${ELSEWHERE}.`);
}

function lookUp(user: string): Owner | undefined {
  const [uid, gid] = ["-u", "-g"].map((what) =>
    Number(spawnSync("id", [what, user], { encoding: "utf8" }).stdout || "0"),
  );
  return uid !== undefined && gid !== undefined && uid > 0 ? { uid, gid } : undefined;
}

/** Gives a stopped server's files to whom it will run as now, for example after the checkout moved below /root. */
export async function adopt(data: string, runner: Runner): Promise<void> {
  const owner = runner.files;
  if (owner === undefined || (await stat(data)).uid === owner.uid) return;
  for (const name of await readdir(data, { recursive: true }))
    await lchown(join(data, name), owner.uid, owner.gid);
  await chown(data, owner.uid, owner.gid);
}

/** Runs a command to its end. */
export function run(
  command: readonly string[],
  runner: Runner,
): Promise<{ readonly status: number | null; readonly said: string }> {
  return new Promise((ended) => {
    let said = "";
    const child = start(command, runner, { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr?.on("data", (part: Buffer) => (said += part.toString()));
    child.once("error", (error) => ended({ status: null, said: error.message }));
    child.once("close", (status) => ended({ status, said }));
  });
}

export function start(command: readonly string[], runner: Runner, options: SpawnOptions): ChildProcess {
  const [program = "", ...rest] = [...runner.wrap, ...command];
  return spawn(program, rest, { ...surroundings(runner), windowsHide: true, ...options });
}

/** "/" because the user it runs as may not be allowed to stand where we do. */
function surroundings(runner: Runner): { readonly cwd: string } & Partial<Owner> {
  return { cwd: "/", ...runner.become };
}
