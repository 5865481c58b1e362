import { setTimeout as sleep } from "node:timers/promises";

/** Waits until something is so: a process takes in what another has committed within a second. */
export async function seen<T>(look: () => Promise<T>, wanted: T): Promise<void> {
  const until = Date.now() + 5000;
  let found = await look();
  while (found !== wanted && Date.now() < until) {
    await sleep(50);
    found = await look();
  }
  expect(found).toEqual(wanted);
}
