import { createRequire } from "node:module";
import { geoCentroid, geoNaturalEarth1, geoPath, type GeoPermissibleObjects } from "d3-geo";
import type { Feature, FeatureCollection, Geometry } from "geojson";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import { broken, drawLegend, text, type Caption, type Place } from "./heat-map.js";
import { shadeName, type PictureWords } from "./picture-words.js";
import { fillOf, legendOf, PATTERNS, type Shade } from "./shade.js";
import { element, picture, type Drawn } from "./svg.js";

const WIDTH = 1000;
const HEAD = 50;
const MAP = 500;
const MARGIN = 20;
const LINE = 16;

/** A country to draw: its name and its shade. */
export type Shown = { readonly name: string; readonly shade: Shade };

/**
 * The countries of the world as an SVG picture, by their ISO 3166-1 codes. Shapes are Natural Earth's at 1:110 million, through
 * world-atlas; who is too small for them is a circle. Countries that are not among those shown stay grey.
 */
export function drawWorldMap(
  shown: ReadonlyMap<string, Shown>,
  caption: Caption,
  words: PictureWords,
): string {
  const place: Place = { width: WIDTH, rtl: caption.rtl };
  const notes = caption.notes.flatMap((note) => broken(note, 120));
  const height = HEAD + MAP + 60 + notes.length * LINE + MARGIN;
  const drawn = [
    PATTERNS,
    text(place, MARGIN, MARGIN + 16, caption.title, { size: 17, weight: "bold" }),
    element(
      "g",
      {
        transform: `translate(0 ${HEAD})`,
        stroke: "#5b6475",
        "stroke-width": 0.4,
        "stroke-linejoin": "round",
      },
      ...theWorld().map(({ code, path, at }) => country(shown.get(code), path, at, words)),
    ),
    ...drawLegend(place, legendOf(caption.merged), HEAD + MAP + 10, words),
    ...notes.map((note, at) => text(place, MARGIN, HEAD + MAP + 60 + at * LINE, note, { size: 11 })),
  ];
  const description = [caption.title, ...caption.notes].join(" ");
  return picture({ width: WIDTH, height }, { ...caption, description }, ...drawn);
}

function country(shown: Shown | undefined, path: string | null, at: Point, words: PictureWords): Drawn {
  const fill = shown === undefined ? "#e6e8ec" : fillOf(shown.shade);
  const shape =
    path === null
      ? element("circle", { cx: at[0], cy: at[1], r: 3.5, fill })
      : element("path", { d: path, fill });
  if (shown === undefined) return shape;
  const name = element("title", {}, `${shown.name}: ${shadeName(words, shown.shade)}`);
  return element("g", {}, name, shape);
}

type Point = readonly [number, number];
/** `path` is null for a country that is too small to have a shape. */
type Place110 = { readonly code: string; readonly path: string | null; readonly at: Point };

let drawnWorld: readonly Place110[] | undefined;

/** Worked out at the first picture: it takes a tenth of a second. */
function theWorld(): readonly Place110[] {
  return (drawnWorld ??= drawWorld());
}

function drawWorld(): readonly Place110[] {
  const shapes = countries("countries-110m.json").filter((shape) => codeOf(shape) !== null);
  const projection = geoNaturalEarth1().fitExtent(
    [
      [MARGIN, 4],
      [WIDTH - MARGIN, MAP - 4],
    ],
    { type: "FeatureCollection", features: [...shapes] },
  );
  const path = geoPath(projection).digits(1);
  const drawn = shapes.flatMap((shape): Place110[] => {
    const code = codeOf(shape);
    const outline = path(shape as GeoPermissibleObjects);
    return code === null || outline === null ? [] : [{ code, path: outline, at: [0, 0] }];
  });
  const have = new Set(drawn.map(({ code }) => code));
  const small = countries("countries-10m.json").flatMap((shape): Place110[] => {
    const code = codeOf(shape);
    const at = code === null || have.has(code) ? null : projection(geoCentroid(shape));
    return code === null || at === null ? [] : [{ code, path: null, at: [round(at[0]), round(at[1])] }];
  });
  return [...drawn, ...small];
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

type Shape = Feature<Geometry, { readonly name: string }>;

function countries(file: string): readonly Shape[] {
  const topology = require(`world-atlas/${file}`) as Topology<{
    readonly countries: GeometryCollection<{ readonly name: string }>;
  }>;
  const all = feature(topology, topology.objects.countries) as FeatureCollection<
    Geometry,
    { readonly name: string }
  >;
  return all.features;
}

/** Natural Earth numbers countries as ISO 3166-1 does, and has three shapes without a number. Nobody lives in Antarctica to be served. */
function codeOf({ id, properties: { name } }: Shape): string | null {
  if (id === undefined) return UNNUMBERED[name] ?? null;
  const code = codesByNumber().get(String(id).padStart(3, "0")) ?? null;
  return code === "AQ" ? null : code;
}

/** As ISO 3166-1 has them, and Kosovo by the code that CLDR uses. */
const UNNUMBERED: Readonly<Record<string, string>> = { Kosovo: "XK", Somaliland: "SO", "N. Cyprus": "CY" };

const require = createRequire(import.meta.url);
let byNumber: ReadonlyMap<string, string> | undefined;

function codesByNumber(): ReadonlyMap<string, string> {
  if (byNumber !== undefined) return byNumber;
  const { codeMappings } = (require("cldr-core/supplemental/codeMappings.json") as CodeMappings).supplemental;
  const { territoryAlias: former } = (require("cldr-core/supplemental/aliases.json") as Aliases).supplemental
    .metadata.alias;
  const numbered = Object.entries(codeMappings).flatMap(([code, { _numeric: number }]) =>
    /^[A-Z]{2}$/.test(code) && number !== undefined && !Object.hasOwn(former, code)
      ? [[number, code] as const]
      : [],
  );
  return (byNumber = new Map(numbered));
}

type CodeMappings = {
  readonly supplemental: { readonly codeMappings: Readonly<Record<string, { readonly _numeric?: string }>> };
};
type Aliases = {
  readonly supplemental: { readonly metadata: { readonly alias: { readonly territoryAlias: object } } };
};
