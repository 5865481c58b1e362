import { readFileSync, readdirSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize, relative } from "node:path";

/** What every record works with. */
const beforeRecords = [
  "errors",
  "clock",
  "vocabulary",
  "visibility",
  "storage",
  "listing",
  "accounts",
  "audit",
  "context",
];

/**
 * Who may import whom. A room imports itself and the rooms listed for it, and nothing else; this table is the map of the code.
 */
const rooms: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  log: [],
  clock: [],
  config: ["errors"],
  heap: [],
  vocabulary: ["errors"],
  visibility: [],
  storage: ["errors", "log"],
  listing: ["errors", "clock", "vocabulary", "visibility", "storage"],
  accounts: ["errors", "clock", "context", "audit", "vocabulary", "visibility", "storage", "listing"],
  audit: ["vocabulary", "visibility", "storage", "listing"],
  context: ["errors", "clock", "visibility", "storage", "listing"],
  organizations: [...beforeRecords],
  resources: [...beforeRecords],
  practitioners: [...beforeRecords, "organizations", "resources"],
  search: [
    "errors",
    "log",
    "clock",
    "context",
    "vocabulary",
    "visibility",
    "storage",
    "listing",
    "organizations",
    "resources",
    "practitioners",
  ],
  coverage: ["errors", "clock", "vocabulary", "visibility", "storage", "listing", "practitioners"],
  pictures: ["errors", "vocabulary", "practitioners", "coverage"],
  matching: ["errors", "clock", "context", "vocabulary", "listing", "practitioners", "search"],
  pathways: [...beforeRecords, "resources", "practitioners", "search"],
  intake: [
    "errors",
    "clock",
    "audit",
    "vocabulary",
    "visibility",
    "storage",
    "listing",
    "organizations",
    "resources",
    "practitioners",
  ],
  federation: [
    "errors",
    "log",
    "clock",
    "context",
    "accounts",
    "audit",
    "vocabulary",
    "visibility",
    "storage",
    "listing",
    "organizations",
    "resources",
    "practitioners",
  ],
  conformance: ["clock", "vocabulary", "federation"],
  server: [
    "errors",
    "accounts",
    "log",
    "context",
    "vocabulary",
    "visibility",
    "storage",
    "listing",
    "organizations",
    "resources",
    "practitioners",
    "search",
    "coverage",
    "matching",
    "pathways",
    "federation",
  ],
  demo: [
    "seeds",
    "clock",
    "visibility",
    "storage",
    "listing",
    "organizations",
    "resources",
    "practitioners",
    "pathways",
  ],
  ground: [
    "log",
    "clock",
    "config",
    "vocabulary",
    "storage",
    "listing",
    "organizations",
    "resources",
    "practitioners",
  ],
  node: [
    "log",
    "clock",
    "accounts",
    "config",
    "context",
    "coverage",
    "demo",
    "federation",
    "ground",
    "heap",
    "vocabulary",
    "storage",
    "listing",
    "organizations",
    "practitioners",
    "pictures",
    "search",
    "matching",
    "server",
  ],
  commands: [
    "errors",
    "log",
    "clock",
    "config",
    "vocabulary",
    "storage",
    "listing",
    "coverage",
    "federation",
    "conformance",
    "ground",
  ],
  cli: [
    "errors",
    "log",
    "config",
    "storage",
    "accounts",
    "audit",
    "commands",
    "ground",
    "node",
    "intake",
    "server",
  ],
  seeds: ["listing", "organizations", "resources", "practitioners", "pathways", "visibility"],
};

/** Inside a room: what is true knows no SQL and no GraphQL, SQL knows no GraphQL. `context` is met by what presents only. */
const layers: readonly { readonly of: RegExp; readonly never: RegExp; readonly because: string }[] = [
  {
    of: /^src\/(?!.*\.(store|api|http)\.ts$)(vocabulary|visibility|listing|organizations|resources|practitioners|pathways|coverage|pictures)\//,
    never: /\.(store|api)\.js$|^(pg|typeorm|type-graphql|graphql)$|context\.js$/,
    because: "a rule knows neither SQL nor GraphQL",
  },
  {
    of: /\.store\.ts$/,
    never: /\.api\.js$|^(type-graphql|graphql)$|context\.js$/,
    because: "SQL knows no GraphQL",
  },
];

/** A package that appears in these files only. */
const homes: Readonly<Record<string, RegExp>> = {
  pg: /\.store\.ts$|^src\/storage\//,
  typeorm: /\.store\.ts$|^src\/storage\//,
  "type-graphql": /\.api\.ts$|^src\/server\/schema\.ts$/,
  "@apollo/server": /^src\/server\//,
  hono: /^src\/server\/|\.http\.ts$/,
  jose: /^src\/federation\/(jws|signing-key|invitation)\.ts$/,
  "http-message-signatures": /^src\/federation\/request-signature\.ts$/,
  "graphql-shield": /^src\/server\/doors\.ts$/,
  "graphql-middleware": /^src\/server\/doors\.ts$/,
  "graphql-query-complexity": /^src\/server\/cost\.ts$/,
  pino: /^src\/log\.ts$/,
  "@node-rs/argon2": /^src\/accounts\/password\.ts$/,
  otplib: /^src\/accounts\/second-factor\.ts$/,
  "lru-cache": /^src\/(listing\/remembered|pictures\/png)\.ts$/,
  "@resvg/resvg-js": /^src\/pictures\/png\.ts$/,
  "d3-geo": /^src\/pictures\/world-map\.ts$/,
  "topojson-client": /^src\/pictures\/world-map\.ts$/,
  "rate-limiter-flexible": /\.store\.ts$|^src\/server\/rate\.ts$/,
  "@simplewebauthn/server": /^src\/accounts\/passkey/,
  "openid-client": /^src\/accounts\/openid/,
  "intl-messageformat": /^src\/matching\/message\.ts$/,
  commander: /^src\/cli\.ts$|^src\/commands\//,
};

type Import = { readonly file: string; readonly of: string };

const files = ["src", "seeds"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file)),
);

function importsOf(file: string, text: string): readonly Import[] {
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?"([^"]+)"|\bimport\("([^"]+)"\)/g,
  );
  return [...found].map((match) => ({ file, of: match[1] ?? match[2] ?? "" }));
}

function roomOf(file: string): string {
  const [top, ...rest] = file.split("/");
  if (top !== "src") return top ?? "";
  return rest.length === 1 ? (rest[0] ?? "").replace(/\.[jt]s$/, "") : (rest[0] ?? "");
}

function target({ file, of }: Import): string {
  return normalize(join(dirname(file), of));
}

function packageOf(of: string): string {
  return of
    .split("/")
    .slice(0, of.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Each import that the tables do not allow, as a sentence. */
function trespasses(imports: readonly Import[]): readonly string[] {
  return imports.flatMap((one) => {
    const told: string[] = [];
    const from = roomOf(one.file);
    if (one.of.startsWith(".")) {
      const to = roomOf(target(one));
      const allowed = rooms[from];
      if (allowed === undefined) told.push(`${one.file}: the room ${from} is not in the table`);
      else if (to !== from && !allowed.includes(to))
        told.push(`${one.file} may not import ${to} (${one.of})`);
    } else if (!one.of.startsWith("node:") && !builtinModules.includes(one.of)) {
      const home = homes[packageOf(one.of)];
      if (home !== undefined && !home.test(one.file)) told.push(`${one.file} may not import ${one.of}`);
    }
    for (const { of, never, because } of layers) {
      if (of.test(one.file) && never.test(one.of))
        told.push(`${one.file} may not import ${one.of}: ${because}`);
    }
    return told;
  });
}

const read = (file: string): readonly Import[] => importsOf(file, readFileSync(file, "utf8"));

describe("rooms", () => {
  test("a room imports only the rooms the table allows it", () => {
    expect(trespasses(files.flatMap(read))).toEqual([]);
  });

  test("no room can reach itself through others: the table goes one way", () => {
    const reached = (room: string): readonly string[] => {
      const seen = new Set<string>();
      const next = [...(rooms[room] ?? [])];
      for (let one = next.pop(); one !== undefined; one = next.pop()) {
        if (!seen.has(one)) next.push(...(rooms[one] ?? []));
        seen.add(one);
      }
      return [...seen];
    };
    expect(Object.keys(rooms).filter((room) => reached(room).includes(room))).toEqual([]);
  });

  test("every room in the table exists", () => {
    const existing = new Set(files.map(roomOf));
    expect(Object.keys(rooms).filter((room) => !existing.has(room))).toEqual([]);
  });

  test.each([
    ["src/listing/listing.ts", 'import { x } from "../search/index.js";'],
    ["src/practitioners/practitioner.ts", 'import { Pool } from "pg";'],
    ["src/practitioners/practitioner.ts", 'import { save } from "./practitioner.store.js";'],
    ["src/search/find.ts", 'import { x } from "../server/http.js";'],
    ["src/vocabulary/region.ts", 'export { x } from "../listing/listing.js";'],
    ["src/server/http.ts", 'const x = await import("../intake/import.js");'],
    ["src/organizations/organization.store.ts", 'import type { Field } from "type-graphql";'],
    ["src/unheard-of/room.ts", 'import "../errors.js";'],
  ])("a wrong import in %s is found: %s", (file, text) => {
    expect(trespasses(importsOf(file, text))).not.toEqual([]);
  });

  test("process.env is read in config.ts alone", () => {
    const readers = files.filter((file) => /process\.env/.test(withoutComments(readFileSync(file, "utf8"))));
    expect(readers).toEqual(["src/config.ts"]);
  });

  test("there is no room for leftovers", () => {
    expect(
      files.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.)/.test(relative(".", file))),
    ).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
}
