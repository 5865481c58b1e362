import type { Organization } from "../../src/organizations/organization.js";
import type { Practitioner } from "../../src/practitioners/practitioner.js";
import type { Resource } from "../../src/resources/resource.js";
import type { Audience } from "../../src/visibility/audience.js";

/** What else a full record leads to, by id. */
export type Links = { readonly organizations: readonly string[]; readonly resources: readonly string[] };

/**
 * A listed person everybody sees who has told everything there is to tell, each fact to this audience. `mark` stands in every text
 * and `contactMark` in what they are reached by.
 */
export function fullPerson(
  id: string,
  audience: Audience,
  mark: string,
  links: Links,
  contactMark = mark,
): Practitioner {
  const told = <T>(value: T) => ({ value, audience });
  // Contact points are for members at most.
  const reached = audience === "PRIVATE" ? "PRIVATE" : "MEMBERS";
  return {
    id,
    state: "LISTED",
    audience: "PUBLIC",
    verified: "2026-10-02",
    facts: {
      alias: { value: "Guayacán", audience: "PUBLIC" },
      about: told({ es: `Acompaña ${mark}`, en: `Accompanies ${mark}` }),
      pronouns: told(`ella ${mark}`),
      specialties: [told({ specialty: "digital.encryption", depth: "EXPERT" })],
      languages: [told({ language: "quc", level: "FLUENT", use: ["FACILITATE"] })],
      // Told more coarsely to nobody else, so that what is hidden stays hidden.
      regions: [
        {
          ...told({ region: "GT-09", relation: "WORKS_IN" as const }),
          ladder: [told({ region: "GT", relation: "WORKS_IN" as const })],
        },
      ],
      formats: [told("WORKSHOP")],
      delivery: [told("REMOTE")],
      level: told("TRAINER"),
      communities: [told("WOMEN")],
      offersFollowUp: told(true),
      coFacilitates: told(true),
      availability: told({
        status: "ACCEPTING",
        from: "2026-11-01",
        until: "2027-02-01",
        asOf: "2026-10-02",
      }),
      cost: told("PAID"),
      organizations: links.organizations.map(told),
      resources: links.resources.map(told),
      seeks: [told("legal.detention")],
      vouches: null,
      contact: [
        {
          value: { kind: "SIGNAL", value: `signal ${contactMark}`, note: `note ${contactMark}` },
          audience: reached,
        },
      ],
      referable: told(true),
      sameAs: [
        told({
          node: `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${mark.padEnd(43, "0")}`,
          id: links.organizations[0] ?? id,
        }),
      ],
      movedFrom: told({
        node: `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${mark.padEnd(43, "1")}`,
        id,
      }),
    },
  };
}

/** An organization of which everything is known. */
export function fullOrganization(id: string, audience: Audience, mark: string): Organization {
  return {
    id,
    audience,
    verified: "2026-10-02",
    facts: {
      name: `Red ${mark}`,
      summary: { es: `Resumen ${mark}`, en: `Summary ${mark}` },
      roles: ["TRAINERS"],
      specialties: ["digital.encryption"],
      languages: ["quc"],
      regions: ["GT-09"],
      acceptsUrgentRequests: true,
      website: `https://${mark}.example.org/`,
      contact: [{ kind: "EMAIL", value: `${mark}@example.org`, note: `note ${mark}` }],
    },
  };
}

/** A resource of which everything is known. */
export function fullResource(
  id: string,
  audience: Audience,
  mark: string,
  partOf: readonly string[] = [],
): Resource {
  return {
    id,
    audience,
    verified: "2026-10-02",
    facts: {
      kind: "GUIDE",
      title: { en: `Guide ${mark}`, es: `Guía ${mark}` },
      summary: { en: `Summary ${mark}` },
      url: `https://${mark}.example.org/guide`,
      authors: [`author ${mark}`],
      publisher: `publisher ${mark}`,
      published: "2025-03",
      license: "CC0-1.0",
      languages: [{ language: "quc", url: `https://${mark}.example.org/quc`, stale: true }],
      specialties: ["digital.encryption"],
      regions: ["GT-09"],
      stages: ["INPUT"],
      minutes: { min: 30, max: 90 },
      materials: [`paper ${mark}`],
      prerequisites: [`before ${mark}`],
      partOf: [...partOf],
      status: "PUBLISHED",
    },
  };
}
