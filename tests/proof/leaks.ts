/** One place where a text of the compiled product is replaced by another. The text stands there exactly once. */
type Change = { readonly file: string; readonly find: string; readonly put: string };

/** A mistake somebody could make, planted into a copy of the product; `counting` when it shows where coverage is published, and nowhere else. */
export type Leak = { readonly name: string; readonly changes: readonly Change[]; readonly counting: boolean };

function leak(
  name: string,
  ...changes: readonly (readonly [file: string, find: string, put: string])[]
): Leak {
  return { name, changes: changes.map(([file, find, put]) => ({ file, find, put })), counting: false };
}

function leakInCoverage(...planted: Parameters<typeof leak>): Leak {
  return { ...leak(...planted), counting: true };
}

const project = "visibility/project.js";
const practitioner = "practitioners/practitioner.js";
const find = "search/find.js";
const order = "search/order.js";
const listings = "listing/listing.store.js";

/** The index that members are answered from. */
const membersIndex = `indexes.indexOf({ ...viewer, audience: "MEMBERS" }, query.kind)`;

/** What is written into a listing for the public and for partners, out of everything the person keeps. */
const writtenWith = (more: string): readonly [string, string, string] => [
  practitioner,
  "return listing === null ? [] : [{ audience, ...writeListing(listing) }];",
  `const everything = seenAs(person, "PRIVATE", by);
   return listing === null ? [] : [{ audience, ...writeListing(listing), ${more} }];`,
];

export const leaks: readonly Leak[] = [
  // ── what is projected ──
  leak("the finest value of a ladder is shown to whoever sees a coarser one", [
    project,
    "return visible.reduce(",
    "return (visible.length === 0 ? visible : rungs).reduce(",
  ]),
  leak("where a field has no ladder its rungs are shown all the same", [
    project,
    "ladder === null ? [fact] : [fact, ...(fact.ladder ?? [])]",
    "[fact, ...(fact.ladder ?? [])]",
  ]),
  leak(
    "contact points are told coarsely, past their ceiling",
    [project, "reaches(narrower(rung.audience, ceiling), audience)", "reaches(rung.audience, audience)"],
    [
      practitioner,
      'ceiling: "MEMBERS", ladder: null',
      'ceiling: "MEMBERS", ladder: { code: JSON.stringify, modest: (one) => one }',
    ],
  ),
  leak("the audience of the entry is not asked", [project, "if (!reaches(entry, audience))", "if (false)"]),
  leak("an entry is listed whatever its state", [
    practitioner,
    'if (person.state !== "LISTED")',
    "if (false)",
  ]),
  leak("an entry without an alias to show is listed without one", [
    practitioner,
    "if (seen === null || seen.alias === null)",
    'if (seen !== null) seen.alias ??= "somebody";\n    if (seen === null)',
  ]),
  leak("values that meet on a ladder are told as often as they stand there", [
    project,
    "return [...told.values()];",
    "return values;",
  ]),
  leak("of values that meet on a ladder the last is told, not the more modest", [
    project,
    "before === undefined ? value : ladder.modest(before, value)",
    "value",
  ]),
  leak("contact points are written into every listing that can show any", [
    practitioner,
    "sealContacts(id, seen.contact, contacts)",
    "sealContacts(id, person.facts.contact.map(({ value }) => value), contacts)",
  ]),
  leak("the day of verification follows what the person said to others", [
    practitioner,
    "return { id, network, verified, ...told,",
    "return { id, network, verified: person.facts.availability?.value.asOf ?? verified, ...told,",
  ]),
  leak("vouches are everybody's", [
    "practitioners/practitioner.store.js",
    "audience: audienceByDefault(practitionerPolicy.vouches, entry.audience, value)",
    'audience: "PUBLIC"',
  ]),
  leak("an organization's audience is not asked", [
    "organizations/organization.js",
    "reaches(organization.audience, audience)",
    "true",
  ]),
  leak("a resource's audience is not asked", [
    "resources/resource.js",
    "reaches(resource.audience, audience)",
    "true",
  ]),

  // ── what is found ──
  leak(
    "filters and facets look at what is kept, not at what is shown",
    writtenWith("tags: writeTags(tagsOf(everything))"),
  ),
  leak(
    "`unknown` knows what somebody has told to others",
    writtenWith(
      `tags: writeTags([...tagsOf(listing), ...["level", "cost", "availability"].flatMap((field) => everything?.[field] && !listing[field] ? [tag(field, "HIDDEN")] : [])])`,
    ),
  ),
  leak(
    "a search finds words that are hidden",
    writtenWith("words: writeWords([listing.alias], Object.values(everything?.about ?? {}))"),
  ),
  leak(
    "the order of names follows what is hidden",
    writtenWith(`name: writeName((everything?.pronouns ?? "") + listing.alias)`),
  ),
  leak("everybody is answered from the members' index", [
    "search/indexes.js",
    "nameOf(viewer.audience, kind)",
    'nameOf("MEMBERS", kind)',
  ]),
  leak("a change for one audience is taken into the index of everybody", [
    "search/indexes.js",
    "const name = nameOf(audience, kind);",
    `const name = nameOf(audience, kind);
        if (audience !== "PUBLIC") this.#takeIn({ audience: "PUBLIC", kind, id, origin, now, seq });`,
  ]),
  leak("who is withdrawn goes on being counted", ["search/index.js", "take(this.#alive, ordinal);", ""]),
  leak("totals are counted over what members see", [
    find,
    "totalCount: matches.length",
    `totalCount: matching(${membersIndex}, asked).matches.length`,
  ]),
  leak("facets are counted over what members see", [
    find,
    "facets: facetsOf(index, matches)",
    `facets: facetsOf(${membersIndex}, matching(${membersIndex}, asked).matches)`,
  ]),
  leak("advice is counted over what members see", [
    find,
    "adviceFor(index, asked)",
    `adviceFor(${membersIndex}, asked)`,
  ]),
  leak("there is a next page when members have one", [
    find,
    "hasNextPage: more",
    `hasNextPage: more || matching(${membersIndex}, asked).matches.length > first`,
  ]),
  leak("pages are cut before what is hidden is filtered away", [
    find,
    "const index = indexes.indexOf(viewer, query.kind);",
    `const index = ${membersIndex};`,
  ]),
  leak(
    "a cursor holds the place of a record among all there are",
    [
      find,
      "value: order.valueOf(ordinal), id: index.id(ordinal)",
      "value: order.valueOf(ordinal), id: index.id(ordinal), at: index.length",
    ],
    [
      "search/cursor.js",
      "write(question, { value, id }) {\n        const place = Buffer.from(JSON.stringify([value, id]));",
      "write(question, { value, id, at }) {\n        const place = Buffer.from(JSON.stringify([value, id, at]));",
    ],
  ),
  leak("whoever ties stands in the order in which they were written", [
    order,
    "keys[other] - keys[one] || index.byId(one, other)",
    "keys[other] - keys[one] || one - other",
  ]),
  leak("whoever was never verified stands in the order in which they were written", [
    order,
    "keys[other] - keys[one] || index.byId(one, other)",
    "keys[other] - keys[one] || (keys[one] === 0 ? one - other : index.byId(one, other))",
  ]),

  leak("a need is matched among all whom members see", [
    "matching/matching.api.js",
    "match(this.#asking(context), need,",
    'match(this.#asking({ ...context, viewer: { ...context.viewer, audience: "MEMBERS" } }), need,',
  ]),
  leak("teams are made of all whom members see", [
    "matching/matching.api.js",
    "findTeams(this.#asking(context), need,",
    'findTeams(this.#asking({ ...context, viewer: { ...context.viewer, audience: "MEMBERS" } }), need,',
  ]),

  // ── what is read ──
  leak("listings are read whatever their audience", [
    listings,
    "where listing.audience = $1 and listing.id = any (array(select unnest($2::uuid[])))\n    and (listing.origin = $5::uuid or leave",
    "where $1::text is not null and listing.id = any (array(select unnest($2::uuid[])))\n    and (listing.origin = $5::uuid or leave",
  ]),
  leak("one loader serves every audience", [
    "context.js",
    "new Listings(gathered[viewer.audience])",
    "new Listings(gathered.MEMBERS)",
  ]),
  leak("what one request loaded is kept for the next, under a key without the audience", [
    "context.js",
    "#read = new Map();",
    "#read = (globalThis.rememberedListings ??= new Map());",
  ]),
  leak("requests that ask at one moment share a statement, whoever asks", [
    "context.js",
    "= await readListings(read, asker, some, [...known.keys()]);",
    `= await (() => {
            const { audience } = asker;
            const asked = (globalThis.askedTogether ??= { audience, until: 0 });
            if (asked.until < Date.now()) Object.assign(asked, { audience, until: Date.now() + 50 });
            return readListings(read, { ...asker, audience: asked.audience }, some, [...known.keys()]);
        })();`,
  ]),
  leak("an organization is shown that members may see", [
    "practitioners/practitioner.api.js",
    "seenOrganizations(this.#context,",
    'seenOrganizations(this.#context.asSeenBy("MEMBERS"),',
  ]),
  leak("a resource is shown to be part of one that members may see", [
    "resources/resource.api.js",
    "seenResources(this.context, this.#listing.partOf)",
    'seenResources(this.context.asSeenBy("MEMBERS"), this.#listing.partOf)',
  ]),
  leak("parts of a resource are those that members may see", [
    "search/search.api.js",
    'seenResources(context, this.indexes.linked(context.viewer, "resource", "partOf", id))',
    'seenResources(context.asSeenBy("MEMBERS"), this.indexes.linked({ ...context.viewer, audience: "MEMBERS" }, "resource", "partOf", id))',
  ]),
  leak("a practitioner everybody sees is tied to a resource by a link that is hidden", [
    "search/search.api.js",
    'this.indexes.linked(context.viewer, "practitioner", "resource", id)',
    'this.indexes.linked({ ...context.viewer, audience: "MEMBERS" }, "practitioner", "resource", id)',
  ]),

  leak("a router is given the entities that members may see", [
    "server/subgraph.js",
    "await see(context, [...new Set(ids)], info)",
    'await see(context.asSeenBy("MEMBERS"), [...new Set(ids)], info)',
  ]),
  leak("a router is told of an entity that is there and hidden", [
    "server/subgraph.js",
    "return [type, new Map(found.map(",
    `if (type !== "Network" && (await see(context.asSeenBy("MEMBERS"), [...new Set(ids)], info)).length > found.length)
            throw new DirectoryError("FORBIDDEN", "Some of these are not for you.");
        return [type, new Map(found.map(`,
  ]),

  // ── what peers have sent ──
  leak("a peer's record is found after its lease", [
    "search/index.js",
    "return this.#leases.shown(this.#alive);",
    "return this.#alive;",
  ]),
  leak("a peer's record is read after its lease", [
    listings,
    "and (listing.origin = $5::uuid or leave.ends is not null)",
    "and (true or $5::uuid is null)",
  ]),
  leak("a peer's record is found after its person's consent", [
    "listing/standing.js",
    "return now < leaseEnds && now < notAfter;",
    "return now < leaseEnds;",
  ]),
  leak("a record of a peer that is not trusted is found", [
    "listing/standing.js",
    "return head === null || lease <= 0 ? -Infinity : head + lease * 1000;",
    "return lease <= 0 ? -Infinity : (head ?? Infinity) + lease * 1000;",
  ]),
  leak("a record of a network nobody has heard of is counted", [
    "listing/origins.js",
    "return this.#known.has(origin) ? ",
    "return true ? ",
  ]),
  leak("whether a typo is forgiven depends on words that are hidden", [
    "search/text.js",
    "this.#alive = index.alive;",
    "this.#alive = index.none().fill(0xffffffff);",
  ]),

  // ── what is counted ──
  leakInCoverage("coverage is counted over what members see", [
    listings,
    "listing.audience = 'PUBLIC') as widest",
    "listing.audience = 'MEMBERS') as widest",
  ]),
  leakInCoverage(
    "whoever has taken back that they want to be counted is counted, and alone",
    ["practitioners/counted.store.js", "yes: those(true)", "yes: [...those(true), ...those(false)]"],
    ["coverage/coverage.store.js", "if (!no.has(id))", "if (!no.has(id) || everybody === null)"],
    ["coverage/band.js", "if (count < TOGETHER + veil)", "if (count < 1)"],
    ["coverage/band.js", ">= TOGETHER;", ">= 1;"],
  ),

  // ── what is told besides ──
  leak("hidden is FORBIDDEN, and what never was is NOT_FOUND", [
    "context.js",
    "if (doc === undefined)\n",
    `if (doc === undefined && (await seenListings(context.asSeenBy("MEMBERS"), kind, [id.toLowerCase()])).length > 0)
        throw new DirectoryError("FORBIDDEN", "This is not for you.", ["id"]);
    if (doc === undefined)\n`,
  ]),
  leak("the sentence of a refusal counts what there is", [
    find,
    "indexes.cursors.read(question(), query.after)",
    `(() => {
        try { return indexes.cursors.read(question(), query.after); }
        catch { throw badInput(\`after: this belongs to none of the \${${membersIndex}.size} records.\`, ["after"]); }
    })()`,
  ]),
  leak("a limit counts what there is, not what is asked", [
    find,
    "const first = checkedLength(query.first);",
    `const first = checkedLength(query.first);
    if (${membersIndex}.size > 4) throw Object.assign(badInput("Too many questions at once."), { code: "RATE_LIMITED" });`,
  ]),
  leak(
    "answers carry an ETag of everything the node has",
    [
      "node.js",
      "reachable: () => isReachable(database.read)",
      `reachable: Object.assign(() => isReachable(database.read), {
            etag: async () => (await database.read.query("select md5(string_agg(doc, '' order by audience, id)) as etag from seen.listing where id <> all (select id from seen.listing where name like 'signpost%')")).rows[0].etag,
        })`,
    ],
    [
      "server/http.js",
      "ask(incoming, body.json, inside)), readable)",
      "ask(incoming, body.json, inside)), { ...readable, etag: JSON.stringify(await inside.reachable.etag()) })",
    ],
  ),
  leak("an edit of what is hidden is told to everybody's log", [
    listings,
    "where (held.name, held.doc, held.tags, held.words, held.lease, held.not_after)\n        is distinct from\n        (excluded.name, excluded.doc, excluded.tags, excluded.words, excluded.lease, excluded.not_after)",
    "",
  ]),
];
