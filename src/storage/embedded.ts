import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { describeFault, type Log } from "../log.js";
import { addressOf, claimServer, type Claim, type Standing } from "./claim.js";
import { prepare, type Place } from "./data-folder.js";
import { shutDown } from "./server-process.js";

export type { Standing } from "./claim.js";

/**
 * A real PostgreSQL server from npm, with its data in one folder. It outlives a crash of the node that started it, so
 * nothing acknowledged is lost; the next owner takes it over. Two guards must stay true: PostgreSQL's postmaster.pid lets
 * one server at a folder, and an advisory lock in that server lets one owner at the server.
 */
export type Embedded = {
  readonly url: string;
  /** The postmaster. Changes when the server had to be brought back. */
  readonly pid: number;
  /** An owner shuts the server down and waits until it is gone; a guest only leaves. */
  stop(): Promise<void>;
};

/** For tests: `durable: false` is faster and a power cut may eat the data; a `port` instead of a free one. */
export type EmbeddedOptions = { readonly durable?: boolean; readonly port?: number };

/** Opens the server of `folder`, making, starting, joining or taking it over as needed. */
export async function openEmbedded(
  folder: string,
  as: Standing,
  log: Log,
  options: EmbeddedOptions = {},
): Promise<Embedded> {
  const place = await prepare(resolve(folder), options.durable ?? true);
  const claim = await claimServer(place, as, log, options.port);
  return claim.kind === "owner" ? keep(place, claim, log) : visit(place, claim);
}

async function visit(place: Place, claim: Claim): Promise<Embedded> {
  await claim.client.end();
  return { url: addressOf(place, claim.server), pid: claim.server.pid, stop: () => Promise.resolve() };
}

/** Holds the lock until stop(), and brings the server back on its port when it dies under us. */
function keep(place: Place, claim: Claim, log: Log): Embedded {
  let current = claim;
  let stopping: Promise<void> | undefined;
  let reviving: Promise<void> | undefined;
  function watch(): void {
    hold(current.client, false);
    current.client.once("end", () => {
      if (!stopping) reviving = revive();
    });
  }

  async function revive(): Promise<void> {
    log.warn({ pid: current.server.pid }, "the embedded PostgreSQL server went away; bringing it back");
    for (let pause = 100; !stopping; pause = Math.min(pause * 2, 5_000)) {
      try {
        current = await claimServer(place, "owner", log, current.server.port);
        reviving = undefined;
        return watch();
      } catch (error) {
        log.error(describeFault(error), "the embedded PostgreSQL server is not back yet");
        await sleep(pause, undefined, { ref: false });
      }
    }
  }

  async function letGo(): Promise<void> {
    const lost = reviving !== undefined;
    await reviving;
    if (!lost || (await isHeld(current.client))) await shutDown(current.server.pid, place.data, log);
  }

  watch();
  return {
    url: addressOf(place, claim.server),
    get pid() {
      return current.server.pid;
    },
    stop: () => (stopping ??= letGo()),
  };
}

/** Whether an idle lock keeps the process running; pg has these two and its types omit them. */
function hold(client: Client, running: boolean): void {
  const both = client as Client & { ref(): void; unref(): void };
  if (running) both.ref();
  else both.unref();
}

async function isHeld(client: Client): Promise<boolean> {
  hold(client, true);
  return client.query("select").then(
    () => true,
    () => false,
  );
}
