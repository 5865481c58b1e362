/**
 * A process of its own for embedded.test.ts: opens the server of a folder and writes what happened, one JSON line each.
 * Commands come in as lines: `write` acknowledges rows until killed, `stop` stops, `leave` exits without stopping.
 */
import { createInterface } from "node:readline";
import { Client } from "pg";
import { openLog } from "../src/log.js";
import { openEmbedded } from "../src/storage/embedded.js";

const [folder, as] = process.argv.slice(2) as [string, "owner" | "guest-or-owner"];
const tell = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);

try {
  const server = await openEmbedded(folder, as, openLog("warn"), { durable: as === "owner" });
  tell({ kind: "open", url: server.url, pid: server.pid });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === "write") void write(server.url);
    if (line === "leave") process.exit(0);
    if (line === "stop") {
      await server.stop();
      tell({ kind: "stopped" });
      process.exit(0);
    }
  }
} catch (error) {
  const { name, message } = error as Error;
  tell({ kind: "refused", name, message });
  process.exit(1);
}

async function write(url: string): Promise<never> {
  const client = new Client(url);
  client.on("error", () => undefined);
  await client.connect();
  await client.query("create table if not exists kept (number integer primary key)");
  for (let number = 1; ; number++) {
    await client.query("insert into kept values ($1)", [number]);
    tell({ kind: "acknowledged", number });
  }
}
