import { setTimeout as sleep } from "node:timers/promises";
import { silence } from "./misdeeds.js";
import { SOMEBODY, type Trial } from "./trial.js";

const HOUR = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * HOUR);
const ahead = (hours: number) => new Date(Date.now() + hours * HOUR);

/** What time does: leases and words that end, and heads that are dated otherwise than they were signed. */
export const lapses: readonly Trial[] = [
  {
    id: "K2",
    promise: "Whose lease has ended is not found any more, although their network cannot be reached.",
    last: true,
    steps: [
      {
        act: ([player], { parts }) => player.list("leased", { lease: parts.pace.lease }),
        shown: ["leased"],
      },
      {
        read: false,
        act: async ([player], { parts }) => {
          player.origin.misdeed = silence;
          await sleep((parts.pace.lease + 1) * 1000);
        },
        hidden: ["leased"],
      },
    ],
  },
  {
    id: "K3",
    promise: "From the moment on that somebody has set themselves they are not found any more.",
    last: true,
    steps: [
      {
        act: ([player], { parts }) =>
          player.list("until", { notAfter: Math.ceil(Date.now() / 1000) + parts.pace.lease }),
        shown: ["until"],
      },
      {
        read: false,
        act: (_players, { parts }) => sleep((parts.pace.lease + 2) * 1000),
        hidden: ["until"],
      },
    ],
  },
  {
    id: "K7a",
    promise: "A lease runs from when the head was signed, however late the head came.",
    base: ([player]) => player.origin.publish({ iat: ago(5) }),
    steps: [
      {
        act: async ([player]) => {
          await player.list("newcomer", { lease: 3600 });
          await player.origin.publish({ iat: ago(2) });
        },
        hidden: ["newcomer"],
      },
    ],
  },
  {
    id: "K7b",
    promise: "A head that is not good any more brings nothing.",
    base: ([player]) => player.origin.publish({ iat: ago(5) }),
    steps: [
      {
        act: async ([player]) => {
          await player.list("newcomer");
          await player.origin.publish({ iat: ago(3), exp: ago(1) });
        },
        hidden: ["newcomer"],
      },
    ],
  },
  {
    id: "K9",
    promise: "A head that was signed in the future brings nothing.",
    steps: [
      {
        act: async ([player]) => {
          await player.list("newcomer");
          await player.origin.publish({ iat: ahead(1) });
        },
        hidden: ["newcomer"],
      },
    ],
  },
  {
    id: "K9b",
    promise: "A head that says it is good for more than a week brings nothing.",
    steps: [
      {
        act: async ([player]) => {
          await player.list("newcomer");
          await player.origin.publish({ exp: ahead(24 * 30) });
        },
        hidden: ["newcomer"],
        either: [SOMEBODY],
      },
    ],
  },
];
