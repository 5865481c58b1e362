/** The product itself: a whole node as `npm start` runs it in production. */
import { Session } from "node:inspector/promises";
import { writeFile } from "node:fs/promises";
import { readConfig } from "../src/config.js";
import { openLog } from "../src/log.js";
import { startNodeAlone } from "../src/node.js";

const config = readConfig();
const node = await startNodeAlone(config, openLog(config.logLevel));
process.send?.({ url: `${node.url.replace("localhost", "127.0.0.1")}/graphql` });
process.once("disconnect", () => process.exit(0));

const session = new Session();
process.on("message", (message: { readonly profile: string | null }) => void profile(message.profile));

/** Null begins a CPU profile; the name of a file ends it and says where it goes. */
async function profile(file: string | null): Promise<void> {
  if (file === null) {
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: 250 });
    await session.post("Profiler.start");
  } else {
    const { profile: taken } = await session.post("Profiler.stop");
    session.disconnect();
    await writeFile(file, JSON.stringify(taken));
  }
  process.send?.({ profiled: file });
}
