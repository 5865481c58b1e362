// Starts everything there is here and asks it: a directory node with its demo network, the events service, the gateway and the page.
// Ends with 1 when something is not as it should be. Nothing of it outlives the check.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { firstSteward, routerKey } from "./steward.mjs";
import { between, freePort, run, start, stopAll } from "./programs.mjs";

const here = fileURLToPath(new URL("..", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "cadre-example-"));
chmodSync(folder, 0o755);
const TIMEOUT = 2000;
let failed = 0;

function holds(what, is) {
  console.log(`${is ? "  " : "! "}${what}`);
  if (!is) failed += 1;
}

try {
  await check();
} finally {
  await stopAll();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
console.log(failed === 0 ? "everything holds" : `${failed} did not hold`);
process.exit(failed === 0 ? 0 : 1);

async function check() {
  const [nodePort, eventsPort, gatewayPort, pagePort] = await Promise.all([1, 2, 3, 4].map(freePort));
  const nodeUrl = `http://localhost:${nodePort}`;
  const gatewayUrl = `http://localhost:${gatewayPort}/graphql`;
  run(root, ["scripts/prepare.mjs"]);
  const node = () =>
    start(root, ["dist/src/cli.js", "serve"], `${nodeUrl}/health`, {
      PORT: String(nodePort),
      DATA_DIR: join(folder, "data"),
      NETWORK_NAME: "Red Ceiba",
    });
  const directory = await node();
  const steward = await firstSteward(nodeUrl, directory.said);
  const key = await routerKey(nodeUrl, steward);
  const keyFile = join(folder, "router.key");
  writeFileSync(keyFile, `${key}\n`, { mode: 0o600 });

  // What goes to either service goes by here, so that it can be looked at, and be slow.
  const [toDirectory, toEvents] = [await between(nodePort), await between(eventsPort)];
  run(here, ["compose.mjs"], {
    DIRECTORY_URL: `http://localhost:${toDirectory.port}/subgraph`,
    EVENTS_URL: `http://localhost:${toEvents.port}/`,
  });
  await start(here, ["dist/events/server.js"], `http://localhost:${eventsPort}/`, {
    EVENTS_PORT: String(eventsPort),
  });
  await start(
    join(here, "gateway"),
    ["node_modules/@graphql-hive/gateway/dist/bin.js", "supergraph", "-c", "gateway.config.mjs"],
    `http://localhost:${gatewayPort}/readiness`,
    { GATEWAY_PORT: String(gatewayPort), ROUTER_KEY_FILE: keyFile, UPSTREAM_TIMEOUT: String(TIMEOUT) },
  );
  await start(here, ["dist/page/server.js"], `http://localhost:${pagePort}/`, {
    PAGE_PORT: String(pagePort),
    GATEWAY_URL: gatewayUrl,
  });

  const ask = async (query, headers = {}) => {
    const began = performance.now();
    const response = await fetch(gatewayUrl, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query }),
    });
    const text = await response.text();
    return { ...JSON.parse(text), text, took: performance.now() - began };
  };
  const page = async () => {
    const response = await fetch(`http://localhost:${pagePort}/`);
    return { text: await response.text(), policy: response.headers.get("content-security-policy") ?? "" };
  };
  const signedIn = { authorization: `Bearer ${steward}` };

  console.log("\nOne question to both");
  const across = await ask(`{ events { title ledBy { alias events { title } } } network { name } }`);
  const ledBy = Object.fromEntries(
    (across.data?.events ?? []).map(({ title, ledBy }) => [title.slice(0, 6), ledBy]),
  );
  holds(
    "is answered without an error",
    across.errors === undefined && across.data?.network.name === "Red Ceiba",
  );
  holds(
    "has names from the directory beside titles of the events service",
    ledBy["Worksh"]?.[0]?.alias === "Quetzal",
  );
  holds("goes back to the events service from there", ledBy["Worksh"]?.[0]?.events.length === 2);
  const [, hiddenOne, gone] = ledBy["Clinic"] ?? [];
  holds(
    "has null alike for somebody who is shown to partner networks only and for somebody who never was",
    hiddenOne === null && gone === null,
  );
  const listed = await ask(
    `{ practitioners(search: "Quetzal") { nodes { alias events { title } provenance { network { isThisNode } } } sources { fresh } } }`,
  );
  const [quetzal] = listed.data?.practitioners.nodes ?? [];
  holds("or begins in the directory, and goes on in the events service", quetzal?.events.length === 2);
  holds(
    "has what the node tells of its sources",
    quetzal?.provenance.network.isThisNode === true && listed.data.practitioners.sources.fresh === 0,
  );
  const schema = await ask(`{ __schema { types { name } } __type(name: "Query") { fields { name } } }`);
  holds(
    "is asked of a schema without _entities",
    schema.data !== undefined && !/"_(entities|service|Any|Entity)/i.test(schema.text),
  );

  console.log("\nWhoever has not signed in");
  const contact = "contact { kind value note }";
  const restricted = `{ events { ledBy { alias ${contact} ...A } } practitioners(first: 50) { nodes { id ... on Listed { ... on Practitioner { alias: alias ${contact} } } } } }
    fragment A on Practitioner { reach: ${contact} pronouns regions { region { code } } }`;
  const anonymous = await ask(restricted);
  const hidden = /quetzal\.example|Izote|Pinabete|MX-OAX|GT-13/;
  holds("gets an answer", anonymous.errors === undefined && anonymous.text.includes("Amate"));
  holds(
    "gets no contact point, hidden name or finer place, by entities, fragments or other names",
    !hidden.test(anonymous.text),
  );
  const forged = await ask(restricted, { "x-cadre-key": "cadre_key_of_somebody_else" });
  holds("cannot put another key in place of the gateway's", forged.text === anonymous.text);

  console.log("\nA member");
  const member = await ask(restricted, signedIn);
  holds(
    "sees through the gateway what members see",
    /quetzal\.example/.test(member.text) && /Izote/.test(member.text),
  );
  holds("leaves nothing of it behind for the next caller", (await ask(restricted)).text === anonymous.text);
  const [first] = toDirectory.seen;
  holds("and the gateway is known to the directory by its key", first?.["x-cadre-key"] === key);
  holds(
    "whose session the directory alone is told",
    toDirectory.seen.some(({ authorization }) => authorization === signedIn.authorization),
  );
  holds(
    "while the events service is told nothing of who asks",
    toEvents.seen.length > 0 &&
      toEvents.seen.every(
        (one) => !("authorization" in one) && !("x-cadre-key" in one) && !("cookie" in one),
      ),
  );
  const ended = await ask("{ network { name } }", { authorization: `Bearer ${"A".repeat(43)}` });
  holds("whose session has ended is refused", ended.text.includes("UNAUTHENTICATED"));

  console.log("\nThe page");
  const whole = await page();
  holds("shows events with those who lead them", /Workshop.*with Quetzal/.test(whole.text));
  holds("shows trainers with their next event", /Amate.*next: Gathering/.test(whole.text));
  holds(
    "has no JavaScript, and lets none run",
    !/<script|javascript:| on\w+=/i.test(whole.text) && whole.policy.startsWith("default-src 'none'"),
  );
  holds(
    "shows nobody who is hidden, and does not say that somebody is",
    !hidden.test(whole.text) && !/cannot be shown/.test(whole.text),
  );

  console.log("\nA directory that is slow");
  toDirectory.hold(30_000);
  const slow = await ask(`{ events { title ledBy { alias } } }`);
  holds(
    "is waited for no longer than was said, and the rest is answered with an error beside it",
    slow.took < TIMEOUT + 1500 &&
      slow.errors?.length > 0 &&
      slow.data?.events.length === 3 &&
      slow.data.events[0].ledBy[0] === null,
  );
  console.log(
    `    ${Math.round(slow.took)} ms: ${slow.errors?.map(({ message, extensions }) => `${extensions?.code}: ${message}`)[0]}`,
  );
  toDirectory.hold(0);

  console.log("\nA directory that is stopped");
  await directory.stop();
  const stopped = await ask(`{ events { title ledBy { alias } } }`);
  holds(
    "leaves the events with an error beside them",
    stopped.errors?.length > 0 &&
      stopped.data?.events.length === 3 &&
      stopped.data.events[0].ledBy[0] === null,
  );
  console.log(
    `    ${stopped.errors?.map(({ message, extensions }) => `${extensions?.code}: ${message}`)[0]}`,
  );
  holds(
    "says nothing of the inside",
    !/localhost|127\.0\.0\.1|cadre_key|node_modules|\bat /.test(JSON.stringify(stopped.errors)),
  );
  const half = await page();
  holds(
    "leaves a page that says so",
    /Workshop/.test(half.text) && !/Quetzal/.test(half.text) && /cannot be shown just now/.test(half.text),
  );
  await node();
  await sleep(500);
  holds(
    "is asked again once it is back",
    (await ask(`{ events { title ledBy { alias events { title } } } network { name } }`)).text ===
      across.text,
  );
}
