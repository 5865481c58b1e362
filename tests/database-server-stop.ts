import type { TestServer } from "./database-server.js";

/** Undoes what `database-server.ts` did, in the same process. */
export default async function stopServer(): Promise<void> {
  const { cadreTestServer } = globalThis as { cadreTestServer?: TestServer };
  await cadreTestServer?.stop();
}
