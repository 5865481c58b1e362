import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * What somebody sees of a record comes from the listings of their audience, by one way: `listing/listing.store.ts` reads them and
 * `context.ts` hands them to whatever answers. What is kept of a record is read to change it, and by those rooms alone.
 */
const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.startsWith(join("storage", "migrations")))
  .map((file) => ({ name: `src/${file}`, text: readFileSync(join("src", file), "utf8") }));

/** What other nodes sent, and what was agreed with them. */
const PEERS =
  "feed_epoch peer peer_feed peer_record peer_staged peer_evidence peer_invitation peer_nonce peer_receipt peer_ping peer_clock peer_testimony peer_flag flag_to_tell";

/** Which rooms have SQL on a table of `base`. A table that is not here is nobody's to read. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  practitioner: ["practitioners", "accounts", "intake", "storage"],
  fact: ["practitioners", "accounts"],
  vouch: ["practitioners", "intake"],
  consent: ["practitioners"],
  counted: ["practitioners"],
  coverage_told: ["coverage"],
  unmet_need: ["coverage"],
  pathway: ["pathways", "practitioners"],
  attainment: ["pathways", "practitioners"],
  step: ["pathways"],
  supervising: ["pathways"],
  organization: ["organizations", "intake", "storage"],
  resource: ["resources", "intake", "storage"],
  source: ["intake", "practitioners", "storage"],
  review: ["intake", "practitioners"],
  account: ["accounts", "practitioners"],
  audit: ["audit"],
  node_key: ["storage"],
  person_key: ["storage"],
  migration: ["storage"],
  signing_key: ["federation"],
  ...Object.fromEntries(PEERS.split(" ").map((table) => [table, ["federation"]])),
};

/** Everything of signing in is the accounts' alone. */
const ACCOUNTS =
  "session credential recovery_code invitation frontend_key attempt passkey passkey_challenge identity openid_start";

type Use = { readonly file: string; readonly room: string; readonly schema: string; readonly table: string };

/** Every place where SQL names a table of ours. */
function uses(): readonly Use[] {
  return files.flatMap(({ name, text }) => {
    const found = text.matchAll(/\b(?:from|join|into|update|table|using|only)\s+(base|seen)\.(\w+)/gi);
    const [, room = ""] = name.split("/");
    return [...found].map(([, schema = "", table = ""]) => ({ file: name, room, schema, table }));
  });
}

function importers(of: RegExp): readonly string[] {
  const importing = new RegExp(`import\\s*(?:type\\s*)?\\{[^}]*\\b(?:${of.source})\\b[^}]*\\}`);
  return files.filter(({ text }) => importing.test(text)).map(({ name }) => name);
}

describe("one exit:", () => {
  test("SQL stands in stores alone", () => {
    const elsewhere = uses().filter(({ file }) => !/\.store\.ts$|^src\/storage\//.test(file));
    expect(elsewhere).toEqual([]);
  });

  test("what is kept is read by the rooms that own it, and never by a room that answers", () => {
    const owners = (table: string): readonly string[] =>
      ACCOUNTS.split(" ").includes(table) ? ["accounts"] : (OWNERS[table] ?? []);
    const kept = uses().filter(({ schema }) => schema === "base");
    expect(kept.length).toBeGreaterThan(20);
    expect(kept.filter(({ room, table }) => !owners(table).includes(room))).toEqual([]);
    expect(kept.filter(({ room }) => ["search", "server", "listing", "context.ts"].includes(room))).toEqual(
      [],
    );
  });

  test("listings are read in one place, and handed on in one", () => {
    const reading = uses().filter(({ schema, table }) => schema === "seen" && table === "listing");
    expect([...new Set(reading.map(({ file }) => file))].sort()).toEqual([
      "src/listing/listing.store.ts",
      // Whether it is listed, and nothing of it.
      "src/listing/moved.store.ts",
      "src/listing/outgoing.store.ts",
    ]);
    expect(importers(/readOutgoing/)).toEqual(["src/federation/feed.store.ts"]);
    expect(importers(/readOwnTags|languagesOfOwn|countOwnPeople/)).toEqual([
      "src/coverage/coverage.store.ts",
    ]);
    expect(importers(/readListings/)).toEqual(["src/context.ts"]);
    expect(importers(/readEverything|readChanges/)).toEqual(["src/search/indexes.ts"]);
  });

  test("whole records are loaded to be changed, and by nothing that presents", () => {
    const loading = importers(/loadPractitioners|loadOrganizations|loadResources/);
    expect(loading.filter((file) => !/\.store\.ts$|^src\/intake\//.test(file))).toEqual([]);
    expect(loading).toContain("src/practitioners/profile.store.ts");
  });
});
