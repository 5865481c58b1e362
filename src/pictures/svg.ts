/** Drawing as text. What is drawn comes from words and names, so every one of them is escaped. */

/** A piece of a drawing that is written already. */
export type Drawn = { readonly svg: string };
type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element; attributes that are undefined are left out. */
export function element(name: string, attributes: Attributes, ...inside: readonly (Drawn | string)[]): Drawn {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const content = inside.map((piece) => (typeof piece === "string" ? escaped(piece) : piece.svg)).join("");
  return { svg: `<${name}${written.join("")}>${content}</${name}>` };
}

/** A whole picture with its title and its description, for whoever has them read out (WAI-ARIA Graphics, SVG 2 §5.8). */
export function picture(
  size: { readonly width: number; readonly height: number },
  told: {
    readonly title: string;
    readonly description: string;
    readonly locale: string;
  },
  ...inside: readonly Drawn[]
): string {
  const { svg } = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${size.width} ${size.height}`,
      width: size.width,
      height: size.height,
      lang: told.locale,
      "xml:lang": told.locale,
      role: "img",
      "aria-labelledby": "title description",
      "font-family": "DejaVu Sans, sans-serif",
      "font-size": 13,
      fill: INK,
    },
    element("title", { id: "title" }, told.title),
    element("desc", { id: "description" }, told.description),
    element("rect", { width: size.width, height: size.height, fill: PAPER }),
    ...inside,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svg}\n`;
}

export const INK = "#1f2430";
export const PAPER = "#ffffff";

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(UNWRITABLE, "");
}

/** XML has no way to write these at all. */
// eslint-disable-next-line no-control-regex
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
