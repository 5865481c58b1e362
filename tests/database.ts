import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

/** A migrated database of a test's own. */
export type TestDatabase = { readonly url: string; drop(): Promise<void> };

const BUSY = "55006";

/** Clones the migrated template, or a database nobody is connected to, which takes about a tenth of a second. */
export async function cloneDatabase(of?: TestDatabase): Promise<TestDatabase> {
  const name = `${setting("CADRE_TEST_TEMPLATE")}_${randomBytes(6).toString("hex")}`;
  await clone(name, of === undefined ? setting("CADRE_TEST_TEMPLATE") : new URL(of.url).pathname.slice(1));
  return { url: addressOf(name), drop: () => onServer(`drop database if exists ${name} with (force)`) };
}

/** A database with nothing in it at all, for what happens at the very first start. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const name = `${setting("CADRE_TEST_TEMPLATE")}_${randomBytes(6).toString("hex")}`;
  await onServer(`create database ${name} template template0`);
  return { url: addressOf(name), drop: () => onServer(`drop database if exists ${name} with (force)`) };
}

/** One template serves all test files, and PostgreSQL copies it for one at a time. */
async function clone(name: string, template: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      // Copying files costs the server a third of what going through its log does.
      return await onServer(`create database ${name} template ${template} strategy file_copy`);
    } catch (error) {
      const busy = error instanceof Error && "code" in error && error.code === BUSY;
      if (!busy || tries === 50) throw error;
      await sleep(50 + Math.random() * 100);
    }
  }
}

async function onServer(sql: string): Promise<void> {
  const client = new Client(setting("CADRE_TEST_SERVER"));
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

function addressOf(database: string): string {
  const address = new URL(setting("CADRE_TEST_SERVER"));
  address.pathname = `/${database}`;
  return address.href;
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: tests/database-server.ts did not run.`);
  return value;
}
