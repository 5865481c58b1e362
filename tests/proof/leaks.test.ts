import { availableParallelism } from "node:os";
import { leaks, type Leak } from "./leaks.js";
import { seekWith } from "./planted.js";
import type { Sought } from "./seek.js";

const SEEDS = [1, 2, 3, 4, 5];
/** So many pairs are enough to find every one of them. */
const PAIRS = 100;

/** Each leak is looked for in a process of its own, so that as many are at work as there are processors. */
const searches = new Map<Leak | null, Promise<readonly Sought[]>>();
/** The search looks at the product, which is the same whichever server it stands on: once is enough, on the embedded one. */
const once = process.env["TEST_DATABASE_URL"] === undefined ? describe : describe.skip;

function search(): void {
  const waiting: (Leak | null)[] = [null, ...leaks];
  const done = new Map([...waiting].map((leak) => [leak, withResolvers<readonly Sought[]>()]));
  for (const [leak, { promise }] of done) searches.set(leak, promise);
  const work = async (): Promise<void> => {
    for (let leak = waiting.shift(); leak !== undefined; leak = waiting.shift())
      await seekWith(leak, SEEDS, PAIRS).then(done.get(leak)?.resolve, done.get(leak)?.reject);
  };
  for (let worker = 0; worker < Math.min(4, availableParallelism()); worker++) void work();
}

once("the campaign finds", () => {
  beforeAll(search);

  test.each(leaks)(
    "that $name",
    async (leak) => {
      const sought = await searches.get(leak);
      expect(sought?.filter(({ by }) => by === null)).toEqual([]);
      expect(sought?.map(({ seed }) => seed)).toEqual(SEEDS);
    },
    900_000,
  );

  test("nothing where nothing is planted", async () => {
    expect(await searches.get(null)).toEqual(SEEDS.map((seed) => ({ seed, pairs: PAIRS, by: null })));
  }, 900_000);
});

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((whenDone, whenFailed) => {
    resolve = whenDone;
    reject = whenFailed;
  });
  // Whoever waits for it is told; until then it is no unhandled rejection.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
