import { Client } from "pg";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloneDatabase, type TestDatabase } from "./database.js";

/** A word that stands for what must never be told: it is in a name, in a value, in a search, and in an error of the database. */
const canary = "canaryxylophone";

let database: TestDatabase;
let folder: string;
beforeEach(async () => {
  database = await cloneDatabase();
  folder = await mkdtemp(join(tmpdir(), "cadre-faults-"));
  await chmod(folder, 0o711);
});
afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function sql(text: string): Promise<void> {
  const client = new Client(database.url);
  await client.connect();
  await client.query(text).finally(() => client.end());
}

function cadre(...args: string[]) {
  const child = spawn(process.execPath, ["dist/src/cli.js", ...args], {
    env: { PATH: process.env["PATH"] ?? "", DATABASE_URL: database.url, PORT: "0", LOG_LEVEL: "trace" },
  });
  const heard = { said: "", logged: "" };
  child.stdout.on("data", (text: Buffer) => (heard.said += text.toString()));
  child.stderr.on("data", (text: Buffer) => (heard.logged += text.toString()));
  return { child, heard, ended: once(child, "close") };
}

const raise = (when: string) => `
  create function fail() returns trigger language plpgsql as
    $$ begin raise exception 'failed on % (${canary})', new; end $$;
  create trigger fail before insert on ${when} for each row execute function fail()`;

test("an import that fails in the database tells the place in the code and nothing about anybody", async () => {
  await sql(raise("base.fact"));
  const header =
    "handle,display_name,network,organisation,serves,languages,specialties,level,formats,follow_up,contact,visibility,consent_given,consent_on,last_verified,vouched_by,notes";
  const file = join(folder, "people.csv");
  await writeFile(
    file,
    `${header}\na1,${canary},,,Guatemala,español,digital security,,,,mailto:${canary}@example.org,public,yes,2026-01-10,,,\n`,
  );
  const taken = cadre("import", file, "--mapping", "practitioners-csv");
  expect(await taken.ended).toEqual([1, null]);
  expect(taken.heard.logged).toMatch(/Cadre failed[^]*QueryFailedError[^]*\.store/);
  expect(taken.heard.logged + taken.heard.said).not.toContain(canary);
});

test("a question that meets a fault is told nothing of it, and the log holds no word of the question", async () => {
  const { child, heard, ended } = cadre("serve");
  while (!heard.said.includes("paste")) await once(child.stdout, "data");
  const url = /http:\/\/localhost:\d+/.exec(heard.said)?.[0] ?? "";
  // A listing that is no JSON: nothing that can happen, and so a fault.
  await sql(`update seen.listing set doc = '${canary} is no JSON'`);
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      query: `query ${canary}1($s: String) { ${canary}2: practitioners(search: $s) { nodes { alias } } }`,
      variables: { s: "quetzal" },
    }),
  });
  expect(await response.json()).toEqual({
    data: null,
    errors: [
      {
        message: "The node could not answer this; please try again later.",
        locations: expect.anything(),
        path: [`${canary}2`],
        extensions: { code: "UNAVAILABLE" },
      },
    ],
  });
  child.kill("SIGTERM");
  await ended;
  expect(heard.logged).toContain("SyntaxError");
  expect(heard.logged).not.toMatch(new RegExp(`${canary}|quetzal`, "i"));
});
