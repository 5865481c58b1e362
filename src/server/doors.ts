import { isInterfaceType, isObjectType, isUnionType, type GraphQLSchema } from "graphql";
import { applyMiddleware } from "graphql-middleware";
import type * as Shield from "graphql-shield";
import { createRequire } from "node:module";
import { MEMBERS, STEWARDS, notForThisRole, refusalFor } from "../accounts/person.js";
import type { Context } from "../context.js";
import { OperatorError } from "../errors.js";
import type { Role } from "../visibility/viewer.js";

/**
 * Who may start what. Every field of every object type has a rule written here, and a field without one keeps the node from
 * starting. A rule looks at who asks and never at the record: what of a record somebody sees is for `visibility/` to say.
 *
 * This is the one file that knows graphql-shield. It is loaded as CommonJS, because its other build imports a function that
 * Node 23 took away.
 */
const { rule, shield, allow, deny } = createRequire(import.meta.url)("graphql-shield") as typeof Shield;

/** A rule of graphql-shield that one field has. */
export type Rule = ReturnType<ReturnType<typeof rule>> | ReturnType<typeof Shield.and> | typeof allow;

/** One rule for these fields of a type, named one by one. */
export type Line = { readonly type: string; readonly rule: Rule; readonly fields: readonly string[] };

/** Whoever asks: a record that reaches somebody holds what they may see of it. */
export const anybody: Rule = allow;
/** Whoever has signed in, suspended or not. */
export const signedIn = admit("signed in", null);
/** Who belongs to this network, and is not suspended. */
export const member = admit("member", MEMBERS);
/** Who looks after this network's node and its entries, and is not suspended. */
export const steward = admit("steward", STEWARDS);

/** Asked anew each time: shield's memory of a rule would give one record's answer for another. */
function admit(name: string, roles: readonly Role[] | null): Rule {
  return rule(name, { cache: "no_cache" })(
    (_of, _args, { viewer }: Context) => refusalFor(viewer, roles) ?? true,
  );
}

/** The same rule for all these fields, whose names stand between spaces. */
export function every(type: string, rule: Rule, fields: string): Line {
  return { type, rule, fields: fields.trim().split(/\s+/) };
}

/** The doors of this node. */
export const doors: readonly Line[] = [
  every(
    "Query",
    anybody,
    `practitioners practitioner organizations organization resources resource
    specialties regions languages network viewer invitation
    consentText match teams exchanges coverage`,
  ),
  every("Query", signedIn, "profile vouchesGiven passkeys"),
  every("Query", steward, "accounts frontendKeys entriesToReview suspendedEntries"),
  every(
    "Mutation",
    anybody,
    "acceptInvitation signIn recover passkeySignInOptions signInWithPasskey openIdSignInUrl signInWithOpenId",
  ),
  every(
    "Mutation",
    signedIn,
    `signOut changePassword renewRecoveryCodes offerAuthenticator replaceAuthenticator removeMyAccount
    passkeyOptions addPasskey removePasskey linkOpenId unlinkOpenId`,
  ),
  every("Mutation", member, "saveProfile submitProfile confirmProfile moveProfile vouch"),
  // What takes something back is for everybody who has it, suspended or not.
  every("Mutation", signedIn, "show beCounted withdrawProfile eraseProfile withdrawVouch"),
  every(
    "Mutation",
    steward,
    `invite removeAccount createFrontendKey revokeFrontendKey acceptPractitioner returnPractitioner suspendPractitioner
    liftPractitioner saveOrganization removeOrganization saveResource removeResource`,
  ),

  // How a cadre grows is for whoever is in it; what somebody did and reached is theirs, and a steward's to judge by.
  every("Query", member, "pathways progress supervisors learners"),
  every("Query", signedIn, "steps attainments supervision"),
  every("Mutation", member, "takeStep confirmSession"),
  every("Mutation", signedIn, "removeStep declineSession"),
  every("Mutation", steward, "savePathway grantLevel revokeLevel"),
  every("Pathway", member, "id name specialty binding levels"),
  every("PathwayLevel", member, "level modules practice supervised supervisor validFor"),
  every("LevelProgress", member, "level modules practice supervised before attainment"),
  every("Tally", member, "done asked"),
  every("Attainment", signedIn, "pathway level reached ends revoked counts"),
  every("Step", signedIn, "id kind day pathway level state supervisor module"),
  every("Supervision", signedIn, "sessions named"),
  every("SupervisedSession", signedIn, "id practitioner pathway level day state"),

  // Whom this network shares with is told to nobody but those who look after that.
  every("Query", steward, "peers peer flags"),
  every(
    "Mutation",
    steward,
    `invitePeer addPeer setPeer syncPeer introducePeer relayPeer releaseWaiting hideRecord showRecord flagRecord
    dismissFlag`,
  ),
  every(
    "Peer",
    steward,
    `id network url node shortForm safetyNumber trust state lastSync behind problems shares introducedBy mirror
    relayed holds held`,
  ),
  every("PeerHolds", steward, "shown kept waiting quarantined hidden withdrawn"),
  every("HeldRecord", steward, "id kind name state problem"),
  every("PeerInvitation", steward, "text expires"),
  every("RecordFlag", steward, "record kind reason peers since"),

  every("Viewer", anybody, "audience role profile network"),
  every(
    "Profile",
    signedIn,
    "id state reason confirmBy confirmationDue practitioner seenBy visibility history peersHolding nameEverywhere counted",
  ),
  every("FieldVisibility", signedIn, "field item audience ceiling coarser"),
  every("PeerCopy", signedIn, "network state since"),
  every("CoarserVisibility", signedIn, "item audience"),
  every("AuditEntry", signedIn, "at actor action fields"),
  every("ConsentText", anybody, "version text"),
  every("GivenVouch", signedIn, "practitioner note given expires"),
  every("Account", steward, "id role suspended created practitioner"),
  every("FrontendKey", steward, "id name key origins scopes created expires operations"),
  every("Invitation", steward, "id token link role expires"),
  every("InvitationOffer", anybody, "role expires otpauthUri network"),
  every("AuthenticatorOffer", signedIn, "offer otpauthUri"),
  every("Passkey", signedIn, "id created"),
  every("PasskeyChallenge", anybody, "id options"),
  every("OpenIdStart", anybody, "url state"),
  every("Session", anybody, "token expires role recoveryCodes"),

  // Published bands are the same for everybody, and tell what anybody may know.
  every("CoverageReport", anybody, "epoch next someFrom manyFrom cells gaps"),
  every(
    "CoverageCell",
    anybody,
    "specialty region language practitioners remote resources unmetNeeds mayBeNone",
  ),
  every("CoverageGap", anybody, "cell weight people why"),

  every("Specialty", anybody, "code name description broader narrower"),
  every("Region", anybody, "code name kind within contains"),
  every("Language", anybody, "tag name ownName"),
  every("Network", anybody, "id name url regions isThisNode"),
  every("Provenance", anybody, "network verified expires signed"),

  every(
    "Practitioner",
    anybody,
    `id alias about pronouns specialties languages regions formats delivery level communities offersFollowUp coFacilitates
    availability cost organizations resources seeks vouches contact referable sameAs provenance`,
  ),
  every("Skill", anybody, "specialty depth"),
  every("LanguageSkill", anybody, "language level use"),
  every("WorkArea", anybody, "region relation"),
  every("Availability", anybody, "status from until asOf"),
  every("ContactPoint", anybody, "kind value note"),
  every("VouchSummary", anybody, "band latest"),

  every(
    "Organization",
    anybody,
    "id name summary roles specialties languages regions acceptsUrgentRequests website contact provenance",
  ),
  every(
    "Resource",
    anybody,
    `id kind title summary url authors publisher published license languages specialties regions stages minutes materials
    prerequisites partOf parts status practitioners provenance`,
  ),
  every("Translation", anybody, "language url stale"),
  every("MinutesRange", anybody, "min max"),

  ...["Practitioner", "Organization", "Resource"].flatMap((kind) => [
    every(`${kind}Connection`, anybody, "edges nodes pageInfo totalCount facets advice sources"),
    every(`${kind}Edge`, anybody, "cursor node"),
    every(`${kind}Facets`, anybody, "specialties regions languages"),
  ]),
  every("PageInfo", anybody, "hasNextPage hasPreviousPage startCursor endCursor"),
  every("Sources", anybody, "fresh stale hidden"),
  every("Advice", anybody, "relax would"),
  every("MatchResult", anybody, "matches totalCount advice"),
  every("Match", anybody, "practitioner score reasons"),
  every("Reason", anybody, "code points text"),
  every("TeamResult", anybody, "teams smallestSize uncovered"),
  every("Team", anybody, "members sharedLanguage interpreter score"),
  every("TeamMember", anybody, "practitioner covers"),
  every("Exchange", anybody, "one other oneOffers otherOffers"),
  every("SpecialtyCount", anybody, "specialty count"),
  every("RegionCount", anybody, "region count"),
  every("LanguageCount", anybody, "language count"),
];

/** What federation adds where a router asks. Whether somebody is a router is asked before (`http.ts`). */
export const routersDoors: readonly Line[] = [
  every("Query", anybody, "_entities _service"),
  every("_Service", anybody, "sdl"),
];

/**
 * The schema with a guard at each field that is not for anybody. What is for anybody stays as it was, without a wrapper: shield
 * would make a list of plain fields asynchronous. Refuses to start when a field has no rule of its own.
 */
export function guard(schema: GraphQLSchema, lines: readonly Line[] = doors): GraphQLSchema {
  const wrong = mistakes(schema, lines);
  if (wrong.length > 0)
    throw new OperatorError(`The doors do not fit the schema (src/server/doors.ts):\n${wrong.join("\n")}`);
  const rules = treeOf(lines);
  const made = shield(rules, {
    debug: false,
    fallbackRule: deny,
    fallbackError: notForThisRole,
    allowExternalErrors: true,
    hashFunction: () => "",
  });
  return applyMiddleware(schema, guardedOnly(made.generate(schema), rules));
}

type Tree = Record<string, Record<string, Rule>>;

function treeOf(lines: readonly Line[]): Tree {
  const tree: Tree = {};
  for (const { type, rule, fields } of lines)
    Object.assign((tree[type] ??= {}), Object.fromEntries(fields.map((field) => [field, rule])));
  return tree;
}

/** What shield has made for each field, without that of fields that are for anybody. */
function guardedOnly(made: object, rules: Tree): Record<string, Record<string, never>> {
  const kept = Object.entries(made).map(([type, fields]: [string, Record<string, never>]) => {
    const guarded = Object.entries(fields).filter(([field]) => rules[type]?.[field] !== anybody);
    return [type, Object.fromEntries(guarded)] as const;
  });
  return Object.fromEntries(kept.filter(([, fields]) => Object.keys(fields).length > 0));
}

/** Why these rules cannot guard this schema, each as a sentence. */
function mistakes(schema: GraphQLSchema, lines: readonly Line[]): readonly string[] {
  const written = lines.flatMap(({ type, fields }) => fields.map((field) => `${type}.${field}`));
  const known = new Set(written);
  const actual = new Set(fieldsOf(schema));
  const twice = written.filter((name, at) => written.indexOf(name) !== at);
  return [
    ...lines.filter(({ type }) => isAbstract(schema, type)).map(({ type }) => abstractRule(type)),
    ...[...actual].filter((name) => !known.has(name)).map((name) => `${name} has no rule.`),
    ...[...known]
      .filter((name) => !actual.has(name))
      .map((name) => `${name} has a rule, but does not exist.`),
    ...twice.map((name) => `${name} has more than one rule.`),
    ...lines.filter(({ rule }) => remembers(rule)).map(({ type }) => `A rule of ${type} is remembered.`),
  ];
}

function abstractRule(type: string): string {
  return `${type} is no object type; each type that answers for it has rules of its own.`;
}

function isAbstract(schema: GraphQLSchema, name: string): boolean {
  const type = schema.getType(name);
  return isInterfaceType(type) || isUnionType(type);
}

/** Every field of every object type, but for those that describe the schema itself. */
function fieldsOf(schema: GraphQLSchema): readonly string[] {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith("__"))
    .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
}

/** Whether shield keeps what a rule said, alone or inside another. */
function remembers(rule: Rule): boolean {
  if ("getRules" in rule) return rule.getRules().some((inner) => remembers(inner as Rule));
  // Private in its types, and the only place that tells.
  return (rule as unknown as { readonly cache: unknown }).cache !== "no_cache";
}
