import type { Localized } from "../src/listing/listing.js";
import type { Depth, LanguageUse, Proficiency, WorkRelation } from "../src/listing/tag.js";
import type { Pathway, LevelRequirement } from "../src/pathways/pathway.js";
import type { Organization, OrganizationFacts } from "../src/organizations/organization.js";
import {
  practitionerPolicy,
  type Availability,
  type Practitioner,
  type PractitionerFacts,
  type PractitionerLevel,
} from "../src/practitioners/practitioner.js";
import type { Resource, ResourceFacts } from "../src/resources/resource.js";
import type { Audience } from "../src/visibility/audience.js";
import { audienceByDefault, type Fact, type FieldPolicy, type Rung } from "../src/visibility/project.js";

/**
 * Three networks and the people, organizations and resources in them. All of it is invented: the demo shows it,
 * tests and bench are written with it. Ids are fixed so that a test can name a record.
 */
export type Cast = {
  readonly network: { readonly name: string; readonly url: string; readonly regions: readonly string[] };
  readonly practitioners: readonly Practitioner[];
  readonly organizations: readonly Organization[];
  readonly resources: readonly Resource[];
  /** Who stands behind whom. */
  readonly vouches: readonly {
    readonly practitioner: string;
    readonly voucher: string;
    readonly given: string;
  }[];
  /** How its cadre grows; null where the network has written nothing of it. */
  readonly cadre: Cadre | null;
};

/** What a network asks of its levels, and who has reached which. */
export type Cadre = {
  readonly asks: Pick<Pathway, "name" | "specialty" | "levels">;
  readonly reached: readonly { readonly practitioner: string; readonly level: PractitionerLevel }[];
};

/** A fact told plainly takes the audience its field has by default; `to` chooses another, `coarser` adds rungs. */
type Told<T> = T | Choice<T>;
type Choice<T> = { readonly tell: T; readonly to?: Audience; readonly coarser?: readonly Rung<T>[] };

type Person = {
  readonly alias: Told<string>;
  readonly audience: Audience;
  readonly verified: string | null;
  readonly about?: Told<Localized>;
  readonly pronouns?: Told<string>;
  readonly specialties: readonly Told<readonly [code: string, depth?: Depth]>[];
  readonly languages: readonly Told<readonly [tag: string, level: Proficiency, ...use: LanguageUse[]]>[];
  readonly regions: readonly Told<readonly [relation: WorkRelation, code: string]>[];
  readonly availability?: Told<Availability>;
} & {
  readonly [K in "level" | "offersFollowUp" | "coFacilitates" | "cost" | "referable"]?: Told<
    One<PractitionerFacts[K]>
  >;
} & {
  readonly [
    K in "formats" | "delivery" | "communities" | "organizations" | "resources" | "seeks" | "contact"
  ]?: readonly Told<Item<PractitionerFacts[K]>>[];
};

type One<F> = [F] extends [Fact<infer T> | null] ? T : never;
type Item<F> = F extends readonly Fact<infer T>[] ? T : never;

function person(id: string, told: Person): Practitioner {
  const held = factMaker(told.audience);
  const policy = practitionerPolicy;
  return {
    id,
    state: "LISTED",
    audience: told.audience,
    verified: told.verified,
    facts: {
      alias: held.one(policy.alias, told.alias),
      about: held.one(policy.about, told.about),
      pronouns: held.one(policy.pronouns, told.pronouns),
      specialties: held.list(policy.specialties, told.specialties, ([specialty, depth = null]) => ({
        specialty,
        depth,
      })),
      languages: held.list(policy.languages, told.languages, ([language, level, ...use]) => ({
        language,
        level,
        use,
      })),
      regions: held.list(policy.regions, told.regions, ([relation, region]) => ({ region, relation })),
      formats: held.list(policy.formats, told.formats),
      delivery: held.list(policy.delivery, told.delivery),
      level: held.one(policy.level, told.level),
      communities: held.list(policy.communities, told.communities),
      offersFollowUp: held.one(policy.offersFollowUp, told.offersFollowUp),
      coFacilitates: held.one(policy.coFacilitates, told.coFacilitates),
      availability: held.one(policy.availability, told.availability),
      cost: held.one(policy.cost, told.cost),
      organizations: held.list(policy.organizations, told.organizations),
      resources: held.list(policy.resources, told.resources),
      seeks: held.list(policy.seeks, told.seeks),
      vouches: null,
      contact: held.list(policy.contact, told.contact),
      referable: held.one(policy.referable, told.referable),
      sameAs: [],
      movedFrom: null,
    },
  };
}

function factMaker(entry: Audience) {
  const make = <T, U>(policy: FieldPolicy<U>, told: Told<T>, shape: (value: T) => U): Fact<U> => {
    const said = asChoice(told);
    const value = shape(said.tell);
    const ladder = said.coarser?.map((rung) => ({ value: shape(rung.value), audience: rung.audience }));
    const audience = said.to ?? audienceByDefault(policy, entry, value);
    return ladder === undefined ? { value, audience } : { value, audience, ladder };
  };
  return {
    one: <T>(policy: FieldPolicy<T>, told: Told<NoInfer<T>> | undefined): Fact<T> | null =>
      told === undefined ? null : make(policy, told, (value: T) => value),
    // Where no shape is given the told value is the field's own value.
    list: <T, U = T>(
      policy: FieldPolicy<U>,
      told: readonly Told<T>[] = [],
      shape: (value: T) => U = (value) => value as unknown as U,
    ): readonly Fact<U>[] => told.map((one) => make(policy, one, shape)),
  };
}

function asChoice<T>(told: Told<T>): Choice<T> {
  const chosen = typeof told === "object" && told !== null && "tell" in told;
  // No value of a field has a key "tell", so the key decides.
  return chosen ? (told as Choice<T>) : { tell: told as T };
}

function organization(id: string, verified: string | null, facts: OrganizationFacts): Organization {
  return { id, audience: "PUBLIC", verified, facts };
}

const untold = {
  url: null,
  authors: [],
  publisher: "Red Ceiba",
  published: "2025",
  license: "CC-BY-SA-4.0",
  languages: [],
  specialties: [],
  regions: [],
  stages: [],
  minutes: null,
  materials: [],
  prerequisites: [],
  partOf: [],
  status: "PUBLISHED",
} as const;

function resource(
  id: string,
  facts: Partial<ResourceFacts> & Pick<ResourceFacts, "kind" | "title" | "summary">,
): Resource {
  return { id, audience: "PUBLIC", verified: null, facts: { ...untold, ...facts } };
}

/** What a level asks; nothing but what is said. */
function asked(level: PractitionerLevel, told: Partial<LevelRequirement>): LevelRequirement {
  return {
    level,
    modules: [],
    practice: 0,
    supervised: 0,
    supervisor: "MASTER_TRAINER",
    validFor: null,
    ...told,
  };
}

const raices = "7c1f0e52-3b0a-4f0e-9a51-0d6c2f7b1e01";
const faro = "c2a9d1b4-6f3e-4c7a-8d20-5b1e9f4a7c02";
const plan = "2f6b8a9c-1d4e-4e3f-b7a2-9c0d5e8f1a03";
const curriculum = "9b3d7c1e-5a2f-4d8b-a6c4-1e7f0b9d2c04";
const session = "e4a8c6d2-7b1f-4a9e-8c3d-2f5b6e0d9a05";
const protocol = "51d0f7e3-9c2b-4b6a-9f8e-3a4c7d1e0b06";

export const ceiba: Cast = {
  network: { name: "Red Ceiba", url: "https://ceiba.example.org", regions: ["x-mesoamerica"] },
  practitioners: [
    person("0d9f3a61-8c27-4e5b-9b14-6a2e7f1c3d10", {
      alias: "Quetzal",
      audience: "PUBLIC",
      verified: "2026-10-02",
      about: {
        tell: {
          es: "Acompaño a organizaciones comunitarias: diagnóstico de riesgos, protocolos digitales y cuidado del equipo. Vuelvo cada tres semanas.",
          en: "I accompany community organizations: risk assessment, digital protocols and care of the team. I come back every three weeks.",
        },
        to: "PUBLIC",
      },
      pronouns: "ella",
      specialties: [
        ["digital.organizational-security", "EXPERT"],
        ["psychosocial.self-care", "PRACTISED"],
        ["digital.risk-assessment", "EXPERT"],
      ],
      languages: [
        ["es", "NATIVE", "FACILITATE", "WRITE"],
        ["quc", "FLUENT", "FACILITATE", "INTERPRET"],
      ],
      regions: [
        ["WORKS_IN", "GT"],
        {
          tell: ["BASED_IN", "GT-09"],
          to: "MEMBERS",
          coarser: [{ value: ["BASED_IN", "GT"], audience: "PARTNERS" }],
        },
        ["TRAVELS_TO", "013"],
      ],
      formats: ["WORKSHOP", "ACCOMPANIMENT", "FOLLOW_UP"],
      delivery: ["IN_PERSON", "REMOTE"],
      level: "TRAINER",
      communities: ["INDIGENOUS", "WOMEN", "LAND_AND_ENVIRONMENT"],
      offersFollowUp: true,
      coFacilitates: true,
      availability: { status: "ACCEPTING", from: null, until: null, asOf: "2026-10-02" },
      cost: "SLIDING_SCALE",
      organizations: [{ tell: raices, to: "PUBLIC" }],
      resources: [{ tell: plan, to: "PUBLIC" }],
      seeks: ["legal.detention"],
      contact: [{ tell: { kind: "SIGNAL", value: "quetzal.example", note: "Evenings" }, to: "MEMBERS" }],
      referable: true,
    }),
    person("3e7b5c82-1f4d-4a96-8e03-b9c2d4f6a711", {
      alias: "Amate",
      audience: "PUBLIC",
      verified: "2026-09-14",
      about: {
        tell: { es: "Formo formadoras. Seguridad digital y bienestar no se enseñan por separado." },
        to: "PUBLIC",
      },
      specialties: [
        ["digital.organizational-security", "PRACTISED"],
        ["psychosocial.self-care", "EXPERT"],
        ["psychosocial.trauma", "PRACTISED"],
      ],
      languages: [
        ["es-MX", "NATIVE", "FACILITATE"],
        ["en", "WORKING"],
      ],
      regions: [
        {
          tell: ["WORKS_IN", "MX-OAX"],
          to: "MEMBERS",
          coarser: [{ value: ["WORKS_IN", "013"], audience: "PUBLIC" }],
        },
      ],
      formats: ["TRAINING_OF_TRAINERS", "RETREAT", "FOLLOW_UP"],
      delivery: ["IN_PERSON"],
      level: "MASTER_TRAINER",
      communities: ["WOMEN", "JOURNALISTS"],
      offersFollowUp: true,
      cost: "EXPENSES_ONLY",
      organizations: [raices],
      resources: [curriculum],
      referable: true,
    }),
    person("a1c4e6f8-2b3d-4c5e-9f70-81a2b3c4d512", {
      alias: "Copal",
      audience: "PUBLIC",
      verified: "2026-08-30",
      specialties: [["digital.organizational-security", "EXPERT"], ["digital.device-security"]],
      languages: [["es", "NATIVE"]],
      regions: [["WORKS_IN", "GT"]],
      formats: ["AUDIT", "WORKSHOP"],
      delivery: ["IN_PERSON"],
      level: "TRAINER",
      offersFollowUp: true,
      cost: "PAID",
      seeks: [{ tell: "psychosocial.self-care", to: "PUBLIC" }],
      referable: true,
    }),
    person("b2d5f709-3c4e-4d6f-8a81-92b3c4d5e613", {
      alias: "Jícara",
      audience: "PUBLIC",
      verified: "2026-07-21",
      about: { tell: { es: "Grupos de escucha y prevención del desgaste." }, to: "PUBLIC" },
      specialties: [
        ["psychosocial.self-care", "EXPERT"],
        ["psychosocial.burnout", "EXPERT"],
      ],
      languages: [["es", "NATIVE", "FACILITATE", "SUPPORT"]],
      regions: [
        ["WORKS_IN", "GT"],
        ["WORKS_IN", "SV"],
      ],
      formats: ["ACCOMPANIMENT", "MENTORING"],
      delivery: ["IN_PERSON", "REMOTE"],
      offersFollowUp: true,
      cost: "PRO_BONO",
      seeks: [{ tell: "digital.messaging", to: "PUBLIC" }],
      referable: true,
    }),
    person("c3e6081a-4d5f-4e70-9b92-a3c4d5e6f714", {
      alias: "Ocote",
      audience: "PUBLIC",
      verified: "2026-05-11",
      specialties: [
        ["digital.organizational-security", "PRACTISED"],
        ["psychosocial.self-care", "INTRODUCTORY"],
      ],
      languages: [["es", "FLUENT"]],
      regions: [["WORKS_IN", "GT"]],
      formats: ["TASTER"],
      delivery: ["IN_PERSON"],
      level: "MULTIPLIER",
      offersFollowUp: false,
      referable: true,
    }),
    person("d4f7192b-5e60-4f81-8ca3-b4d5e6f70815", {
      alias: "Izote",
      audience: "PARTNERS",
      verified: "2026-10-20",
      specialties: [
        ["digital.organizational-security", "EXPERT"],
        ["psychosocial.self-care", "EXPERT"],
        ["digital.incident-response", "EXPERT"],
      ],
      languages: [
        ["es", "NATIVE"],
        ["mam", "NATIVE", "FACILITATE"],
      ],
      regions: [
        ["WORKS_IN", "GT"],
        ["BASED_IN", "GT-13"],
      ],
      formats: ["RAPID_RESPONSE", "FOLLOW_UP"],
      delivery: ["IN_PERSON"],
      level: "TRAINER",
      communities: ["INDIGENOUS"],
      offersFollowUp: true,
      availability: { status: "ASSESS_FIRST", from: "2026-11-01", until: null, asOf: "2026-10-20" },
      organizations: [faro],
      referable: true,
    }),
    person("e508203c-6f71-4092-9db4-c5e6f7081916", {
      alias: "Pinabete",
      audience: "MEMBERS",
      verified: "2026-10-21",
      specialties: [
        ["legal.detention", "EXPERT"],
        ["legal.digital-rights", "PRACTISED"],
      ],
      languages: [["es", "NATIVE"]],
      regions: [
        ["WORKS_IN", "HN"],
        ["WORKS_IN", "GT"],
      ],
      delivery: ["REMOTE"],
      offersFollowUp: true,
      referable: true,
    }),
    person("f6193140-7082-41a3-8ec5-d6f708192a17", {
      alias: "Guarumo",
      audience: "PUBLIC",
      verified: "2026-06-03",
      about: { tell: { en: "Phones in the field: what to carry, what to leave at home." }, to: "PUBLIC" },
      specialties: [
        ["mobile.device-encryption", "EXPERT"],
        ["mobile.messaging", "EXPERT"],
        ["digital.encryption", "PRACTISED"],
      ],
      languages: [
        ["en", "NATIVE"],
        ["es", "WORKING"],
        ["cab", "FLUENT"],
      ],
      regions: [
        ["WORKS_IN", "BZ"],
        ["REMOTE_TO", "029"],
      ],
      delivery: ["IN_PERSON", "REMOTE"],
      communities: ["LGBTIQ", "YOUTH"],
      offersFollowUp: false,
      cost: "SLIDING_SCALE",
      referable: true,
    }),
    person("072a4251-8193-42b4-9fd6-e70819203b18", {
      alias: "Morro",
      audience: "PUBLIC",
      verified: null,
      specialties: [["psychosocial.trauma", "PRACTISED"]],
      languages: [["es", "NATIVE"]],
      regions: [["WORKS_IN", "419"]],
      delivery: ["REMOTE"],
      referable: true,
    }),
    person("183b5362-92a4-43c5-80e7-f8192a314c19", {
      alias: "Tepezcohuite",
      audience: "PUBLIC",
      verified: "2026-03-15",
      specialties: [["legal.legal-aid", "EXPERT"]],
      languages: [
        ["es", "NATIVE"],
        ["tzo", "WORKING"],
      ],
      regions: [
        {
          tell: ["WORKS_IN", "MX-CHP"],
          to: "PARTNERS",
          coarser: [{ value: ["WORKS_IN", "MX"], audience: "PUBLIC" }],
        },
      ],
      delivery: ["IN_PERSON"],
      communities: ["LAND_AND_ENVIRONMENT"],
      offersFollowUp: true,
      cost: "PRO_BONO",
      referable: true,
    }),
    person("294c6473-a3b5-44d6-91f8-092a3b425d20", {
      alias: { tell: "Nance", to: "PUBLIC" },
      audience: "PUBLIC",
      verified: "2026-10-09",
      about: {
        tell: { es: "Respondo a incidentes: cuentas tomadas, equipos incautados, ataques a sitios." },
        to: "PUBLIC",
      },
      specialties: [
        ["digital.incident-response", "EXPERT"],
        ["digital.malware", "EXPERT"],
        ["digital.account-security", "EXPERT"],
      ],
      languages: [
        ["es", "NATIVE"],
        ["pt", "WORKING"],
      ],
      regions: [["REMOTE_TO", "419"]],
      formats: ["RAPID_RESPONSE", "CLINIC"],
      delivery: ["REMOTE"],
      level: "NATIONAL_TEAM",
      offersFollowUp: true,
      availability: {
        tell: { status: "ACCEPTING", from: null, until: null, asOf: "2026-10-09" },
        to: "PUBLIC",
      },
      cost: "PRO_BONO",
      resources: [{ tell: protocol, to: "PUBLIC" }],
      referable: true,
    }),
    person("3a5d7584-b4c6-45e7-82a9-1a3b4c536e21", {
      alias: "Chaya",
      audience: "PUBLIC",
      verified: "2026-04-27",
      specialties: [
        ["digital.social-media", "PRACTISED"],
        ["digital.safer-browsing", "PRACTISED"],
      ],
      languages: [
        ["yua", "NATIVE", "FACILITATE"],
        ["es", "FLUENT"],
      ],
      regions: [["WORKS_IN", "MX-YUC"]],
      delivery: ["IN_PERSON"],
      communities: ["INDIGENOUS", "YOUTH"],
      offersFollowUp: true,
      seeks: ["digital.organizational-security"],
      referable: false,
    }),
  ],
  organizations: [
    organization(raices, "2026-09-01", {
      name: "Raíces Seguras",
      summary: {
        es: "Escuela itinerante de seguridad integral para organizaciones comunitarias.",
        en: "A travelling school of holistic security for community organizations.",
      },
      roles: ["TRAINERS", "NETWORK"],
      specialties: ["digital.organizational-security", "psychosocial.self-care"],
      languages: ["es", "quc", "mam"],
      regions: ["x-mesoamerica"],
      acceptsUrgentRequests: false,
      website: "https://raices.example.org",
      contact: [{ kind: "EMAIL", value: "hola@raices.example.org", note: null }],
    }),
    organization(faro, "2026-10-11", {
      name: "Línea Faro",
      summary: {
        es: "Atención urgente a defensoras y defensores, todos los días.",
        en: "Urgent help for defenders, every day.",
      },
      roles: ["RESPONDERS"],
      specialties: ["digital.incident-response", "legal.detention"],
      languages: ["es", "pt", "en"],
      regions: ["419"],
      acceptsUrgentRequests: true,
      website: "https://faro.example.org",
      contact: [
        { kind: "SIGNAL", value: "faro.example", note: "Day and night" },
        { kind: "EMAIL", value: "urgente@faro.example.org", note: null },
      ],
    }),
  ],
  resources: [
    resource(curriculum, {
      kind: "CURRICULUM",
      title: { es: "Cuidarnos para continuar", en: "Taking care to continue" },
      summary: {
        es: "Seguridad digital y bienestar en un mismo proceso.",
        en: "Digital security and well-being as one process.",
      },
      languages: [
        { language: "es", url: "https://raices.example.org/cuidarnos", stale: false },
        { language: "en", url: null, stale: true },
      ],
      specialties: ["digital.organizational-security", "psychosocial.self-care"],
      regions: ["x-mesoamerica"],
    }),
    resource(session, {
      kind: "SESSION",
      title: { es: "El mapa de nuestras rutinas", en: "A map of our routines" },
      summary: {
        es: "Dibujar un día y ver dónde descansa el equipo.",
        en: "Draw a day and see where the team rests.",
      },
      languages: [{ language: "es", url: null, stale: false }],
      specialties: ["psychosocial.self-care"],
      stages: ["ACTIVITY", "DISCUSSION"],
      minutes: { min: 60, max: 90 },
      materials: ["Paper", "Coloured pens"],
      partOf: [curriculum],
    }),
    resource(plan, {
      kind: "PLAN_TEMPLATE",
      title: { es: "Plan de seguridad de la organización", en: "Security plan of an organization" },
      summary: { en: "A plan has an end; review it every three months." },
      languages: [{ language: "es", url: "https://raices.example.org/plan", stale: false }],
      specialties: ["digital.organizational-security", "digital.risk-assessment"],
    }),
    resource(protocol, {
      kind: "PROTOCOL_TEMPLATE",
      title: { es: "Protocolo ante una cuenta tomada", en: "Protocol for a hijacked account" },
      summary: { en: "Whom to call, what to change first, what to keep as evidence." },
      languages: [
        { language: "es", url: null, stale: false },
        { language: "en", url: null, stale: false },
      ],
      specialties: ["digital.incident-response", "digital.account-security"],
      minutes: { min: 30, max: null },
    }),
  ],
  vouches: [
    {
      practitioner: "0d9f3a61-8c27-4e5b-9b14-6a2e7f1c3d10",
      voucher: "3e7b5c82-1f4d-4a96-8e03-b9c2d4f6a711",
      given: "2026-09-20",
    },
    {
      practitioner: "0d9f3a61-8c27-4e5b-9b14-6a2e7f1c3d10",
      voucher: "d4f7192b-5e60-4f81-8ca3-b4d5e6f70815",
      given: "2026-08-02",
    },
    {
      practitioner: "3e7b5c82-1f4d-4a96-8e03-b9c2d4f6a711",
      voucher: "0d9f3a61-8c27-4e5b-9b14-6a2e7f1c3d10",
      given: "2026-07-15",
    },
  ],
  cadre: {
    asks: {
      name: { es: "Formar a quienes forman", en: "Training those who train" },
      specialty: null,
      levels: [
        asked("MULTIPLIER", { modules: [session], practice: 2, supervisor: "TRAINER" }),
        asked("NATIONAL_TEAM", { practice: 4, supervised: 2, supervisor: "TRAINER", validFor: 36 }),
        asked("TRAINER", { modules: [curriculum], supervised: 4, validFor: 36 }),
        asked("MASTER_TRAINER", { supervised: 6 }),
      ],
    },
    reached: [
      { practitioner: "0d9f3a61-8c27-4e5b-9b14-6a2e7f1c3d10", level: "TRAINER" },
      { practitioner: "3e7b5c82-1f4d-4a96-8e03-b9c2d4f6a711", level: "MASTER_TRAINER" },
      { practitioner: "c3e6081a-4d5f-4e70-9b92-a3c4d5e6f714", level: "MULTIPLIER" },
      { practitioner: "d4f7192b-5e60-4f81-8ca3-b4d5e6f70815", level: "TRAINER" },
    ],
  },
};

export const yasmin: Cast = {
  network: { name: "Yasmin Circle", url: "https://yasmin.example.org", regions: ["x-mena"] },
  practitioners: [
    person("4b6e8695-c5d7-46f8-93ba-2b4c5d647f30", {
      alias: "زيتون",
      audience: "PUBLIC",
      verified: "2026-09-05",
      about: { tell: { ar: "تدريب المدربات على الأمن الرقمي والعناية بالذات." }, to: "PUBLIC" },
      specialties: [["digital.encryption", "EXPERT"], ["psychosocial.stress"]],
      languages: [
        ["ar", "NATIVE", "FACILITATE"],
        ["fr", "FLUENT"],
      ],
      regions: [["WORKS_IN", "x-mena"]],
      delivery: ["REMOTE"],
      offersFollowUp: true,
      referable: true,
    }),
    person("5c7f97a6-d6e8-4709-84cb-3c5d6e758031", {
      alias: "Rumman",
      audience: "PARTNERS",
      verified: "2026-08-08",
      specialties: [["legal.asylum", "EXPERT"]],
      languages: [
        ["ar", "NATIVE"],
        ["ckb", "FLUENT"],
      ],
      regions: [["WORKS_IN", "IQ"]],
      delivery: ["IN_PERSON"],
      referable: true,
    }),
  ],
  organizations: [],
  resources: [],
  vouches: [],
  cadre: null,
};

export const baobab: Cast = {
  network: {
    name: "Réseau Baobab",
    url: "https://baobab.example.org",
    regions: ["x-sahel", "x-francophone-west-africa"],
  },
  practitioners: [
    person("6d80a8b7-e7f9-481a-95dc-4d6e7f869132", {
      alias: "Karité",
      audience: "PUBLIC",
      verified: "2026-10-01",
      specialties: [["digital.circumvention", "EXPERT"], ["mobile.messaging"]],
      languages: [
        ["fr", "NATIVE", "FACILITATE"],
        ["wo", "NATIVE"],
      ],
      regions: [["WORKS_IN", "x-francophone-west-africa"]],
      delivery: ["IN_PERSON", "REMOTE"],
      offersFollowUp: true,
      referable: true,
    }),
    person("7e91b9c8-f80a-492b-86ed-5e7f8097a233", {
      alias: "Néré",
      audience: "PUBLIC",
      verified: null,
      specialties: [["psychosocial.collective-care"]],
      languages: [["bm", "NATIVE"]],
      regions: [["WORKS_IN", "ML"]],
      delivery: ["IN_PERSON"],
      referable: true,
    }),
  ],
  organizations: [],
  resources: [],
  vouches: [],
  cadre: null,
};
