import { appendFile, chmod, cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { openLog } from "../src/log.js";
import { prepare, USER, type Place } from "../src/storage/data-folder.js";
import { migrate } from "../src/storage/database.js";
import { does, listed } from "./entries.js";
import { seen } from "./eventually.js";
import { startTestNode, type TestNode } from "./node.js";
import { makeServer, onDatabase, runServer, type OwnServer } from "./own-server.js";
import { Peer, person as personOf } from "./peer.js";

/** A server, and another that follows it and has to have what the first one acknowledges (`synchronous_standby_names`). */
const log = openLog("silent");
const given = { ...process.env };
const servers: OwnServer[] = [];
let folder: string;
let node: TestNode;
let standby: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cadre-standby-"));
  await chmod(folder, 0o711);
  const first = await serve(await makeServer(folder, "first"), ["synchronous_standby_names="]);
  await onDatabase(first.url("postgres"), "create database template");
  await migrate(first.url("template"), log);
  await first.stop();
  const second = await copied(first.place, "second");
  const primary = await serve(first.place, []);
  await writeFile(join(second.data, "standby.signal"), "");
  const { hostname, port, password } = new URL(primary.url("postgres"));
  await appendFile(
    join(second.data, "postgresql.auto.conf"),
    `primary_conninfo = 'host=${hostname} port=${port} user=${USER} password=${password}'\n`,
  );
  await serve(second, []);
  process.env["CADRE_TEST_SERVER"] = primary.url("postgres");
  process.env["CADRE_TEST_TEMPLATE"] = "template";
  // What other files are made on comes back at once, whatever becomes of this one.
  node = await startTestNode().finally(() => Object.assign(process.env, given));
  standby = new Client(servers.at(-1)!.url(new URL(node.databaseUrl).pathname.slice(1)));
  await standby.connect();
});
afterAll(async () => {
  await standby.end();
  await node.close();
  for (const server of servers.reverse()) await server.stop();
  await rm(folder, { recursive: true, maxRetries: 5 });
});

async function copied(from: Place, name: string): Promise<Place> {
  await cp(from.folder, join(folder, name), { recursive: true });
  await chmod(join(folder, name), 0o711);
  return prepare(join(folder, name), false);
}

async function serve(place: Place, more: readonly string[]): Promise<OwnServer> {
  const replicating = ["wal_level=replica", "max_wal_senders=4", "hot_standby=on", "max_connections=60"];
  const server = await runServer(place, [...replicating, "synchronous_standby_names=*", ...more]);
  servers.push(server);
  return server;
}

/** Somebody waits to hear that the standby has what they did. */
const somebodyWaits = async () => {
  const [row] = await node.ground.database.write.query<{ waits: boolean }[]>(
    "select exists (select from pg_stat_activity where wait_event = 'SyncRep') as waits",
  );
  return row?.waits ?? false;
};

const shownByStandby = async (id: string) => {
  const { rowCount } = await standby.query("select from seen.listing where id = $1", [id]);
  return (rowCount ?? 0) > 0;
};

/** What hides somebody is not acknowledged as long as the standby shows them, and when it is, the standby shows them no more. */
async function hides(id: string, work: () => Promise<unknown>): Promise<void> {
  await seen(() => shownByStandby(id), true);
  await standby.query("select pg_wal_replay_pause()");
  let acknowledged = false;
  const hiding = work().then(() => (acknowledged = true));
  await seen(somebodyWaits, true);
  expect([acknowledged, await shownByStandby(id)]).toEqual([false, true]);
  await standby.query("select pg_wal_replay_resume()");
  await hiding;
  expect(await shownByStandby(id)).toBe(false);
}

describe("with a synchronous standby", () => {
  test("31: whoever withdraws hears that it is done once the standby shows them no more", async () => {
    const person = await listed(node, { alias: "Tamarindo", specialties: [{ specialty: "digital" }] }, [
      ["ENTRY", "PUBLIC"],
      ["ALIAS", "PUBLIC"],
    ]);
    await hides(person.id, async () => {
      const { errors } = await does(person, "withdrawProfile");
      expect(errors).toBeUndefined();
    });
  });

  test("31: a network whose people are hidden is hidden at the standby before anybody hears that it is", async () => {
    const peer = await new Peer(node).introduce();
    const [one, other] = [personOf(peer, "Yaraví"), personOf(peer, "Saucillo")];
    await peer.share([one, other]);
    await peer.hear(new Date());
    await hides(one.id, () => peer.share([{ ...one, listings: [] }]));
    const { rows } = await standby.query<object>("select from seen.standing where origin = $1", [peer.id]);
    expect(rows.length).toBe(3);
    await standby.query("select pg_wal_replay_pause()");
    const hiding = peer.hear(new Date(), []);
    await seen(somebodyWaits, true);
    await standby.query("select pg_wal_replay_resume()");
    await hiding;
    const after = await standby.query("select from seen.standing where origin = $1", [peer.id]);
    expect(after.rowCount).toBe(0);
  });

  test("what hides nobody waits for no standby", async () => {
    await standby.query("select pg_wal_replay_pause()");
    await node.signedIn("STEWARD");
    expect((await node.ask("{ practitioners { totalCount } }")).errors).toBeUndefined();
    await standby.query("select pg_wal_replay_resume()");
  });
});
