import type { Band } from "../practitioners/practitioner.js";
import type { PageLocale } from "../vocabulary/locale.js";

/** What is said of a gap. The number of people and the source of it are written in by whoever says it. */
export type GapWords = {
  readonly nobody: string;
  readonly nobodyOrFew: string;
  readonly few: string;
  readonly speak: (people: string, source: string) => string;
  readonly live: (people: string, source: string) => string;
  readonly area: (area: string) => string;
  readonly remote: string;
  readonly nowhere: string;
  readonly sought: Readonly<Record<Band, string | null>>;
};

export const GAP_WORDS: Readonly<Record<PageLocale, GapWords>> = {
  en: {
    nobody: "nobody is counted who works there or comes there.",
    nobodyOrFew:
      "nobody is counted who works there or comes there, or few are; here the two are not told apart.",
    few: "few are counted who work there or come there.",
    speak: (people, source) => `About ${people} people there speak it (${source}).`,
    live: (people, source) => `About ${people} people live there (${source}).`,
    area: (area) => `The nearest work elsewhere in this area: ${area}.`,
    remote: "Only help from afar is counted.",
    nowhere: "Nobody is counted who helps from afar either, nor from anywhere near.",
    sought: {
      NONE: null,
      FEW: "A few have looked for it around there and found nobody.",
      SOME: "Some have looked for it around there and found nobody.",
      MANY: "Many have looked for it around there and found nobody.",
    },
  },
  es: {
    nobody: "no se cuenta a nadie que trabaje allí o vaya allí.",
    nobodyOrFew:
      "no se cuenta a nadie, o se cuenta a pocas personas, que trabajen allí o vayan allí; aquí no se distingue.",
    few: "se cuentan pocas personas que trabajen allí o vayan allí.",
    speak: (people, source) => `La hablan allí unas ${people} personas (${source}).`,
    live: (people, source) => `Viven allí unas ${people} personas (${source}).`,
    area: (area) => `Las más cercanas trabajan en otro lugar de esta zona: ${area}.`,
    remote: "Solo se cuenta ayuda a distancia.",
    nowhere: "Tampoco se cuenta a nadie que ayude a distancia, ni desde cerca.",
    sought: {
      NONE: null,
      FEW: "Unas pocas personas lo buscaron en esa zona y no encontraron a nadie.",
      SOME: "Algunas personas lo buscaron en esa zona y no encontraron a nadie.",
      MANY: "Muchas personas lo buscaron en esa zona y no encontraron a nadie.",
    },
  },
  fr: {
    nobody: "on ne compte personne qui y travaille ou s’y rende.",
    nobodyOrFew:
      "on ne compte personne, ou peu de personnes, qui y travaillent ou s’y rendent ; ici on ne distingue pas.",
    few: "on compte peu de personnes qui y travaillent ou s’y rendent.",
    speak: (people, source) => `Environ ${people} personnes la parlent là-bas (${source}).`,
    live: (people, source) => `Environ ${people} personnes y vivent (${source}).`,
    area: (area) => `Les plus proches travaillent ailleurs dans cette zone : ${area}.`,
    remote: "On ne compte d’aide qu’à distance.",
    nowhere: "On ne compte personne non plus qui aide à distance, ni de près.",
    sought: {
      NONE: null,
      FEW: "Quelques rares personnes l’ont cherché dans cette zone et n’ont trouvé personne.",
      SOME: "Certaines personnes l’ont cherché dans cette zone et n’ont trouvé personne.",
      MANY: "Beaucoup l’ont cherché dans cette zone et n’ont trouvé personne.",
    },
  },
  pt: {
    nobody: "não se conta ninguém que trabalhe lá ou vá até lá.",
    nobodyOrFew:
      "não se conta ninguém, ou contam-se poucas pessoas, que trabalhem lá ou vão até lá; aqui não se distingue.",
    few: "contam-se poucas pessoas que trabalhem lá ou vão até lá.",
    speak: (people, source) => `Cerca de ${people} pessoas a falam lá (${source}).`,
    live: (people, source) => `Cerca de ${people} pessoas vivem lá (${source}).`,
    area: (area) => `As mais próximas trabalham noutro lugar desta área: ${area}.`,
    remote: "Só se conta ajuda à distância.",
    nowhere: "Também não se conta ninguém que ajude à distância, nem de perto.",
    sought: {
      NONE: null,
      FEW: "Poucas pessoas procuraram isso nessa área e não encontraram ninguém.",
      SOME: "Algumas pessoas procuraram isso nessa área e não encontraram ninguém.",
      MANY: "Muitas pessoas procuraram isso nessa área e não encontraram ninguém.",
    },
  },
  ru: {
    nobody: "не учтён никто, кто там работает или приезжает туда.",
    nobodyOrFew:
      "не учтён никто, кто там работает или приезжает туда, либо учтены немногие; здесь это не различается.",
    few: "учтены немногие, кто там работает или приезжает туда.",
    speak: (people, source) => `На этом языке там говорят около ${people} человек (${source}).`,
    live: (people, source) => `Там живут около ${people} человек (${source}).`,
    area: (area) => `Ближайшие работают в другом месте этой области: ${area}.`,
    remote: "Учтена только помощь на расстоянии.",
    nowhere: "Не учтён и никто, кто помогает на расстоянии или откуда-либо поблизости.",
    sought: {
      NONE: null,
      FEW: "Немногие искали это в той области и никого не нашли.",
      SOME: "Некоторые искали это в той области и никого не нашли.",
      MANY: "Многие искали это в той области и никого не нашли.",
    },
  },
  ar: {
    nobody: "لا يُحصى أحد يعمل هناك أو يأتي إليها.",
    nobodyOrFew: "لا يُحصى أحد يعمل هناك أو يأتي إليها، أو يُحصى قليلون؛ ولا يُفرَّق هنا بينهما.",
    few: "يُحصى قليلون يعملون هناك أو يأتون إليها.",
    speak: (people, source) => `يتحدث بها هناك نحو ${people} شخص (${source}).`,
    live: (people, source) => `يعيش هناك نحو ${people} شخص (${source}).`,
    area: (area) => `الأقرب يعملون في مكان آخر من هذه المنطقة: ${area}.`,
    remote: "لا تُحصى إلا مساعدة عن بُعد.",
    nowhere: "ولا يُحصى أحد يساعد عن بُعد أو من مكان قريب.",
    sought: {
      NONE: null,
      FEW: "بحث قليلون عن ذلك في تلك المنطقة ولم يجدوا أحدًا.",
      SOME: "بحث بعضهم عن ذلك في تلك المنطقة ولم يجدوا أحدًا.",
      MANY: "بحث كثيرون عن ذلك في تلك المنطقة ولم يجدوا أحدًا.",
    },
  },
};
