/** Tries many courses of events, and each rule's absence: `npm run model -- --schedules 10000 --seed 1`. */
import { parseArgs } from "node:util";
import { rules, type Rules } from "./harvester.js";
import { runUntilWrong } from "./schedule.js";

const { values: asked } = parseArgs({
  options: { schedules: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } },
});
const [many, seed] = [Number(asked.schedules), Number(asked.seed)];

const began = Date.now();
const wrong = runUntilWrong(many, rules, seed);
if (wrong === null)
  console.log(`${many} schedules in ${((Date.now() - began) / 1000).toFixed(1)} s: all hold`);
else console.log(`seed ${wrong.seed}: ${wrong.what}`);

const absences = (["head", "entry"] as const).flatMap((kind) =>
  rules[kind].map(({ rule }) => ({
    name: `${kind} ${rule}`,
    by: { ...rules, [kind]: rules[kind].filter((one) => one.rule !== rule) } satisfies Rules,
  })),
);
const all = [...absences, { name: "flood", by: { ...rules, isFlood: () => false } }];
const missed = all.filter(({ name, by }) => {
  const found = runUntilWrong(many, by, seed);
  console.log(`without ${name}: ${found === null ? "NOT CAUGHT" : `seed ${found.seed}, ${found.what}`}`);
  return found === null;
});
process.exitCode = wrong === null && missed.length === 0 ? 0 : 1;
