import { AUDIENCES, type Audience } from "../visibility/audience.js";
import { COMMUNITIES, COSTS, DELIVERIES, FORMATS, LEVELS } from "../practitioners/practitioner.js";
import { findLanguage } from "../vocabulary/language.js";
import { contactsFor } from "./contacts.js";
import { dateFor, hasCome } from "./dates.js";
import type { ImportedConsent, RowPlace, PractitionerDraft, Refused } from "./draft.js";
import {
  agreedFor,
  among,
  codeFor,
  codesFor,
  CONTRADICTS_ITSELF,
  everySaidFor,
  listFor,
  refuse,
  tell,
  textFor,
  unique,
  yesOrNo,
  type Reading,
} from "./reading.js";

/** A person as the source tells of them. Fields no mapping names are read by nobody: remarks about people stay where they are. */
export function mapPractitioner(reading: Reading, place: RowPlace): PractitionerDraft | Refused {
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
    consent: consentFor(reading),
    verified: verifiedFor(reading),
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
  const said = everySaidFor(reading, "visibility").length > 0;
  return agreedFor(reading, "visibility", among(AUDIENCES)) ?? (said ? null : "PRIVATE");
}

/** Only a word that means yes is consent, and not on a day that has not come. */
function consentFor(reading: Reading): ImportedConsent {
  const given = agreedFor(reading, "consent", among(["yes", "no"])) === "yes";
  const said = unique(everySaidFor(reading, "consentOn"));
  if (said.length > 1) tell(reading, "review", "consentOn", CONTRADICTS_ITSELF, said.join(" | "));
  const on = dateFor(reading, "consentOn");
  if (on === null || said.length > 1) return { given, on: null };
  if (hasCome(on, reading.today)) return { given, on };
  tell(reading, "review", "consentOn", IN_THE_FUTURE, on);
  return { given: false, on: null };
}

/** The day the person last confirmed the entry. */
function verifiedFor(reading: Reading): string | null {
  const date = dateFor(reading, "verified");
  if (date === null || hasCome(date, reading.today)) return date;
  tell(reading, "note", "verified", IN_THE_FUTURE, date);
  return null;
}

const IN_THE_FUTURE = "in-the-future";
