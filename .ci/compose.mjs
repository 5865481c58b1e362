// docker-compose.yml as far as it can be checked without an engine: its shape, and that what it names exists.
import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";

const compose = parse(readFileSync("docker-compose.yml", "utf8"));
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
for (const setting of Object.keys(services.node.environment)) {
  if (!config.includes(setting)) problems.push(`node: src/config.ts does not read ${setting}`);
}
const address = new URL(services.node.environment.DATABASE_URL.replace(/\$\{[^}]*\}/, "secret"));
const { POSTGRES_USER, POSTGRES_DB } = services.postgres.environment;
if (
  address.hostname !== "postgres" ||
  address.username !== POSTGRES_USER ||
  address.pathname !== `/${POSTGRES_DB}`
) {
  problems.push("the node's DATABASE_URL does not lead to the postgres service");
}
for (const copied of readFileSync("Dockerfile", "utf8").matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
  for (const file of copied[1].split(" "))
    if (!existsSync(file)) problems.push(`Dockerfile copies ${file}, which is not there`);
}

for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
