import { Field, ID, InputType } from "type-graphql";
import type { Depth, Proficiency } from "../listing/tag.js";
import {
  CostEnum,
  DeliveryEnum,
  DepthEnum,
  FormatEnum,
  PractitionerLevelEnum,
  ProficiencyEnum,
} from "../practitioners/practitioner.api.js";
import {
  COMMUNITIES,
  type Cost,
  type Delivery,
  type Format,
  type PractitionerLevel,
} from "../practitioners/practitioner.js";
import { enumOf } from "../vocabulary/enum.api.js";
import {
  DateScalar,
  LanguageTagScalar,
  RegionCodeScalar,
  SpecialtyCodeScalar,
} from "../vocabulary/scalars.api.js";
import { NEED_FIELDS, NEED_LIMITS, type Need, type NeedField, type NeedSpecialty } from "./need.js";

const optional = { nullable: true } as const;

const NeedFieldEnum = enumOf(
  "NeedField",
  NEED_FIELDS,
  "What may be unknown to you of somebody who is found for a need all the same, for `orUnknown` to name.",
  {
    REGION: "Where they are based, work, travel to or help from afar.",
    DELIVERY: "Whether they work in person, remotely or both.",
    DATES: "Whether they take new work.",
    COST: "What their work costs.",
    LEVEL: "How far they have come as a trainer.",
  },
);

@InputType("NeedSpecialty", {
  description: "A kind of work that a need asks for. A code is met by itself and by everything narrower.",
})
class NeedSpecialtyInput implements NeedSpecialty {
  @Field(() => SpecialtyCodeScalar, { description: "The kind of work." })
  readonly code: string;
  @Field(() => DepthEnum, {
    ...optional,
    description: "With this depth or more; any, also one not told, when not given.",
  })
  readonly depthAtLeast?: Depth | null;
  @Field(() => Boolean, {
    ...optional,
    defaultValue: true,
    description:
      "True: whoever is found must have it, or a team together. False: whoever has it comes earlier. Null means true.",
  })
  readonly required?: boolean | null;
}

@InputType("NeedInput", {
  description:
    "What somebody looks for. It has no author and no story, and is neither kept nor logged. What must hold: the required specialties, one of the languages, region, delivery, dates, cost, level and the networks left out. Unknown is not no, and it is not yes: whoever you cannot see enough of to know is not found, unless `orUnknown` says so; `advice` tells how many that are. Everything else only orders those found: formats, communities, follow-up, nearness.",
})
export class NeedInput implements Need {
  @Field(() => [NeedSpecialtyInput], {
    description: `The kinds of work needed: from 1 to ${NEED_LIMITS.specialties}, of which ${NEED_LIMITS.required} can be required.`,
  })
  readonly specialties: readonly NeedSpecialtyInput[];
  @Field(() => [LanguageTagScalar], {
    description: `The languages that people speak, from 1 to ${NEED_LIMITS.languages}: one of them is enough. es is met by es-MX, and ku is not by ckb.`,
  })
  readonly languages: readonly string[];
  @Field(() => ProficiencyEnum, {
    ...optional,
    defaultValue: "WORKING",
    description: "How well it must be spoken at least. Null means WORKING.",
  })
  readonly languageAtLeast?: Proficiency | null;
  @Field(() => RegionCodeScalar, {
    ...optional,
    description:
      "Where: met by whoever works in it, travels to it or helps it from afar, or does so in a region around it; being based there alone says nothing of work there. Anywhere when not given.",
  })
  readonly region?: string | null;
  @Field(() => DeliveryEnum, {
    ...optional,
    description:
      "IN_PERSON: they tell that they work in person, and work in the region or travel to it. REMOTE: they tell that they work remotely, or that they help the region from afar. Either when not given.",
  })
  readonly delivery?: Delivery | null;
  @Field(() => [FormatEnum], {
    ...optional,
    description: "Ways of working that would fit: each brings whoever offers it further up.",
  })
  readonly formats?: readonly Format[] | null;
  @Field(() => [String], {
    ...optional,
    description: `Who it is for, any of ${COMMUNITIES.join(", ")}: each brings whoever has experience of working with them further up.`,
  })
  readonly communities?: readonly string[] | null;
  @Field(() => PractitionerLevelEnum, { ...optional, description: "At this level or above." })
  readonly levelAtLeast?: PractitionerLevel | null;
  @Field(() => DateScalar, {
    ...optional,
    description:
      "The first day on which it could be. Met by whoever takes new work, or looks at each request first, on at least one day from then until `until`. Today when only `until` is given; without either nobody is asked for their time, and only those are left out who say that they take no new work now.",
  })
  readonly from?: string | null;
  @Field(() => DateScalar, {
    ...optional,
    description: "The last day on which it could be; open-ended when not given.",
  })
  readonly until?: string | null;
  @Field(() => Boolean, {
    ...optional,
    description: "True: whoever comes back to follow up comes further up than they do in any case.",
  })
  readonly followUp?: boolean | null;
  @Field(() => Boolean, {
    ...optional,
    description: "True: whoever helps at short notice (RAPID_RESPONSE) comes further up.",
  })
  readonly urgent?: boolean | null;
  @Field(() => CostEnum, {
    ...optional,
    description: "At most this, from less to more: PRO_BONO, EXPENSES_ONLY, SLIDING_SCALE, PAID.",
  })
  readonly maxCost?: Cost | null;
  @Field(() => [ID], {
    ...optional,
    description: `Nobody from the networks with these ids, ${NEED_LIMITS.networks} at most: whoever asks may have reasons that are nobody's business.`,
  })
  readonly notNetworks?: readonly string[] | null;
  @Field(() => Boolean, {
    ...optional,
    defaultValue: true,
    description:
      "True: who is based in the region comes before who works in it, who travels there and who helps from afar. False: being near counts for nothing, as it does where delivery is REMOTE. Null means true.",
  })
  readonly preferLocal?: boolean | null;
  @Field(() => [NeedFieldEnum], {
    ...optional,
    description:
      "Also those who tell you nothing of these, so that you cannot know whether they fit. Nobody is found that way when not given.",
  })
  readonly orUnknown?: readonly NeedField[] | null;
}
