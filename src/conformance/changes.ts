import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeBundle } from "../federation/bundle.js";
import type { Kit } from "./kit.js";
import { silence } from "./misdeeds.js";
import { SOMEBODY, somebodyAt, type Player, type Trial } from "./trial.js";

const SIXTY = Array.from({ length: 60 }, (_, at) => `newcomer${at}`);

/** Feeds that are signed as they should be: what of them is shown, and what is not. */
export const changes: readonly Trial[] = [
  {
    id: "K4",
    promise: "Whom their network withdraws is not found any more.",
    base: ([player]) => player.list("leaver"),
    steps: [{ act: ([player]) => player.withdraw("leaver"), hidden: ["leaver"] }],
  },
  {
    id: "K10",
    promise: "A feed that began anew is read from its start, and who is not in it any more is gone.",
    base: ([player]) => player.list("leaver"),
    steps: [{ act: ([player]) => beginAnew(player), shown: ["newcomer"], hidden: ["leaver"] }],
  },
  {
    id: "K12",
    promise:
      "Members and codes that the reader does not know keep nobody from being shown, and kinds nobody else.",
    steps: [
      {
        act: async ([player]) => {
          const unheardOf = { "x-unheard-of": { of: [1] } };
          await player.list("member", { ...unheardOf, body: { ...player.bodyOf("member"), ...unheardOf } });
          await player.list("code", { body: withUnknownCodes(player.bodyOf("code")) });
          await player.list("kind", { type: "Gathering", body: { alias: player.aliasOf("kind") } });
        },
        shown: ["member", "code"],
        hidden: ["kind"],
      },
    ],
    judge: async (kit) => {
      const found = await kit.parts.search.find(
        kit.mark,
        '{ specialty: { anyOf: ["legal.detention"] }, region: { anyOf: ["PE"] } }',
      );
      return found.has(kit.aliasOf({ id: "K12" }, "code"))
        ? null
        : "whoever works in codes that are not known is not found by the nearest wider ones";
    },
  },
  {
    id: "K18",
    promise: "What one network alone says of who is the same person links nobody.",
    networks: 2,
    steps: [
      {
        act: ([player, other]) =>
          player.list(SOMEBODY, {
            sameAs: [{ node: other!.origin.node, id: other!.idOf(somebodyAt(1)) }],
          }),
      },
    ],
    judge: async (kit) => {
      const others = await kit.parts.search.others(`${kit.mark} K18`);
      return [...others.values()].every((same) => same.length === 0)
        ? null
        : "somebody is shown as another, who does not say so";
    },
  },
  {
    id: "K19",
    promise: "Sixty new people in a day wait for a steward; who is withdrawn with them is gone at once.",
    base: ([player]) => player.list("leaver"),
    steps: [
      {
        act: async ([player]) => {
          await player.withdraw("leaver");
          for (const who of SIXTY) await player.list(who);
        },
        hidden: ["leaver", ...SIXTY],
      },
    ],
  },
  {
    id: "K20",
    promise: "A bundle brings what reading the feed would have brought, and an older one brings nobody back.",
    carried: true,
    base: ([player]) => player.list("leaver"),
    steps: [
      {
        read: false,
        act: async ([player], kit) => {
          player.origin.misdeed = silence;
          await player.origin.publish();
          player.keep();
          await player.list("newcomer");
          await player.withdraw("leaver");
          await carry(player, kit);
        },
        shown: ["newcomer"],
        hidden: ["leaver"],
      },
      {
        read: false,
        act: async ([player], kit) => {
          player.bringBack();
          await carry(player, kit);
        },
        shown: ["newcomer"],
        hidden: ["leaver"],
      },
    ],
  },
  {
    id: "K21",
    promise: "A record that breaks its shape or holds marks that no text may is not shown; the others are.",
    steps: [
      {
        act: async ([player]) => {
          await player.list("newcomer");
          await player.list("misshapen", { body: { ...player.bodyOf("misshapen"), regions: "PE" } });
          await player.list("turned", {
            body: { ...player.bodyOf("turned"), pronouns: "one\u202eother" },
          });
        },
        shown: ["newcomer"],
        hidden: ["misshapen", "turned"],
      },
    ],
  },
];

/** Numbers begin anew too, and whoever left is told of by nothing but not being there. */
async function beginAnew(player: Player): Promise<void> {
  player.beginAnew();
  player.drop("leaver");
  await player.list("newcomer");
}

/** Each comes with what it is a part of: the path of the one, the wider places of the other. */
function withUnknownCodes(body: object): object {
  return {
    ...body,
    specialties: [{ specialty: "legal.detention.unheard-of" }],
    regions: [{ region: "x-unheard-of", relation: "WORKS_IN", broader: ["PE"] }],
  };
}

/** A feed as it is now, in a file for whoever runs the node. */
async function carry({ origin }: Player, kit: Kit): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "cadre-conformance-"));
  try {
    const file = join(folder, "bundle.jsonl.gz");
    const bundle = writeBundle(file);
    await bundle.put({ "cadre:statement": await origin.statement() });
    await bundle.put({
      "cadre:tier": origin.tier,
      "cadre:head": origin.head,
      "cadre:cursor": `${origin.epoch}.${origin.seq}`,
    });
    for (const item of origin.page([...origin.items.values()]).orderedItems) await bundle.put(item);
    await bundle.end();
    await kit.parts.hands.takeBundle?.(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
