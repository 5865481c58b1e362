import type { Leak } from "./proof/leaks.js";

/** A mistake that a reader could make, and the checks that name it. */
export type Fault = Omit<Leak, "counting"> & { readonly caughtBy: readonly string[] };

/** Mistakes that do not touch each other are made in one reader, to which no more than these trials are played. */
export type FaultyReader = { readonly plays: readonly string[]; readonly faults: readonly Fault[] };

function fault(
  name: string,
  caughtBy: string,
  ...changes: readonly (readonly [file: string, find: string, put: string])[]
): Fault {
  return {
    name,
    caughtBy: caughtBy.split(" "),
    changes: changes.map(([file, find, put]) => ({ file, find, put })),
  };
}

/** A rule of `accept.ts`, by why it refuses, that refuses nothing. */
const without = (why: string): readonly [string, string, string] => [
  "federation/accept.js",
  `why: "${why}",\n        breaks: (`,
  `why: "${why}",\n        breaks: () => false,\n        once: (`,
];

const KEY = "const key = keyFor(jws, typ, keys);";

export const FAULTY_READERS: readonly FaultyReader[] = [
  {
    plays: "K2 K4 K5a K5b K5c K5d K5e K5f K5g K5h K5i K15".split(" "),
    faults: [
      fault(
        "shows people for ever",
        "K2",
        ["listing/standing.js", "head + lease * 1000", "Infinity"],
        ["listing/listing.store.js", "standing.head + listing.lease *", "standing.head + 1e6 *"],
      ),
      fault("does not verify signatures", "K5a", [
        "federation/jws.js",
        'throw new Untrusted("BAD_SIGNATURE", `The signature of a ${typ} is not good.`);',
        'return { payload: base64url.decode(jws.split(".")[1]) };',
      ]),
      fault("takes one node's record from another", "K5b", without("A record is another node's.")),
      fault("takes anything signed for a record", "K5c", [
        "federation/jws.js",
        'header["typ"] !== typ',
        "false",
      ]),
      fault("takes what nobody signed", "K5d", [
        "federation/jws.js",
        KEY,
        `if (headerOf(jws).alg === "none") return { claims: claimsOf(jws), signedBy: headerOf(jws).kid };\n    ${KEY}`,
      ]),
      fault("takes one record for another", "K5e", without("A record was sent under another's id.")),
      fault("takes what any key signed", "K5f", [
        "federation/jws.js",
        KEY,
        `if (!keys.has(headerOf(jws).kid)) return { claims: claimsOf(jws), signedBy: [...keys.keys()][0] };\n    ${KEY}`,
      ]),
      fault("takes what is for another feed", "K5g", without("A record is for another feed.")),
      fault("takes any lease", "K5h", without("A record is leased for longer than anybody may.")),
      fault(
        "takes a record from the future",
        "K5i",
        without("A record was signed in the future: one of the two clocks is wrong."),
      ),
      fault("brings back who was withdrawn", "K15", without("A record was signed before it was withdrawn.")),
    ],
  },
  {
    plays: "K3 K6a K6b K6c K7a K7b K9 K9b K12 K18 K19 K20 K21 P5 P7".split(" "),
    faults: [
      fault(
        "takes a head that is served again",
        "K6a",
        without("The head is older than one that was accepted before."),
      ),
      fault("goes back with a feed", "K6b", without("The feed went back to an earlier state.")),
      fault(
        "believes two stories",
        "K6c",
        without("The node has signed two different states of its feed under one number."),
      ),
      fault(
        "takes a head that is not good any more",
        "K7b",
        without("The head is not good any more: somebody may be holding newer ones back."),
      ),
      fault(
        "takes a head from the future",
        "K9",
        without("The head was signed in the future: one of the two clocks is wrong."),
      ),
      fault(
        "takes a head that is good for a month",
        "K9b",
        without("The head says that it is good for more than a week."),
      ),
      fault("does not know when somebody wants to be gone", "K3", [
        "listing/listing.store.js",
        "not_after: last }",
        "not_after: null }",
      ]),
      fault("counts leases from when it read", "K7a", [
        "federation/harvest.store.js",
        "rows.map(({ tier, iat }) => [tier, iat])",
        "rows.map(({ tier }) => [tier, new Date()])",
      ]),
      fault("refuses members that it does not know", "K12", [
        "federation/entry.js",
        "entryShape = z.object(",
        "entryShape = z.strictObject(",
      ]),
      fault("links people by one side's word", "K18", [
        "federation/same-as.js",
        "claims(one, other, own) && claims(other, one, own)",
        "(claims(one, other, own) || claims(other, one, own))",
      ]),
      fault("shows a flood", "K19", [
        "federation/accept.js",
        "return fresh > MOST_NEW ||",
        "return false &&",
      ]),
      fault("takes no bundle", "K20", [
        "federation/bundle-import.js",
        "if (jws === work.last?.head)",
        "if (jws !== null)",
      ]),
      fault("shows what has no shape", "K21", [
        "federation/arriving.js",
        "problem: faultOf(entry.type, entry.body)",
        "problem: null",
      ]),
      fault("shows who is on probation", "P3", [
        "federation/peer.js",
        'return trust === "PUBLIC_ONLY" || trust === "PARTNER";',
        'return ["PROBATION", "PUBLIC_ONLY", "PARTNER"].includes(trust);',
      ]),
      fault("reads what a node says of itself once", "P5 P7", [
        "federation/harvest.js",
        "if (fresh || !(error",
        "if (error !== null || !(error",
      ]),
    ],
  },
  {
    plays: "K4 K8 K10 K11a K11b K14 K16 K17 P1 P6 P9".split(" "),
    faults: [
      fault("goes on showing who was withdrawn", "K4 K10", [
        "federation/harvest.store.js",
        "list(tx, vocabulary, peer, changed.map(",
        'list(tx, vocabulary, peer, changed.filter(({ state }) => state !== "GONE").map(',
      ]),
      fault("does not compare the set", "K8", [
        "federation/harvest.store.js",
        "if (setOf(buckets) !== arriving.head.set || count !== arriving.head.count)",
        "if (false)",
      ]),
      fault("takes a page of any size", "K11a K11b", [
        "federation/reading.js",
        "LARGEST_PAGE = 8 * 1024 * 1024",
        "LARGEST_PAGE = 2 ** 30",
      ]),
      fault("asks its peers whenever somebody searches", "K14", [
        "node.js",
        "recognise: (incoming) => recognise(",
        "recognise: async (incoming) => void (await federation.peering.all()).map(({ url }) => fetch(url).catch(() => null)) ?? recognise(",
      ]),
      fault("does not wait when it is told to", "K16", [
        "federation/peer.js",
        "return retryAfter === null ? doubled :",
        "return retryAfter !== null ? 0 :",
      ]),
      fault("reads one network at a time", "K17", ["federation/harvest.js", "AT_ONCE = 16", "AT_ONCE = 1"]),
      fault("takes a request twice", "P1", [
        "federation/peering.js",
        "const fresh = await database.transaction((tx) => useNonce(tx, proven.nonce, proven.expires));",
        "const fresh = true;",
      ]),
      fault("goes on showing what a stolen key signed", "P6", [
        "federation/arriving.js",
        "await takeBackRevoked(",
        "await (async () => undefined)(",
      ]),
      fault("goes wherever a page leads", "P9", [
        "federation/reading.js",
        "if (!url.startsWith(`${feed}/`))",
        "if (false)",
      ]),
      fault("answers whom it has blocked", "P4", [
        "federation/peering.js",
        'if (proven === null || peer === null || peer.trust === "BLOCKED")',
        "if (proven === null || peer === null)",
      ]),
    ],
  },
];
