import { iso6393 } from "iso-639-3";
import { DirectoryError } from "../src/errors.js";
import {
  broaderLanguage,
  findLanguage,
  languageName,
  languageNames,
  languages,
  ownName,
  parseLanguage,
  withBroaderLanguages,
} from "../src/vocabulary/language.js";
import type { RegionCode } from "../src/vocabulary/region.js";
import { PAGE_LOCALES, readVocabulary } from "../src/vocabulary/vocabulary.js";
import { fold, words } from "../src/vocabulary/word.js";

const { specialties, regions } = readVocabulary();

const region = (text: string): RegionCode => regions.parse(text);
const surrounding = (text: string): readonly string[] => regions.withSurrounding(region(text));
const inside = (text: string): readonly string[] => regions.withInside(region(text));
const tags = (...texts: string[]): readonly string[] => texts.map((text) => parseLanguage(text));

function refusalOf(act: () => unknown): DirectoryError {
  try {
    act();
  } catch (refusal) {
    if (refusal instanceof DirectoryError) return refusal;
    throw refusal;
  }
  throw new Error("nothing was refused");
}

describe("words", () => {
  test("one word written with different accents, cases and apostrophes is one word", () => {
    expect(fold("  Formación ")).toBe(fold("FORMACION"));
    expect(fold("أمْن رَقـمي")).toBe(fold("امن رقمي"));
    expect(fold("مؤسسة على")).toBe(fold("موسسه علي"));
    expect(fold("ΑΘΉΝΑ")).toBe(fold("Αθηνα"));
    expect(fold("Ещё")).toBe(fold("еще"));
    expect(fold("שָׁלוֹם")).toBe("שלום");
    expect(fold("İSTANBUL")).toBe("istanbul");
    expect(fold("zero\u200bwidth")).toBe("zerowidth");
  });

  test("K'iche' is one word however its apostrophes are typed", () => {
    for (const spelling of ["K'iche'", "K’iche’", "Kʼicheʼ", "K`iche`", "Kꞌicheꞌ", "kiche"]) {
      expect(words(spelling)).toEqual(["kiche"]);
    }
    expect(words("l’écoute, d'Ivoire")).toEqual(["ecoute", "ivoire"]);
  });

  test("vowel signs are part of a word in Hindi, Thai, Khmer and Burmese", () => {
    expect(words("हिन्दी क्षेत्र")).toEqual(["हिन्दी", "क्षेत्र"]);
    expect(fold("ความปลอดภัย")).not.toBe(fold("ความปลอดภย"));
    expect(fold("កែ")).not.toBe(fold("ក"));
    expect(fold("မြန်မာ")).not.toBe(fold("မရနမာ"));
  });

  test("words are found where no space divides them", () => {
    expect(words("ความปลอดภัยทางดิจิทัล")).toContain("ปลอดภัย");
    expect(words("សុវត្ថិភាពឌីជីថល").length).toBeGreaterThan(1);
    expect(words("数字安全培训")).toEqual(["数字", "安全", "培训"]);
    expect(words("training in 曼谷, 2026")).toEqual(["training", "in", "曼谷", "2026"]);
  });
});

describe("specialties", () => {
  test("there are four roots and at least 64 specialties below them", () => {
    expect(specialties.roots).toEqual(["digital", "psychosocial", "legal", "mobile"]);
    expect(specialties.all.length).toBeGreaterThanOrEqual(68);
  });

  test("every specialty has a name and a description in six languages", () => {
    for (const { names, descriptions } of specialties.all) {
      expect(Object.keys(names)).toEqual([...PAGE_LOCALES]);
      expect(Object.keys(descriptions)).toEqual([...PAGE_LOCALES]);
    }
  });

  test("no two specialties share a name or an alias", () => {
    for (const { code } of specialties.all) {
      for (const name of specialties.namesOf(code))
        expect([name, specialties.find(name)]).toEqual([name, code]);
    }
  });

  test("a specialty is itself and everything narrower, and lies in everything broader", () => {
    const digital = specialties.parse("digital");
    const email = specialties.parse("digital.encryption.email");
    expect(specialties.withNarrower(digital)).toContain(email);
    expect(specialties.withNarrower(digital)).not.toContain("mobile.messaging");
    expect(specialties.withBroader(email)).toEqual([email, "digital.encryption", "digital"]);
    expect(specialties.narrower(digital)).not.toContain(email);
    const reached = specialties.roots.flatMap((root) => specialties.withNarrower(root));
    expect(reached.length).toBe(specialties.all.length);
  });

  test("a specialty is found by what people call it, in any language", () => {
    const called = [
      "orgsec",
      "Organisational Security",
      "secure messaging",
      "self care",
      "auto-cuidado",
      "trauma healing",
    ];
    expect(called.map((text) => specialties.find(text))).toEqual([
      "digital.organizational-security",
      "digital.organizational-security",
      "mobile.messaging",
      "psychosocial.self-care",
      "psychosocial.self-care",
      "psychosocial.trauma",
    ]);
    expect(specialties.find("психолог")).toBe("psychosocial");
    expect(specialties.find("الأمن الرقمي")).toBe("digital");
    expect(specialties.find("juggling")).toBeNull();
  });

  test("a specialty speaks the language of the page, and English to the others", () => {
    const code = specialties.parse("digital.encryption");
    expect(specialties.name(code, "es-MX")).toBe("Cifrado");
    expect(specialties.name(code, "km")).toBe("Encryption");
    expect(specialties.description(code, "fr")).toMatch(/lisible/);
  });

  test("an unknown code is refused with the codes it may have been", () => {
    const refusal = refusalOf(() => specialties.parse("digital.mesaging", ["where", "specialty"]));
    expect(refusal.code).toBe("BAD_USER_INPUT");
    expect(refusal.message).toMatch(/"digital\.mesaging".*mobile\.messaging/);
    expect(refusal.path).toEqual(["where", "specialty"]);
    expect(refusalOf(() => specialties.parse("constructor")).message).toMatch(/below digital, psychosocial/);
    expect(specialties.parse(" Mobile.Messaging ")).toBe("mobile.messaging");
  });

  test("a network adds its own words below the four roots and never beside them", () => {
    const word = (code: string) => ({ code, names: { es: "Palabra propia" } });
    const own = readVocabulary({
      specialties: [word("legal.land-rights.water"), word("legal.land-rights.water.rivers")],
    });
    const rivers = own.specialties.parse("legal.land-rights.water.rivers");
    expect(own.specialties.withNarrower(own.specialties.parse("legal"))).toContain(rivers);
    expect(own.specialties.name(rivers, "fr")).toBe("Palabra propia");
    const refused: readonly [string, RegExp][] = [
      ["physical", /physical cannot be added.*digital, psychosocial, legal, mobile/],
      ["physical.locks", /physical\.locks cannot be added/],
      ["legal.nowhere.water", /legal\.nowhere\.water needs legal\.nowhere/],
      ["legal.detention", /legal\.detention is there twice/],
      ["Legal.Water!", /"Legal\.Water!" is not a specialty code/],
    ];
    for (const [code, sentence] of refused)
      expect(() => readVocabulary({ specialties: [word(code)] })).toThrow(sentence);
    expect(() => readVocabulary({ specialties: [{ code: "legal.water", names: {} }] })).toThrow(
      /legal\.water has no name/,
    );
  });
});

describe("regions", () => {
  test("Mexico is in Central America, Latin America and North America", () => {
    expect(surrounding("MX")).toEqual(expect.arrayContaining(["MX", "013", "419", "003", "019", "001"]));
    expect(regions.within(region("MX"))).toEqual(["013", "x-mesoamerica"]);
  });

  test("001 contains at least 249 countries and nothing contains 001", () => {
    const countries = inside("001").filter((code) => regions.kind(region(code)) === "COUNTRY");
    expect(countries.length).toBeGreaterThanOrEqual(249);
    expect(inside("001").length).toBe(regions.all.length);
    expect(regions.within(region("001"))).toEqual([]);
    expect(surrounding("001")).toEqual(["001"]);
  });

  test("only areas of the United Nations and countries of ISO 3166 are there, and Kosovo", () => {
    for (const code of ["EU", "UN", "EZ", "QO", "IC", "EA", "ZZ"]) expect(regions.has(code)).toBe(false);
    for (const code of ["419", "003", "019", "202", "XK", "AQ", "PS", "EH"])
      expect(regions.has(code)).toBe(true);
    expect(regions.all.filter((code) => regions.kind(code) === "AREA").length).toBe(30);
  });

  test("nothing lies in itself, and inside and around are each other's mirror", () => {
    for (const code of regions.all) {
      const around = regions.within(code);
      expect(around.every((outer) => regions.contains(outer).includes(code))).toBe(true);
      expect(around.some((outer) => regions.withSurrounding(outer).includes(code))).toBe(false);
    }
  });

  test("a subdivision lies in its country and in all that surrounds it", () => {
    expect(surrounding("gt-10")).toEqual(
      expect.arrayContaining(["GT-10", "GT", "013", "x-mesoamerica", "419", "001"]),
    );
    expect(inside("GT")).toHaveLength(23);
    expect(regions.kind(region("GT-10"))).toBe("SUBDIVISION");
  });

  test("a code is understood in any case and by its former name", () => {
    const written = ["gt", " GT ", "gt-10", "419", "X-MENA", "BU", "UK", "ZR", "CN-HK"];
    expect(written.map(region)).toEqual(["GT", "GT", "GT-10", "419", "x-mena", "MM", "GB", "CD", "HK"]);
  });

  test("a code that means nothing, or more than one place, is refused with what is possible", () => {
    expect(refusalOf(() => region("SU")).message).toMatch(/SU is no longer one region.*RU, AM/);
    expect(refusalOf(() => region("Guatemala")).message).toMatch(/did you mean GT\?/);
    expect(refusalOf(() => region("GT-99")).message).toMatch(/GT has no subdivision "GT-99"/);
    expect(refusalOf(() => region("x-atlantis")).message).toMatch(/no grouping "x-atlantis".*x-mena/);
    expect(refusalOf(() => region("__proto__")).message).toMatch(/name a country/);
  });

  test("every region has a name", () => {
    for (const code of regions.all) expect(regions.name(code, "en")).not.toBe(code);
    expect(regions.name(region("419"), "es")).toBe("Latinoamérica");
    expect(regions.name(region("x-sahel"), "ar")).toBe("الساحل");
    expect(regions.name(region("GT-10"), "ru")).toBe("Suchitepéquez");
    expect(regions.name(region("GB-SCT"), "es-MX")).toBe("Escocia");
    expect(regions.name(region("GT"), "../../package")).toBe("Guatemala");
  });

  test("a region is found by what people call it, and not when two are called so", () => {
    const called = [
      "Myanmar",
      "burma",
      "the Gambia",
      "Bosnia and Herzegovina",
      "Cote d'Ivoire",
      "مصر",
      "США",
      "UK",
      "São Tomé & Príncipe",
      "sahel",
      "América Latina",
    ];
    const meant = ["MM", "MM", "GM", "BA", "CI", "EG", "US", "GB", "ST", "x-sahel", "419"];
    expect(called.map((text) => regions.find(text))).toEqual(meant);
    for (const text of ["Congo", "Korea", "Atlantis", ""]) expect(regions.find(text)).toBeNull();
  });

  test("every country and area is found by its name in each language of the pages, or by none", () => {
    for (const code of regions.all.filter((one) => regions.kind(one) !== "SUBDIVISION")) {
      for (const name of regions.namesOf(code)) expect([code, null]).toContain(regions.find(name));
      expect([name(code), regions.find(name(code))]).toEqual([name(code), code]);
    }
    function name(code: RegionCode): string {
      return regions.name(code, "en");
    }
  });

  test("a network adds its own groupings of countries, and only of countries that exist", () => {
    const grouping = (code: string, ...members: string[]) => ({ code, names: { en: "Ours" }, members });
    const own = readVocabulary({ groupings: [grouping("x-caucasus", "AM", "AZ", "GE")] }).regions;
    expect(own.withSurrounding(own.parse("GE"))).toEqual(
      expect.arrayContaining(["x-caucasus", "145", "001"]),
    );
    expect(own.withInside(own.parse("x-caucasus"))).not.toContain("RU");
    const refused: readonly [object, RegExp][] = [
      [grouping("x-mena", "MA"), /x-mena is there twice/],
      [grouping("mena", "MA"), /"mena" is not a grouping code/],
      [grouping("x-ours", "Atlantis"), /x-ours has a member "Atlantis"/],
      [grouping("x-ours", "x-mena"), /x-ours has a member "x-mena"/],
      [grouping("x-ours"), /x-ours has no members/],
    ];
    for (const [one, sentence] of refused)
      expect(() => readVocabulary({ groupings: [one] })).toThrow(sentence);
  });
});

describe("languages", () => {
  test("Dari and fa-AF are one language", () => {
    expect(tags("prs", "fa-AF", "fa_af")).toEqual(["fa-AF", "fa-AF", "fa-AF"]);
    expect(findLanguage("Dari")).toBe("fa-AF");
    expect(tags("tl", "fil", "tgl")).toEqual(["fil", "fil", "fil"]);
    expect(tags("iw", "eng", "sgn-US", "sgn-ase", "zh-yue", "tw", "aka")).toEqual([
      "he",
      "en",
      "ase",
      "ase",
      "yue",
      "ak",
      "ak",
    ]);
  });

  test("Kurdish is not Sorani and Chinese is not Cantonese", () => {
    expect(new Set(tags("ku", "ckb", "zh", "yue")).size).toBe(4);
    expect(withBroaderLanguages(parseLanguage("ckb"))).toEqual(["ckb"]);
    expect(broaderLanguage(parseLanguage("ckb"))).toBe("ku");
    expect(broaderLanguage(parseLanguage("yue"))).toBe("zh");
    expect(broaderLanguage(parseLanguage("ku"))).toBeNull();
  });

  test("Mexican Spanish answers to Spanish, and never the other way round", () => {
    expect(withBroaderLanguages(parseLanguage("es-MX"))).toEqual(["es-MX", "es"]);
    expect(withBroaderLanguages(parseLanguage("es"))).toEqual(["es"]);
    expect(broaderLanguage(parseLanguage("es-MX"))).toBe("es");
  });

  test("what is not a language people speak or sign is refused with what a tag looks like", () => {
    for (const text of [
      "",
      "und",
      "mul",
      "zxx",
      "qaa",
      "constructor",
      "xx",
      "es-QX",
      "es-latino",
      "en-u-ca-buddhist",
      "x-ours",
      "en-x-ours",
      "sgn",
      "a".repeat(99),
    ]) {
      expect(refusalOf(() => parseLanguage(text, ["tag"]))).toMatchObject({
        code: "BAD_USER_INPUT",
        path: ["tag"],
      });
    }
    expect(parseLanguage("ca-valencia")).toBe("ca-valencia");
    expect(refusalOf(() => parseLanguage("Spanish")).message).toMatch(/did you mean es\?/);
  });

  test("every language of ISO 639-3 that people use has a canonical tag and a name", () => {
    for (const { iso6393: code, type } of iso6393) {
      if (type === "special") continue;
      const tag = parseLanguage(code);
      if (languageName(tag, "en") === tag) throw new Error(`${code} has no name`);
    }
  });

  test("a language is named in the language of the page and by its speakers", () => {
    expect(languageName(parseLanguage("es"), "ru")).toBe("испанский");
    expect(languageName(parseLanguage("mam"), "es")).toBe("Mam");
    expect(languageName(parseLanguage("es"), "no such locale!")).toBe("Spanish");
    expect(ownName(parseLanguage("sw"))).toBe("Kiswahili");
    expect(ownName(parseLanguage("quc"))).toBeNull();
    expect(languageNames(parseLanguage("ar"))).toEqual(
      expect.arrayContaining(["Arabic", "árabe", "العربية"]),
    );
    expect(languages().length).toBeGreaterThan(500);
  });

  test("a language is found by what people call it", () => {
    const called = [
      "Kiswahili",
      "español",
      "Farsi",
      "Русский",
      "العربية",
      "K'iche'",
      "kiche",
      "Q’eqchi’",
      "Mandarin",
      "Sorani",
      "árabe",
      "es",
    ];
    const meant = ["sw", "es", "fa", "ru", "ar", "quc", "quc", "kek", "zh", "ckb", "ar", "es"];
    expect(called.map((text) => findLanguage(text))).toEqual(meant);
  });

  test("a name that several languages share is nobody's: a guess is worse than no answer", () => {
    for (const text of ["Ndebele", "Bahasa", "Chinese (…)", "Creole", "Tamazight", "Ga", ""])
      expect(findLanguage(text)).toBeNull();
    expect(findLanguage("ga")).toBe("ga");
  });
});
