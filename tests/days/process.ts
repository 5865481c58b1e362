/** One node of `npm run federation:days`, in a process of its own, where time runs faster. It is started again after it was killed. */
import { readConfig } from "../../src/config.js";
import { Harvester } from "../../src/federation/harvest.js";
import { openLog } from "../../src/log.js";
import { startNode } from "../../src/node.js";
import { fastClock, type Told } from "./mesh.js";

const [began = "0", speed = "1"] = process.argv.slice(2);
const config = readConfig();
const node = await startNode(config, openLog(config.logLevel), fastClock(Number(began), Number(speed)));
const { peering, harvester } = node.federation!;
// It would look every fifteen seconds, which here are hours.
await harvester.stop();
const own = new Harvester(harvester.parts);
let [reading, quiet]: [Promise<unknown> | null, boolean] = [null, false];
setInterval(() => {
  if (reading !== null || quiet) return;
  reading = own
    .round()
    .catch((error: unknown) => console.error(error))
    .finally(() => (reading = null));
}, 250);

process.on("message", (asked: "sync" | "quiet") => void obey(asked).then((told) => process.send!(told)));
process.on("disconnect", () => process.exit());
process.send!({ url: node.url } satisfies Told);

async function obey(asked: "sync" | "quiet"): Promise<Told> {
  quiet = true;
  await reading;
  if (asked === "quiet") return { problems: [] };
  const problems: string[] = [];
  for (const { id, url } of await peering.all()) {
    const problem = (await peering.sync(id))?.problem;
    if (problem !== null) problems.push(`${url}: ${problem ?? "is being read"}`);
  }
  return { problems };
}
