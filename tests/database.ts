import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

/** A migrated database of a test's own. */
export type TestDatabase = { readonly url: string; drop(): Promise<void> };

const BUSY = "55006";

/** Clones the migrated template, or a database nobody is connected to, which takes about a tenth of a second. */
export async function cloneDatabase(of?: TestDatabase): Promise<TestDatabase> {
  const { server, template, name } = place();
  await clone(server, name, of === undefined ? template : new URL(of.url).pathname.slice(1));
  return databaseOn(server, name);
}

/** A database with nothing in it at all, for what happens at the very first start. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const { server, name } = place();
  await onServer(server, `create database ${name} template template0`);
  return databaseOn(server, name);
}

function place() {
  const [server, template] = [setting("CADRE_TEST_SERVER"), setting("CADRE_TEST_TEMPLATE")];
  return { server, template, name: `${template}_${randomBytes(6).toString("hex")}` };
}

/** It stays that server's, whatever server others are made on meanwhile. */
function databaseOn(server: string, name: string): TestDatabase {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `drop database if exists ${name} with (force)`) };
}

/** One template serves all test files, and PostgreSQL copies it for one at a time. */
async function clone(server: string, name: string, template: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      // Copying files costs the server a third of what going through its log does.
      return await onServer(server, `create database ${name} template ${template} strategy file_copy`);
    } catch (error) {
      const busy = error instanceof Error && "code" in error && error.code === BUSY;
      if (!busy || tries === 50) throw error;
      await sleep(50 + Math.random() * 100);
    }
  }
}

async function onServer(server: string, sql: string): Promise<void> {
  const client = new Client(server);
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: tests/database-server.ts did not run.`);
  return value;
}
