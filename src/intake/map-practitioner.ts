import { AUDIENCES, type Audience } from "../visibility/audience.js";
import { COMMUNITIES, COSTS, DELIVERIES, FORMATS, LEVELS } from "../practitioners/practitioner.js";
import { findLanguage } from "../vocabulary/language.js";
import { contactsFor } from "./contacts.js";
import { dateFor } from "./dates.js";
import type { ImportedConsent, Place, PractitionerDraft, Refused } from "./draft.js";
import {
  among,
  codeFor,
  codesFor,
  listFor,
  refuse,
  saidFor,
  textFor,
  yesOrNo,
  type Reading,
} from "./reading.js";

/** A person as the source tells of them. Fields no mapping names are read by nobody: remarks about people stay where they are. */
export function mapPractitioner(reading: Reading, place: Place): PractitionerDraft | Refused {
  const { specialties, regions } = reading.vocabulary;
  const alias = textFor(reading, "alias");
  if (alias === null) return refuse(reading, place, "alias", "no-alias", "");
  return {
    kind: "practitioner",
    ...place,
    alias,
    regions: codesFor(reading, "regions", (text) => regions.find(text)),
    languages: languagesOf(reading),
    specialties: codesFor(reading, "specialties", (text) => specialties.find(text)),
    seeks: codesFor(reading, "seeks", (text) => specialties.find(text)),
    formats: codesFor(reading, "formats", among(FORMATS)),
    delivery: codesFor(reading, "delivery", among(DELIVERIES)),
    level: codeFor(reading, "level", among(LEVELS)),
    communities: codesFor(reading, "communities", among(COMMUNITIES)),
    cost: codeFor(reading, "cost", among(COSTS)),
    offersFollowUp: yesOrNo(reading, "offersFollowUp"),
    coFacilitates: yesOrNo(reading, "coFacilitates"),
    organizations: listFor(reading, "organizations"),
    contact: contactsFor(reading),
    visibility: visibilityOf(reading),
    consent: consentOf(reading),
    verified: dateFor(reading, "verified"),
    vouchers: listFor(reading, "vouchers"),
    reasons: reading.reasons,
  };
}

function languagesOf(reading: Reading): PractitionerDraft["languages"] {
  const level = reading.mapping.languageLevel;
  return codesFor(reading, "languages", findLanguage).map((language) => ({ language, level, use: [] }));
}

/** Where nothing is said the entry is the person's alone; what is said and not understood is asked, and private until then. */
function visibilityOf(reading: Reading): Audience | null {
  const said = saidFor(reading, "visibility").length > 0;
  return codeFor(reading, "visibility", among(AUDIENCES)) ?? (said ? null : "PRIVATE");
}

/** Only a word that means yes is consent. */
function consentOf(reading: Reading): ImportedConsent {
  const given = yesOrNo(reading, "consent") === true;
  return { given, on: dateFor(reading, "consentOn") };
}
