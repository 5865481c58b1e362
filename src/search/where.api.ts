import { Field, ID, InputType, Int } from "type-graphql";
import { enumOf } from "../listing/listing.api.js";
import type { Depth, LanguageUse, Proficiency, WorkRelation } from "../listing/tag.js";
import { OrganizationRoleEnum } from "../organizations/organization.api.js";
import type { OrganizationRole } from "../organizations/organization.js";
import {
  CostEnum,
  DeliveryEnum,
  DepthEnum,
  FormatEnum,
  LanguageUseEnum,
  PractitionerLevelEnum,
  ProficiencyEnum,
  WorkRelationEnum,
} from "../practitioners/practitioner.api.js";
import type { Cost, Delivery, Format, PractitionerLevel } from "../practitioners/practitioner.js";
import { ResourceKindEnum, ResourceStatusEnum, StageEnum } from "../resources/resource.api.js";
import type { ResourceKind, ResourceStatus, Stage } from "../resources/resource.js";
import {
  DateScalar,
  LanguageTagScalar,
  RegionCodeScalar,
  SpecialtyCodeScalar,
} from "../vocabulary/scalars.api.js";
import {
  ORGANIZATION_FIELDS,
  PRACTITIONER_FIELDS,
  RESOURCE_FIELDS,
  type LanguageMatch,
  type OrganizationField,
  type OrganizationWhere,
  type PractitionerField,
  type PractitionerWhere,
  type RegionMatch,
  type ResourceField,
  type ResourceWhere,
  type SpecialtyMatch,
} from "./where.js";

const optional = { nullable: true } as const;
const unknownHelp =
  "Those who tell you nothing on any of these. `not` alone never matches them: unknown is not no.";

const PractitionerFieldEnum = enumOf(
  "PractitionerField",
  PRACTITIONER_FIELDS,
  "What a practitioner may leave untold.",
);
const OrganizationFieldEnum = enumOf(
  "OrganizationField",
  ORGANIZATION_FIELDS,
  "What may not be known of an organization.",
);
const ResourceFieldEnum = enumOf("ResourceField", RESOURCE_FIELDS, "What may not be known of a resource.");

@InputType("SpecialtyMatch", {
  description: "A code matches itself and everything below it; anyOf and allOf take several.",
})
class SpecialtyMatchInput implements SpecialtyMatch {
  @Field(() => [SpecialtyCodeScalar], { ...optional, description: "At least one of these." })
  readonly anyOf?: readonly string[] | null;
  @Field(() => [SpecialtyCodeScalar], { ...optional, description: "Every one of these." })
  readonly allOf?: readonly string[] | null;
  @Field(() => DepthEnum, {
    ...optional,
    description: "With this depth or more; a depth not told is unknown.",
  })
  readonly depthAtLeast?: Depth | null;
}

@InputType("RegionMatch", {
  description:
    "A person who serves a region serves every country inside it; one who serves only a country does not serve the area around it.",
})
class RegionMatchInput implements RegionMatch {
  @Field(() => [RegionCodeScalar], { ...optional, description: "At least one of these." })
  readonly anyOf?: readonly string[] | null;
  @Field(() => [RegionCodeScalar], { ...optional, description: "Every one of these." })
  readonly allOf?: readonly string[] | null;
  @Field(() => [WorkRelationEnum], {
    ...optional,
    description:
      "In one of these ways; when not given, those that serve: WORKS_IN, TRAVELS_TO, REMOTE_TO. BASED_IN finds whoever is based in the region or inside it.",
  })
  readonly relation?: readonly WorkRelation[] | null;
  @Field(() => Boolean, { ...optional, description: "Also those who serve only a part of the region." })
  readonly orPartOf?: boolean | null;
}

@InputType("LanguageMatch", {
  description:
    "Exact tags with at least this proficiency: ku is not ckb, zh is not yue; es matches es-MX (RFC 4647).",
})
class LanguageMatchInput implements LanguageMatch {
  @Field(() => [LanguageTagScalar], { ...optional, description: "At least one of these." })
  readonly anyOf?: readonly string[] | null;
  @Field(() => [LanguageTagScalar], { ...optional, description: "Every one of these." })
  readonly allOf?: readonly string[] | null;
  @Field(() => ProficiencyEnum, { ...optional, description: "Spoken this well or better." })
  readonly atLeast?: Proficiency | null;
  @Field(() => LanguageUseEnum, { ...optional, description: "Used for this." })
  readonly use?: LanguageUse | null;
}

@InputType({ description: "What can be asked of every kind of record." })
abstract class ListedWhereInput {
  @Field(() => SpecialtyMatchInput, { ...optional, description: "By kind of work." })
  readonly specialty?: SpecialtyMatchInput | null;
  @Field(() => RegionMatchInput, { ...optional, description: "By place." })
  readonly region?: RegionMatchInput | null;
  @Field(() => LanguageMatchInput, { ...optional, description: "By language." })
  readonly language?: LanguageMatchInput | null;
  @Field(() => ID, { ...optional, description: "Of this network." })
  readonly network?: string | null;
  @Field(() => DateScalar, { ...optional, description: "Confirmed on this day or later." })
  readonly verifiedSince?: string | null;
}

@InputType("PractitionerWhere", {
  description:
    "Which practitioners: everything that is asked must hold. Only what the viewer may see is asked; at most 5 levels and 50 conditions.",
})
export class PractitionerWhereInput extends ListedWhereInput implements PractitionerWhere {
  @Field(() => [FormatEnum], { ...optional, description: "Working in at least one of these ways." })
  readonly formats?: readonly Format[] | null;
  @Field(() => DeliveryEnum, { ...optional, description: "In person, or remote." })
  readonly delivery?: Delivery | null;
  @Field(() => PractitionerLevelEnum, { ...optional, description: "At this level or above." })
  readonly levelAtLeast?: PractitionerLevel | null;
  @Field(() => [String], { ...optional, description: "With experience with at least one of these." })
  readonly communities?: readonly string[] | null;
  @Field(() => Boolean, { ...optional, description: "Staying for follow-up, or saying that they do not." })
  readonly offersFollowUp?: boolean | null;
  @Field(() => Boolean, {
    ...optional,
    description: "Working together with others, or saying that they do not.",
  })
  readonly coFacilitates?: boolean | null;
  @Field(() => Boolean, { ...optional, description: "Accepting new work now, or saying that they are not." })
  readonly available?: boolean | null;
  @Field(() => [CostEnum], { ...optional, description: "At one of these costs." })
  readonly cost?: readonly Cost[] | null;
  @Field(() => [PractitionerFieldEnum], { ...optional, description: unknownHelp })
  readonly unknown?: readonly PractitionerField[] | null;
  @Field(() => [PractitionerWhereInput], { ...optional, description: "All of these hold." })
  readonly and?: readonly PractitionerWhereInput[] | null;
  @Field(() => [PractitionerWhereInput], { ...optional, description: "At least one of these holds." })
  readonly or?: readonly PractitionerWhereInput[] | null;
  @Field(() => PractitionerWhereInput, { ...optional, description: "This is known not to hold." })
  readonly not?: PractitionerWhereInput | null;
}

@InputType("OrganizationWhere", { description: "Which organizations: everything that is asked must hold." })
export class OrganizationWhereInput extends ListedWhereInput implements OrganizationWhere {
  @Field(() => [OrganizationRoleEnum], { ...optional, description: "With at least one of these roles." })
  readonly roles?: readonly OrganizationRole[] | null;
  @Field(() => Boolean, { ...optional, description: "Taking urgent requests, or known not to." })
  readonly acceptsUrgentRequests?: boolean | null;
  @Field(() => [OrganizationFieldEnum], { ...optional, description: unknownHelp })
  readonly unknown?: readonly OrganizationField[] | null;
  @Field(() => [OrganizationWhereInput], { ...optional, description: "All of these hold." })
  readonly and?: readonly OrganizationWhereInput[] | null;
  @Field(() => [OrganizationWhereInput], { ...optional, description: "At least one of these holds." })
  readonly or?: readonly OrganizationWhereInput[] | null;
  @Field(() => OrganizationWhereInput, { ...optional, description: "This is known not to hold." })
  readonly not?: OrganizationWhereInput | null;
}

@InputType("ResourceWhere", { description: "Which resources: everything that is asked must hold." })
export class ResourceWhereInput extends ListedWhereInput implements ResourceWhere {
  @Field(() => [ResourceKindEnum], { ...optional, description: "Of one of these kinds." })
  readonly kinds?: readonly ResourceKind[] | null;
  @Field(() => [StageEnum], { ...optional, description: "For at least one of these ADIDS stages." })
  readonly stages?: readonly Stage[] | null;
  @Field(() => ResourceStatusEnum, { ...optional, description: "In this state." })
  readonly status?: ResourceStatus | null;
  @Field(() => [String], { ...optional, description: "Under one of these licences (SPDX identifiers)." })
  readonly licenses?: readonly string[] | null;
  @Field(() => Int, { ...optional, description: "Done within this many minutes." })
  readonly minutesAtMost?: number | null;
  @Field(() => ID, { ...optional, description: "A part of this resource." })
  readonly partOf?: string | null;
  @Field(() => [ResourceFieldEnum], { ...optional, description: unknownHelp })
  readonly unknown?: readonly ResourceField[] | null;
  @Field(() => [ResourceWhereInput], { ...optional, description: "All of these hold." })
  readonly and?: readonly ResourceWhereInput[] | null;
  @Field(() => [ResourceWhereInput], { ...optional, description: "At least one of these holds." })
  readonly or?: readonly ResourceWhereInput[] | null;
  @Field(() => ResourceWhereInput, { ...optional, description: "This is known not to hold." })
  readonly not?: ResourceWhereInput | null;
}
