import { randomUUID } from "node:crypto";
import { claimsOf, sign } from "../federation/jws.js";
import { nodeIdOf } from "../federation/node-id.js";
import { instead, bomb, oversized } from "./misdeeds.js";
import { newKey } from "./origins.js";
import { SOMEBODY, type Player, type Trial } from "./trial.js";

/**
 * Who lists somebody in a way that breaks a rule, and beside them somebody as it should be: nobody of that reading may be shown, because
 * a record that breaks a rule spoils the whole of it.
 */
const FORGERIES: readonly (readonly [id: string, what: string, forge: (player: Player) => Promise<void>])[] =
  [
    ["K5a", "whose signature is not good", withBrokenSignature],
    [
      "K5b",
      "that says it is another node's",
      async (player) => player.list("forged", { iss: nodeIdOf((await newKey()).thumbprint) }),
    ],
    ["K5c", "that was signed as something else", withWrongType],
    ["K5d", "that nobody signed", withoutSignature],
    ["K5e", "that stands under another's id", (player) => player.list("forged", { sub: randomUUID() })],
    ["K5f", "that was signed by a key nobody vouches for", withStrangeKey],
    ["K5g", "that is for another feed", (player) => player.list("forged", { audience: "partners" })],
    [
      "K5h",
      "that is leased for more than 90 days",
      (player) => player.list("forged", { lease: 91 * 86_400 }),
    ],
    [
      "K5i",
      "that was signed in the future",
      (player) => player.list("forged", { iat: Math.floor(Date.now() / 1000) + 2 * 86_400 }),
    ],
  ];

const DAY = 86_400;
const yesterday = () => (Math.floor(Date.now() / 1000 / DAY) - 1) * DAY;

/** What is not to be believed, and changes nothing. */
export const refusals: readonly Trial[] = [
  ...FORGERIES.map(([id, what, forge]): Trial => ({
    id,
    promise: `A record ${what} is not shown, and nothing that came with it.`,
    steps: [
      {
        act: async ([player]) => {
          await player.list("beside");
          await forge(player);
        },
        hidden: ["forged", "beside"],
      },
    ],
  })),
  {
    id: "K6a",
    promise: "A head that was accepted before, and is served again, brings nobody back.",
    base: async ([player]) => {
      await player.list("leaver");
      player.keep();
    },
    steps: [
      {
        act: async ([player]) => {
          player.beginAnew();
          player.drop("leaver");
          await player.list("newcomer");
        },
        shown: ["newcomer"],
        hidden: ["leaver"],
      },
      { act: async ([player]) => player.bringBack(), shown: ["newcomer"], hidden: ["leaver"] },
    ],
  },
  {
    id: "K6b",
    promise: "A feed that goes back to an earlier number brings nobody back.",
    base: async ([player]) => {
      await player.list("leaver");
      player.keep();
    },
    steps: [
      { act: ([player]) => player.withdraw("leaver"), hidden: ["leaver"] },
      {
        act: async ([player]) => {
          player.bringBack();
          await player.origin.publish();
        },
        hidden: ["leaver"],
      },
    ],
  },
  {
    id: "K6c",
    promise: "Of two states that a feed signed under one number the second is not shown.",
    steps: [
      {
        act: async ([player]) => {
          const { seq } = player.origin;
          await player.list("newcomer");
          await player.origin.publish({ seq });
        },
        hidden: ["newcomer"],
        either: [SOMEBODY],
      },
    ],
  },
  {
    id: "K8",
    promise: "Where a list leaves a withdrawal out that its head tells of, nothing of it is shown.",
    base: ([player]) => player.list("leaver"),
    steps: [{ act: ([player]) => withhold(player), hidden: ["newcomer"], either: ["leaver"] }],
  },
  {
    id: "K11a",
    promise: "A page that is too large is not taken.",
    steps: [{ act: ([player]) => list(player, oversized), hidden: ["newcomer"] }],
  },
  {
    id: "K11b",
    promise: "A page that is small until it is unpacked, and then too large, is not taken.",
    steps: [{ act: ([player]) => list(player, bomb), hidden: ["newcomer"] }],
  },
  {
    id: "K15",
    promise: "Who was withdrawn does not come back by a record that was signed before.",
    base: ([player]) => player.list("leaver", { iat: yesterday() }),
    steps: [
      {
        act: async ([player]) => {
          player.keep();
          await player.withdraw("leaver");
        },
        hidden: ["leaver"],
      },
      {
        act: async ([player]) => {
          player.bringBack();
          player.beginAnew();
          await player.origin.publish();
        },
        hidden: ["leaver"],
      },
    ],
  },
  {
    id: "P9",
    promise: "No link leads a reader out of a feed, and no redirect anywhere.",
    networks: 2,
    steps: [
      {
        act: async ([player, other], { parts }) => {
          const elsewhere = `${parts.origins.url}/elsewhere`;
          await list(
            player,
            instead("/changes", (answer, origin) => {
              answer.end(JSON.stringify({ ...origin.changes(0), next: { id: elsewhere } }));
            }),
          );
          if (other === undefined) return;
          await other.list("redirected");
          other.origin.misdeed = instead("/head", (answer) => {
            answer.writeHead(302, { location: elsewhere }).end();
          });
        },
        hidden: ["newcomer", "redirected"],
      },
    ],
    judge: ({ parts }) =>
      parts.origins.strays === 0 ? null : "it asked at an address that is none of any network's",
  },
];

async function list(player: Player, misdeed: Player["origin"]["misdeed"]): Promise<void> {
  await player.list("newcomer");
  player.origin.misdeed = misdeed;
}

/** The head is that of a feed without somebody whom every list still holds. */
async function withhold(player: Player): Promise<void> {
  const { origin } = player;
  await player.list("newcomer");
  const id = player.idOf("leaver");
  const item = origin.items.get(id);
  origin.items.delete(id);
  await origin.publish();
  if (item !== undefined) origin.items.set(id, item);
}

// ── forgeries ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Somebody's record says another name than the one that was signed. */
async function withBrokenSignature(player: Player): Promise<void> {
  await player.list("signed");
  const jws = player.recordOf("signed");
  const [header, , signature] = jws.split(".");
  const claims = { ...(claimsOf(jws) as object), body: player.bodyOf("forged") };
  await replace(player, "signed", [header, encoded(claims), signature].join("."));
}

async function withWrongType(player: Player): Promise<void> {
  await player.list("forged");
  const claims = claimsOf(player.recordOf("forged")) as object;
  await replace(player, "forged", await sign("vnd.cadre.move+jwt", claims, player.origin.feed));
}

async function withoutSignature(player: Player): Promise<void> {
  await player.list("forged");
  const header = { alg: "none", typ: "vnd.cadre.record+jwt", kid: player.origin.feed.thumbprint };
  const claims = claimsOf(player.recordOf("forged"));
  await replace(player, "forged", `${encoded(header)}.${encoded(claims)}.`);
}

async function withStrangeKey(player: Player): Promise<void> {
  await player.list("forged");
  const claims = claimsOf(player.recordOf("forged")) as object;
  await replace(player, "forged", await sign("vnd.cadre.record+jwt", claims, await newKey()));
}

async function replace(player: Player, who: string, jws: string): Promise<void> {
  await player.origin.putJws(player.idOf(who), jws);
}

function encoded(json: unknown): string {
  return Buffer.from(JSON.stringify(json)).toString("base64url");
}
