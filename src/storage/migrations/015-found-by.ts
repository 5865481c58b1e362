import type { MigrationInterface, QueryRunner } from "typeorm";

/** People are found by when they are available and by how many vouch for them: the tags of listings that were written before. */
export class FoundBy015 implements MigrationInterface {
  readonly name = "FoundBy9715000000000";

  async up(db: QueryRunner): Promise<void> {
    await db.query(addTags);
  }

  /** Whoever does not know a tag does not look for it. */
  async down(): Promise<void> {}
}

/** As `writeTags` has them: each once, in the order of their bytes, between spaces. */
const addTags = `
  update seen.listing as held
  set tags = told.tags
  from (
    select listing.audience, listing.id, listing.origin,
      (select string_agg(distinct tag collate "C", ' ' order by tag collate "C")
        from unnest(string_to_array(listing.tags, ' ') || array[
          'availableFrom:' || (read.doc #>> '{availability,from}'),
          'availableUntil:' || (read.doc #>> '{availability,until}'),
          'vouches:' || (read.doc #>> '{vouches,band}')]) as tag
        where tag <> '') as tags
    from seen.listing
    cross join lateral (select listing.doc::jsonb as doc) as read
    where listing.kind = 'practitioner') as told
  where held.audience = told.audience and held.id = told.id and held.origin = told.origin
    and held.tags <> told.tags`;
