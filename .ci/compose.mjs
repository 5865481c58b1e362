// docker-compose.yml as far as it can be checked without an engine: its shape, and that what it names exists.
import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";

const compose = parse(readFileSync("docker-compose.yml", "utf8"), { merge: true });
const { services, networks, volumes, secrets } = compose;
const config = readFileSync("src/config.ts", "utf8");
const problems = [];

for (const [name, service] of Object.entries(services)) {
  if (!service.image && !service.build) problems.push(`${name} has neither image nor build`);
  if (service.build && !existsSync(`${service.build}/Dockerfile`))
    problems.push(`${name}: no Dockerfile at ${service.build}`);
  for (const needed of Object.keys(service.depends_on ?? {})) {
    if (!services[needed]) problems.push(`${name} depends on ${needed}, which is not there`);
    if (!services[needed]?.healthcheck)
      problems.push(`${name} waits for ${needed}, which has no health check`);
  }
  const [, shared] = /^service:(\w+)$/.exec(service.network_mode ?? "") ?? [];
  if (shared !== undefined && !services[shared])
    problems.push(`${name}: no service ${shared} to share a network with`);
  for (const network of service.networks ?? [])
    if (!(network in networks)) problems.push(`${name}: no network ${network}`);
  for (const mount of service.volumes ?? []) {
    const [volume] = mount.split(":");
    if (!(volume in volumes)) problems.push(`${name}: no volume ${volume}`);
  }
}
for (const [name, service] of Object.entries(services))
  for (const secret of service.secrets ?? [])
    if (!secrets[secret]?.file) problems.push(`${name}: no file for the secret ${secret}`);
const [, keys] = /^\/run\/secrets\/(\w+)$/.exec(services.node.environment.KEY_FILE) ?? [];
if (!services.node.secrets?.includes(keys))
  problems.push("the node's KEY_FILE does not lead to a secret of its own");
const servers = Object.entries(services).filter(
  ([, { environment }]) => environment.POSTGRES_DB !== undefined,
);
for (const [name, { environment }] of Object.entries(services).filter(
  ([, { build }]) => build !== undefined,
)) {
  for (const setting of Object.keys(environment))
    if (!config.includes(setting)) problems.push(`${name}: src/config.ts does not read ${setting}`);
  const address = new URL(environment.DATABASE_URL.replace(/\$\{[^}]*\}/, "secret"));
  const [, server] = servers.find(([host]) => host === address.hostname) ?? [];
  const made = (compose.configs?.[server?.configs?.[0]?.source]?.content ?? "").matchAll(
    /create database (\w+);/g,
  );
  const databases = [server?.environment.POSTGRES_DB, ...[...made].map(([, database]) => database)];
  if (
    address.username !== server?.environment.POSTGRES_USER ||
    !databases.includes(address.pathname.slice(1))
  )
    problems.push(`${name}: DATABASE_URL does not lead to a database of a service`);
  const { PORT = "4000", PUBLIC_URL } = environment;
  const isGiven = PUBLIC_URL !== undefined && !PUBLIC_URL.startsWith("${");
  if (isGiven && new URL(PUBLIC_URL).port !== String(PORT))
    problems.push(`${name}: PUBLIC_URL leads to another port`);
}
for (const copied of readFileSync("Dockerfile", "utf8").matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
  for (const file of copied[1].split(" "))
    if (!existsSync(file)) problems.push(`Dockerfile copies ${file}, which is not there`);
}

for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
