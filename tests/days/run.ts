/**
 * A day of some networks that all read each other over bad lines, while people write and withdraw and nodes are killed:
 * `npm run federation:days -- --nodes 10 --minutes 4 --hours 24 --seed 1`. Ends with 1 if anything was not as it has to be.
 */
import { parseArgs } from "node:util";
import { Dice } from "../proof/dice.js";
import { Day } from "./day.js";
import { Mesh } from "./mesh.js";

const { values: asked } = parseArgs({
  options: {
    nodes: { type: "string", default: "10" },
    minutes: { type: "string", default: "4" },
    hours: { type: "string", default: "24" },
    people: { type: "string", default: "4" },
    seed: { type: "string", default: "1" },
  },
});
const [nodes, minutes, hours] = [Number(asked.nodes), Number(asked.minutes), Number(asked.hours)];
const [people, seed] = [Number(asked.people), Number(asked.seed)];
if (nodes * people > 50) throw new Error("Searches here are for one page: at most 50 people in all.");

const began = Date.now();
const spent = () => `${((Date.now() - began) / 1000).toFixed(0)} s`;
const say = (line: string) => console.log(`${spent().padStart(6)}  ${line}`);

const mesh = await Mesh.open(nodes, (hours * 60) / minutes);
const day = new Day(mesh, new Dice(seed));
try {
  say(`${nodes} nodes serve, each in a process of its own`);
  await day.populate(people);
  say(`${day.people.length} people are listed`);
  await mesh.befriendAll();
  say("everybody trusts everybody; lines break from now on");
  await day.pass(Date.now() + minutes * 60_000);
  say(`${hours} hours have passed: ${counted(day.done)}`);
  say(`readings that failed: ${counted(day.problems)}`);
  const calm = Date.now();
  await day.calm();
  say(`all is calm, and everybody has read everybody, in ${((Date.now() - calm) / 1000).toFixed(1)} s`);
  await day.check();
  const sum = (of: (line: { bytes: number; connections: number }) => number) =>
    mesh.members.reduce((all, { line }) => all + of(line), 0);
  say(
    `${sum(({ connections }) => connections)} connections, ${(sum(({ bytes }) => bytes) / 1e6).toFixed(1)} MB between nodes`,
  );
  for (const [name, promise] of promises()) {
    const broken = day.wrong.filter((one) => one.startsWith(`${name} `));
    say(`${broken.length === 0 ? "✓" : "✗"} ${name} ${promise}`);
    for (const one of broken.slice(0, 10)) say(`      ${one}`);
  }
  process.exitCode = day.wrong.length === 0 ? 0 : 1;
} finally {
  await day.close();
  await mesh.close();
}

function promises(): readonly (readonly [string, string])[] {
  return [
    ["I1", "what nobody else may see is in nothing that left a node"],
    ["I2", "everybody holds of everybody what they have signed"],
    ["I3", "who withdrew is seen by nobody"],
    ["I4", "no search makes a connection"],
    ["I5", "nobody who was gone came back by themselves"],
    ["I6", "no head that was accepted was older than the one before"],
    ["I7", "nothing is left of a network that is blocked"],
    ["I8", "everybody finds exactly who is listed, as they said last"],
  ];
}

function counted(what: Readonly<Record<string, number>>): string {
  const told = Object.entries(what).map(([name, many]) => `${many} ${name}`);
  return told.length === 0 ? "none" : told.join(", ");
}
