import type { ContactPoint } from "../listing/contact-point.js";
import { ORGANIZATION_ROLES } from "../organizations/organization.js";
import { findLanguage } from "../vocabulary/language.js";
import { contactsFor, readLinks, webAddress, type Link } from "./contacts.js";
import type { OrganizationDraft, RowPlace, Refused } from "./draft.js";
import { plainText } from "./plain-text.js";
import { among, codesFor, refuse, saidFor, tell, textFor, yesOrNo, type Reading } from "./reading.js";

/** An organization from its row; a name that is nothing but markup is none. */
export function mapOrganization(reading: Reading, place: RowPlace): OrganizationDraft | Refused {
  const { specialties, regions } = reading.vocabulary;
  const name = plainText(textFor(reading, "name") ?? "");
  if (name === "") return refuse(reading, place, "name", "no-name", "");
  const summary = textFor(reading, "summary");
  const [website, ...otherSites] = linksOf(reading);
  const facts = {
    name,
    summary: summary === null ? null : { [reading.mapping.language.original]: plainText(summary) },
    roles: codesFor(reading, "roles", among(ORGANIZATION_ROLES)),
    specialties: codesFor(reading, "specialties", (text) => specialties.find(text)),
    languages: codesFor(reading, "languages", findLanguage),
    regions: codesFor(reading, "regions", (text) => regions.find(text)),
    acceptsUrgentRequests: yesOrNo(reading, "acceptsUrgentRequests"),
    website: website?.url ?? null,
    contact: [...contactsFor(reading), ...otherSites.map(siteContact)],
  };
  return { kind: "organization", ...place, facts, reasons: reading.reasons };
}

function linksOf(reading: Reading): readonly Link[] {
  return saidFor(reading, "website").flatMap((text) => {
    const links = readLinks(text);
    if (links.length > 0) return links;
    const whole = webAddress(text);
    if (whole === null) tell(reading, "review", "website", "unknown-address", text);
    return whole === null ? [] : [{ url: whole, text: "" }];
  });
}

function siteContact({ url, text }: Link): ContactPoint {
  return { kind: "WEBSITE", value: url, note: text === "" ? null : text };
}
