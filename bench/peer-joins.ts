/** Peer S: joins in one SQL statement, and the JSON made in PostgreSQL. */
import { Pool } from "pg";
import { words } from "../src/vocabulary/word.js";
import { serveBare } from "./bare-server.js";
import type { Question } from "./questions.js";

/** Everyone's rank in `widest`: an anonymous viewer. */
const PUBLIC = 3;

const pool = new Pool({
  connectionString: process.env["DATABASE_URL"],
  max: 8,
  options: "-c search_path=bench -c jit=off -c max_parallel_workers_per_gather=0 -c work_mem=32MB",
});

serveBare(async (question) => {
  const { rows } = await pool.query<{ body: string }>(statementFor(question));
  return rows[0]?.body ?? "";
});

function statementFor(question: Question): { text: string; values: unknown[] } {
  switch (question.operation) {
    case "search":
      return {
        text: search(question.partly),
        values: [PUBLIC, question.specialty, question.language, question.region],
      };
    case "profile":
      return { text: profile, values: [PUBLIC, question.id] };
    case "text":
      return {
        text: text(question.partly),
        values: [PUBLIC, question.specialty, question.region, asQuery(question.words)],
      };
    default:
      return question satisfies never;
  }
}

/** All of the words, the last one as a beginning. */
function asQuery(search: string): string {
  return `${words(search).join(" & ")}:*`;
}

const seen = (table: string) => `${table}.widest >= $1 and ${table}.narrowest <= $1`;

const withSpecialty = (parameter: string) => `
  select skill.practitioner from skill
  where ${seen("skill")} and skill.specialty = any (array(
    select closure.narrower from specialty_closure as closure
    join specialty on specialty.id = closure.broader where specialty.code = ${parameter}))`;

const withLanguage = (parameter: string) => `
  select spoken.practitioner from language_skill as spoken
  where ${seen("spoken")} and spoken.language = any (array(
    select closure.narrower from language_closure as closure
    join language on language.id = closure.broader where language.tag = ${parameter}))`;

const withRegion = (parameter: string, partly: boolean) => `
  select area.practitioner from work_area as area
  where area.relation <> 'BASED_IN' and ${seen("area")} and area.region = any (array(
    select answers.region from ${partly ? "region_overlap" : "region_closure"} as answers
    join region on region.id = answers.asked where region.code = ${parameter}))`;

const node = `
  json_build_object(
    'id', person.id, 'alias', person.alias,
    'specialties', (
      select coalesce(json_agg(json_build_object(
        'specialty', json_build_object('code', specialty.code, 'name', specialty.name), 'depth', skill.depth)
        order by skill.position), '[]')
      from skill join specialty on specialty.id = skill.specialty
      where skill.practitioner = person.id and ${seen("skill")}),
    'languages', (
      select coalesce(json_agg(json_build_object(
        'language', json_build_object('tag', language.tag, 'name', language.name),
        'level', spoken.level, 'use', spoken.use) order by spoken.position), '[]')
      from language_skill as spoken join language on language.id = spoken.language
      where spoken.practitioner = person.id and ${seen("spoken")}),
    'regions', (
      select coalesce(json_agg(json_build_object(
        'region', json_build_object('code', region.code, 'name', region.name), 'relation', area.relation)
        order by area.position), '[]')
      from work_area as area join region on region.id = area.region
      where area.practitioner = person.id and ${seen("area")}),
    'formats', (
      select coalesce(json_agg(format.format order by format.position), '[]')
      from format where format.practitioner = person.id and ${seen("format")}),
    'delivery', (
      select coalesce(json_agg(delivery.delivery order by delivery.position), '[]')
      from delivery where delivery.practitioner = person.id and ${seen("delivery")}),
    'level', case when person.level_widest >= $1 then person.level end,
    'offersFollowUp', case when person.follow_up_widest >= $1 then person.follow_up end,
    'coFacilitates', case when person.co_facilitates_widest >= $1 then person.co_facilitates end,
    'cost', case when person.cost_widest >= $1 then person.cost end,
    'organizations', (
      select coalesce(json_agg(json_build_object('id', organization.id, 'name', organization.name)
        order by link.position), '[]')
      from organization_link as link join organization on organization.id = link.organization
      where link.practitioner = person.id and ${seen("link")} and organization.widest >= $1),
    'resources', (
      select coalesce(json_agg(json_build_object('id', resource.id, 'title', resource.title)
        order by link.position), '[]')
      from resource_link as link join resource on resource.id = link.resource
      where link.practitioner = person.id and ${seen("link")} and resource.widest >= $1),
    'provenance', (
      select json_build_object(
        'network', json_build_object('id', network.id, 'name', network.name), 'verified', person.verified)
      from network where network.id = person.network))`;

const nodes = (order: string) => `
  (select coalesce(json_agg(${node} order by ${order}), '[]')
    from page join practitioner as person on person.id = page.id)`;

const specialtyFacet = `
  select json_agg(json_build_object(
    'specialty', json_build_object('code', counted.code, 'name', counted.name), 'count', counted.count)
    order by counted.count desc, counted.code collate "C")
  from (
    select specialty.code, specialty.name, counts.count
    from (
      select closure.broader, count(distinct skill.practitioner) as count
      from matched join skill on skill.practitioner = matched.id and ${seen("skill")}
      join specialty_closure as closure on closure.narrower = skill.specialty
      group by closure.broader) as counts
    join specialty on specialty.id = counts.broader
    order by counts.count desc, specialty.code collate "C" limit 20) as counted`;

const regionFacet = `
  select json_agg(json_build_object(
    'region', json_build_object('code', counted.code, 'name', counted.name), 'count', counted.count)
    order by counted.count desc, counted.code collate "C")
  from (
    select region.code, region.name, counts.count
    from (
      select inside.country, count(distinct area.practitioner) as count
      from matched join work_area as area
        on area.practitioner = matched.id and area.relation <> 'BASED_IN' and ${seen("area")}
      join country_inside as inside on inside."outer" = area.region
      group by inside.country) as counts
    join region on region.id = counts.country
    order by counts.count desc, region.code collate "C" limit 20) as counted`;

const languageFacet = `
  select json_agg(json_build_object(
    'language', json_build_object('tag', counted.tag, 'name', counted.name), 'count', counted.count)
    order by counted.count desc, counted.tag collate "C")
  from (
    select language.tag, language.name, counts.count
    from (
      select closure.broader, count(distinct spoken.practitioner) as count
      from matched join language_skill as spoken on spoken.practitioner = matched.id and ${seen("spoken")}
      join language_closure as closure on closure.narrower = spoken.language
      group by closure.broader) as counts
    join language on language.id = counts.broader
    order by counts.count desc, language.tag collate "C" limit 20) as counted`;

const search = (partly: boolean) => `
  with matched as materialized (
    select practitioner as id from (
      ${withSpecialty("$2")} intersect ${withLanguage("$3")} intersect ${withRegion("$4", partly)}) as found),
  page as materialized (select matched.id from matched order by matched.id limit 20)
  select json_build_object('data', json_build_object('practitioners', json_build_object(
    'totalCount', (select count(*) from matched),
    'nodes', ${nodes("page.id")},
    'facets', json_build_object(
      'specialties', coalesce((${specialtyFacet}), '[]'),
      'regions', coalesce((${regionFacet}), '[]'),
      'languages', coalesce((${languageFacet}), '[]')))))::text as body`;

const profile = `
  select json_build_object('data', json_build_object('practitioner', ${node}))::text as body
  from practitioner as person
  where person.id = $2 and person.widest >= $1`;

const text = (partly: boolean) => `
  with matched as materialized (
    select found.practitioner as id, ts_rank(found.words, $4::tsquery) as rank
    from words as found
    where found.words @@ $4::tsquery and ${seen("found")}
      and found.practitioner in (${withSpecialty("$2")})
      and found.practitioner in (${withRegion("$3", partly)})),
  page as materialized (select matched.id, matched.rank from matched order by matched.rank desc, matched.id limit 20)
  select json_build_object('data', json_build_object('practitioners', json_build_object(
    'totalCount', (select count(*) from matched),
    'nodes', ${nodes("page.rank desc, page.id")})))::text as body`;
