import { Field, ID, InputType } from "type-graphql";
import { AudienceEnum } from "../listing/listing.api.js";
import { ContactPointInput, TextInput, listStays, optional, stays } from "../listing/told.api.js";
import type { Depth, LanguageUse, Proficiency, WorkRelation } from "../listing/tag.js";
import { enumOf } from "../vocabulary/enum.api.js";
import {
  DateScalar,
  LanguageTagScalar,
  RegionCodeScalar,
  SpecialtyCodeScalar,
} from "../vocabulary/scalars.api.js";
import type { Audience } from "../visibility/audience.js";
import { PROFILE_FIELDS, type ProfileField } from "./field.js";
import {
  AvailabilityStatusEnum,
  CostEnum,
  DeliveryEnum,
  DepthEnum,
  FormatEnum,
  LanguageUseEnum,
  PractitionerLevelEnum,
  ProficiencyEnum,
  WorkRelationEnum,
} from "./practitioner.api.js";
import {
  COMMUNITIES,
  type AvailabilityStatus,
  type Cost,
  type Delivery,
  type Format,
  type PractitionerLevel,
} from "./practitioner.js";
import type {
  ToldPractitioner,
  ToldAvailability,
  ToldCoarser,
  ToldLanguage,
  ToldRegion,
  ToldSkill,
} from "./told.js";
import type { Showing } from "./visibility.js";

export const ProfileFieldEnum = enumOf(
  "ProfileField",
  PROFILE_FIELDS,
  "What a person shows or hides: the entry as a whole, and each of its fields.",
  {
    ENTRY: "The entry as a whole: nothing of it is seen by anybody it does not reach.",
    ALIAS: "The name they go by; whoever does not see it does not see the entry.",
    ABOUT: "What they say of their work.",
    PRONOUNS: "How to speak of them.",
    SPECIALTIES: "The kinds of work they do, each by its code.",
    LANGUAGES: "The languages they work in, each by its tag.",
    REGIONS: "Where they are based, work or come, each as in WORKS_IN GT.",
    FORMATS: "How they work, each by its name.",
    DELIVERY: "In person, remote or both, each by its name.",
    LEVEL: "How far they have come as a trainer.",
    COMMUNITIES: "The defenders they have experience with, each by its name.",
    OFFERS_FOLLOW_UP: "Whether they come back after a training.",
    CO_FACILITATES: "Whether they lead sessions together with others.",
    AVAILABILITY: "Whether they take new work, and when.",
    COST: "What their work costs.",
    ORGANIZATIONS: "The organizations they work with, each by its id.",
    RESOURCES: "What they teach from or wrote, each by its id.",
    SEEKS: "The kinds of work they want to learn, each by its code.",
    VOUCHES:
      "How many stand behind them, as a band. It is counted from what others say, and who sees it is the same for everybody.",
    CONTACT: "Ways to reach them directly, each by kind and value, as in EMAIL name@example.org.",
    REFERABLE: "Whether a referral can reach them.",
    SAME_AS: "Entries of other networks that they say are theirs too, each by its name everywhere.",
    MOVED_FROM: "The entry of another network that this one took the place of.",
  },
);

const factsStay = `${listStays} Items that stay keep who sees them.`;
const coarserHelp =
  "Coarser values that wider audiences see instead, each broader than the one before it. Left out, they stay; null or an empty list takes them away.";
const coarserAudience = "Who sees it instead; wider than who sees the value itself.";

@InputType("CoarserSpecialtyInput", {
  description: "A broader specialty that a wider audience sees instead.",
})
class CoarserSpecialtyInput implements ToldCoarser {
  @Field(() => SpecialtyCodeScalar, { description: "The broader specialty." })
  readonly code: string;
  @Field(() => AudienceEnum, { description: coarserAudience })
  readonly audience: Audience;
}

@InputType("CoarserLanguageInput", { description: "A broader language that a wider audience sees instead." })
class CoarserLanguageInput implements ToldCoarser {
  @Field(() => LanguageTagScalar, { description: "The broader language, such as ku for ckb." })
  readonly code: string;
  @Field(() => AudienceEnum, { description: coarserAudience })
  readonly audience: Audience;
}

@InputType("CoarserRegionInput", { description: "A larger place that a wider audience sees instead." })
class CoarserRegionInput implements ToldCoarser {
  @Field(() => RegionCodeScalar, { description: "The larger place, such as GT for GT-09." })
  readonly code: string;
  @Field(() => AudienceEnum, { description: coarserAudience })
  readonly audience: Audience;
}

@InputType("SkillInput", { description: "A specialty somebody works in." })
class SkillInput implements ToldSkill {
  @Field(() => SpecialtyCodeScalar, { description: "The kind of work." })
  readonly specialty: string;
  @Field(() => DepthEnum, { ...optional, description: "How deep their practice goes; null says nothing." })
  readonly depth?: Depth | null;
  @Field(() => [CoarserSpecialtyInput], { ...optional, description: coarserHelp })
  readonly coarser?: readonly CoarserSpecialtyInput[] | null;
}

@InputType("LanguageSkillInput", { description: "A language somebody works in." })
class LanguageSkillInput implements ToldLanguage {
  @Field(() => LanguageTagScalar, { description: "The language." })
  readonly language: string;
  @Field(() => ProficiencyEnum, { description: "How well they speak it." })
  readonly level: Proficiency;
  @Field(() => [LanguageUseEnum], { ...optional, description: "What they do in it; null says nothing." })
  readonly use?: readonly LanguageUse[] | null;
  @Field(() => [CoarserLanguageInput], { ...optional, description: coarserHelp })
  readonly coarser?: readonly CoarserLanguageInput[] | null;
}

@InputType("WorkAreaInput", { description: "A place, and how somebody relates to it." })
class WorkAreaInput implements ToldRegion {
  @Field(() => RegionCodeScalar, { description: "The place." })
  readonly region: string;
  @Field(() => WorkRelationEnum, { description: "How they relate to it." })
  readonly relation: WorkRelation;
  @Field(() => [CoarserRegionInput], { ...optional, description: coarserHelp })
  readonly coarser?: readonly CoarserRegionInput[] | null;
}

@InputType("AvailabilityInput", {
  description: "Whether somebody takes new work, and when. The node notes the day it was said.",
})
class AvailabilityInput implements ToldAvailability {
  @Field(() => AvailabilityStatusEnum, { description: "Whether they take new work." })
  readonly status: AvailabilityStatus;
  @Field(() => DateScalar, { ...optional, description: "From this day; null when it already holds." })
  readonly from?: string | null;
  @Field(() => DateScalar, { ...optional, description: "Until this day; null when open-ended." })
  readonly until?: string | null;
}

@InputType("HideInput", { description: "What is to be shown to fewer people." })
class HideInput implements Showing {
  @Field(() => ProfileFieldEnum, { description: "The field." })
  readonly field: ProfileField;
  @Field(() => String, {
    ...optional,
    description: "One item of a list, as visibility names it; null means all.",
  })
  readonly item?: string | null;
  @Field(() => AudienceEnum, {
    defaultValue: "PRIVATE",
    description: "Who may see it still. What fewer people see already stays as it is.",
  })
  readonly to: Audience;
}

@InputType("ProfileInput", {
  description:
    "What somebody tells of themselves. It changes what is told and never shows it to more people than before: a new item gets the audience the directory gives by default, and show widens it.",
})
export class ProfileInput implements ToldPractitioner {
  @Field(() => String, {
    ...optional,
    description:
      "The name they want to go by here, never a legal name; at most 100 characters. Needed to begin with.",
  })
  readonly alias?: string | null;
  @Field(() => [TextInput], {
    ...optional,
    description: `What they say of their work, once for each language, at most 5,000 characters each. ${stays}`,
  })
  readonly about?: readonly TextInput[] | null;
  @Field(() => String, { ...optional, description: `How to speak of them, at most 50 characters. ${stays}` })
  readonly pronouns?: string | null;
  @Field(() => [SkillInput], { ...optional, description: `The kinds of work they do. ${factsStay}` })
  readonly specialties?: readonly SkillInput[] | null;
  @Field(() => [LanguageSkillInput], { ...optional, description: `The languages they work in. ${factsStay}` })
  readonly languages?: readonly LanguageSkillInput[] | null;
  @Field(() => [WorkAreaInput], {
    ...optional,
    description: `Where they are based, work, travel to or help from afar. ${factsStay}`,
  })
  readonly regions?: readonly WorkAreaInput[] | null;
  @Field(() => [FormatEnum], { ...optional, description: `How they work. ${factsStay}` })
  readonly formats?: readonly Format[] | null;
  @Field(() => [DeliveryEnum], { ...optional, description: `In person, remote or both. ${factsStay}` })
  readonly delivery?: readonly Delivery[] | null;
  @Field(() => PractitionerLevelEnum, {
    ...optional,
    description: `How far they have come as a trainer. ${stays}`,
  })
  readonly level?: PractitionerLevel | null;
  @Field(() => [String], {
    ...optional,
    description: `The defenders they have experience of working with, any of ${COMMUNITIES.join(", ")}. ${factsStay}`,
  })
  readonly communities?: readonly string[] | null;
  @Field(() => Boolean, { ...optional, description: `Whether they come back after a training. ${stays}` })
  readonly offersFollowUp?: boolean | null;
  @Field(() => Boolean, {
    ...optional,
    description: `Whether they lead sessions together with others. ${stays}`,
  })
  readonly coFacilitates?: boolean | null;
  @Field(() => AvailabilityInput, { ...optional, description: `Whether they take new work. ${stays}` })
  readonly availability?: AvailabilityInput | null;
  @Field(() => CostEnum, { ...optional, description: `What their work costs. ${stays}` })
  readonly cost?: Cost | null;
  @Field(() => [ID], {
    ...optional,
    description: `The organizations they work with, of those they can see. ${factsStay}`,
  })
  readonly organizations?: readonly string[] | null;
  @Field(() => [ID], {
    ...optional,
    description: `What they teach from or wrote, of the resources they can see. ${factsStay}`,
  })
  readonly resources?: readonly string[] | null;
  @Field(() => [SpecialtyCodeScalar], { ...optional, description: `What they want to learn. ${factsStay}` })
  readonly seeks?: readonly string[] | null;
  @Field(() => [ContactPointInput], {
    ...optional,
    description: `Ways to reach them directly, theirs alone until they show them, and kept encrypted. ${factsStay}`,
  })
  readonly contact?: readonly ContactPointInput[] | null;
  @Field(() => Boolean, { ...optional, description: `Whether a referral can reach them. ${stays}` })
  readonly referable?: boolean | null;
  @Field(() => [String], {
    ...optional,
    description: `Entries of other networks that are theirs too, each as Profile.nameEverywhere tells it there, at most 5. Theirs alone until they show them by \`show\`. No node shows one until the other entry says the same of this one; until then it can still be read, signed, in the feed of the audience that it is shown to: by everybody in that for PUBLIC, by partners in that for PARTNERS. ${factsStay}`,
  })
  readonly sameAs?: readonly string[] | null;
  @Field(() => String, {
    ...optional,
    description: `The entry of another network that this one takes the place of, as Profile.nameEverywhere told it there. Theirs alone until they show it by \`show\`; whoever asks for the old one is led here when that network has told them the same, by its \`moveProfile\`. Until then it can be read in the feed of the audience that it is shown to, as with sameAs. ${stays}`,
  })
  readonly movedFrom?: string | null;
  @Field(() => [HideInput], {
    ...optional,
    description: `Shown to fewer people in the same step, so that what is new is never seen wider than it is meant, at most 50 at once.`,
  })
  readonly hide?: readonly HideInput[] | null;
}
