import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The rows of docs/failures.md: a number, and the tests that hold it, each a file and a title. */
type Row = { readonly number: number; readonly tests: readonly (readonly [file: string, title: string])[] };

/** What is not there yet, and so has no test. */
const NOT_BUILT: readonly number[] = [];

const rows: readonly Row[] = [
  ...readFileSync("docs/failures.md", "utf8").matchAll(/^\| (\d+) .*\| ([^|]+) \|$/gm),
].map(([, number, held = ""]) => ({
  number: Number(number),
  tests: [...held.trim().matchAll(/`([\w-]+)` (.+?)(?=; `|$)/g)].map(([, file = "", title = ""]) => [
    file,
    title,
  ]),
}));

/** Titles that stand in a file as they are: what is left out of a run is none. */
function titlesIn(file: string): readonly string[] {
  const text = readFileSync(join("tests", `${file}.test.ts`), "utf8");
  expect(text).not.toMatch(/\b(test|describe)\.(skip|todo|failing)/);
  return [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map(([, title = ""]) => title);
}

test("each of the 32 cases of docs/failures.md is held by tests that there are", () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 32 }, (_, at) => at + 1));
  const bare = rows.filter(({ tests }) => tests.length === 0).map(({ number }) => number);
  expect(bare).toEqual(NOT_BUILT);
  const missing = rows.flatMap(({ tests }) =>
    tests.filter(([file, title]) => !titlesIn(file).includes(title)),
  );
  expect(missing).toEqual([]);
});
