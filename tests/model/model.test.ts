import { rules, type Rules } from "./harvester.js";
import { runUntilWrong } from "./schedule.js";

/** So many courses of events are tried here, five times as many before anything is merged; `npm run model` tries more. */
const MANY = 2000;
const EACH_COMMIT = process.env["CI"] ? 10_000 : MANY;

const without = (kind: "head" | "entry", rule: string): Rules => ({
  ...rules,
  [kind]: rules[kind].filter((one) => one.rule !== rule),
});

describe("a reader between a hostile network, a thief and an origin that makes mistakes", () => {
  test("believes nothing false, shows nothing withdrawn, and comes to the origin's state once all is calm", () => {
    expect(runUntilWrong(EACH_COMMIT)).toBeNull();
  }, 180_000);

  test.each(rules.head.map(({ rule }) => rule))(
    "without the rule %s a head is believed that must not be",
    (rule) => {
      expect(runUntilWrong(MANY, without("head", rule))).not.toBeNull();
    },
  );

  test.each(rules.entry.map(({ rule }) => rule))(
    "without the rule %s a record is believed that must not be",
    (rule) => {
      expect(runUntilWrong(MANY, without("entry", rule))).not.toBeNull();
    },
  );

  test("if nothing ever waited for a steward, a thief's many people would be shown", () => {
    expect(runUntilWrong(MANY, { ...rules, isFlood: () => false })).not.toBeNull();
  });
});
