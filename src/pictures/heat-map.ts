import { dots, fillOf, legendOf, PATTERNS, type Shade } from "./shade.js";
import { shadeName, type PictureWords } from "./picture-words.js";
import { element, INK, picture, type Drawn } from "./svg.js";

/** A table to draw: the names of its rows and columns, and the shade of each cell, row by row. */
export type Table = {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly cells: readonly (readonly Shade[])[];
};

/** What is written around a picture. */
export type Caption = {
  readonly title: string;
  readonly notes: readonly string[];
  readonly locale: string;
  readonly rtl: boolean;
  /** Whether there are places where nobody and a few are not told apart. */
  readonly merged: boolean;
};

const MARGIN = 20;
const COLUMN = 124;
const ROW = 26;
const LINE = 16;
const LEGEND = 150;

/** A table as an SVG picture: region by kind of work. Read from right to left where the language is. */
export function drawHeatMap(table: Table, caption: Caption, words: PictureWords): string {
  const heads = table.columns.map((name) => broken(name, 16));
  const head = Math.max(1, ...heads.map((lines) => lines.length)) * LINE + 10;
  const legend = legendOf(caption.merged);
  const label = Math.min(260, 8 * Math.max(8, ...table.rows.map((name) => [...name].length)));
  const columnAt = (column: number) => MARGIN + label + column * COLUMN;
  const width = MARGIN * 2 + label + Math.max(table.columns.length * COLUMN, legend.length * LEGEND);
  const notes = caption.notes.flatMap((note) => broken(note, Math.floor((width - 2 * MARGIN) / 8)));
  const top = MARGIN + 34 + head;
  const below = top + table.rows.length * ROW + 20;
  const height = below + 34 + notes.length * LINE + MARGIN;
  // From the left everything is measured, and turned around for who reads from the right.
  const place: Place = { width, rtl: caption.rtl };
  const drawn = [
    PATTERNS,
    text(place, MARGIN, MARGIN + 16, caption.title, { size: 17, weight: "bold" }),
    ...heads.flatMap((lines, column) =>
      lines.map((line, at) =>
        text(place, columnAt(column) + COLUMN / 2, top - 8 - (lines.length - 1 - at) * LINE, line, {
          anchor: "middle",
          size: 12,
        }),
      ),
    ),
    ...table.rows.flatMap((name, row) => [
      text(place, MARGIN + label - 8, top + row * ROW + 17, shortened(name, 36), { anchor: "end", size: 12 }),
      ...table.columns.map((column, at) =>
        cell(
          place,
          table.cells[row]?.[at] ?? { band: "NONE", mayBeNone: false },
          { x: columnAt(at), y: top + row * ROW, width: COLUMN, height: ROW },
          (shade) => `${name}, ${column}: ${shadeName(words, shade)}`,
        ),
      ),
    ]),
    ...drawLegend(place, legend, below, words),
    ...notes.map((note, at) => text(place, MARGIN, below + 50 + at * LINE, note, { size: 11 })),
  ];
  const description = [caption.title, ...caption.notes].join(" ");
  return picture({ width, height }, { ...caption, description }, ...drawn);
}

/** The shades with their names, in one line. */
export function drawLegend(
  place: Place,
  shades: readonly Shade[],
  y: number,
  words: PictureWords,
): readonly Drawn[] {
  return shades.flatMap((shade, at) => {
    const x = MARGIN + at * LEGEND;
    return [
      cell(place, shade, { x, y, width: 44, height: 20 }, () => shadeName(words, shade)),
      text(place, x + 52, y + 15, shadeName(words, shade), { size: 12 }),
    ];
  });
}

/** How wide a picture is, and which way it is read. */
export type Place = { readonly width: number; readonly rtl: boolean };

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

function cell(place: Place, shade: Shade, box: Box, name: (shade: Shade) => string): Drawn {
  const x = place.rtl ? place.width - box.x - box.width : box.x;
  const { y, width, height } = box;
  return element(
    "g",
    {},
    element("title", {}, name(shade)),
    element("rect", {
      x: x + 1,
      y: y + 1,
      width: width - 2,
      height: height - 2,
      fill: fillOf(shade),
      stroke: "#8a93a3",
    }),
    ...dots(shade, x + width / 2, y + height / 2),
  );
}

type Style = {
  readonly size: number;
  readonly weight?: string;
  readonly anchor?: "start" | "middle" | "end";
};

/** A line of text at a place; `start` is where reading begins. Anchors are turned by hand: not everything that draws SVG knows `direction`. */
export function text(place: Place, x: number, y: number, line: string, style: Style): Drawn {
  const { size, weight, anchor = "start" } = style;
  return element(
    "text",
    {
      x: place.rtl ? place.width - x : x,
      y,
      "font-size": size,
      "font-weight": weight,
      "text-anchor": place.rtl ? TURNED[anchor] : anchor,
      fill: INK,
    },
    // Embedded, so that signs at its end stand at its end (Unicode Standard Annex 9).
    place.rtl ? `\u202b${line}\u202c` : line,
  );
}

const TURNED = { start: "end", middle: "middle", end: "start" } as const;

/** A text in lines of about so many signs, broken between words. */
export function broken(line: string, most: number): readonly string[] {
  const lines: string[] = [];
  for (const word of line.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function shortened(name: string, most: number): string {
  const signs = [...name];
  return signs.length <= most ? name : `${signs.slice(0, most - 1).join("")}…`;
}
