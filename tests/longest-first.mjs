import Sequencer from "@jest/test-sequencer";

/** What takes longest, where what keeps all processors busy takes turns with what mostly waits. */
const LONGEST = [
  "proof/leaks",
  "readers",
  "proof/non-interference",
  "cli",
  "sealing-keys",
  "audit",
  "restored",
  "identity",
  "embedded",
];

/** Nothing long is left to wait for at the end: of a fresh checkout jest knows only how big its files are. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((one, other) => place(one) - place(other));
  }
}

function place({ path }) {
  const at = LONGEST.findIndex((name) => path.endsWith(`tests/${name}.test.js`));
  return at < 0 ? LONGEST.length : at;
}
