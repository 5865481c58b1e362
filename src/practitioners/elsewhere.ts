import { badInput } from "../errors.js";
import { MOST_ELSEWHERE, type Elsewhere } from "./practitioner.js";

/** An entry's name everywhere: the id of its network's node and its own there, in one line that can be copied from one node to another. */
export function writeElsewhere({ node, id }: Elsewhere): string {
  return `${node}/${id}`;
}

/** Whether there is an entry by this name is not looked up: a refusal would tell. */
export function parseElsewhere(text: string, path: readonly (string | number)[]): Elsewhere {
  const [, node, id] = FORM.exec(text.trim()) ?? [];
  if (node === undefined || id === undefined)
    throw badInput("This takes an entry's name everywhere, as Profile.nameEverywhere tells it there.", path);
  return { node, id: id.toLowerCase() };
}

const FORM =
  /^(urn:ietf:params:oauth:jwk-thumbprint:sha-256:[\w-]{43})\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** Only so many: each is looked up when it is asked for. */
export function fewElsewhere(all: readonly string[], path: readonly (string | number)[]): readonly string[] {
  if (all.length <= MOST_ELSEWHERE) return all;
  throw badInput(`This takes at most ${MOST_ELSEWHERE} items.`, path);
}
