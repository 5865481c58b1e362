// Programs that the check starts and stops, and what stands between them.
import { execFileSync, spawn } from "node:child_process";
import { createServer, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const started = [];
const opened = [];

/** Nothing of this shell's settings reaches a program, so that the check is the same everywhere. */
const environment = (more) => ({ PATH: process.env.PATH, HOME: process.env.HOME, ...more });

export function run(cwd, args, env = {}) {
  execFileSync(process.execPath, args, {
    cwd,
    env: environment(env),
    stdio: ["ignore", "inherit", "inherit"],
  });
}

/** Resolves once something is answered at this address. */
export async function start(cwd, args, url, env) {
  const child = spawn(process.execPath, args, {
    cwd,
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  const closed = new Promise((resolve) => child.once("close", resolve));
  const stop = async () => {
    if (child.exitCode === null) child.kill("SIGTERM");
    await closed;
  };
  started.push(stop);
  for (let tries = 0; tries < 1200; tries++) {
    const answer = await fetch(url).catch(() => null);
    if (answer !== null && answer.status < 500) return { said: () => said, stop };
    if (child.exitCode !== null) break;
    await sleep(50);
  }
  throw new Error(`${args[0]} did not start:\n${said}`);
}

export async function stopAll() {
  for (const server of opened) {
    server.closeAllConnections();
    server.close();
  }
  await Promise.all(started.map((stop) => stop()));
}

export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Hands on to another port what comes, remembers its headers, and can keep answers back. */
export async function between(target) {
  const seen = [];
  let wait = 0;
  const server = createServer((incoming, outgoing) => {
    seen.push(incoming.headers);
    const { method, url: path, headers } = incoming;
    const sent = request({ host: "localhost", port: target, method, path, headers }, async (answer) => {
      if (wait > 0) await sleep(wait, undefined, { ref: false });
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    sent.once("error", () => outgoing.destroy());
    incoming.pipe(sent);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push(server);
  return { port: server.address().port, seen, hold: (milliseconds) => (wait = milliseconds) };
}
