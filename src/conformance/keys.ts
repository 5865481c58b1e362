import type { Kit, Request } from "./kit.js";
import { SOMEBODY, type Player, type Trial } from "./trial.js";

/** Who speaks for a network, and by which key. */
export const keys: readonly Trial[] = [
  {
    id: "P1",
    promise:
      "A request is refused that is not signed, for this address and by whom it says, or that was sent before.",
    networks: 2,
    steps: [],
    judge: (kit, [player, other]) => refusalMissing(kit, player, other!.origin.node),
  },
  {
    id: "P5",
    promise: "When another feed key signs, whom the earlier one signed stays, and newcomers are shown.",
    steps: [
      {
        act: async ([player]) => {
          await player.origin.rotate();
          await player.list("newcomer");
        },
        shown: ["newcomer"],
      },
    ],
  },
  {
    id: "P6",
    promise: "Whom a feed key signed that was taken back is not shown.",
    steps: [
      {
        act: async ([player]) => {
          player.beginAnew();
          await player.origin.rotate({ at: new Date(), reason: "conformance" });
        },
        hidden: [SOMEBODY],
      },
    ],
  },
  {
    id: "P7",
    promise: "A network that has handed its root on stays who it is.",
    steps: [
      {
        act: async ([player]) => {
          await player.origin.handOver();
          await player.origin.rotate();
          await player.list("newcomer");
        },
        shown: ["newcomer"],
      },
    ],
  },
  {
    id: "P10",
    promise: "Another node at the address of a peer is not believed, and whom the peer listed stays.",
    steps: [
      {
        act: async ([player], kit) => {
          player.origin = await kit.parts.origins.inPlaceOf(player.origin);
          await player.list("newcomer");
        },
        hidden: ["newcomer"],
      },
    ],
  },
];

/** Each of these has to be refused; the first that was not, as a sentence. */
async function refusalMissing(kit: Kit, player: Player, another: string): Promise<string | null> {
  const good = await kit.signed(player);
  if (!isTaken(await kit.say(good))) return "a ping as it should be is refused";
  const other = await kit.signed(player);
  const wrong: Readonly<Record<string, Request>> = {
    "was sent before": good,
    "is not signed": { ...other, headers: {} },
    "is for another address": await kit.signed(player, `${kit.parts.url}/fed/v1/receipts`),
    "has another body": { ...other, body: `${other.body} ` },
    "says it is another node's": {
      ...other,
      headers: { ...other.headers, "cadre-node": another },
    },
  };
  for (const [what, request] of Object.entries(wrong)) {
    const status = await kit.say(request);
    if (status !== 401 && status !== 403)
      return `a request that ${what} is answered by ${status ?? "nothing"}`;
  }
  return null;
}

function isTaken(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300;
}
