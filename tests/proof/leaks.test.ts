import { availableParallelism } from "node:os";
import { leaks, type Leak } from "./leaks.js";
import { seekWith } from "./planted.js";
import type { Sought } from "./seek.js";

const all = process.env["PROOF_LEAKS"] === "all";
/** Each is looked for with every one of these; all five by `npm run proof:leaks`. */
const SEEDS = all ? [1, 2, 3, 4, 5] : [1];
/** So many pairs are enough to find every one of them; of the rare ones one has taken 663. */
const PAIRS = all ? 1000 : 100;
/** So many are tried where nothing is planted; `non-interference.test.ts` tries a thousand. */
const UNPLANTED = all ? 100 : 20;

/** These show in one pair of several or many, and take minutes: `npm run proof:leaks` looks for them as well. */
const rare = new Set([
  "coverage is counted over what members see",
  "`unknown` knows what somebody has told to others",
  "a search finds words that are hidden",
  "the order of names follows what is hidden",
  "there is a next page when members have one",
  "whoever ties stands in the order in which they were written",
  "whoever was never verified stands in the order in which they were written",
  "what one request loaded is kept for the next, under a key without the audience",
  "an organization is shown that members may see",
  "a resource is shown to be part of one that members may see",
  "who is withdrawn goes on being counted",
  "parts of a resource are those that members may see",
  "a practitioner everybody sees is tied to a resource by a link that is hidden",
  "a limit counts what there is, not what is asked",
  "an edit of what is hidden is told to everybody's log",
  "vouches are everybody's",
  "whether a typo is forgiven depends on words that are hidden",
  "the sentence of a refusal counts what there is",
  "a peer's record is read after its lease",
  "a peer's record is found after its person's consent",
  "a record of a peer that is not trusted is found",
  "a record of a network nobody has heard of is counted",
  "a router is told of an entity that is there and hidden",
  "whoever has taken back that they want to be counted is counted, and alone",
]);
const planted = leaks.filter(({ name }) => all || !rare.has(name));

/** Each leak is looked for in a process of its own, so that as many are at work as there are processors. */
const searches = new Map<Leak | null, Promise<readonly Sought[]>>();
/** The search looks at the product, which is the same whichever server it stands on: once is enough, on the embedded one. */
const once = process.env["TEST_DATABASE_URL"] === undefined ? describe : describe.skip;

function search(): void {
  const waiting: (Leak | null)[] = [null, ...planted];
  const done = new Map([...waiting].map((leak) => [leak, withResolvers<readonly Sought[]>()]));
  for (const [leak, { promise }] of done) searches.set(leak, promise);
  const work = async (): Promise<void> => {
    for (let leak = waiting.shift(); leak !== undefined; leak = waiting.shift())
      await seekWith(leak, SEEDS, leak === null ? UNPLANTED : PAIRS).then(
        done.get(leak)?.resolve,
        done.get(leak)?.reject,
      );
  };
  for (let worker = 0; worker < Math.min(4, availableParallelism()); worker++) void work();
}

once("the campaign finds", () => {
  beforeAll(search);

  test.each(planted)(
    "that $name",
    async (leak) => {
      const sought = await searches.get(leak);
      expect(sought?.filter(({ by }) => by === null)).toEqual([]);
      expect(sought?.map(({ seed }) => seed)).toEqual(SEEDS);
    },
    900_000,
  );

  test("at least 24 of them", () => {
    expect(planted.length).toBeGreaterThanOrEqual(24);
    expect([...rare].filter((name) => !leaks.some((one) => one.name === name))).toEqual([]);
  });

  test("nothing where nothing is planted", async () => {
    expect(await searches.get(null)).toEqual(SEEDS.map((seed) => ({ seed, pairs: UNPLANTED, by: null })));
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
