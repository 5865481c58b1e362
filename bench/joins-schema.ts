/**
 * The tables that peer S answers from: what a careful engineer would make of a directory in PostgreSQL without listings and
 * without an index in memory. Every fact is a row that says who may see it (`narrowest` to `widest`: 1 members, 2 partners,
 * 3 everyone; a coarser value of a ladder stops where the exact one begins), vocabulary has closure tables, and what a
 * search needs lies in covering indexes.
 */
export const joinsSchema = `
  drop schema if exists bench cascade;
  create schema bench;
  create table bench.network (id uuid primary key, name text not null);
  create table bench.specialty (id smallint primary key, code text not null unique, name text not null);
  create table bench.specialty_closure (broader smallint, narrower smallint, primary key (broader, narrower));
  create table bench.region (id integer primary key, code text not null unique, country boolean not null, name text not null);
  create table bench.region_closure (asked integer, region integer, primary key (asked, region));
  create table bench.region_overlap (asked integer, region integer, primary key (asked, region));
  create table bench.country_inside ("outer" integer, country integer, primary key ("outer", country));
  create table bench.language (id smallint primary key, tag text not null unique, name text not null);
  create table bench.language_closure (broader smallint, narrower smallint, primary key (broader, narrower));
  create table bench.organization (id uuid primary key, widest smallint not null, name text not null);
  create table bench.resource (id uuid primary key, widest smallint not null, title text not null);
  create table bench.practitioner (
    id uuid primary key, widest smallint not null, network uuid not null, verified date, alias text not null,
    level text, level_widest smallint, follow_up boolean, follow_up_widest smallint,
    co_facilitates boolean, co_facilitates_widest smallint, cost text, cost_widest smallint);
  create table bench.skill (practitioner uuid, position smallint, widest smallint, narrowest smallint, specialty smallint, depth text);
  create table bench.language_skill (
    practitioner uuid, position smallint, widest smallint, narrowest smallint, language smallint, level text, use text[]);
  create table bench.work_area (
    practitioner uuid, position smallint, widest smallint, narrowest smallint, region integer, relation text);
  create table bench.format (practitioner uuid, position smallint, widest smallint, narrowest smallint, format text);
  create table bench.delivery (practitioner uuid, position smallint, widest smallint, narrowest smallint, delivery text);
  create table bench.organization_link (practitioner uuid, position smallint, widest smallint, narrowest smallint, organization uuid);
  create table bench.resource_link (practitioner uuid, position smallint, widest smallint, narrowest smallint, resource uuid);
  create table bench.words (practitioner uuid, widest smallint, narrowest smallint, words tsvector);`;

/** Made after the rows, which is faster. */
export const joinsIndexes = [
  ...["skill", "language_skill", "work_area", "format", "delivery", "organization_link", "resource_link"].map(
    (table) => `alter table bench.${table} add primary key (practitioner, position, widest)`,
  ),
  "alter table bench.words add primary key (practitioner, widest)",
  "create index on bench.specialty_closure (narrower, broader)",
  "create index on bench.language_closure (narrower, broader)",
  "create index on bench.skill (specialty, practitioner) include (widest, narrowest)",
  "create index on bench.language_skill (language, practitioner) include (widest, narrowest)",
  `create index on bench.work_area (region, practitioner) include (widest, narrowest) where relation <> 'BASED_IN'`,
  "create index on bench.skill (practitioner) include (specialty, widest, narrowest)",
  "create index on bench.language_skill (practitioner) include (language, widest, narrowest)",
  `create index on bench.work_area (practitioner) include (region, widest, narrowest) where relation <> 'BASED_IN'`,
  "create index on bench.words using gin (words)",
];
