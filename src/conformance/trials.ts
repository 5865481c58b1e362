import { changes } from "./changes.js";
import { keys } from "./keys.js";
import { lapses } from "./lapses.js";
import { manners } from "./manners.js";
import { refusals } from "./refusals.js";
import type { Trial } from "./trial.js";

/** What is tried, in the order in which it is told. */
export const TRIALS: readonly Trial[] = [...changes, ...lapses, ...refusals, ...manners, ...keys];

/** What shows with every trial: once all are trusted, before that, and at the end. */
export const FOUND = { id: "K1", promise: "Whom a trusted network lists is found once it was read." };
export const PROBATION = { id: "P3", promise: "Nobody of a network on probation is found." };
export const BLOCKED = {
  id: "P4",
  promise: "Of a blocked network nothing is found, and what it asks is refused.",
};

/** What cannot be told by playing networks to a node, and why. */
export const UNTRIED: readonly { readonly id: string; readonly promise: string; readonly why: string }[] = [
  {
    id: "K13",
    promise: "A reader that is killed while it reads shows nothing of it, and goes on from what it had.",
    why: "somebody would have to kill the node",
  },
  {
    id: "P2",
    promise: "An invitation is good for one use.",
    why: "it takes an invitation of the node's, which this would use up",
  },
  {
    id: "P8",
    promise: "A network that moves to another address stays who it is.",
    why: "it takes an agreement between two stewards",
  },
];
