import { Arg, Field, Int, ObjectType, type ClassType } from "type-graphql";
import type { ListedObject } from "../listing/listing.api.js";
import type { Sources } from "../listing/standing.js";
import type { RegionKind } from "../vocabulary/region.js";
import {
  LanguageObject,
  RegionKindEnum,
  RegionObject,
  SpecialtyObject,
  type Words,
} from "../vocabulary/vocabulary.api.js";
import type { Advice, Facets, Found } from "./find.js";

@ObjectType("PageInfo", {
  description:
    "Where a page stands among all that was found, to ask for the next one (GraphQL Cursor Connections Specification).",
})
class PageInfoObject {
  @Field(() => Boolean, { simple: true, description: "Whether there are more after this page." })
  readonly hasNextPage: boolean;
  @Field(() => Boolean, {
    simple: true,
    description: "Whether this page was asked for with `after`, so that others came before it.",
  })
  readonly hasPreviousPage: boolean;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "The first record's cursor; null on an empty page.",
  })
  readonly startCursor: string | null;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "The last record's cursor: give it as `after` for the next page; null on an empty page.",
  })
  readonly endCursor: string | null;
}

@ObjectType("Sources", {
  description:
    "How complete an answer is, by how recently peers have renewed their copies. Counts peers that this network trusts and that share records of this kind with those who see what you see, whatever the question; says nothing of which they are. Everybody sees it. All zero when no peer shares any.",
})
class SourcesObject implements Sources {
  @Field(() => Int, {
    simple: true,
    description: "Peers heard from lately, all of whose copies are shown. Zero when there is none.",
  })
  readonly fresh: number;
  @Field(() => Int, {
    simple: true,
    description:
      "Peers not heard from for more than half of what their shortest copy lasts: some of their copies may not be shown any more. Zero when there is none.",
  })
  readonly stale: number;
  @Field(() => Int, {
    simple: true,
    description:
      "Peers not heard from for so long that none of their copies is shown: there may be more to find once they are back. Zero when there is none.",
  })
  readonly hidden: number;
}

@ObjectType("Advice", {
  description: "One change to the question that would bring more, counted over what you may see.",
})
export class AdviceObject implements Advice {
  @Field(() => String, { simple: true, description: "What to relax, as a short instruction in English." })
  readonly relax: string;
  @Field(() => Int, { simple: true, description: "How many would then be found in all." })
  readonly would: number;
}

@ObjectType("SpecialtyCount", {
  description: "How many of those found have to do with a specialty or something narrower.",
})
class SpecialtyCountObject {
  @Field(() => SpecialtyObject, { simple: true, description: "The specialty counted." })
  readonly specialty: SpecialtyObject;
  @Field(() => Int, { simple: true, description: "How many of those found." })
  readonly count: number;
}

@ObjectType("RegionCount", {
  description: "How many of those found serve a region, whole or as part of a larger one.",
})
class RegionCountObject {
  @Field(() => RegionObject, { simple: true, description: "The region counted." })
  readonly region: RegionObject;
  @Field(() => Int, { simple: true, description: "How many of those found." })
  readonly count: number;
}

@ObjectType("LanguageCount", { description: "How many of those found have a language, or a variety of it." })
class LanguageCountObject {
  @Field(() => LanguageObject, { simple: true, description: "The language counted." })
  readonly language: LanguageObject;
  @Field(() => Int, { simple: true, description: "How many of those found." })
  readonly count: number;
}

/** How many counts are told, and of which regions, when the question does not say or says null. */
const SHOWN = 20;
const SHOWN_KIND = "COUNTRY";
const shownHelp = "At most this many, the most frequent first; from 0 to 500. Null means 20.";
const shown = { nullable: true, defaultValue: SHOWN, description: shownHelp } as const;

/** The GraphQL types of a page of one kind of record: `<Name>Connection`, `<Name>Edge` and `<Name>Facets`. */
export function connectionOf<Node extends ListedObject>(
  name: string,
  nodeType: abstract new (...args: never[]) => Node,
) {
  const type = () => nodeType as ClassType<Node>;

  @ObjectType(`${name}Edge`, { description: "A record found, and its place, to go on after it." })
  class Edge {
    @Field(() => String, { simple: true, description: "Give it as `after` to go on behind this record." })
    readonly cursor: string;
    @Field(type, { simple: true, description: "The record." })
    readonly node: Node;
  }

  @ObjectType(`${name}Facets`, {
    description:
      "How those found are spread, to help narrow the question: each count is what adding that condition would leave.",
  })
  class FacetsOf {
    constructor(
      private readonly words: Words,
      private readonly counts: Facets,
    ) {}

    @Field(() => [SpecialtyCountObject], {
      description:
        "By specialty; a broader one counts everything below it. Empty when none of those found names one.",
    })
    specialties(@Arg("first", () => Int, shown) first: number | null) {
      return this.counts
        .specialties(first ?? SHOWN)
        .map(({ code, count }) => ({ specialty: this.words.specialty(code), count }));
    }

    @Field(() => [RegionCountObject], {
      description:
        "By region served; who serves an area serves each country in it. Empty when none of those found serves one of the kind.",
    })
    regions(
      @Arg("kind", () => RegionKindEnum, {
        nullable: true,
        defaultValue: SHOWN_KIND,
        description: "Only regions of this kind. Null means COUNTRY.",
      })
      kind: RegionKind | null,
      @Arg("first", () => Int, shown) first: number | null,
    ) {
      return this.counts
        .regions(kind ?? SHOWN_KIND, first ?? SHOWN)
        .map(({ code, count }) => ({ region: this.words.region(code), count }));
    }

    @Field(() => [LanguageCountObject], {
      description: "By language; es counts those of es-MX too. Empty when none of those found names one.",
    })
    languages(@Arg("first", () => Int, shown) first: number | null) {
      return this.counts
        .languages(first ?? SHOWN)
        .map(({ code, count }) => ({ language: this.words.language(code), count }));
    }
  }

  @ObjectType(`${name}Connection`, {
    description:
      "A page of what was found, and what can be said of everything found. All of it is worked out from what you may see and nothing else.",
  })
  class Connection {
    constructor(
      private readonly words: Words,
      private readonly found: Found,
      nodes: readonly Node[],
    ) {
      this.nodes = nodes;
    }

    /** Cursors are sealed one by one, so they are made only when somebody asks for them. */
    @Field(() => [Edge], {
      description: "The records of this page with their cursors; empty when nothing was found.",
    })
    edges(): readonly Edge[] {
      const { ids, cursors } = this.found;
      const cursorOf = new Map(ids.map((id, at) => [id, cursors[at] ?? ""]));
      return this.nodes.map((node) => ({ cursor: cursorOf.get(node.id) ?? "", node }));
    }

    @Field(() => [nodeType as ClassType<Node>], {
      simple: true,
      description: "The records of this page; empty when nothing was found.",
    })
    readonly nodes: readonly Node[];

    @Field(() => PageInfoObject, { description: "Where this page stands." })
    pageInfo(): PageInfoObject {
      const { hasNextPage, hasPreviousPage } = this.found;
      const edges = this.edges();
      const [startCursor = null, endCursor = startCursor] = [edges[0]?.cursor, edges.at(-1)?.cursor];
      return { hasNextPage, hasPreviousPage, startCursor, endCursor };
    }

    @Field(() => Int, { description: "How many were found in all, on every page together." })
    totalCount(): number {
      return this.found.totalCount;
    }

    @Field(() => FacetsOf, {
      description: "How those found are spread over specialties, regions and languages.",
    })
    facets(): FacetsOf {
      return new FacetsOf(this.words, this.found.facets);
    }

    @Field(() => [AdviceObject], {
      description:
        "What to relax when fewer were found than `first` asks for, what brings most first; empty when there are enough, or nothing would help.",
    })
    advice(): readonly AdviceObject[] {
      return this.found.advice();
    }

    @Field(() => SourcesObject, {
      description: "How complete the answer is, as far as it depends on peers.",
    })
    sources(): SourcesObject {
      return this.found.sources();
    }
  }

  return Connection;
}
