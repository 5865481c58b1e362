import { addEventHandler } from "jest-circus";

/** How long a test or a hook may take when it says nothing else, in milliseconds. */
const PATIENCE = 30_000;

/**
 * The runner waits for ever. So each test and hook fails after the time it asks for itself, or after what all have; its work goes on
 * meanwhile, until that ends or the process does.
 */
addEventHandler((event, { currentDescribeBlock: { children, hooks } }) => {
  const added =
    event.name === "add_test" ? children.at(-1) : event.name === "add_hook" ? hooks.at(-1) : undefined;
  if (added === undefined || added.type === "describeBlock") return;
  const { fn, timeout } = added;
  if (fn !== undefined && fn.length > 0)
    throw new Error("a test or a hook returns a promise; nobody calls `done`");
  added.fn = () => withEnd(fn as () => unknown, timeout ?? PATIENCE);
});

async function withEnd(work: () => unknown, most: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`this took longer than ${most / 1000} s`)), most);
  });
  await Promise.race([Promise.resolve().then(work), end]).finally(() => clearTimeout(timer));
}
