/**
 * How words are compared: one folded form for names, aliases and searches, and where one word ends and the next begins.
 */

const BEYOND_ASCII = /[\u0080-\uffff]/;
/** The many signs people type for one apostrophe, the saltillo of Mesoamerican languages among them. */
const APOSTROPHES = /[`´ʹʻʼ‘’′ꞌꞋ]/g;
const IGNORED = new RegExp(
  [
    "\\u0300-\\u036f\\u0483-\\u0487\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f", // accents of Latin, Greek, Cyrillic
    "\\u0610-\\u061a\\u0640\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e8\\u06ea-\\u06ed\\u08d3-\\u08ff", // harakat, tatweel
    "\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7", // Hebrew points
    "\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufe00-\\ufe0f\\ufeff", // no width
  ].reduce((set, range) => set + range, "[") + "]",
  "g",
);
/** Letters that Unicode does not take apart, but that people without the keyboard write in another way. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  ħ: "h",
  ŧ: "t",
  ı: "i",
  þ: "th",
  ς: "σ",
  ٱ: "ا",
  ى: "ي",
  ی: "ي",
  ة: "ه",
  ک: "ك",
};
const PLAINABLE = new RegExp(`[${Object.keys(PLAIN_LETTERS).join("")}]`, "g");
const SPACES = /\s{2,}|[^\S ]/g;

/** The one form in which two spellings of a word are equal: Unicode NFKC without case, accents, points and invisible characters. */
export function fold(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase().replaceAll("`", "'").replace(SPACES, " ").trim();
  return text
    .replace(APOSTROPHES, "'")
    .normalize("NFKD")
    .toLowerCase()
    .replace(IGNORED, "")
    .replace(PLAINABLE, (letter) => PLAIN_LETTERS[letter] ?? letter)
    .normalize("NFC")
    .replace(SPACES, " ")
    .trim();
}

/** Scripts that put no space between words; only these need a dictionary (UAX 29). */
const UNSPACED =
  /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const PLAIN_WORD = /[a-z0-9]+(?:'[a-z0-9]+)*/g;
const WORD = /[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}\p{N}]+)*/gu;
/** French, Italian and Catalan articles: the word of "l'écoute" is "écoute". */
const ELIDED = /^(?:[cdjlmnst]|qu|dell|nell|sull|all)'(?=[aeiouyh])/;
const POSSESSIVE = /'s$/;

const segmenter = new Intl.Segmenter("en", { granularity: "word" });

/** The words of a text in any script, folded, in order, with repetitions; "K'iche'", "Kʼicheʼ" and "kiche" are one word. */
export function words(text: string): string[] {
  if (!UNSPACED.test(text)) return wordsIn(fold(text));
  const found: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(text.normalize("NFKC"))) {
    if (isWordLike) found.push(...wordsIn(fold(segment)));
  }
  return found;
}

function wordsIn(folded: string): string[] {
  const found: string[] = folded.match(BEYOND_ASCII.test(folded) ? WORD : PLAIN_WORD) ?? [];
  return folded.includes("'") ? found.map(withoutApostrophes) : found;
}

function withoutApostrophes(word: string): string {
  return word.replace(ELIDED, "").replace(POSSESSIVE, "").replaceAll("'", "");
}

/** For what stays in memory: a piece cut from a longer text keeps the whole of it there; a copy does not. */
export function ownCopy(text: string): string {
  return text.length < 13 ? text : Buffer.from(text).toString();
}
