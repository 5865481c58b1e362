import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from "node:child_process";
import { constants, type Stats } from "node:fs";
import { chown, readFile, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { OperatorError } from "../errors.js";
import {
  holdInside,
  holdPlace,
  isRoot,
  notOurs,
  openFile,
  present,
  using,
  type Owner,
  type Place,
} from "./data-folder.js";
import { ELSEWHERE, lastWords } from "./failure.js";

/** As whom the binaries run, because PostgreSQL refuses to be root: who they become, and whose the files must be then. */
export type Runner = {
  readonly wrap: readonly string[];
  readonly become?: Owner;
  readonly files?: Owner;
  /** Whose data it may make its own. */
  readonly takes?: number;
};

export const ourselves: Runner = { wrap: [] };

const ROOT: Owner = { uid: 0, gid: 0 };
/** The usual number of `nobody`; in a user namespace, the one of every user it does not know. */
const NOBODY = 65534;

/**
 * An ordinary user runs it as themselves. Root in somebody's folder runs it as them, and in root's own folder as whom
 * the data belongs to; the first that can reach the folder and the programs.
 */
export async function chooseRunner(place: Place, postgres: string): Promise<Runner> {
  const ways = isRoot() ? await waysOfRoot(place) : [ourselves];
  const way = ways.find((one) => works(one, place, postgres));
  if (way !== undefined) return way;
  const last = await lastWayOfRoot(place);
  if (last !== undefined && works(last, place, postgres)) return last;
  throw isRoot() ? rootCannot(place) : cannotRun(place, postgres);
}

/**
 * A user namespace, where root has another number than 0, leaves the files root's, whom no other process can be. `nobody`
 * would share them with every sandboxed service of the machine. No way gets more rights than had whoever could have
 * put the files there.
 */
async function waysOfRoot(place: Place): Promise<readonly Runner[]> {
  const data = await dataOf(place);
  const takes = data?.uid ?? 0;
  if (place.owner !== undefined) return [asUser(place.owner, 0)];
  const users = await listUsers();
  const own = data !== undefined && takes !== 0 && takes !== (users.get("nobody")?.uid ?? NOBODY);
  const ways = own ? [asUser(data, takes)] : [];
  if (takes !== 0 && !(await isClosed(place))) return ways;
  const postgres = users.get("postgres");
  return [...ways, inNamespace(users, takes), ...(postgres === undefined ? [] : [asUser(postgres, takes)])];
}

/** Where nothing else is there, as in most containers: a user of Cadre's own, who has nothing but the data. */
async function lastWayOfRoot(place: Place): Promise<Runner | undefined> {
  const takes = (await dataOf(place))?.uid ?? 0;
  if (!isRoot() || place.owner !== undefined || takes !== 0 || !(await isClosed(place))) return undefined;
  const options = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin"];
  spawnSync("useradd", [...options, "cadre"], { stdio: "ignore" });
  const made = (await listUsers()).get("cadre");
  return made === undefined ? undefined : asUser(made, takes);
}

function asUser({ uid, gid }: Owner, takes: number): Runner {
  return { wrap: [], become: { uid, gid }, files: { uid, gid }, takes };
}

/** As a user whom initdb finds a name for, and not as nobody: there every unknown user's files would look like its own. */
function inNamespace(users: ReadonlyMap<string, Owner>, takes: number): Runner {
  const as = [...users.values()].find(({ uid }) => uid !== 0 && uid !== NOBODY) ?? {
    uid: NOBODY,
    gid: NOBODY,
  };
  const wrap = ["unshare", "--user", `--map-user=${as.uid}`, `--map-group=${as.gid}`, "--"];
  return { wrap, files: ROOT, takes };
}

async function listUsers(): Promise<ReadonlyMap<string, Owner>> {
  const lines = (await readFile("/etc/passwd", "utf8").catch(() => "")).split("\n");
  const users = lines.map((line) => line.split(":")).filter((fields) => fields.length > 3);
  return new Map(users.map(([name = "", , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]));
}

/** Undefined while there is none. In somebody's folder it is theirs, or still root's. */
async function dataOf(place: Place): Promise<Stats | undefined> {
  const data = await present(place.data);
  if (data === undefined) return undefined;
  const foreign = place.owner !== undefined && ![0, place.owner.uid].includes(data.uid);
  if (foreign || !data.isDirectory()) throw notOurs(place.data, "folder");
  return data;
}

/** Whether root alone decides what is in the folder. */
async function isClosed(place: Place): Promise<boolean> {
  const { mode, gid } = await stat(place.folder);
  return (mode & (gid === 0 ? 0o002 : 0o022)) === 0;
}

function rootCannot(place: Place): OperatorError {
  if (place.owner !== undefined)
    return new OperatorError(
      `PostgreSQL runs as the owner of ${place.folder} (user ${place.owner.uid}), who cannot reach that folder or the programs in node_modules; let that user pass, or ${ELSEWHERE}.`,
    );
  return new OperatorError(
    `PostgreSQL refuses to run as root; here root may make no user namespaces ("unshare --user"), and there is no user "postgres" (and none could be made) who can reach ${place.folder} and the programs in node_modules. Run Cadre as an ordinary user, or make such a user, or ${ELSEWHERE}.`,
  );
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

/** Gives a stopped server's files to whom it will run as now, for example after the checkout moved below /root. */
export async function adopt(place: Place, runner: Runner): Promise<void> {
  const { files, takes } = runner;
  if (files === undefined || (await present(place.data))?.uid === files.uid) return;
  const users = [takes, files.uid];
  await holdPlace(place, (held) =>
    holdInside(join(held, basename(place.data)), place.data, users, (data) =>
      give(data, place.data, users, files),
    ),
  );
}

/** The folder itself comes last, so that an interrupted giving is taken up again. */
async function give(
  held: string,
  shown: string,
  users: readonly (number | undefined)[],
  to: Owner,
): Promise<void> {
  for (const entry of await readdir(held, { withFileTypes: true })) {
    const path = join(held, entry.name);
    const name = join(shown, entry.name);
    if (entry.isDirectory()) await holdInside(path, name, users, (inner) => give(inner, name, users, to));
    else await using(openFile(path, name, constants.O_RDONLY, users), (file) => file.chown(to.uid, to.gid));
  }
  await chown(held, to.uid, to.gid);
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
