// Three networks on one machine, each with a node and a database of its own: they are introduced to each other, a record travels,
// a place is hidden, a person withdraws, a node dies. Says what happens; ends with 1 if it is not what was promised.
//   npm run demo:three [-- --stay] [-- --from 4001]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { generate } from "otplib";

const { stay, from } = parseArgs({
  options: { stay: { type: "boolean", default: false }, from: { type: "string", default: "4001" } },
}).values;
const folder = mkdtempSync(join(tmpdir(), "cadre-three-"));
const networks = [
  { demo: "ceiba", name: "Red Ceiba" },
  { demo: "yasmin", name: "Yasmin Circle" },
  { demo: "baobab", name: "Réseau Baobab" },
].map((network, at) => ({ ...network, port: String(Number(from) + at) }));
const running = new Set();
process.on("SIGINT", () => void end(130));

try {
  const [ceiba, yasmin, baobab] = await Promise.all(networks.map(start));
  const all = [ceiba, yasmin, baobab];
  for (const node of all) say(`${node.name} serves at ${node.url}`);

  step("Somebody joins Red Ceiba, and says where they work");
  const person = await joins(ceiba);
  say(`Jacaranda is listed at Red Ceiba: working in Quetzaltenango (GT-09).`);

  step("The networks are introduced to each other, two by two");
  for (const [one, other] of [
    [ceiba, yasmin],
    [ceiba, baobab],
    [yasmin, baobab],
  ])
    await befriend(one, other);

  step("A record travels");
  await Promise.all(all.map(read));
  for (const node of all) await expectFound(node, "GT-09");

  step("A place is hidden from everybody but members of Red Ceiba");
  await ask(
    ceiba,
    'mutation { show(field: REGIONS, item: "WORKS_IN GT-09", to: MEMBERS) { state } }',
    person,
  );
  await Promise.all([yasmin, baobab].map(read));
  for (const node of all) await expectFound(node, null);

  step("Jacaranda withdraws");
  await ask(ceiba, "mutation { withdrawProfile { state } }", person);
  await Promise.all([yasmin, baobab].map(read));
  for (const node of all) await expectGone(node);

  step("The node of Réseau Baobab is killed");
  process.kill(-baobab.child.pid, "SIGKILL");
  const { totalCount, sources } = await everybody(ceiba);
  promise(
    totalCount > 0 && sources.fresh === 2,
    `Red Ceiba still finds ${totalCount} people of three networks`,
  );

  const peers = await cadre(baobab, "peer", "list");
  promise(
    peers.includes(ceiba.url),
    "Réseau Baobab has lost nothing: its database is taken over, and knows its peers",
  );

  if (stay) {
    say("\nThe nodes go on serving until Ctrl-C.");
    await new Promise(() => undefined);
  }
  await end(process.exitCode ?? 0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await end(1);
}

// ── nodes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function environment({ demo, name, port }) {
  const { PATH, HOME, LANG } = process.env;
  const own = { PORT: port, DATA_DIR: join(folder, demo), NETWORK_NAME: name, DEMO: demo, RATE_SOURCE: "0" };
  return { PATH, HOME, LANG, ...own };
}

async function start(network) {
  const child = spawn(process.execPath, ["dist/src/cli.js", "serve"], {
    env: environment(network),
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  running.add(child);
  let said = "";
  child.stdout.on("data", (text) => (said += text));
  child.on("exit", (status) => {
    running.delete(child);
    if (status !== null && status !== 0) console.error(`${network.name} ended with ${status}.`);
  });
  while (!said.includes("Ctrl-C stops")) {
    if (child.exitCode !== null) throw new Error(`${network.name} could not be started.`);
    await sleep(100);
  }
  const invitation = /becomes the first steward[^\n]*\n\s*(\S+)/.exec(said)?.[1];
  return { ...network, child, invitation, url: `http://localhost:${network.port}` };
}

async function end(status) {
  for (const child of running) child.kill("SIGINT");
  await Promise.all([...running].map((child) => once(child, "exit")));
  await sleep(500);
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  process.exit(status);
}

/** A command of one node, beside the node. */
async function cadre(node, ...args) {
  const child = spawn(process.execPath, ["dist/src/cli.js", ...args], {
    env: environment(node),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [said, complained] = ["", ""];
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (complained += text));
  const [status] = await once(child, "close");
  if (status !== 0) throw new Error(`cadre ${args.slice(0, 2).join(" ")} at ${node.name}: ${complained}`);
  return said.trim();
}

/** @param {string | null} token */
async function ask(node, query, token = null, variables = {}) {
  const headers = {
    "content-type": "application/json",
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  const body = JSON.stringify({ query, variables });
  const { data, errors } = await (
    await fetch(`${node.url}/graphql`, { method: "POST", headers, body })
  ).json();
  if (errors !== undefined) throw new Error(`${node.name}: ${errors[0].message}`);
  return data;
}

// ── what happens ────────────────────────────────────────────────────────────────────────────────────────────────────

/** One network invites the other; both stewards read each other the same thirty digits, and trust what is public. */
async function befriend(one, other) {
  const invitation = await cadre(one, "peer", "invite");
  await cadre(other, "peer", "add", one.url, "--invitation", invitation);
  const numberAt = async (node, of) =>
    /safety number\s+([\d ]+)/.exec(await cadre(node, "peer", "show", of.url))?.[1]?.trim();
  const [here, there] = [await numberAt(one, other), await numberAt(other, one)];
  promise(here !== undefined && here === there, `${one.name} and ${other.name} read each other ${here}`);
  await cadre(one, "peer", "trust", other.url, "--as", "public-only", "--number", there);
  await cadre(other, "peer", "trust", one.url, "--as", "public-only", "--number", here);
}

/** What a node does by itself once an hour. */
async function read(node) {
  await cadre(node, "peer", "sync", "--all");
}

async function accept(node, token, address) {
  const { invitation } = await ask(
    node,
    "query ($token: String!) { invitation(token: $token) { otpauthUri } }",
    null,
    { token },
  );
  const secret = new URL(invitation.otpauthUri).searchParams.get("secret");
  const input = { password: "a kettle on four hills", code: await generate({ secret }), address };
  const query =
    "mutation ($token: String!, $input: AcceptInput!) { acceptInvitation(token: $token, input: $input) { token } }";
  return (await ask(node, query, null, { token, input })).acceptInvitation.token;
}

/** A steward comes in by the invitation of the first start, invites somebody, and takes up the entry they write. */
async function joins(node) {
  const steward = await accept(node, node.invitation, "steward");
  const { invite } = await ask(
    node,
    'mutation { invite(input: { address: "jacaranda", role: PRACTITIONER }) { token } }',
    steward,
  );
  const person = await accept(node, invite.token);
  await ask(
    node,
    `mutation { saveProfile(input: {
      alias: "Jacaranda"
      specialties: [{ specialty: "digital.organizational-security", depth: PRACTISED }]
      languages: [{ language: "es", level: NATIVE }]
      regions: [{ region: "GT-09", relation: WORKS_IN }]
    }) { state } }`,
    person,
  );
  const { consentText } = await ask(node, '{ consentText(in: "es") { version } }');
  const shown = ["ENTRY", "ALIAS", "SPECIALTIES", "LANGUAGES", "REGIONS"].map(
    (field) => `${field.toLowerCase()}: show(field: ${field}, to: PUBLIC, agreedTo: $agreedTo) { id }`,
  );
  const agreed = { agreedTo: consentText.version };
  const { entry } = await ask(node, `mutation ($agreedTo: String!) { ${shown.join(" ")} }`, person, agreed);
  await ask(
    node,
    "mutation ($agreedTo: String!) { submitProfile(agreedTo: $agreedTo) { state } }",
    person,
    agreed,
  );
  await ask(node, "mutation ($id: ID!) { acceptPractitioner(id: $id) { state } }", steward, entry);
  return person;
}

async function everybody(node) {
  return (await ask(node, "{ practitioners { totalCount sources { fresh stale hidden } } }")).practitioners;
}

async function find(node) {
  const { practitioners } = await ask(
    node,
    '{ practitioners(search: "Jacaranda") { nodes { alias regions { region { code } } provenance { signed expires network { name } } } } }',
  );
  return practitioners.nodes;
}

/** A process takes in what another has committed within a second. */
async function eventually(look) {
  let found = await look();
  for (let tries = 0; tries < 30 && found === null; tries++) {
    await sleep(100);
    found = await look();
  }
  return found;
}

/** Whether they are found at this node, and with which place; null for none. */
async function expectFound(node, region) {
  const person = await eventually(async () => {
    const [found] = await find(node);
    return found !== undefined && (found.regions[0]?.region.code ?? null) === region ? found : null;
  });
  const { network, expires, signed } = person?.provenance ?? {};
  const origin = signed ? `of ${network.name}, signed, shown until ${expires}` : "its own";
  const place = region === null ? "without a place" : `working in ${region}`;
  promise(person !== null, `${node.name} finds Jacaranda ${place}, ${person === null ? "" : origin}`);
}

async function expectGone(node) {
  const gone = await eventually(async () => ((await find(node)).length === 0 ? true : null));
  promise(gone !== null, `${node.name} finds Jacaranda no more`);
}

// ── what is said ────────────────────────────────────────────────────────────────────────────────────────────────────

function say(text) {
  console.log(text);
}

function step(title) {
  say(`\n${title}`);
}

function promise(kept, text) {
  say(`  ${kept ? "✓" : "✗"} ${text}`);
  if (!kept) process.exitCode = 1;
}
