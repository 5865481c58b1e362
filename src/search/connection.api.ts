import { Arg, Field, Int, ObjectType, type ClassType } from "type-graphql";
import type { ListedObject } from "../listing/listing.api.js";
import type { RegionKind } from "../vocabulary/region.js";
import {
  LanguageObject,
  RegionKindEnum,
  RegionObject,
  SpecialtyObject,
  type Words,
} from "../vocabulary/vocabulary.api.js";
import type { Advice, Facets, Found } from "./find.js";

@ObjectType("PageInfo", { description: "Where a page stands (GraphQL Cursor Connections Specification)." })
class PageInfoObject {
  @Field(() => Boolean, { simple: true, description: "Whether there are more after this page." })
  readonly hasNextPage: boolean;
  @Field(() => Boolean, { simple: true, description: "Whether there are some before this page." })
  readonly hasPreviousPage: boolean;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "The first edge's cursor; null on an empty page.",
  })
  readonly startCursor: string | null;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "The last edge's cursor; null on an empty page.",
  })
  readonly endCursor: string | null;
}

@ObjectType("Sources", {
  description:
    "How complete the answer is: how many peers' copies are fresh, stale, or hidden because their lease ran out.",
})
class SourcesObject {
  @Field(() => Int, { simple: true, description: "Peers whose copies are as they should be." })
  readonly fresh: number;
  @Field(() => Int, {
    simple: true,
    description: "Peers not heard from in time, whose copies are still shown.",
  })
  readonly stale: number;
  @Field(() => Int, { simple: true, description: "Peers whose copies are no longer shown." })
  readonly hidden: number;
}

@ObjectType("Advice", { description: "One change to the question that would bring more." })
class AdviceObject implements Advice {
  @Field(() => String, { simple: true, description: "What to relax, as a sentence in English." })
  readonly relax: string;
  @Field(() => Int, { simple: true, description: "How many would then be found." })
  readonly would: number;
}

@ObjectType("SpecialtyCount", {
  description: "How many of those found work in a specialty or in something narrower.",
})
class SpecialtyCountObject {
  @Field(() => SpecialtyObject, { simple: true, description: "The specialty." })
  readonly specialty: SpecialtyObject;
  @Field(() => Int, { simple: true, description: "How many of those found." })
  readonly count: number;
}

@ObjectType("RegionCount", { description: "How many of those found serve a region." })
class RegionCountObject {
  @Field(() => RegionObject, { simple: true, description: "The region." })
  readonly region: RegionObject;
  @Field(() => Int, { simple: true, description: "How many of those found." })
  readonly count: number;
}

@ObjectType("LanguageCount", { description: "How many of those found speak a language." })
class LanguageCountObject {
  @Field(() => LanguageObject, { simple: true, description: "The language." })
  readonly language: LanguageObject;
  @Field(() => Int, { simple: true, description: "How many of those found." })
  readonly count: number;
}

const firstHelp = "At most this many, the most frequent first.";

/** The GraphQL types of a page of one kind of record: `<Name>Connection`, `<Name>Edge` and `<Name>Facets`. */
export function connectionOf<Node extends ListedObject>(
  name: string,
  nodeType: abstract new (...args: never[]) => Node,
) {
  const type = () => nodeType as ClassType<Node>;

  @ObjectType(`${name}Edge`, { description: "A record found, and where to go on after it." })
  class Edge {
    @Field(() => String, { simple: true, description: "Give it as `after` to go on behind this record." })
    readonly cursor: string;
    @Field(type, { simple: true, description: "The record." })
    readonly node: Node;
  }

  @ObjectType(`${name}Facets`, {
    description: "How those found are spread: each count is what adding that condition would leave.",
  })
  class FacetsOf {
    constructor(
      private readonly words: Words,
      private readonly counts: Facets,
    ) {}

    @Field(() => [SpecialtyCountObject], { description: "By specialty, the broader ones included." })
    specialties(@Arg("first", () => Int, { defaultValue: 20, description: firstHelp }) first: number) {
      return this.counts
        .specialties(first)
        .map(({ code, count }) => ({ specialty: this.words.specialty(code), count }));
    }

    @Field(() => [RegionCountObject], {
      description: "By region served; who serves an area serves each country in it.",
    })
    regions(
      @Arg("kind", () => RegionKindEnum, {
        defaultValue: "COUNTRY",
        description: "Only regions of this kind.",
      })
      kind: RegionKind,
      @Arg("first", () => Int, { defaultValue: 20, description: firstHelp }) first: number,
    ) {
      return this.counts
        .regions(kind, first)
        .map(({ code, count }) => ({ region: this.words.region(code), count }));
    }

    @Field(() => [LanguageCountObject], { description: "By language." })
    languages(@Arg("first", () => Int, { defaultValue: 20, description: firstHelp }) first: number) {
      return this.counts
        .languages(first)
        .map(({ code, count }) => ({ language: this.words.language(code), count }));
    }
  }

  @ObjectType(`${name}Connection`, {
    description:
      "A page of what was found, and what can be said of everything found. All of it only of what you may see.",
  })
  class Connection {
    constructor(
      private readonly words: Words,
      private readonly found: Found,
      nodes: ReadonlyMap<string, Node>,
    ) {
      this.edges = found.ids.flatMap((id, at) => {
        const node = nodes.get(id);
        return node === undefined ? [] : [{ cursor: found.cursors[at] ?? "", node }];
      });
      this.nodes = this.edges.map(({ node }) => node);
    }

    @Field(() => [Edge], { simple: true, description: "The records of this page with their cursors." })
    readonly edges: readonly Edge[];

    @Field(() => [nodeType as ClassType<Node>], { simple: true, description: "The records of this page." })
    readonly nodes: readonly Node[];

    @Field(() => PageInfoObject, { description: "Where this page stands." })
    pageInfo(): PageInfoObject {
      const { hasNextPage, hasPreviousPage } = this.found;
      const [startCursor = null, endCursor = startCursor] = [
        this.edges[0]?.cursor,
        this.edges.at(-1)?.cursor,
      ];
      return { hasNextPage, hasPreviousPage, startCursor, endCursor };
    }

    @Field(() => Int, { description: "How many were found in all." })
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
      description: "What to relax when nothing, or too little, was found; empty when the page is full.",
    })
    advice(): readonly AdviceObject[] {
      return this.found.advice();
    }

    @Field(() => SourcesObject, { description: "How complete the answer is." })
    sources(): SourcesObject {
      return { fresh: 0, stale: 0, hidden: 0 };
    }
  }

  return Connection;
}
