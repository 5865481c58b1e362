import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "../src/config.js";
import { openLog } from "../src/log.js";
import { startNode } from "../src/node.js";
import { openEmbedded } from "../src/storage/embedded.js";

const log = openLog("silent");

test("a question while PostgreSQL restarts gets UNAVAILABLE, and the node recovers by itself", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cadre-outage-"));
  await chmod(folder, 0o711);
  const server = await openEmbedded(folder, "owner", log, { durable: false });
  const node = await startNode(
    readConfig({ NODE_ENV: "development", HOST: "127.0.0.1", PORT: "0", DATABASE_URL: server.url }),
    log,
  );
  try {
    expect(await ask(node.url)).toMatchObject({ data: { practitioners: { nodes: expect.any(Array) } } });
    await server.stop();
    const away = await ask(node.url);
    expect(away).toMatchObject({ errors: [{ extensions: { code: "UNAVAILABLE" } }] });
    expect(JSON.stringify(away)).not.toMatch(/127\.0\.0\.1|ECONN|postgres/i);
    expect(await (await fetch(`${node.url}/health`)).text()).toBe("away\n");

    const port = Number(new URL(server.url).port);
    const again = await openEmbedded(folder, "owner", log, { durable: false, port });
    expect(await eventually(() => ask(node.url))).toMatchObject({
      data: { practitioners: { totalCount: 10 } },
    });
    await node.close();
    await again.stop();
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

async function ask(url: string): Promise<{ errors?: unknown }> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ practitioners { totalCount nodes { alias } } }" }),
  });
  return (await response.json()) as { errors?: unknown };
}

async function eventually(attempt: () => Promise<{ errors?: unknown }>): Promise<{ errors?: unknown }> {
  for (let tries = 0; tries < 50; tries++) {
    const answer = await attempt();
    if (answer.errors === undefined) return answer;
    await sleep(100);
  }
  return attempt();
}
