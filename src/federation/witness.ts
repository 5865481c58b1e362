import { z } from "zod";
import { readStatement, shaped, type Statement } from "./statement.js";

/**
 * What a peer holds of a third node that both know, as that node has signed it: so that whoever meets an unexpected key can hear from
 * others whether they met the same, without believing any of them.
 */
export type Testimony = { readonly statement: string; readonly head: string };

export const testimonyShape = z.object({
  statement: z.string().max(65_536),
  head: z.string().max(8192),
});

/** What a witness holds beside what we hold of the same node. */
const SAYINGS = ["SAME", "NEWER", "OLDER", "OTHER_ROOT", "TWO_STORIES"] as const;
export type Saying = (typeof SAYINGS)[number];

/** What a witness said when it was asked last; `witness` is the id of its network. */
export type Said = { readonly witness: string; readonly saying: Saying; readonly at: Date };

/** What a witness answered, with the statement in it; Untrusted when that is not signed by a root of its node. */
export async function readTestimony(json: unknown): Promise<Testimony & { readonly told: Statement }> {
  const testimony = shaped(testimonyShape, json, "testimony");
  return { ...testimony, told: await readStatement(testimony.statement) };
}

/** How another statement of a node stands to the one that is known of it. */
export function compared(told: Statement, known: Statement): Exclude<Saying, "TWO_STORIES"> {
  const [fewer, more] =
    told.roots.length < known.roots.length ? [told.roots, known.roots] : [known.roots, told.roots];
  if (fewer.some((root, at) => more[at] !== root)) return "OTHER_ROOT";
  if (told.issued.getTime() === known.issued.getTime()) return "SAME";
  return told.issued > known.issued ? "NEWER" : "OLDER";
}

/** What witnesses said, each kind as a sentence. That they hold the same is told only where something is wrong. */
export function sentencesOf(said: readonly Said[], wrong: boolean): readonly string[] {
  return SAYINGS.flatMap((saying) => {
    const count = said.filter((one) => one.saying === saying).length;
    const told = count > 0 && (wrong || TELLING.has(saying));
    return told
      ? [
          `${count === 1 ? "One peer that knows it" : `${count} peers that know it`} ${SENTENCES[saying](count)}`,
        ]
      : [];
  });
}

const TELLING: ReadonlySet<Saying> = new Set(["OTHER_ROOT", "TWO_STORIES"]);

const SENTENCES: Readonly<Record<Saying, (count: number) => string>> = {
  SAME: (count) => `${hold(count)} the same statement of it as this node.`,
  NEWER: (count) => `${hold(count)} a newer statement of it, by the same root key.`,
  OLDER: (count) => `${hold(count)} an older statement of it, by the same root key.`,
  OTHER_ROOT: (count) =>
    `${hold(count)} a statement of it by another root key: somebody may have that of before. Talk to its steward.`,
  TWO_STORIES: (count) => `${hold(count)} another state of its feed under the same number.`,
};

function hold(count: number): string {
  return count === 1 ? "holds" : "hold";
}
