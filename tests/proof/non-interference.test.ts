import { execFile } from "node:child_process";
import { join } from "node:path";

/** Another seed tries other pairs; `npm run proof -- --pairs 20000 --seed 7` tries many. */
const seed = process.env["PROOF_SEED"] ?? "1";
const PAIRS = Number(process.env["PROOF_PAIRS"] ?? "1000");

type Summary = {
  readonly pairs: number;
  readonly answers: number;
  readonly told: number;
  readonly neverAsked: readonly string[];
};

/** Runs the command as it is run by hand, on this run's database server; its answer and how it ended. */
function prove(...args: readonly string[]): Promise<{ readonly told: string; readonly ended: number }> {
  const program = join("dist", "tests", "proof", "run.js");
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      { maxBuffer: 2 ** 26 },
      (_, told, complaint) => resolve({ told: told + complaint, ended: child.exitCode ?? 1 }),
    );
  });
}

describe("what you hide from someone", () => {
  test("cannot be learned by any question they ask", async () => {
    const { told, ended } = await prove("--pairs", String(PAIRS), "--seed", seed);
    if (ended !== 0) throw new Error(told);
    const summary = JSON.parse(told) as Summary;
    console.info(told);
    expect(summary.pairs).toBe(PAIRS);
    // Else the questions would be new, or the answers empty, and nothing proved.
    expect(summary.neverAsked).toEqual([]);
    expect(summary.told / summary.answers).toBeGreaterThan(0.4);
  }, 900_000);
});
