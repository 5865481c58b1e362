import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { readConfig } from "../src/config.js";
import { openLog } from "../src/log.js";
import { startNode, type Node } from "../src/node.js";
import { cloneDatabase, type TestDatabase } from "./database.js";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const installed = existsSync(executablePath);
if (!installed) process.stderr.write(`Skipping browser tests: there is no Chromium at ${executablePath}.\n`);
const withBrowser = installed ? describe : describe.skip;

withBrowser("GraphiQL", () => {
  let database: TestDatabase;
  let node: Node;
  let browser: Browser;

  beforeAll(async () => {
    database = await cloneDatabase();
    node = await startNode(readConfig({ PORT: "0", DATABASE_URL: database.url }), openLog("silent"));
    browser = await chromium.launch({
      executablePath,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await node.close();
    await database.drop();
  });

  test.each([
    ["wide", 1280, 800],
    ["narrow", 420, 800],
  ])(
    "answers the first question on a %s screen, and asks nothing of any other machine",
    async (size, width, height) => {
      const page = await browser.newPage({ viewport: { width, height } });
      const asked = new Set<string>();
      const problems: string[] = [];
      page.on("request", (request) => asked.add(new URL(request.url()).origin));
      page.on("pageerror", (error) => problems.push(error.message));
      await page.goto(`${node.url}/graphql`);
      await page.getByRole("button", { name: /execute query/i }).click();
      await page.locator(".result-window", { hasText: "Quetzal" }).waitFor();
      if (process.env["SCREENSHOTS"])
        await page.screenshot({ path: join(process.env["SCREENSHOTS"], `graphiql-${size}.png`) });
      expect(problems).toEqual([]);
      expect([...asked].filter((origin) => origin !== new URL(node.url).origin && origin !== "null")).toEqual(
        [],
      );
      await page.close();
    },
  );
});
