import { bandOf, type Edges } from "../../src/coverage/band.js";
import { Cells } from "../../src/coverage/cube.js";
import { publish, tellCells, type Measure, type ToldCells } from "../../src/coverage/epoch.js";
import type { Rules } from "./attacker.js";

const edges: Edges = { some: 5, many: 20 };

function cellWith(count: number): Cells {
  const cells = new Cells();
  if (count > 0) cells.add(0, count);
  return cells;
}

const nothing = new Cells();

const untold: ToldCells = new Map();
const others: Readonly<Record<Measure, ToldCells>> = {
  there: untold,
  afar: untold,
  "there unseen": untold,
  "afar unseen": untold,
  needs: untold,
};

/** The rules of the product, by its own code, of one cell. */
function product(veils: number): Rules {
  return {
    veils,
    tell: (before, seen, unseen, veil) => {
      // What is kept is what this has told before.
      const kept = before as Readonly<Record<Measure, ToldCells>> | null;
      const tell = (measure: Measure, count: number) =>
        tellCells(measure, kept?.[measure] ?? null, cellWith(count), edges, () => veil);
      const told = {
        ...others,
        there: tell("there", seen),
        "there unseen": tell("there unseen", unseen),
      };
      const published = publish(told, nothing, edges, () => false);
      return { told: published.get(0)?.there ?? "NONE", kept: told };
    },
  };
}

/** As the node publishes. A veil has no end; one that is higher than what is thinkable changes nothing of it. */
export const asPublished = product(24);

/** As others publish, and as it was tried: each of these gives somebody away. */
export const naive: Readonly<Record<string, Rules>> = {
  "exact numbers, with those below 5 left out": {
    veils: 0,
    tell: (_, _seen, unseen) => ({ told: unseen < 5 ? "<5" : String(unseen), kept: null }),
  },
  "bands of all together, beside a search that counts the public": {
    veils: 0,
    tell: (_, seen, unseen) => ({ told: bandOf(seen + unseen, edges), kept: null }),
  },
  "bands that follow every change, with people of the attacker's own": {
    veils: 0,
    tell: (_, _seen, unseen) => ({ told: bandOf(unseen, edges), kept: null }),
  },
  "bands that take three to change, without a veil": product(0),
};
