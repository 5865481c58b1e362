import { setTimeout as sleep } from "node:timers/promises";
import type { Kit } from "./kit.js";
import { notNow } from "./misdeeds.js";
import type { Player, Trial } from "./trial.js";

const MINUTE = 60_000;
const SEARCHES = 100;

/** How a reader asks: not too often, not of too few, and never because somebody searched. */
export const manners: readonly Trial[] = [
  {
    id: "K11c",
    promise: "A page that comes a byte now and then is not waited for longer than a minute.",
    last: true,
    steps: [
      {
        act: async ([player]) => {
          await player.list("newcomer");
          player.origin.misdeed = player.drip.misdeed;
        },
        hidden: ["newcomer"],
      },
    ],
    judge: async (kit, [{ drip }]) => {
      if (drip.began === null) return "its page was not asked for";
      return (await kit.until(() => drip.ended !== null, drip.began + MINUTE - Date.now()))
        ? null
        : "it was still waited for after a minute";
    },
  },
  {
    id: "K14",
    promise: `No network is asked for anything while somebody searches ${SEARCHES} times.`,
    steps: [],
    // What comes once may be the node's own hour; what comes with the searches comes again.
    judge: async (kit) =>
      (await askedWhileSearching(kit)) > 0 && (await askedWhileSearching(kit)) > 0
        ? "searches led to requests"
        : null,
  },
  {
    id: "K16",
    promise: "A network that answers that it wants nobody for an hour is left alone, whatever it says then.",
    steps: [
      {
        act: async ([player]) => {
          await player.list("newcomer");
          player.origin.misdeed = notNow;
        },
        hidden: ["newcomer"],
      },
      {
        read: false,
        act: async ([player], kit) => {
          player.noted = Date.now();
          await kit.ping(player);
        },
      },
    ],
    judge: (kit, [player]) => {
      const asked = kit.asked(player, "/public/", player.noted).length;
      return asked === 0 ? null : `it was asked ${asked} times after it had said so`;
    },
  },
  {
    id: "K17",
    promise: "While one network answers slowly, another is read.",
    networks: 2,
    last: true,
    steps: [
      {
        read: false,
        act: async ([slow, quick], kit) => {
          await slow.list("newcomer");
          slow.origin.misdeed = slow.drip.misdeed;
          await kit.ping(slow);
          await kit.until(() => slow.drip.began !== null, kit.parts.pace.reading);
          await quick!.list("quick");
          quick!.noted = Date.now();
          await kit.ping(quick!);
          await kit.until(() => isAsked(kit, quick!), kit.parts.pace.reading);
        },
        hidden: ["newcomer"],
      },
    ],
    judge: (kit, [{ drip }, quick]) => {
      if (drip.began === null) return "the slow network was not read";
      const [asked] = kit.asked(quick!, "/public/head", quick!.noted);
      return asked !== undefined && (drip.ended === null || asked.at < drip.ended)
        ? null
        : "the other was asked only when the slow one was given up";
    },
  },
];

function isAsked(kit: Kit, player: Player): boolean {
  return kit.asked(player, "/public/head", player.noted).length > 0;
}

/** Each search is for another word: what was found before may be remembered. */
async function askedWhileSearching(kit: Kit): Promise<number> {
  const { origins, search, pace } = kit.parts;
  await sleep(pace.settle);
  const before = origins.requests;
  for (let turn = 0; turn < SEARCHES; turn++) await search.find(`${kit.mark} ${turn}`);
  await sleep(pace.settle);
  return origins.requests - before;
}
