import { deepStrictEqual } from "node:assert/strict";
import type { Peer } from "./peers.js";
import type { Question } from "./questions.js";

type Shown = { readonly id: string };
type Answer = {
  readonly data: {
    readonly practitioner?: Shown;
    readonly practitioners?: { readonly totalCount: number; readonly nodes: readonly Shown[] };
  };
};

const PAGE = 20;

/**
 * Asks all peers every question, the product first, and throws at the first difference. Answers must be the same JSON, all of it. For full
 * text, S orders by its own rank: there the total must be the same, whoever stands on both pages must be shown the same,
 * and when everybody found is on the page it must be the same people.
 */
export async function compare(peers: readonly Peer[], questions: readonly Question[]): Promise<void> {
  for (const question of questions) {
    const [expected, ...given] = await Promise.all(peers.map((peer) => answerOf(peer, question)));
    for (const [at, answer] of given.entries()) {
      const name = peers[at + 1]?.name ?? "";
      try {
        if (question.operation === "text" && name === "S") compareLoosely(answer, expected);
        else deepStrictEqual(answer, expected);
      } catch (error) {
        throw new Error(`${name} and the product differ on ${JSON.stringify(question)}`, { cause: error });
      }
    }
  }
}

async function answerOf(peer: Peer, question: Question): Promise<Answer> {
  const text = (await peer.client.ask(peer.body(question))).toString("utf8");
  const answer = JSON.parse(text) as Answer;
  if (answer.data?.practitioner ?? answer.data?.practitioners?.nodes[0]) return answer;
  throw new Error(`${peer.name} finds nobody for ${JSON.stringify(question)}: ${text.slice(0, 500)}`);
}

function compareLoosely(given: Answer, expected: Answer | undefined): void {
  const [one, other] = [given.data.practitioners, expected?.data.practitioners];
  deepStrictEqual(one?.totalCount, other?.totalCount);
  const shown = new Map(one?.nodes.map((node) => [node.id, node]));
  for (const node of other?.nodes ?? []) {
    const same = shown.get(node.id);
    if (same !== undefined || (one?.totalCount ?? 0) <= PAGE) deepStrictEqual(same, node);
  }
}
