import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../src/clock.js";
import { readConfig } from "../../src/config.js";
import { openFederation } from "../../src/federation/federation.js";
import { selfOf } from "../../src/federation/identity.js";
import { openGround } from "../../src/ground.js";
import { openLog } from "../../src/log.js";
import { migrate } from "../../src/storage/database.js";
import { readMasterKeys } from "../../src/storage/master-key.js";
import { cloneDatabase } from "../database.js";
import { FaultProxy } from "../fault-proxy.js";
import { askAt, signIn, type TestNode } from "../node.js";
import { makeServer, onDatabase, runServer, type OwnServer } from "../own-server.js";
import { befriend, freePort } from "../peers.js";

/** What a node's process says: that it serves, or what did not go well when it read its peers. */
export type Told = { readonly url: string } | { readonly problems: readonly string[] };

/** Time that runs so many times as fast since a moment, alike in every process. */
export function fastClock(began: number, speed: number): Clock {
  return () => new Date(began + (Date.now() - began) * speed);
}

/** Some nodes, each a process on a database of its own, each behind a line that breaks; all of them know and trust each other. */
export class Mesh {
  readonly members: Member[] = [];
  readonly clock: Clock;

  private constructor(
    readonly folder: string,
    readonly server: OwnServer,
    readonly time: { readonly began: number; readonly speed: number },
  ) {
    this.clock = fastClock(time.began, time.speed);
  }

  static async open(nodes: number, speed: number): Promise<Mesh> {
    const folder = await mkdtemp(join(tmpdir(), "cadre-days-"));
    await chmod(folder, 0o711);
    const server = await runServer(await makeServer(folder, "postgres"), ["max_connections=400"]);
    await onDatabase(server.url("postgres"), "create database template");
    await migrate(server.url("template"), openLog("silent"));
    process.env["CADRE_TEST_SERVER"] = server.url("postgres");
    process.env["CADRE_TEST_TEMPLATE"] = "template";
    await readMasterKeys(join(folder, "keys"), true);
    const mesh = new Mesh(folder, server, { began: Date.now(), speed });
    const opening = Array.from({ length: nodes }, (_, at) => Member.open(mesh, at));
    mesh.members.push(...(await Promise.all(opening)));
    return mesh;
  }

  /** Every two are introduced to each other, and their stewards compare the number. */
  async befriendAll(): Promise<void> {
    const desks = await Promise.all(this.members.map((member) => member.desk()));
    for (const [at, one] of desks.entries())
      for (const other of desks.slice(at + 1)) await befriend(one, other);
    await Promise.all(desks.map((desk) => desk.close()));
  }

  async close(): Promise<void> {
    for (const member of this.members) await member.end();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** One node of a mesh. */
export class Member {
  #child: ChildProcess | null = null;
  kills = 0;

  private constructor(
    readonly mesh: Mesh,
    readonly name: string,
    readonly port: number,
    readonly databaseUrl: string,
    readonly line: FaultProxy,
  ) {}

  static async open(mesh: Mesh, at: number): Promise<Member> {
    const port = await freePort();
    const { url } = await cloneDatabase();
    const member = new Member(mesh, `Network ${at}`, port, url, await FaultProxy.open(port));
    await member.start();
    return member;
  }

  /** Where it is asked by whoever searches; its peers come by its line. */
  get url(): string {
    return `http://localhost:${this.port}`;
  }

  get isUp(): boolean {
    return this.#child !== null;
  }

  async start(): Promise<void> {
    const { began, speed } = this.mesh.time;
    const program = fileURLToPath(new URL("process.js", import.meta.url));
    const child = fork(program, [String(began), String(speed)], { env: this.#settings(), stdio: "inherit" });
    this.#child = child;
    const [told] = (await Promise.race([once(child, "message"), once(child, "exit")])) as [unknown];
    if (typeof told !== "object") throw new Error(`${this.name} could not be started`);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    this.kills++;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async tell(asked: "sync" | "quiet"): Promise<readonly string[]> {
    const answered = once(this.#child!, "message");
    this.#child!.send(asked);
    const [{ problems }] = (await answered) as [{ problems: readonly string[] }];
    return problems;
  }

  /** What stewards and people do there, with a hand in its database, beside its process. */
  async desk(): Promise<TestNode> {
    const config = readConfig(this.#settings());
    const ground = await openGround(config, "guest-or-owner", openLog("silent"), this.mesh.clock);
    const self = selfOf(config, ground.vocabulary)!;
    const federation = openFederation(ground, self, config, openLog("silent"));
    return {
      url: self.url,
      databaseUrl: this.databaseUrl,
      ground,
      federation,
      invitation: null,
      ask: askAt(this.url),
      signedIn: (role) => signIn(ground, this.url, role),
      upkeep: () => federation.keepUp(),
      close: async () => {
        await federation.close();
        await ground.close();
      },
    };
  }

  async end(): Promise<void> {
    await this.kill();
    await this.line.close();
  }

  #settings(): Record<string, string> {
    return {
      PATH: process.env["PATH"] ?? "",
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      PORT: String(this.port),
      PUBLIC_URL: this.line.url,
      PRIVATE_PEERS: "true",
      DATABASE_URL: this.databaseUrl,
      KEY_FILE: join(this.mesh.folder, "keys"),
      NETWORK_NAME: this.name,
      ...{ RATE_SOURCE: "0", RATE_ACCOUNT: "0", RATE_FRONTEND: "0", RATE_PEER: "0", LOG_LEVEL: "fatal" },
    };
  }
}
