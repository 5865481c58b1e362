// Written by generate.mjs.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type ComingQueryVariables = Exact<{
  language: string;
}>;


export type ComingQuery = { events: Array<{ title: string, day: string, ledBy: Array<{ alias: string, specialties: Array<{ specialty: { name: string } }> } | null> }> };

export type TrainersQueryVariables = Exact<{
  region: string;
  language: string;
}>;


export type TrainersQuery = { practitioners: { totalCount: number, nodes: Array<{ alias: string, languages: Array<{ language: { name: string } }>, events: Array<{ title: string, day: string }> }> } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const ComingDocument = new TypedDocumentString(`
    query Coming($language: LanguageTag!) {
  events {
    title
    day
    ledBy {
      alias
      specialties {
        specialty {
          name(in: $language)
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ComingQuery, ComingQueryVariables>;
export const TrainersDocument = new TypedDocumentString(`
    query Trainers($region: RegionCode!, $language: LanguageTag!) {
  practitioners(where: {region: {anyOf: [$region]}}, first: 20) {
    totalCount
    nodes {
      alias
      languages {
        language {
          name(in: $language)
        }
      }
      events {
        title
        day
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TrainersQuery, TrainersQueryVariables>;