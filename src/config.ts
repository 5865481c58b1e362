import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { OperatorError } from "./errors.js";

/** How this node runs. Read once, from the environment, and passed on; nothing else reads `process.env`. */
export type Config = {
  /** Production: no demo people, no GraphiQL, listens on every interface. */
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** The PostgreSQL server to use; null runs the embedded one in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly network: {
    readonly name: string;
    readonly url: string | null;
    readonly regions: readonly string[];
  };
  /** Whose invented people an empty database begins with; in production with nobody's. */
  readonly demo: "ceiba" | "yasmin" | "baobab";
  /** The network's own words: `{ specialties, groupings }`, below and beside those of `seeds/`. */
  readonly ownWords: { readonly specialties?: unknown; readonly groupings?: unknown };
  /** The file with the keys that wrap all others; null keeps one of its own in `dataDir`, which production does not do. */
  readonly keyFile: string | null;
  /** The file outside the database in which withdrawals are written down; null writes none. */
  readonly ledgerFile: string | null;
  /** The origin at which people meet this network in a browser, and other nodes this one; null: no passkeys, and no peers. */
  readonly publicUrl: string | null;
  /** Whether peers may be met at private addresses, as when several nodes run on one machine. */
  readonly privatePeers: boolean;
  /** Where else this node's public feed is to be read when it does not answer itself: up to ten addresses, without a slash at the end. */
  readonly mirrors: readonly string[];
  /** Whether other nodes may pass on this node's public feed. */
  readonly relay: boolean;
  /** Whether trusted peers are told which statement and head this node holds of another that they know. */
  readonly witness: boolean;
  /** Whether the operator vouches for this machine's clock: what peers say of it is told to stewards, and stops nothing. */
  readonly clockTrusted: boolean;
  /** Whether a proxy in front of the node says where requests come from. */
  readonly trustProxy: boolean;
  /** The network's own OpenID provider; null when it has none. */
  readonly openId: OpenIdConfig | null;
  /** Whether the node describes its schema to whoever asks. */
  readonly introspection: boolean;
  /** How many points a minute a source without an account, an account, a frontend's key and another node are given; 0 does not count. */
  readonly rates: Readonly<Record<"source" | "account" | "frontend" | "peer", number>>;
  /** How long, in milliseconds, a caller may take to send headers and all of a request, and the node to answer. */
  readonly patience: { readonly headers: number; readonly request: number; readonly answer: number };
  /** An entry that its owner did not confirm for this many months is shown to fewer people. */
  readonly confirmEvery: number;
  /** So many days before that its owner is told. */
  readonly noticeBefore: number;
  /** A vouch counts for this many months. */
  readonly vouchLasts: number;
  /** How often coverage is published, how deep it counts, from how many on it says SOME and MANY, and where it merges NONE and FEW. */
  readonly coverage: {
    readonly every: number;
    readonly depth: number;
    readonly edges: { readonly some: number; readonly many: number };
    readonly merged: readonly string[];
  };
  /** How much each reason counts when somebody fits a need, where that is not as usual; its room checks it. */
  readonly matchWeights: unknown;
  readonly logLevel: string;
};

/** How this node is known to the network's OpenID provider. */
type OpenIdConfig = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The page that the provider sends people back to. */
  readonly redirectUrl: string;
};

const list = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );

/** Points a minute. */
function points(name: string, given: number) {
  const error = `${name} is a number of requests a minute, or 0 for as many as there are`;
  return z.coerce.number({ error }).int(error).min(0, error).default(given);
}

const count = (error: string, least: number, most: number) =>
  z.coerce.number({ error }).int({ error }).min(least, { error }).max(most, { error });

const FEED_MIRRORS = "FEED_MIRRORS is up to ten https addresses without ? and #, separated by commas";

const COVERAGE_BANDS =
  "COVERAGE_BANDS is two numbers, as in 5,20: from where on it says SOME, which is 5 or more, and MANY";

const environment = z.object({
  NODE_ENV: z.string().default("development"),
  HOST: z.string().optional(),
  PORT: z.coerce.number({ error: "PORT is a number from 0 to 65535" }).int().min(0).max(65_535).default(4000),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "DATABASE_URL looks like postgres://user:password@host:5432/database")
    .optional(),
  DATA_DIR: z.string().default("data"),
  NETWORK_NAME: z.string().min(1).default("Demo network"),
  NETWORK_URL: z.url({ protocol: /^https?$/, error: "NETWORK_URL is an http or https address" }).optional(),
  NETWORK_REGIONS: list,
  DEMO: z.enum(["ceiba", "yasmin", "baobab"], "DEMO is ceiba, yasmin or baobab").default("ceiba"),
  WORDS_FILE: z.string().optional(),
  KEY_FILE: z.string().optional(),
  LEDGER_FILE: z.string().optional(),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: "PUBLIC_URL is an http or https address" }).optional(),
  FEED_MIRRORS: list.transform((addresses) => addresses.map((one) => one.replace(/\/+$/, ""))),
  FEED_RELAY: z.stringbool({ error: "FEED_RELAY is true or false" }).default(false),
  WITNESS: z.stringbool({ error: "WITNESS is true or false" }).optional(),
  PRIVATE_PEERS: z.stringbool({ error: "PRIVATE_PEERS is true or false" }).optional(),
  CLOCK_TRUSTED: z.stringbool({ error: "CLOCK_TRUSTED is true or false" }).default(false),
  TRUST_PROXY: z.stringbool({ error: "TRUST_PROXY is true or false" }).default(false),
  OIDC_ISSUER: z.url({ protocol: /^https?$/, error: "OIDC_ISSUER is an http or https address" }).optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET_FILE: z.string().optional(),
  OIDC_REDIRECT_URL: z
    .url({ protocol: /^https?$/, error: "OIDC_REDIRECT_URL is an http or https address" })
    .optional(),
  INTROSPECTION: z.enum(["on", "off"]).default("on"),
  RATE_SOURCE: points("RATE_SOURCE", 120),
  RATE_ACCOUNT: points("RATE_ACCOUNT", 600),
  RATE_FRONTEND: points("RATE_FRONTEND", 3000),
  RATE_PEER: points("RATE_PEER", 3000),
  CONFIRM_EVERY: count("CONFIRM_EVERY is a number of months, from 1 to 60", 1, 60).default(6),
  NOTICE_BEFORE: count("NOTICE_BEFORE is a number of days, from 0 to 90", 0, 90).default(30),
  VOUCH_LASTS: count("VOUCH_LASTS is a number of months, from 1 to 120", 1, 120).default(24),
  COVERAGE_EVERY: count("COVERAGE_EVERY is a number of months, from 1 to 24", 1, 24).default(3),
  COVERAGE_DEPTH: count("COVERAGE_DEPTH is how deep specialties are counted, from 1 to 3", 1, 3).default(2),
  COVERAGE_BANDS: z
    .string()
    .regex(/^\d{1,4},\d{1,4}$/, COVERAGE_BANDS)
    .default("5,20")
    .transform((text) => text.split(",").map(Number) as [number, number])
    .refine(([some, many]) => some >= 5 && many > some, COVERAGE_BANDS),
  COVERAGE_MERGED: list,
  MATCH_WEIGHTS: z.string().optional(),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("warn"),
});

type Environment = z.infer<typeof environment>;

/** Reads the configuration, or says in a sentence which setting cannot be used. An empty variable counts as unset. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const read = environment.safeParse(set);
  if (!read.success)
    throw new OperatorError(`The configuration cannot be used:\n${z.prettifyError(read.error)}`);
  const { data } = read;
  const production = data.NODE_ENV === "production";
  if (production && data.KEY_FILE === undefined)
    throw new OperatorError(
      'KEY_FILE is not set: in production the key that seals what is private is kept in a file of its own. Make one with "(umask 077; cadre keys new > FILE)".',
    );
  const privatePeers = data.PRIVATE_PEERS ?? !production;
  return {
    production,
    host: data.HOST ?? (production ? "0.0.0.0" : "127.0.0.1"),
    port: data.PORT,
    databaseUrl: data.DATABASE_URL ?? null,
    dataDir: resolve(data.DATA_DIR),
    network: { name: data.NETWORK_NAME, url: data.NETWORK_URL ?? null, regions: data.NETWORK_REGIONS },
    demo: data.DEMO,
    ownWords: data.WORDS_FILE === undefined ? {} : readWords(data.WORDS_FILE),
    keyFile: data.KEY_FILE === undefined ? null : resolve(data.KEY_FILE),
    ledgerFile: ledgerFile(data, production),
    publicUrl: publicUrl(data.PUBLIC_URL, production, data.PORT),
    mirrors: checkMirrors(data.FEED_MIRRORS, privatePeers),
    relay: data.FEED_RELAY,
    witness: data.WITNESS ?? true,
    privatePeers,
    clockTrusted: data.CLOCK_TRUSTED,
    trustProxy: data.TRUST_PROXY,
    openId: readOpenId(data, production),
    introspection: data.INTROSPECTION === "on",
    rates: {
      source: data.RATE_SOURCE,
      account: data.RATE_ACCOUNT,
      frontend: data.RATE_FRONTEND,
      peer: data.RATE_PEER,
    },
    patience: { headers: 10_000, request: 30_000, answer: 10_000 },
    confirmEvery: data.CONFIRM_EVERY,
    noticeBefore: data.NOTICE_BEFORE,
    vouchLasts: data.VOUCH_LASTS,
    coverage: {
      every: data.COVERAGE_EVERY,
      depth: data.COVERAGE_DEPTH,
      edges: { some: data.COVERAGE_BANDS[0], many: data.COVERAGE_BANDS[1] },
      merged: data.COVERAGE_MERGED,
    },
    matchWeights: data.MATCH_WEIGHTS === undefined ? {} : readJson("MATCH_WEIGHTS", data.MATCH_WEIGHTS),
    logLevel: data.LOG_LEVEL,
  };
}

/** Beside the embedded database in development; elsewhere nobody knows which folder goes with which database. */
function ledgerFile(
  { LEDGER_FILE, DATABASE_URL, DATA_DIR }: Environment,
  production: boolean,
): string | null {
  if (LEDGER_FILE !== undefined) return resolve(LEDGER_FILE);
  return production || DATABASE_URL !== undefined ? null : resolve(DATA_DIR, "withdrawals.jsonl");
}

function publicUrl(given: string | undefined, production: boolean, port: number): string | null {
  if (given !== undefined) return new URL(given).origin;
  return production ? null : `http://localhost:${port}`;
}

/** Whoever reads a mirror asks it over https, as it asks any node. */
function checkMirrors(addresses: readonly string[], unencrypted: boolean): readonly string[] {
  const usable = unencrypted ? /^https?:\/\/[^?#]+$/ : /^https:\/\/[^?#]+$/;
  const good = (one: string) => usable.test(one) && URL.canParse(one) && one.length <= 500;
  if (addresses.length > 10 || !addresses.every(good)) throw new OperatorError(`${FEED_MIRRORS}.`);
  return addresses;
}

/** All of the provider's settings, or none of them. */
function readOpenId(data: Environment, production: boolean): OpenIdConfig | null {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET_FILE, OIDC_REDIRECT_URL } = data;
  const settings = [OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET_FILE, OIDC_REDIRECT_URL];
  if (settings.every((one) => one === undefined)) return null;
  if (
    OIDC_ISSUER === undefined ||
    OIDC_CLIENT_ID === undefined ||
    OIDC_CLIENT_SECRET_FILE === undefined ||
    OIDC_REDIRECT_URL === undefined
  )
    throw new OperatorError(
      "Sign-in through an OpenID provider needs all of OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET_FILE and OIDC_REDIRECT_URL.",
    );
  const issuer = new URL(OIDC_ISSUER);
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(issuer.hostname);
  if (issuer.protocol !== "https:" && (production || !loopback))
    throw new OperatorError(
      "OIDC_ISSUER has to be an https address; http is for a provider on this machine, outside production.",
    );
  return {
    issuer: OIDC_ISSUER,
    clientId: OIDC_CLIENT_ID,
    clientSecret: readClientSecret(OIDC_CLIENT_SECRET_FILE),
    redirectUrl: OIDC_REDIRECT_URL,
  };
}

function readClientSecret(file: string): string {
  const secret = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  if (secret === "")
    throw new OperatorError(`OIDC_CLIENT_SECRET_FILE ${file} is not there, or holds nothing.`);
  return secret;
}

function readJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new OperatorError(`${name} is no JSON.`);
  }
}

function readWords(file: string): Config["ownWords"] {
  try {
    return z
      .strictObject({ specialties: z.unknown().optional(), groupings: z.unknown().optional() })
      .parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new OperatorError(
      `WORDS_FILE ${file} cannot be read: it holds JSON with "specialties" and "groupings", each of them optional.`,
    );
  }
}
