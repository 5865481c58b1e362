import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Outbound } from "../src/federation/outbound.js";
import { fetchStatement } from "../src/federation/reading.js";
import { meet, setTrust } from "../src/federation/trust.store.js";
import type { Ground } from "../src/ground.js";

/** What the networks are to do: begin anew, or withdraw or change so many people each. */
export type Order =
  | { readonly kind: "begin"; readonly networks: number; readonly people: number }
  | { readonly kind: "withdraw"; readonly each: number }
  | { readonly kind: "change"; readonly each: number };

/** Peers to read from, in a process of their own. */
export class Networks {
  readonly #process = fork(fileURLToPath(new URL("./networks-child.js", import.meta.url)), [], {
    execArgv: ["--max-old-space-size=8192"],
  });

  /** Their addresses, when it is done. */
  async do(order: Order): Promise<readonly string[]> {
    this.#process.send(order);
    const [urls] = (await once(this.#process, "message")) as [readonly string[]];
    return urls;
  }

  close(): void {
    this.#process.disconnect();
    if (this.#process.exitCode === null) this.#process.kill();
  }
}

/** Makes peers of them whose public feeds are read and shown. */
export async function trustAll(ground: Ground, outbound: Outbound, urls: readonly string[]): Promise<void> {
  for (const url of urls) {
    const fetched = await fetchStatement({ outbound }, url);
    await ground.database.transaction(async (tx) => {
      const { id } = await meet(tx, ground, { ...fetched, introducedBy: null }, "operator");
      await setTrust(tx, ground, id, "PUBLIC_ONLY", "operator");
    });
  }
}
