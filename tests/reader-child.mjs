/**
 * A process of its own for readers.test.ts: a node of the compiled product in the folder it is started in, which may be planted with a
 * fault. It tells its address, and does what whoever runs a node does, one message each. It looks for who has pinged several times a
 * second and is patient for three, so that nobody waits long for it.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const product = (file) => import(pathToFileURL(join(process.cwd(), "dist", "src", file)).href);

await import("reflect-metadata");
const [{ readConfig }, { startNode }, { openLog }, { Harvester }, { openOutbound }, { importBundle }] =
  await Promise.all(
    [
      "config.js",
      "node.js",
      "log.js",
      "federation/harvest.js",
      "federation/outbound.js",
      "federation/bundle-import.js",
    ].map(product),
  );
const log = openLog("silent");
const node = await startNode(readConfig(), log);
const { peering, harvester } = node.federation;
await harvester.stop();
const outbound = openOutbound({ allowPrivate: true, timeout: 3000, userAgent: "Cadre" });
new Harvester({ ...peering.parts, outbound }, 150).start();

const known = async (url) => (await peering.all()).find((peer) => peer.url === url).id;
const hands = {
  meet: (urls) => Promise.all(urls.map((url) => peering.add("operator", url, null))),
  trust: (told) =>
    Promise.all(
      told.map(async ({ url, number }) =>
        peering.setTrust("operator", await known(url), "PUBLIC_ONLY", number),
      ),
    ),
  block: (urls) =>
    Promise.all(urls.map(async (url) => peering.setTrust("operator", await known(url), "BLOCKED", null))),
  takeBundle: (file) => importBundle(peering.parts, file),
};

process.on("message", async ({ number, verb, value }) => {
  // What is refused shows in what is found.
  const failure = await hands[verb](value).then(
    () => null,
    (error) => String(error),
  );
  process.send({ number, failure });
});
process.on("disconnect", () => process.exit(0));
process.send({ url: node.url });
