import type { Band } from "../practitioners/practitioner.js";
import type { PageLocale } from "../vocabulary/locale.js";
import type { Shade } from "./shade.js";

/** What is counted in a picture: one of the four that coverage tells. */
export const PICTURED = ["practitioners", "remote", "resources", "unmetNeeds"] as const;
export type Pictured = (typeof PICTURED)[number];

/** What pictures say. `{…}` stands for what is named in the picture. */
export type PictureWords = {
  readonly bands: Readonly<Record<Band, string>>;
  readonly nobodyOrFew: string;
  readonly of: Readonly<Record<Pictured, string>>;
  readonly anywhere: string;
  readonly anyWork: string;
  readonly anyLanguage: string;
  /** Below a picture: how to read it. `{day}` is the day of the epoch. */
  readonly read: string;
  /** Of a map: what it cannot show. */
  readonly small: string;
};

export function shadeName(words: PictureWords, { band, mayBeNone }: Shade): string {
  return mayBeNone && band === "FEW" ? words.nobodyOrFew : words.bands[band];
}

export const PICTURE_WORDS: Readonly<Record<PageLocale, PictureWords>> = {
  en: {
    bands: { NONE: "none", FEW: "few", SOME: "some", MANY: "many" },
    nobodyOrFew: "none or few",
    of: {
      practitioners: "Practitioners who work there or come there",
      remote: "Practitioners who help from afar",
      resources: "Resources in the language",
      unmetNeeds: "Needs that found nobody",
    },
    anywhere: "anywhere",
    anyWork: "any kind of work",
    anyLanguage: "any language",
    read: "As published on {day}, in bands: nothing here tells of one person.",
    small:
      "Small states are circles. The table says the same and is complete. Borders are those of Natural Earth.",
  },
  es: {
    bands: { NONE: "nadie", FEW: "pocas", SOME: "algunas", MANY: "muchas" },
    nobodyOrFew: "nadie o pocas",
    of: {
      practitioners: "Personas que trabajan allí o van allí",
      remote: "Personas que ayudan a distancia",
      resources: "Recursos en el idioma",
      unmetNeeds: "Necesidades que no encontraron a nadie",
    },
    anywhere: "cualquier lugar",
    anyWork: "cualquier trabajo",
    anyLanguage: "cualquier idioma",
    read: "Como se publicó el {day}, en franjas: nada de esto habla de una persona.",
    small:
      "Los Estados pequeños son círculos. La tabla dice lo mismo y está completa. Las fronteras son las de Natural Earth.",
  },
  fr: {
    bands: { NONE: "personne", FEW: "peu", SOME: "plusieurs", MANY: "beaucoup" },
    nobodyOrFew: "personne ou peu",
    of: {
      practitioners: "Personnes qui y travaillent ou s’y rendent",
      remote: "Personnes qui aident à distance",
      resources: "Ressources dans la langue",
      unmetNeeds: "Besoins qui n’ont trouvé personne",
    },
    anywhere: "n’importe où",
    anyWork: "tout type de travail",
    anyLanguage: "toute langue",
    read: "Tel que publié le {day}, par tranches : rien ici ne parle d’une seule personne.",
    small:
      "Les petits États sont des cercles. Le tableau dit la même chose et il est complet. Les frontières sont celles de Natural Earth.",
  },
  pt: {
    bands: { NONE: "ninguém", FEW: "poucas", SOME: "algumas", MANY: "muitas" },
    nobodyOrFew: "ninguém ou poucas",
    of: {
      practitioners: "Pessoas que trabalham lá ou vão até lá",
      remote: "Pessoas que ajudam à distância",
      resources: "Recursos no idioma",
      unmetNeeds: "Necessidades que não encontraram ninguém",
    },
    anywhere: "qualquer lugar",
    anyWork: "qualquer trabalho",
    anyLanguage: "qualquer idioma",
    read: "Como foi publicado em {day}, em faixas: nada aqui fala de uma só pessoa.",
    small:
      "Os Estados pequenos são círculos. A tabela diz o mesmo e está completa. As fronteiras são as da Natural Earth.",
  },
  ru: {
    bands: { NONE: "никого", FEW: "мало", SOME: "несколько", MANY: "много" },
    nobodyOrFew: "никого или мало",
    of: {
      practitioners: "Специалисты, которые работают там или приезжают туда",
      remote: "Специалисты, которые помогают удалённо",
      resources: "Материалы на этом языке",
      unmetNeeds: "Запросы, по которым никого не нашлось",
    },
    anywhere: "где угодно",
    anyWork: "любой вид помощи",
    anyLanguage: "любой язык",
    read: "Как опубликовано {day}, в диапазонах: здесь ничего не сказано ни об одном человеке.",
    small:
      "Малые государства показаны кругами. Таблица говорит то же самое и полна. Границы даны по Natural Earth.",
  },
  ar: {
    bands: { NONE: "لا أحد", FEW: "قليل", SOME: "عدّة", MANY: "كثير" },
    nobodyOrFew: "لا أحد أو قليل",
    of: {
      practitioners: "من يعملون هناك أو يأتون إليها",
      remote: "من يساعدون عن بُعد",
      resources: "موارد بهذه اللغة",
      unmetNeeds: "احتياجات لم تجد أحدًا",
    },
    anywhere: "أي مكان",
    anyWork: "أي نوع من العمل",
    anyLanguage: "أي لغة",
    read: "كما نُشر في {day}، على شكل فئات: لا شيء هنا يتحدث عن شخص بعينه.",
    small: "الدول الصغيرة دوائر. الجدول يقول الشيء نفسه وهو كامل. الحدود كما في Natural Earth.",
  },
};
