import { words } from "../src/vocabulary/word.js";
import { below, oneOf, oneOrMore, randomFor, zipf, type Random } from "./random.js";

/** How words are put together in a language that sounds a little like the one whose tag it has. */
const sounds = {
  en: {
    starts: "b br c ch d f g gr h k l m n p r s sh st t th tr w",
    middles: "a e i o u ea oo",
    ends: " n r t ll ss ck",
  },
  es: {
    starts: "b c d f g h j l ll m n ñ p qu r s t v z",
    middles: "a e i o u á é ó ie ue",
    ends: " s n r l",
  },
  fr: { starts: "b c ch d f g j l m n p r s t v", middles: "a e i o u é è eau ou oi", ends: " s t r x" },
  pt: { starts: "b c d f g l lh m n nh p r s t v", middles: "a e i o u ã õ ei ou", ends: " s r m l" },
  ru: { starts: "б в г д ж з к л м н п р с т ф х ч ш", middles: "а е и о у ы я ю", ends: " й н т р ль сть" },
  ar: { starts: "ب ت ج ح د ر ز س ش ص ط ع غ ف ق ك ل م ن ه", middles: "ا و ي", ends: " ن ر م ت" },
} as const;

export type TextLanguage = keyof typeof sounds;
export const TEXT_LANGUAGES = Object.keys(sounds) as readonly TextLanguage[];
const WORDS_EACH = 5000;
/** The most frequent words stand in too many texts to be searched for, the rarest in too few. */
const [FREQUENT, RARE] = [10, 1500];

/** Invented words of six languages in three scripts, and texts made of them as skewed as real ones. */
export class PseudoText {
  readonly #choosers: ReadonlyMap<TextLanguage, (random: Random) => string>;
  readonly #telling = new Set<string>();

  constructor(seed: number) {
    const taken = new Set<string>();
    this.#choosers = new Map(
      TEXT_LANGUAGES.map((language) => {
        const made = makeWords(randomFor(seed, `words ${language}`), language, taken);
        for (const word of made.slice(FREQUENT, RARE).flatMap(words)) this.#telling.add(word);
        return [language, zipf(made, 1)];
      }),
    );
  }

  /** A text of about 25 words. */
  write(random: Random, language: TextLanguage): string {
    const text = Array.from({ length: 15 + below(random, 21) }, () => this.word(random, language)).join(" ");
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  }

  word(random: Random, language: TextLanguage): string {
    return this.#choosers.get(language)?.(random) ?? "";
  }

  /** Whether somebody might search for this word, which is folded. */
  isTelling(word: string): boolean {
    return word.length >= 3 && this.#telling.has(word);
  }
}

function makeWords(random: Random, language: TextLanguage, taken: Set<string>): readonly string[] {
  const { starts, middles, ends } = sounds[language];
  const parts = [starts, middles, ends].map((list) => list.split(" "));
  const made: string[] = [];
  while (made.length < WORDS_EACH) {
    // Frequent words are short.
    const syllables = made.length < 60 ? 1 : oneOrMore(random, 0.5, 3) + 1;
    const word = Array.from({ length: syllables }, () =>
      parts.map((one) => oneOf(random, one)).join(""),
    ).join("");
    const [folded, ...more] = words(word);
    if (folded === undefined || more.length > 0 || taken.has(folded)) continue;
    taken.add(folded);
    made.push(word);
  }
  return made;
}
