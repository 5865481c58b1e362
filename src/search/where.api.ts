import { Field, ID, InputType, Int } from "type-graphql";
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
import {
  COMMUNITIES,
  type Cost,
  type Delivery,
  type Format,
  type PractitionerLevel,
} from "../practitioners/practitioner.js";
import { ResourceKindEnum, ResourceStatusEnum, StageEnum } from "../resources/resource.api.js";
import type { ResourceKind, ResourceStatus, Stage } from "../resources/resource.js";
import { enumOf } from "../vocabulary/enum.api.js";
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
const limits =
  "Every field that is given must hold; what is left out or null asks nothing. At most 5 levels of and, or and not, this one included, and 50 conditions, each code counted as one.";
const unknownHelp =
  "Those for whom every field named here is unknown to you. `not` alone never finds them: unknown is not no.";
const andHelp = "All of these hold.";
const orHelp = "At least one of these holds.";
const notHelp =
  "This is known not to hold. It does not find those of whom it is unknown; `unknown` asks for them.";

const PractitionerFieldEnum = enumOf(
  "PractitionerField",
  PRACTITIONER_FIELDS,
  "What a practitioner may leave untold or hide, for `unknown` to ask about.",
  {
    SPECIALTY: "Which kinds of work they do.",
    REGION: "Where they are based, work, travel to or help from afar.",
    LANGUAGE: "Which languages they work in.",
    FORMATS: "How they work.",
    DELIVERY: "Whether they work in person, remotely or both.",
    LEVEL: "How far they have come as a trainer.",
    COMMUNITIES: "Which defenders they have experience of working with.",
    OFFERS_FOLLOW_UP: "Whether they come back to follow up.",
    CO_FACILITATES: "Whether they lead sessions together with others.",
    AVAILABLE: "Whether they take new work.",
    COST: "What their work costs.",
    VERIFIED: "When they last confirmed their entry; untold when they never have.",
  },
);
const OrganizationFieldEnum = enumOf(
  "OrganizationField",
  ORGANIZATION_FIELDS,
  "What may not be known of an organization, for `unknown` to ask about.",
  {
    SPECIALTY: "Which kinds of work it helps with.",
    REGION: "Where it helps.",
    LANGUAGE: "Which languages it answers in.",
    ROLES: "What it does for defenders.",
    ACCEPTS_URGENT_REQUESTS: "Whether it takes urgent requests.",
    VERIFIED: "When it was last confirmed; unknown when it never was.",
  },
);
const ResourceFieldEnum = enumOf(
  "ResourceField",
  RESOURCE_FIELDS,
  "What may not be known of a resource, for `unknown` to ask about.",
  {
    SPECIALTY: "Which kinds of work it is about.",
    REGION: "Where it is meant for; unknown also when it is not bound to a place.",
    LANGUAGE: "Which languages its text is in.",
    STAGES: "Which ADIDS stages it serves.",
    LICENSE: "Under which licence it may be used.",
    MINUTES: "How long it takes.",
    VERIFIED: "When it was last confirmed; unknown when it never was.",
  },
);

@InputType("SpecialtyMatch", {
  description:
    "A code matches itself and everything below it; anyOf and allOf take several, and both must hold when both are given.",
})
class SpecialtyMatchInput implements SpecialtyMatch {
  @Field(() => [SpecialtyCodeScalar], { ...optional, description: "At least one of these." })
  readonly anyOf?: readonly string[] | null;
  @Field(() => [SpecialtyCodeScalar], { ...optional, description: "Every one of these." })
  readonly allOf?: readonly string[] | null;
  @Field(() => DepthEnum, {
    ...optional,
    description:
      "With this depth or more in the specialties named, or in any when none is named. A depth not told is unknown; organizations and resources tell none.",
  })
  readonly depthAtLeast?: Depth | null;
}

@InputType("RegionMatch", {
  description:
    "A person who serves a region serves every country inside it; one who serves only a country does not serve the area around it. Organizations and resources count as WORKS_IN.",
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
  @Field(() => Boolean, {
    ...optional,
    description: "True: also those who serve only a part of the region. False when not given.",
  })
  readonly orPartOf?: boolean | null;
}

@InputType("LanguageMatch", {
  description:
    "Exact tags with at least this proficiency: ku is not ckb, zh is not yue; es matches es-MX (RFC 4647). Level and use are asked of one and the same language; organizations and resources tell neither.",
})
class LanguageMatchInput implements LanguageMatch {
  @Field(() => [LanguageTagScalar], { ...optional, description: "At least one of these." })
  readonly anyOf?: readonly string[] | null;
  @Field(() => [LanguageTagScalar], { ...optional, description: "Every one of these." })
  readonly allOf?: readonly string[] | null;
  @Field(() => ProficiencyEnum, {
    ...optional,
    description: "Spoken this well or better; any level when not given.",
  })
  readonly atLeast?: Proficiency | null;
  @Field(() => LanguageUseEnum, { ...optional, description: "Used for this; any use when not given." })
  readonly use?: LanguageUse | null;
}

@InputType({ description: "What can be asked of every kind of record." })
abstract class ListedWhereInput {
  @Field(() => SpecialtyMatchInput, {
    ...optional,
    description: "By kind of work, the narrower kinds included.",
  })
  readonly specialty?: SpecialtyMatchInput | null;
  @Field(() => RegionMatchInput, {
    ...optional,
    description: "By place: who serves it, unless `relation` says otherwise.",
  })
  readonly region?: RegionMatchInput | null;
  @Field(() => LanguageMatchInput, { ...optional, description: "By language, and how well it is spoken." })
  readonly language?: LanguageMatchInput | null;
  @Field(() => ID, { ...optional, description: "Belonging to the network with this id." })
  readonly network?: string | null;
  @Field(() => DateScalar, {
    ...optional,
    description: "Confirmed on this day or later; whoever has never been confirmed is unknown.",
  })
  readonly verifiedSince?: string | null;
}

@InputType("PractitionerWhere", {
  description: `Which practitioners. Only what you may see of them is asked: what is hidden from you is unknown. ${limits}`,
})
export class PractitionerWhereInput extends ListedWhereInput implements PractitionerWhere {
  @Field(() => [FormatEnum], { ...optional, description: "Working in at least one of these ways." })
  readonly formats?: readonly Format[] | null;
  @Field(() => DeliveryEnum, {
    ...optional,
    description: "Working in person, or remotely; those who do both are found by either.",
  })
  readonly delivery?: Delivery | null;
  @Field(() => PractitionerLevelEnum, { ...optional, description: "At this level or above." })
  readonly levelAtLeast?: PractitionerLevel | null;
  @Field(() => [String], {
    ...optional,
    description: `With experience of working with at least one of these: ${COMMUNITIES.join(", ")}.`,
  })
  readonly communities?: readonly string[] | null;
  @Field(() => Boolean, {
    ...optional,
    description: "True: those who come back to follow up. False: those who say that they do not.",
  })
  readonly offersFollowUp?: boolean | null;
  @Field(() => Boolean, {
    ...optional,
    description: "True: those who lead sessions together with others. False: those who say that they do not.",
  })
  readonly coFacilitates?: boolean | null;
  @Field(() => Boolean, {
    ...optional,
    description:
      "True: those whose status is ACCEPTING. False: those who gave another status. The days they named are not asked; see `availability`.",
  })
  readonly available?: boolean | null;
  @Field(() => [CostEnum], { ...optional, description: "At one of these costs." })
  readonly cost?: readonly Cost[] | null;
  @Field(() => [PractitionerFieldEnum], { ...optional, description: unknownHelp })
  readonly unknown?: readonly PractitionerField[] | null;
  @Field(() => [PractitionerWhereInput], { ...optional, description: andHelp })
  readonly and?: readonly PractitionerWhereInput[] | null;
  @Field(() => [PractitionerWhereInput], { ...optional, description: orHelp })
  readonly or?: readonly PractitionerWhereInput[] | null;
  @Field(() => PractitionerWhereInput, { ...optional, description: notHelp })
  readonly not?: PractitionerWhereInput | null;
}

@InputType("OrganizationWhere", { description: `Which organizations. ${limits}` })
export class OrganizationWhereInput extends ListedWhereInput implements OrganizationWhere {
  @Field(() => [OrganizationRoleEnum], { ...optional, description: "With at least one of these roles." })
  readonly roles?: readonly OrganizationRole[] | null;
  @Field(() => Boolean, {
    ...optional,
    description: "True: those that take urgent requests. False: those known not to.",
  })
  readonly acceptsUrgentRequests?: boolean | null;
  @Field(() => [OrganizationFieldEnum], { ...optional, description: unknownHelp })
  readonly unknown?: readonly OrganizationField[] | null;
  @Field(() => [OrganizationWhereInput], { ...optional, description: andHelp })
  readonly and?: readonly OrganizationWhereInput[] | null;
  @Field(() => [OrganizationWhereInput], { ...optional, description: orHelp })
  readonly or?: readonly OrganizationWhereInput[] | null;
  @Field(() => OrganizationWhereInput, { ...optional, description: notHelp })
  readonly not?: OrganizationWhereInput | null;
}

@InputType("ResourceWhere", { description: `Which resources. ${limits}` })
export class ResourceWhereInput extends ListedWhereInput implements ResourceWhere {
  @Field(() => [ResourceKindEnum], { ...optional, description: "Of one of these kinds." })
  readonly kinds?: readonly ResourceKind[] | null;
  @Field(() => [StageEnum], { ...optional, description: "For at least one of these ADIDS stages." })
  readonly stages?: readonly Stage[] | null;
  @Field(() => ResourceStatusEnum, { ...optional, description: "In this state." })
  readonly status?: ResourceStatus | null;
  @Field(() => [String], {
    ...optional,
    description: "Under one of these licences: SPDX identifiers, spelled as SPDX does.",
  })
  readonly licenses?: readonly string[] | null;
  @Field(() => Int, {
    ...optional,
    description:
      "Done within this many minutes. Of one that is open-ended it is unknown unless its least is already longer.",
  })
  readonly minutesAtMost?: number | null;
  @Field(() => [ResourceFieldEnum], { ...optional, description: unknownHelp })
  readonly unknown?: readonly ResourceField[] | null;
  @Field(() => [ResourceWhereInput], { ...optional, description: andHelp })
  readonly and?: readonly ResourceWhereInput[] | null;
  @Field(() => [ResourceWhereInput], { ...optional, description: orHelp })
  readonly or?: readonly ResourceWhereInput[] | null;
  @Field(() => ResourceWhereInput, { ...optional, description: notHelp })
  readonly not?: ResourceWhereInput | null;
}
