/**
 * Whether two names look so much alike that people take one for the other: in case, accents, spaces and punctuation only, or in
 * letters of other scripts and digits that pass for the same (a few of what UTS #39 calls confusable).
 */
export function looksLike(one: string, other: string): boolean {
  return shapeOf(one) === shapeOf(other);
}

function shapeOf(name: string): string {
  const signs = [...name.normalize("NFKD").toLowerCase()].filter((sign) => /[\p{L}\p{N}|]/u.test(sign));
  const shapes = signs.map((sign) => SHAPES.get(sign) ?? sign).join("");
  return shapes.replaceAll("rn", "m").replaceAll("vv", "w");
}

/** Behind each sign those that pass for it. */
const PASSING = [
  "aаαɑ",
  "bЬьв8",
  "cсϲ",
  "dԁ",
  "eеε3",
  "hһн",
  "kкκ",
  "li1|іιıӏ",
  "mм",
  "nп",
  "oоοσ0",
  "pрρ",
  "qԛ",
  "sѕ5",
  "tтτ",
  "uυ",
  "vνѵ",
  "wԝ",
  "xхχ",
  "yуγү",
  "jј",
];

const SHAPES: ReadonlyMap<string, string> = new Map(
  PASSING.flatMap((line) => {
    const [shape = "", ...signs] = line.toLowerCase();
    return signs.map((sign) => [sign, shape] as const);
  }),
);
