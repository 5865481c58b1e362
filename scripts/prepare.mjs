/**
 * Runs before `npm start`, `npm test` and `npm run bench`: installs what package-lock.json lists and compiles sources and tests,
 * each only when something changed. Uses nothing but Node, because at this moment there may be nothing else.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const modules = at("node_modules");
const compiler = at("node_modules", "typescript", "bin", "tsc");
const installed = at("node_modules", ".cadre-prepared");
const compiled = at("dist", ".cadre-compiled");

refuseOldNode();
if (whatIsMissing() !== "nothing") alone(prepare);

function refuseOldNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `Cadre needs Node 20.19 or newer; this is ${process.versions.node}. See https://nodejs.org or your package manager.`,
  );
}

function prepare() {
  const missing = whatIsMissing();
  if (missing === "packages") install();
  if (missing !== "nothing") compile();
}

/** Compiling needs the development packages too, which an installation made for running leaves out. */
function whatIsMissing() {
  if (!packagesAreThere()) return "packages";
  if (readIfThere(compiled) === sourcesHash()) return "nothing";
  return existsSync(compiler) ? "dist" : "packages";
}

// ── packages ────────────────────────────────────────────────────────────────────────────────────────────────────────

function packagesAreThere() {
  const lock = readIfThere(at("package-lock.json"));
  const stamp = readIfThere(installed);
  if (stamp !== undefined && stamp === hash([lock])) return existsSync(modules);
  if (!matches(lock, readIfThere(join(modules, ".package-lock.json")))) return false;
  stampIfAllowed(installed, hash([lock]));
  return true;
}

/** npm's own record of what it put into node_modules; other platforms' and development packages may be missing from it. */
function matches(lock, record) {
  if (lock === undefined || record === undefined) return false;
  const wanted = JSON.parse(lock).packages;
  const found = JSON.parse(record).packages;
  const mayBeMissing = (one) => one.optional || one.dev || one.devOptional || one.peer;
  return (
    Object.entries(found).every(([path, one]) => wanted[path]?.integrity === one.integrity) &&
    Object.entries(wanted).every(([path, one]) => path === "" || path in found || mayBeMissing(one))
  );
}

function install() {
  say("Installing the packages that package-lock.json lists (a minute or two, once) …");
  const options = ["ci", "--no-audit", "--no-fund", "--include=dev", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const { status } = npm?.endsWith(".js")
    ? spawnSync(process.execPath, [npm, ...options], { cwd: root, stdio: ["ignore", 2, 2] })
    : spawnSync("npm", options, { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (status !== 0)
    fail(
      "The packages could not be installed; npm says why above. It needs the network once; then run this again.",
    );
  stampIfAllowed(installed, hash([readIfThere(at("package-lock.json"))]));
}

// ── compiled sources ────────────────────────────────────────────────────────────────────────────────────────────────

function compile() {
  say("Compiling …");
  const began = Date.now();
  const before = sourcesHash();
  const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) fail("The sources do not compile; see above.");
  dropOlderThan(began);
  writeFileSync(compiled, before);
}

/** What a deleted source left behind in dist. */
function dropOlderThan(began) {
  for (const file of filesBelow("dist")) if (statSync(at(file)).mtimeMs < began - 100) rmSync(at(file));
}

/** Contents, not times: a checkout or a copy into a container changes only the times. */
function sourcesHash() {
  const sources = [
    ...filesBelow("src"),
    ...filesBelow("bench"),
    ...filesBelow("tests").filter((file) => file.endsWith(".ts")),
    ...filesIn("seeds").filter((file) => file.endsWith(".ts")),
    ...["tsconfig.json", "tsconfig.build.json", "package-lock.json"].filter((file) => existsSync(at(file))),
  ];
  return hash(sources.sort(byName).flatMap((file) => [file, readFileSync(at(file))]));
}

function byName(a, b) {
  return a < b ? -1 : 1;
}

function filesIn(folder) {
  if (!existsSync(at(folder))) return [];
  const entries = readdirSync(at(folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(folder, entry.name));
}

function filesBelow(folder) {
  if (!existsSync(at(folder))) return [];
  const folders = readdirSync(at(folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...filesIn(folder), ...folders.flatMap((entry) => filesBelow(join(folder, entry.name)))];
}

// ── one at a time ───────────────────────────────────────────────────────────────────────────────────────────────────

/** A folder in the temporary directory is the lock, since node_modules comes and goes; a dead holder's is taken away. */
function alone(work) {
  const lock = join(tmpdir(), `cadre-prepare-${hash([root]).slice(0, 16)}`);
  let told = false;
  while (!take(lock)) {
    if (!told) say("Another run is installing or compiling; waiting for it …");
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  const leave = () => rmSync(lock, { recursive: true, force: true });
  process.once("exit", leave);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  work();
}

function take(lock) {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, "pid"), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (isAbandoned(lock)) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function isAbandoned(lock) {
  const holder = Number(readIfThere(join(lock, "pid")) ?? 0);
  if (holder > 0) return !isAlive(holder);
  const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return Date.now() - made > 5_000;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

// ── small things ────────────────────────────────────────────────────────────────────────────────────────────────────

function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** A node_modules that belongs to somebody else works as well; it is only looked through again each time. */
function stampIfAllowed(file, text) {
  try {
    writeFileSync(file, text);
  } catch {
    // Nothing depends on the stamp but time.
  }
}

function hash(parts) {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(part ?? "").update("\0");
  return sum.digest("hex");
}

/** Standard output is the program's answer, so this goes to standard error. */
function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(sentence) {
  say(sentence);
  process.exit(1);
}
