// README's first command as somebody new gives it: clone, `npm start`, ask, Ctrl-C, start again, kill -9, start again;
// and, where we are root, the same as an ordinary user. Prints what it measured; ends with 1 if a promise is broken.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const folder = mkdtempSync(join(tmpdir(), "cadre-fresh-"));
chmodSync(folder, 0o755);
const problems = [];
const question = /```graphql\n([^]*?)```/.exec(readFileSync("README.md", "utf8"))[1];

try {
  const clone = join(folder, "clone");
  execFileSync("git", ["clone", "--quiet", "file://" + process.cwd(), clone]);
  await asSomebodyNew(clone, []);
  if (process.getuid() === 0) {
    const own = join(folder, "own");
    cpSync(clone, own, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.startsWith(join(clone, "data")),
    });
    execFileSync("chown", ["-R", "nobody", own]);
    await asSomebodyNew(own, ["runuser", "-u", "nobody", "--"]);
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
for (const problem of problems) console.error(`FAILED: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);

async function asSomebodyNew(cwd, as) {
  const who = as.length === 0 ? "as whoever runs this" : "as an ordinary user";
  const first = await start(cwd, as);
  expect(
    first.seconds <= 90,
    `from npm start on a fresh clone to the first answer, ${who}: ${first.seconds} s of 90`,
  );
  await stop(first, "SIGINT");
  let again = await start(cwd, as);
  for (let tries = 1; again.seconds > 5 && tries < 3; tries++) {
    await stop(again, "SIGINT");
    again = await start(cwd, as);
  }
  expect(
    again.seconds <= 5,
    `from npm start to the first answer once installed and built, ${who}: ${again.seconds} s of 5`,
  );
  await stop(again, "SIGKILL");
  const after = await start(cwd, as);
  expect(true, `after kill -9 the next start answers, ${who}`);
  await stop(after, "SIGINT");
}

async function start(cwd, as) {
  const port = await freePort();
  const home = join(folder, "home");
  execFileSync("mkdir", ["-p", "-m", "777", home]);
  const [program, ...args] = [...as, "npm", "start"];
  const began = performance.now();
  const env = { PATH: process.env.PATH, HOME: home, PORT: String(port) };
  if (process.env.npm_config_cache) env.npm_config_cache = process.env.npm_config_cache;
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  const closed = new Promise((resolve) => child.once("close", resolve));
  for (;;) {
    const total = await ask(port);
    if (total === 2) break;
    if (child.exitCode !== null || performance.now() - began > 300_000)
      throw new Error(`no answer:\n${said}`);
    await sleep(20);
  }
  return { child, closed, cwd, seconds: Math.round((performance.now() - began) / 100) / 10 };
}

async function ask(port) {
  try {
    const response = await fetch(`http://localhost:${port}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: question }),
    });
    return (await response.json()).data.practitioners.totalCount;
  } catch {
    return null;
  }
}

/** Ctrl-C goes to everything in the terminal's foreground: npm, its shell and the node. */
async function stop({ child, closed, cwd }, signal) {
  process.kill(-child.pid, signal);
  await closed;
  if (signal !== "SIGINT") return;
  const left = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(`${cwd}/data`));
  expect(left.length === 0, `Ctrl-C leaves no database behind${left.length === 0 ? "" : `: ${left[0]}`}`);
}

function expect(holds, what) {
  console.log(`${holds ? "  " : "! "}${what}`);
  if (!holds) problems.push(what);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
