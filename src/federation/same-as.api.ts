import { FieldResolver, Resolver, Root } from "type-graphql";
import { ProfileObject } from "../practitioners/profile.api.js";
import { writeElsewhere } from "../practitioners/elsewhere.js";
import { PractitionerObject } from "../practitioners/practitioner.api.js";
import { MOST_ELSEWHERE } from "../practitioners/practitioner.js";
import { localIdOf } from "./node-id.js";
import { areSame, placeOf, type Own } from "./same-as.js";

/** This node, as others name it; null where it has no address that others could meet it at, or has not signed yet who it is. */
export type FindOwn = () => Promise<Own | null>;

@Resolver(() => PractitionerObject)
export class SameAsResolver {
  constructor(private readonly findOwn: FindOwn) {}

  @FieldResolver(() => [PractitionerObject], {
    description:
      "The same person's entries at other networks: only those where both entries say so, to you, and both are shown. Each stands for itself, with its own provenance. Empty when one side alone says it, whichever that is: no answer shows that it does, though whoever reads the feed of an audience that it is shown to can find it there.",
  })
  async sameAs(@Root() person: PractitionerObject): Promise<readonly PractitionerObject[]> {
    const own = await this.findOwn();
    if (own === null) return [];
    const { side } = person;
    const named = side.sameAs.map((elsewhere) => placeOf(elsewhere, own).id);
    const others = await person.beside(filledUp(side.id, named));
    return others.filter((other) => areSame(side, other.side, own));
  }
}

@Resolver(() => ProfileObject)
export class NameEverywhereResolver {
  constructor(private readonly findOwn: FindOwn) {}

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "The entry's name everywhere, to be told at another network of which one says that its entry is theirs too. For its owner; null for everybody else, and on a node that others cannot meet.",
  })
  async nameEverywhere(@Root() { id, isOwn }: ProfileObject): Promise<string | null> {
    const own = isOwn ? await this.findOwn() : null;
    return own === null ? null : writeElsewhere({ node: own.node, id });
  }
}

/** As many ids whatever was said, so that nobody can tell by the time it takes; those that fill up are nobody's. */
function filledUp(id: string, ids: readonly string[]): readonly string[] {
  const nobody = Array.from({ length: MOST_ELSEWHERE }, (_, at) => localIdOf("nobody", `${id} ${at}`));
  return [...ids, ...nobody].slice(0, MOST_ELSEWHERE);
}
