import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Client } from "./client.js";
import { atRest, pinning } from "./machine.js";
import { asGraphQL, type Question } from "./questions.js";

export const PEERS = ["product", "S", "L"] as const;
export type PeerName = (typeof PEERS)[number];

/** A server under test, in a process of its own. */
export type Peer = {
  readonly name: PeerName;
  readonly pid: number;
  readonly client: Client;
  body(question: Question): Buffer;
  /** Only the product can be profiled: null begins, a file's name ends. */
  profile(file: string | null): Promise<void>;
  stop(): Promise<void>;
};

const programs: Readonly<Record<PeerName, string>> = {
  product: "peer-product",
  S: "peer-joins",
  L: "peer-index",
};

/** Starts a peer on the first core, and waits until it is at rest; the client has the second, PostgreSQL is free. */
export async function startPeer(name: PeerName, databaseUrl: string, keyFile: string): Promise<Peer> {
  const child = startProgram(programs[name], databaseUrl, keyFile);
  const { url } = await told<{ url: string }>(child, name);
  await atRest(child.pid ?? 0);
  const client = new Client(url);
  return {
    name,
    pid: child.pid ?? 0,
    client,
    body: (question) => Buffer.from(name === "product" ? asGraphQL(question) : JSON.stringify(question)),
    profile: async (file) => {
      child.send({ profile: file });
      await told(child, name);
    },
    stop: async () => {
      client.close();
      child.disconnect();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

/** Seconds until the public can be answered, and until everybody can. */
export type StartUp = { readonly seconds: number; readonly whole: number; readonly peak: number };

export async function measureStartUp(databaseUrl: string, keyFile: string): Promise<StartUp> {
  const child = startProgram("start-up", databaseUrl, keyFile);
  const measured = await told<StartUp>(child, "start-up");
  if (child.exitCode === null) await once(child, "exit");
  return measured;
}

function startProgram(program: string, databaseUrl: string, keyFile: string): ChildProcess {
  const file = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
  const [command, options] = pinning
    ? ["taskset", ["-c", "0", process.execPath, file]]
    : [process.execPath, [file]];
  return spawn(command, options, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: {
      ...process.env,
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      PORT: "0",
      DATABASE_URL: databaseUrl,
      KEY_FILE: keyFile,
      NETWORK_NAME: "Bench network",
      RATE_SOURCE: "0",
    },
  });
}

function told<T>(child: ChildProcess, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`${name} ended before it answered`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message as T);
    });
  });
}
